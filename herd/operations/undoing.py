"""Taking a change back: a merge, a tag given to another animal, an import."""

from datetime import datetime
from typing import Any

from django.apps import apps

from herd.errors import UndoImpossible, UnknownChange
from herd.models import Animal, Batch, Pen, ReversibleChange
from herd.operations.sorting import (
    FILLED,
    Tags,
    as_column,
    as_json,
    by_kind,
    point,
    tags_of,
    undress,
    wear_again,
)
from herd.operations.taking_out import take_out
from herd.operations.weighings import reckon
from herd.register import TAG_FIELDS, Register


def undo(register: Register, change_id: int, at: datetime) -> ReversibleChange:
    """Takes the change back whole; twice is as once.

    Raises UndoImpossible where something was done since that would be lost, with what it was.
    """
    change = ReversibleChange.objects.filter(pk=change_id).first()
    if change is None:
        raise UnknownChange(f"Change no. {change_id} does not exist.")
    if change.undone_at is not None:
        return change
    match change.kind:
        case ReversibleChange.Kind.MERGE:
            _part(register, change, at)
        case ReversibleChange.Kind.RETAG:
            _give_back(register, change, at)
        case _:
            take_out(register, change.steps, at)
    change.undone_at, change.undone_by = at, register.actor
    change.save(update_fields=["undone_at", "undone_by"])
    return change


# -- tags ---------------------------------------------------------------------------------------


def _give_back(register: Register, change: ReversibleChange, at: datetime) -> None:
    told = change.steps["tags"]
    for one in told:
        _check_tags(register, one["animal"], one["after"])
    for one in told:
        animal = register.animal_no(one["animal"])
        undress(register, animal, list(TAG_FIELDS), by_kind(one["after"]), at)
    for one in told:
        animal = register.animal_no(one["animal"])
        wear_again(register, animal, by_kind(one["before"]), at)
        register.touched("cattle:retagged", animal, at, f"taken back: {change.summary}")


def _check_tags(register: Register, animal_id: int, tags: Tags) -> None:
    animal = Animal.objects.filter(pk=animal_id).first()
    if animal is None or tags_of(animal) != tags:
        raise UndoImpossible(
            f"Animal no. {animal_id} has other tags by now; taking this back would lose them."
        )


# -- merge --------------------------------------------------------------------------------------


def _part(register: Register, change: ReversibleChange, at: datetime) -> None:
    """The two records as they were; what was recorded since stays with the kept one."""
    steps = change.steps
    before, after, absorbed = steps["before"], steps["after"], steps["absorbed"]
    tags: Tags = {kind: after[name] for kind, name in TAG_FIELDS.items()}
    _check_tags(register, steps["kept"], tags)
    kept = register.animal_no(steps["kept"])
    undress(register, kept, list(TAG_FIELDS), by_kind(tags), at)
    for name in FILLED:
        if as_json(kept, name) == after[name]:
            setattr(kept, name, as_column(name, before[name]))
    kept.save()
    again = _come_back(register, absorbed)
    register.write_history()
    pointed = [{**one, "model": apps.get_model(one["model"])} for one in steps["pointed"]]
    point(register, pointed, again.pk, at)
    for animal, row in ((kept, before), (again, absorbed)):
        tags = {kind: row[name] for kind, name in TAG_FIELDS.items()}
        wear_again(register, animal, by_kind(tags), at)
        register.enter(animal)
        register.touched("cattle:retagged", animal, at, f"taken back: {change.summary}")
        reckon(register, animal, at)


def _come_back(register: Register, row: dict[str, Any]) -> Animal:
    values = {name: as_column(name, value) for name, value in row.items()}
    bearer = Animal.objects.filter(livestock_id=values["livestock_id"] or "").first()
    if bearer is not None:
        raise UndoImpossible(
            f"{bearer.livestock_id} is another animal by now (no. {bearer.pk}); give that one"
            " another id first."
        )
    animal = Animal(**{**values, **dict.fromkeys(TAG_FIELDS.values())})
    for name in ("batch_id", "pen_id"):
        model = Batch if name == "batch_id" else Pen
        if not model.objects.filter(pk=values[name]).exists():
            setattr(animal, name, None)
    animal.save(force_insert=True)
    register.add_animal(animal)
    register.touched("cattle:created", animal, animal.last_seen_at)
    return animal
