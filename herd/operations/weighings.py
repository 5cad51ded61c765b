"""Weights: all are kept; one that cannot be right is kept as suspect and counts for nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from herd.errors import BadValue, ReasonNeeded
from herd.local_time import localdate, localtime
from herd.models import ON_FEED, Animal, WeightRecord
from herd.operations.placing import new_animal
from herd.rules.growth import animal_gain, estimate_today
from herd.rules.units import MOST_KG
from herd.rules.weight_outliers import (
    REREAD_WITHIN,
    Weighed,
    can_be,
    can_follow,
    consistent_series,
    outlier_reason,
)
from herd.storage import fast_rows
from herd.unit_of_work import UnitOfWork

Quality = WeightRecord.Quality
MAX_WEIGHINGS = 50  # weighings, the latest: more would not move the gain
TOO_EARLY = "before the animal was here"


@dataclass(frozen=True, slots=True)
class Weighing:
    """`at` is when the animal stood on the scale, `noted_at` when that was written down."""

    weight_kg: Decimal
    at: datetime
    source: str  # radio, office, admin or import
    noted_at: datetime | None = None


def animal_or_pending(unit: UnitOfWork, livestock_id: str, at: datetime) -> Animal:
    """Return the animal of this livestock id; where there is none, make a pending one."""
    animal = unit.animal(livestock_id)
    if animal is None:
        pending = fast_rows.new(Animal, livestock_id=livestock_id, status=Animal.Status.PENDING)
        animal = new_animal(unit, pending, at)
    return animal


def record_weight(unit: UnitOfWork, animal: Animal, weighing: Weighing) -> WeightRecord:
    """Record a weight, and judge the animal's others again where it does not fit to them.

    Raises BadValue for a weight of nothing, beyond every scale, or from the future.
    """
    now = weighing.noted_at or weighing.at
    _check(weighing, now)
    record = fast_rows.new(
        WeightRecord,
        animal_id=animal.id,
        weight_kg=weighing.weight_kg,
        recorded_at=weighing.at,
        source=weighing.source,
        recorded_by=unit.actor,
        expected_kg=_expected(animal, weighing),
    )
    # The everyday weight is taken without looking further: 50 others are judged for the rest.
    is_everyday = _follows_the_last(unit, animal, weighing)
    unit.add(record)
    if not is_everyday:
        _judge(unit, animal, now, new=record)
    unit.note("weight:recorded", record.id, now, record.reason)
    unit.change(animal, last_seen_at=max(animal.last_seen_at, weighing.at))
    _refresh(unit, animal, now)
    return record


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


def _expected(animal: Animal, weighing: Weighing) -> float | None:
    """Return what the animal's gain lets one expect; None where the gain is not to be trusted."""
    if animal.adg_kg is None or animal.adg_confidence != "ok" or animal.last_weighed_at is None:
        return None
    last_kg = float(animal.last_weight_kg or 0)
    days = localdate(animal.last_weighed_at), localdate(weighing.at)
    return estimate_today(last_kg, days[0], animal.adg_kg, days[1])


def _follows_the_last(unit: UnitOfWork, animal: Animal, weighing: Weighing) -> bool:
    """Return True in the everyday case: newer than all, and like the last good one."""
    kg = float(weighing.weight_kg)
    if _before_it_came(animal, weighing.at):
        return False
    doubted = [one for one in unit.weighings(animal) if one.quality == Quality.SUSPECT]
    if animal.last_weight_kg is None or animal.last_weighed_at is None:
        return can_be(kg) and not doubted
    last = Weighed(animal.last_weighed_at, float(animal.last_weight_kg))
    if not (can_be(kg) and can_follow(last, Weighed(weighing.at, kg))):
        return False
    # A weight doubted beside or after the last good one may yet be the right one of the two.
    return not any(one.recorded_at >= last.at - REREAD_WITHIN for one in doubted)


def _judge(unit: UnitOfWork, animal: Animal, at: datetime, new: WeightRecord | None = None) -> None:
    """Judge the latest weighings, all of them taken together; the caller notes the `new` one."""
    # Together: by the last one alone a first weight that was wrong would be believed for ever, and
    # every right one after it doubted (decision 5).
    latest = unit.weighings(animal)[:MAX_WEIGHINGS]
    for record, reason in _doubts(animal, latest[::-1]):
        quality = Quality.SUSPECT if reason else Quality.OK
        if record.quality == quality:
            continue
        unit.change(record, quality=quality, reason=reason)
        if record is not new:
            unit.note("weight:recorded", record.id, at, record.reason)


def _doubts(animal: Animal, records: list[WeightRecord]) -> Iterator[tuple[WeightRecord, str]]:
    """Yield each record with why it is not believed, "" where it is."""
    early = [one for one in records if _before_it_came(animal, one.recorded_at)]
    rest = [one for one in records if not _before_it_came(animal, one.recorded_at)]
    series = [Weighed(one.recorded_at, float(one.weight_kg)) for one in rest]
    believed = consistent_series(series)
    yield from ((one, TOO_EARLY) for one in early)
    for place, record in enumerate(rest):
        yield record, "" if believed[place] else outlier_reason(series, believed, place)


def _before_it_came(animal: Animal, at: datetime) -> bool:
    """Return True for more than a day before its induction, where that is known."""
    if animal.induction_date is None:
        return False  # when it was first seen says nothing of one that a sheet brought
    since = min(animal.induction_date, localdate(animal.first_seen_at))
    return localdate(at) < since - timedelta(days=1)


def void_weight(unit: UnitOfWork, record_id: int, reason: str, at: datetime) -> WeightRecord:
    """Void a weight: it counts for no figure any more, and its row stays. Twice is as once."""
    record = unit.weighing_no(record_id)
    if not reason.strip():
        raise ReasonNeeded(
            "Say why the weight is void: it stays in the animal's history.", field="reason"
        )
    if record.quality != Quality.VOID:
        animal = unit.animal_no(record.animal_id)
        unit.change(record, quality=Quality.VOID, reason=reason.strip()[:200])
        unit.remove_weighing(record)
        unit.note("weight:voided", record.id, at, record.reason)
        recalculate_gain(unit, animal, at)
    return record


def recalculate_gain(unit: UnitOfWork, animal: Animal, at: datetime) -> None:
    """Judge an animal's weighings and work out its gain, after they changed without a scale."""
    _judge(unit, animal, at)
    _refresh(unit, animal, at)


def _refresh(unit: UnitOfWork, animal: Animal, at: datetime) -> None:
    """Work out the animal's last weight and gain anew, from its good weighings."""
    good = [one for one in unit.weighings(animal) if one.quality == Quality.OK][:MAX_WEIGHINGS]
    last = good[0] if good else None
    series = [(localtime(one.recorded_at), float(one.weight_kg)) for one in reversed(good)]
    gain = animal_gain(series)
    unit.change(
        animal,
        last_weighed_at=last and last.recorded_at,
        last_weight_kg=last and last.weight_kg,
        expected_kg=last and last.expected_kg,
        adg_kg=gain and gain.adg_kg,
        adg_confidence=gain.confidence if gain else "",
    )
    unit.record_change("cattle:updated", animal, at)
