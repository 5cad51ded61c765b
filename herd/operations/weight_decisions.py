"""What people decide of a stored weight: it is right after all, void no more, or another one."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from herd.errors import BadValue, NothingToChange
from herd.local_time import localdate
from herd.models import WeightRecord
from herd.operations.judging import is_too_early
from herd.operations.weighings import Weighing, judge_new, record_weight, void_weight
from herd.unit_of_work import UnitOfWork

Quality = WeightRecord.Quality


@dataclass(frozen=True, slots=True)
class Replacement:
    """The weight that should have been written down in the place of another one."""

    weight: int
    weight_kg: Decimal
    at: datetime  # when that is said
    source: str
    reason: str = ""


def accept_weight(unit: UnitOfWork, record_id: int, at: datetime) -> WeightRecord:
    """Let a weight count, whatever the animal's others say, until it is void. Twice is as once."""
    record = unit.weighing_no(record_id)
    animal = unit.animal_no(record.animal_id)
    if record.quality == Quality.VOID:
        raise BadValue("This weight is void. Take that back first.")
    if is_too_early(animal, record.recorded_at):
        raise BadValue(
            f"This weight is from before {animal} was here. Correct its induction date: then the"
            " weight counts."
        )
    if record.accepted_by is None:
        unit.record_change("cattle:updated", animal, at, f"accepted: {_called(record)}")
        unit.change(record, accepted_by=unit.actor)
        judge_new(unit, animal, [record], at)
    return record


def unvoid_weight(unit: UnitOfWork, record_id: int, at: datetime) -> WeightRecord:
    """Take the void of a weight back: it is judged as if it were new. Twice is as once."""
    record = unit.weighing_no(record_id)
    if record.quality == Quality.VOID:
        animal = unit.animal_no(record.animal_id)
        unit.record_change("cattle:updated", animal, at, f"not void any more: {_called(record)}")
        unit.change(record, quality=Quality.OK, reason="")
        unit.restore_weighing(record)
        judge_new(unit, animal, [record], at)
    return record


def replace_weight(unit: UnitOfWork, asked: Replacement) -> WeightRecord:
    """Void a weight and record another one of the same moment and session; return that one."""
    record = unit.weighing_no(asked.weight)
    if record.quality == Quality.VOID:
        raise BadValue("This weight is void already. Record the right one as a new weight.")
    if record.weight_kg == asked.weight_kg:
        raise NothingToChange("That is the weight that stands there.", field="weight_kg")
    told = asked.source, asked.at, record.scale or ""
    weighing = Weighing(asked.weight_kg, record.recorded_at, *told)
    why = f"replaced by {float(asked.weight_kg):g} kg: {asked.reason.strip()}".rstrip(": ")
    void_weight(unit, record.id, why, asked.at)
    made = record_weight(unit, unit.animal_no(record.animal_id), weighing)
    unit.change(made, session_id=record.session_id)
    return made


def _called(record: WeightRecord) -> str:
    return f"weight of {float(record.weight_kg):g} kg of {localdate(record.recorded_at)}"
