"""Taking a change back: a merge, a tag given to another animal, an import."""

import json
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from herd.errors import UndoImpossible, UnknownChange
from herd.models import Animal, Batch, Pen, ReversibleChange
from herd.operations.references import repoint_foreign_keys
from herd.operations.retag_and_merge import (
    FILLED,
    Tags,
    as_column,
    as_json,
    by_kind,
    remove_tags,
    restore_tags,
    tags_of,
)
from herd.operations.undo_import import take_out
from herd.operations.weighings import recalculate_gain
from herd.unit_of_work import TAG_FIELDS, UnitOfWork


def undo(unit: UnitOfWork, change_id: int, at: datetime) -> ReversibleChange:
    """Undo a change whole; twice is as once.

    Raises UndoImpossible where something was done since that would be lost, with what it was.
    """
    change = unit.by_number(ReversibleChange, [change_id]).get(change_id)
    if change is None:
        raise UnknownChange(f"Change no. {change_id} does not exist.")
    if change.undone_at is not None:
        return change
    # As they are stored: those of a change that is not written yet hold days and times.
    steps = json.loads(json.dumps(change.steps, cls=DjangoJSONEncoder))
    match change.kind:
        case ReversibleChange.Kind.MERGE:
            _unmerge(unit, steps, f"taken back: {change.summary}", at)
        case ReversibleChange.Kind.RETAG:
            _undo_retag(unit, steps["tags"], f"taken back: {change.summary}", at)
        case _:
            take_out(unit, steps, at)
    unit.change(change, undone_at=at, undone_by=unit.actor)
    return change


# -- tags ---------------------------------------------------------------------------------------


def _undo_retag(unit: UnitOfWork, tagged: list[dict[str, Any]], detail: str, at: datetime) -> None:
    for one in tagged:
        _check_tags(unit, one["animal"], one["after"])
    # All off before any is put back: a tag goes from one of these animals to another.
    for one in tagged:
        animal = unit.animal_no(one["animal"])
        remove_tags(unit, animal, list(TAG_FIELDS), by_kind(one["after"]), at)
    for one in tagged:
        animal = unit.animal_no(one["animal"])
        restore_tags(unit, animal, by_kind(one["before"]), at)
        unit.record_change("cattle:retagged", animal, at, detail)


def _check_tags(unit: UnitOfWork, animal_id: int, tags: Tags) -> None:
    animal = unit.by_number(Animal, [animal_id]).get(animal_id)
    if animal is None or tags_of(animal) != tags:
        raise UndoImpossible(
            f"Animal no. {animal_id} has other tags by now; taking this back would lose them."
        )


# -- merge --------------------------------------------------------------------------------------


def _unmerge(unit: UnitOfWork, steps: dict[str, Any], detail: str, at: datetime) -> None:
    """Restore the two records as they were; what was recorded since stays with the kept one."""
    before, after, absorbed = steps["before"], steps["after"], steps["absorbed"]
    tags: Tags = {kind: after[name] for kind, name in TAG_FIELDS.items()}
    _check_tags(unit, steps["kept"], tags)
    kept = unit.animal_no(steps["kept"])
    remove_tags(unit, kept, list(TAG_FIELDS), by_kind(tags), at)
    for name in before.keys() & set(FILLED):  # a merge from before a column was added has it not
        if as_json(kept, name) == after[name]:  # else somebody has changed it since
            unit.change(kept, **{name: as_column(name, before[name])})
    again = _restore_absorbed(unit, absorbed)
    repoint_foreign_keys(unit, steps["pointed"], again, at)
    for animal, row in ((kept, before), (again, absorbed)):
        tags = {kind: row[name] for kind, name in TAG_FIELDS.items()}
        restore_tags(unit, animal, by_kind(tags), at)
        unit.record_change("cattle:retagged", animal, at, detail)
        recalculate_gain(unit, animal, at)


def _restore_absorbed(unit: UnitOfWork, row: dict[str, Any]) -> Animal:
    values = {name: as_column(name, value) for name, value in row.items()}
    bearer = unit.animal(values["livestock_id"]) if values["livestock_id"] else None
    if bearer is not None:
        raise UndoImpossible(
            f"{bearer.livestock_id} is another animal by now (no. {bearer.pk}); give that one"
            " another id first."
        )
    # Without its tags, which are unique and may still be on the kept one.
    animal = Animal(**{**values, **dict.fromkeys(TAG_FIELDS.values())})
    for name in ("batch_id", "pen_id"):
        model = Batch if name == "batch_id" else Pen
        if not unit.by_number(model, [values[name]]):
            setattr(animal, name, None)
    unit.add(animal)
    unit.record_change("cattle:created", animal, animal.last_seen_at)
    return animal
