"""Weights of a span of days of one scale corrected by a factor, and that taken back."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from herd.errors import BadValue, ReasonNeeded, UndoImpossible
from herd.models import ReversibleChange, WeightRecord
from herd.operations.judging import CENT, judge
from herd.operations.reversible_changes import save_reversible_change
from herd.rules.counts import counted
from herd.rules.units import MOST_KG
from herd.scale_days import weights_between
from herd.scales_table import ScaleStep
from herd.unit_of_work import UnitOfWork

MOST_WEIGHTS: Final = 20_000  # in one correction: some seconds, in which nobody else writes
LEAST_FACTOR, MOST_FACTOR = Decimal("0.2"), Decimal(5)  # a switch of kg and lb, and more


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says: from the first day through the last the scale's weights are to be
    multiplied by `factor`."""

    scale: str
    first: date
    last: date
    factor: Decimal
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Corrected:
    change: ReversibleChange
    weights: int
    animals: int
    scale_steps: list[int]  # that are none any more


def correct_weights(unit: UnitOfWork, asked: Correction) -> Corrected:
    """Correct the weights; what the scale read stays to be seen. Raise BadValue, ReasonNeeded."""
    records = _weights(unit, asked)
    before = {one.id: (one.weight_kg, one.read_kg) for one in records}
    for record in records:
        kg = (record.weight_kg * asked.factor).quantize(CENT, ROUND_HALF_UP)
        if not 0 < kg <= MOST_KG:
            raise BadValue(f"It would make {kg} kg of {record.weight_kg} kg.", field="factor")
        # What it read, also where that is corrected for the second time.
        unit.change(record, weight_kg=kg, read_kg=record.read_kg or record.weight_kg)
    animals = _judge(unit, records, asked.first, asked.at, f"corrected: {asked.reason.strip()}")
    ended = [one.id for one in _steps_ended(unit, asked)]
    days = f"{asked.first} to {asked.last}" if asked.last > asked.first else f"{asked.first}"
    summary = (
        f"{counted(len(records), 'weight')} of the scale {asked.scale}, {days},"
        f" times {asked.factor}: {asked.reason.strip()}"
    )
    steps = {
        "weights": [[one.id, *before[one.id], one.weight_kg] for one in records],
        "scale_steps": ended,
        "first": asked.first,
    }
    change = save_reversible_change(unit, "scale", summary, asked.at, steps)
    return Corrected(change, len(records), animals, ended)


def _weights(unit: UnitOfWork, asked: Correction) -> list[WeightRecord]:
    if not asked.reason.strip():
        raise ReasonNeeded("Say why these weights are corrected.", field="reason")
    if asked.last < asked.first:
        raise BadValue("The last day lies before the first.", field="last")
    if not LEAST_FACTOR <= asked.factor <= MOST_FACTOR or asked.factor == 1:
        raise BadValue(
            f"A factor is from {LEAST_FACTOR} to {MOST_FACTOR}, and not 1.", field="factor"
        )
    ids = weights_between(asked.scale, asked.first, asked.last, MOST_WEIGHTS + 1)
    if not ids:
        sentence = f"No weight of the scale {asked.scale} is known of these days."
        raise BadValue(sentence, field="scale")
    if len(ids) > MOST_WEIGHTS:
        sentence = f"These are more than {MOST_WEIGHTS:,} weights: take fewer days at a time."
        raise BadValue(sentence, field="last")
    return unit.weighings_by_number(ids)


def _steps_ended(unit: UnitOfWork, asked: Correction) -> list[ScaleStep]:
    """Return the steps that the correction makes good: where it begins, or behind its end."""
    edges = {asked.first, asked.last + timedelta(days=1)}
    steps = [
        one
        for one in unit.rows(ScaleStep, "scale", [asked.scale])
        if one.day in edges and one.undone_at is None
    ]
    for step in steps:
        unit.change(step, undone_at=asked.at, undone_by=unit.actor, judged_to=0)
    return steps


def _judge(
    unit: UnitOfWork, records: Iterable[WeightRecord], since: date, at: datetime, why: str
) -> int:
    """Judge the animals of these weights anew, and return how many they are."""
    by_animal: dict[int, list[WeightRecord]] = defaultdict(list)
    for record in records:
        by_animal[record.animal_id].append(record)
    for animal in unit.animals(by_animal):
        changed = by_animal[animal.id]
        judge(unit, animal, at, {one.id for one in changed}, since.toordinal())
        for record in changed:
            unit.note("weight:recorded", record.id, at, why)
    return len(by_animal)


def take_correction_back(unit: UnitOfWork, steps: dict[str, Any], at: datetime) -> None:
    """Undo a correction. Raise UndoImpossible where the weights were corrected once more since."""
    told = {pk: (before, read, after) for pk, before, read, after in steps["weights"]}
    records = unit.weighings_by_number(told)
    if any(one.weight_kg != Decimal(told[one.id][2]) for one in records):
        raise UndoImpossible("Some of the weights were corrected once more: take that back first.")
    for record in records:
        before, read, _ = told[record.id]
        unit.change(record, weight_kg=Decimal(before), read_kg=read and Decimal(read))
    first = date.fromisoformat(steps["first"])
    counted = [one for one in records if one.quality != WeightRecord.Quality.VOID]
    _judge(unit, counted, first, at, "correction taken back")
    for step in unit.by_number(ScaleStep, steps["scale_steps"]).values():
        unit.change(step, undone_at=None, undone_by="", judged_to=0)
