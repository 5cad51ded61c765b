"""Times of the herd that were noted while the Pi's clock was wrong, corrected."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from herd.local_time import localdate
from herd.models import Animal, Movement, TagPairing, WeightRecord
from herd.operations.treating import retime_treatments
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
    animal = unit.by_number(Animal, [asked.animal]).get(asked.animal)
    if animal is None:
        return None
    before, after = asked.before, asked.after
    # All that was noted of one reading bears its exact time, and is found again by it.
    for model, columns in ((TagPairing, ("from_at", "to_at")), (Movement, ("moved_at",))):
        for row in unit.rows(model, "animal_id", [animal.pk]):
            unit.change(row, **{name: after for name in columns if getattr(row, name) == before})
    _retime_animal(unit, animal, asked)
    _retime_batch(unit, animal, asked)
    retime_treatments(unit, animal, before, after)
    weights = unit.rows_naming(WeightRecord, "animal_id", [animal.pk])
    for weight in unit.weighings_by_number(weights):
        if weight.recorded_at == before:
            unit.change_weighing(weight, recorded_at=after)
            unit.note("weight:recorded", weight.pk, after)
    recalculate_gain(unit, animal, after)  # a gain is by days, and these have moved
    return animal


def _retime_animal(unit: UnitOfWork, animal: Animal, asked: Retiming) -> None:
    for name in ("first_seen_at", "last_seen_at"):
        if getattr(animal, name) == asked.before:
            unit.change(animal, **{name: asked.after})
    for name in asked.dates:
        if getattr(animal, name) == localdate(asked.before):
            unit.change(animal, **{name: localdate(asked.after)})


def _retime_batch(unit: UnitOfWork, animal: Animal, asked: Retiming) -> None:
    batch = None if animal.batch_id is None else unit.batch_no(animal.batch_id)
    if batch is None or batch.last_read_at != asked.before:
        return
    unit.change(batch, last_read_at=asked.after)
    if "induction_date" in asked.dates and batch.induction_date == localdate(asked.before):
        unit.change(batch, induction_date=localdate(asked.after))
    unit.note("batch:updated", batch.pk, asked.after)
