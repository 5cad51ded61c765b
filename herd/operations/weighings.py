"""Weights: all are kept; one that cannot be right is kept as suspect and counts for nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from herd.errors import BadValue, ReasonNeeded
from herd.local_time import localdate
from herd.models import ON_FEED, Animal, WeightRecord
from herd.operations.judging import judge
from herd.operations.placing import new_animal
from herd.rules.units import MOST_KG
from herd.rules.weight_outliers import FIRST_YEAR
from herd.storage import fast_rows
from herd.unit_of_work import UnitOfWork

Quality = WeightRecord.Quality


@dataclass(frozen=True, slots=True)
class Weighing:
    """`at` is when the animal stood on the scale, `noted_at` when that was written down."""

    weight_kg: Decimal
    at: datetime
    source: str  # radio, office, admin or import
    noted_at: datetime | None = None
    scale: str = ""


def animal_or_pending(unit: UnitOfWork, livestock_id: str, at: datetime) -> Animal:
    """Return the animal of this livestock id; where there is none, make a pending one."""
    animal = unit.animal(livestock_id)
    if animal is None:
        pending = fast_rows.new(Animal, livestock_id=livestock_id, status=Animal.Status.PENDING)
        animal = new_animal(unit, pending, at)
    return animal


def record_weight(unit: UnitOfWork, animal: Animal, weighing: Weighing) -> WeightRecord:
    """Record a weight, and judge the animal's others again with it.

    Raises BadValue for a weight of nothing, beyond every scale, or from the future.
    """
    record = store_weight(unit, animal, weighing)
    judge_new(unit, animal, [record], weighing.noted_at or weighing.at)
    return record


def store_weight(unit: UnitOfWork, animal: Animal, weighing: Weighing) -> WeightRecord:
    """Store a weight that `judge_new` judges later, with others of the animal."""
    _check(weighing, weighing.noted_at or weighing.at)
    unit.recent_weighings(animal)  # those of before are loaded, so that this one joins them
    record = fast_rows.new(
        WeightRecord,
        animal_id=animal.id,
        weight_kg=weighing.weight_kg,
        recorded_at=weighing.at,
        source=weighing.source,
        scale=weighing.scale or unit.heard_by or None,
        recorded_by=unit.actor,
        session_id=unit.session_id,
    )
    unit.add(record)
    unit.change(animal, last_seen_at=max(animal.last_seen_at, weighing.at))
    return record


def judge_new(
    unit: UnitOfWork, animal: Animal, records: Collection[WeightRecord], at: datetime
) -> None:
    """Judge an animal's weights with these stored ones, and note them in the journal."""
    new = {record.id for record in records}
    judge(unit, animal, at, new, since=min(map(_day, records)))
    for record in records:
        unit.note("weight:recorded", record.id, at, record.reason)


def _day(record: WeightRecord) -> int:
    if record.recorded_at.year < FIRST_YEAR:
        return 0  # of which no zone knows the day: the year 1 began in none but UTC
    return localdate(record.recorded_at).toordinal()


def weighed_after_leaving(animal: Animal, at: datetime) -> str:
    """Return a sentence where the animal had left by then, else ""."""
    if animal.status in ON_FEED or (animal.left_on is not None and localdate(at) < animal.left_on):
        return ""
    since = f" since {animal.left_on}" if animal.left_on else ""
    return f"The weight is kept, but {animal} is {animal.status}{since}."


def _check(weighing: Weighing, now: datetime) -> None:
    if not 0 < weighing.weight_kg <= MOST_KG:
        raise BadValue(f"A weight must be more than 0 and at most {MOST_KG} kg.", field="weight_kg")
    if weighing.at > now:
        raise BadValue("A weight cannot be from the future.", field="recorded_at")


def void_weight(unit: UnitOfWork, record_id: int, reason: str, at: datetime) -> WeightRecord:
    """Void a weight: it counts for no figure any more, and its row stays. Twice is as once."""
    record = unit.weighing_no(record_id)
    if not reason.strip():
        raise ReasonNeeded(
            "Say why the weight is void: it stays in the animal's history.", field="reason"
        )
    if record.quality != Quality.VOID:
        animal = unit.animal_no(record.animal_id)
        void = {"quality": Quality.VOID, "reason": reason.strip()[:200], "accepted_by": None}
        unit.change(record, **void)
        unit.remove_weighing(record)
        unit.note("weight:voided", record.id, at, record.reason)
        judge(unit, animal, at, since=_day(record))
    return record


def recalculate_gain(unit: UnitOfWork, animal: Animal, at: datetime) -> None:
    """Judge an animal's weights and work out its gain, after they changed without a scale."""
    judge(unit, animal, at)
