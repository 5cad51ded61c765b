"""Tags that a person put on an animal and a later read took off: somebody says which is right."""

from datetime import timedelta
from typing import Final

from django.db.models import BooleanField, Exists, OuterRef
from django.db.models.expressions import RawSQL
from django.utils import timezone

from herd.models import ON_FEED, TagPairing
from remote.api.serializers import Shape, time_of

SHOWN: Final = 20
TOLD_FOR: Final = timedelta(days=30)


def turned_back() -> list[Shape]:
    """Return the latest: `cattle_id`, `name`, `kind`, the `tag` that was taken off, who had `given`
    it, and `at`."""
    # In the very words of the index `tags_of_people`: see `JournalQuerySet`.
    words = """NOT ("tag_pairings"."recorded_by" = 'radio')"""
    by_people = TagPairing.objects.filter(
        RawSQL(words, (), BooleanField()),  # noqa: S611 - no word is anybody's
        to_at__gte=timezone.now() - TOLD_FOR,
    )
    same = {"animal_id": OuterRef("animal_id"), "kind": OuterRef("kind")}
    next_one = TagPairing.objects.filter(from_at=OuterRef("to_at"), recorded_by="radio", **same)
    rows = by_people.filter(Exists(next_one), animal__status__in=ON_FEED).exclude(recorded_by="")
    return [
        {
            "cattle_id": one.animal_id,
            "name": str(one.animal),
            "kind": one.kind,
            "tag": one.tag,
            "given": one.recorded_by,
            "at": time_of(one.to_at),
        }
        for one in rows.select_related("animal").order_by("-to_at", "-pk")[:SHOWN]
    ]
