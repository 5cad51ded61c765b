"""A truck at the ramp: what the reader there hears of the shipment that is loading."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from herd.models import ON_FEED, Animal, Shipment

MISSED = 0.05  # of the planned ones: they stay in the pen
HEARD_AGAIN = 0.3  # an animal that stands in the gate


@dataclass(frozen=True, slots=True)
class Truck:
    """The animals that are planned, and one of another pen that walks along, as `lot:EID:EPC`."""

    planned: Sequence[str]
    strangers: Sequence[str] = ()

    def payloads(self, seed: int) -> Iterator[bytes]:
        """Yield what is heard until the truck is full: the planned ones in any order, but for a few
        that are missed, and the strangers among them."""
        chance = random.Random(seed)  # noqa: S311 - a simulation, repeatable on purpose
        missed = round(len(self.planned) * MISSED)
        names = chance.sample(self.planned, len(self.planned) - missed)
        for stranger in self.strangers:
            names.insert(chance.randint(0, len(names)), stranger)
        for name in names:
            yield f"hxe:{name}".encode()
            while chance.random() < HEARD_AGAIN:
                yield f"hxe:{name}".encode()


def truck_that_is_loading() -> Truck | None:
    """Return the newest shipment of this herd that is loading; None where there is none."""
    shipment = Shipment.objects.filter(state=Shipment.State.LOADING).first()
    if shipment is None:
        return None
    here = Animal.objects.filter(status__in=ON_FEED, batch__isnull=False).exclude(lf_tag=None)
    named = shipment.animals.values("animal")
    planned = here.filter(pk__in=named.filter(planned=True, loaded_at=None))
    stranger = here.exclude(pk__in=named).order_by("pk")[:1]
    return Truck([*map(_names, planned.order_by("pk"))], [*map(_names, stranger)])


def _names(animal: Animal) -> str:
    return f"{animal.batch}:{animal.lf_tag or ''}:{animal.uhf_tag or ''}"
