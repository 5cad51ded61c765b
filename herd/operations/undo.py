"""Taking a change back: a merge, a tag given to another animal, an import."""

from datetime import datetime
from typing import Any

from django.apps import apps

from herd.errors import UndoImpossible, UnknownChange
from herd.models import Animal, Batch, Pen, ReversibleChange
from herd.operations.retag_and_merge import (
    FILLED,
    Tags,
    as_column,
    as_json,
    by_kind,
    remove_tags,
    repoint_foreign_keys,
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
    change = ReversibleChange.objects.filter(pk=change_id).first()
    if change is None:
        raise UnknownChange(f"Change no. {change_id} does not exist.")
    if change.undone_at is not None:
        return change
    match change.kind:
        case ReversibleChange.Kind.MERGE:
            _unmerge(unit, change, at)
        case ReversibleChange.Kind.RETAG:
            _undo_retag(unit, change, at)
        case _:
            take_out(unit, change.steps, at)
    change.undone_at, change.undone_by = at, unit.actor
    change.save(update_fields=["undone_at", "undone_by"])
    return change


# -- tags ---------------------------------------------------------------------------------------


def _undo_retag(unit: UnitOfWork, change: ReversibleChange, at: datetime) -> None:
    tagged = change.steps["tags"]
    for one in tagged:
        _check_tags(unit, one["animal"], one["after"])
    # All off before any is put back: a tag goes from one of these animals to another.
    for one in tagged:
        animal = unit.animal_no(one["animal"])
        remove_tags(unit, animal, list(TAG_FIELDS), by_kind(one["after"]), at)
    for one in tagged:
        animal = unit.animal_no(one["animal"])
        restore_tags(unit, animal, by_kind(one["before"]), at)
        unit.record_change("cattle:retagged", animal, at, f"taken back: {change.summary}")


def _check_tags(unit: UnitOfWork, animal_id: int, tags: Tags) -> None:
    animal = Animal.objects.filter(pk=animal_id).first()
    if animal is None or tags_of(animal) != tags:
        raise UndoImpossible(
            f"Animal no. {animal_id} has other tags by now; taking this back would lose them."
        )


# -- merge --------------------------------------------------------------------------------------


def _unmerge(unit: UnitOfWork, change: ReversibleChange, at: datetime) -> None:
    """Restore the two records as they were; what was recorded since stays with the kept one."""
    steps = change.steps
    before, after, absorbed = steps["before"], steps["after"], steps["absorbed"]
    tags: Tags = {kind: after[name] for kind, name in TAG_FIELDS.items()}
    _check_tags(unit, steps["kept"], tags)
    kept = unit.animal_no(steps["kept"])
    remove_tags(unit, kept, list(TAG_FIELDS), by_kind(tags), at)
    for name in before.keys() & set(FILLED):  # a merge from before a column was added has it not
        if as_json(kept, name) == after[name]:  # else somebody has changed it since
            unit.change(kept, **{name: as_column(name, before[name])})
    again = _restore_absorbed(unit, absorbed)
    unit.flush()  # what this transaction left must be there before rows change hands
    pointed = [{**one, "model": apps.get_model(one["model"])} for one in steps["pointed"]]
    repoint_foreign_keys(unit, pointed, again.pk, at)
    for animal, row in ((kept, before), (again, absorbed)):
        tags = {kind: row[name] for kind, name in TAG_FIELDS.items()}
        restore_tags(unit, animal, by_kind(tags), at)
        unit.record_change("cattle:retagged", animal, at, f"taken back: {change.summary}")
        unit.forget_weighings(animal)
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
        if not model.objects.filter(pk=values[name]).exists():
            setattr(animal, name, None)
    unit.add(animal)
    unit.record_change("cattle:created", animal, animal.last_seen_at)
    return animal
