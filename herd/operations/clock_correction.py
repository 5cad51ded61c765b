"""Correction of times that were written down while the Pi's clock was wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.timezone import localdate

from herd.models import Animal, Batch, Movement, TagPairing
from herd.operations.weighings import recalculate_gain
from herd.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Retiming:
    """One reading's time, before and after; `dates` are the animal's columns that it set."""

    animal: int
    before: datetime
    after: datetime
    dates: tuple[Literal["induction_date", "left_on"], ...] = ()


def retime(unit: UnitOfWork, asked: Retiming) -> Animal | None:
    """Correct the times of an animal's history and return it; None where it is gone by now."""
    if not Animal.objects.filter(pk=asked.animal).exists():
        return None
    animal = unit.animal_no(asked.animal)
    before, after = asked.before, asked.after
    # All that was noted of one reading bears its exact time, and is found again by it.
    TagPairing.objects.filter(animal=animal, from_at=before).update(from_at=after)
    TagPairing.objects.filter(animal=animal, to_at=before).update(to_at=after)
    Movement.objects.filter(animal=animal, moved_at=before).update(moved_at=after)
    _retime_animal(animal, asked)
    animal.save(update_fields=["first_seen_at", "last_seen_at", *asked.dates])
    _retime_batch(unit, animal, asked)
    for weight in animal.weights.filter(recorded_at=before):
        weight.recorded_at = after
        weight.save(update_fields=["recorded_at"])
        unit.note("weight:recorded", weight.pk, after)
    recalculate_gain(unit, animal, after)  # a gain is by days, and these have moved
    return animal


def _retime_animal(animal: Animal, asked: Retiming) -> None:
    if animal.first_seen_at == asked.before:
        animal.first_seen_at = asked.after
    if animal.last_seen_at == asked.before:
        animal.last_seen_at = asked.after
    for name in asked.dates:
        if getattr(animal, name) == localdate(asked.before):
            setattr(animal, name, localdate(asked.after))


def _retime_batch(unit: UnitOfWork, animal: Animal, asked: Retiming) -> None:
    batch = Batch.objects.filter(animals=animal, last_read_at=asked.before).first()
    if batch is None:
        return
    Batch.objects.filter(pk=batch.pk).update(last_read_at=asked.after)
    if "induction_date" in asked.dates and batch.induction_date == localdate(asked.before):
        Batch.objects.filter(pk=batch.pk).update(induction_date=localdate(asked.after))
    unit.note("batch:updated", batch.pk, asked.after)
