"""Animals that left before they were clear, as a radio told it: a person says what was done."""

from typing import Final

from django.db.models import F, Q

from herd.models import Animal
from herd.rules.withdrawal import LEAVES
from remote.api.serializers import Shape, day_of

SHOWN: Final = 20


def left_early() -> list[Shape]:
    """Return the animals that left before they were clear and for which nobody has said why, the
    last to leave first: `cattle_id`, `name`, `status`, `left_on`, `clear_on`."""
    # In the words of an index of its own: whoever asks how the Pi is must not wait for a herd.
    unanswered = Q(not_clear_reason=None) | Q(not_clear_reason="")
    rows = Animal.objects.filter(unanswered, status__in=LEAVES, clear_on__gt=F("left_on"))
    return [
        {
            "cattle_id": animal.pk,
            "name": str(animal),
            "status": animal.status,
            "left_on": day_of(animal.left_on),
            "clear_on": day_of(animal.clear_on),
        }
        for animal in rows.order_by("-left_on", "-pk")[:SHOWN]
    ]
