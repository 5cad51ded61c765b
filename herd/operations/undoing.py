"""Taking a change back: a merge, a tag given to another animal, an import."""

from datetime import datetime
from typing import Any

from django.apps import apps

from herd.errors import UndoImpossible, UnknownChange
from herd.models import (
    Animal,
    Batch,
    Movement,
    Pen,
    ReversibleChange,
    TagPairing,
    WeightRecord,
)
from herd.operations.placing import put_on
from herd.operations.sorting import (
    FILLED,
    Tags,
    point,
    relations,
    rows_naming,
    tags_of,
    undress,
)
from herd.operations.weighings import reckon, void_weight
from herd.register import TAG_FIELDS, Register, TagKind


def undo(register: Register, change_id: int, at: datetime) -> ReversibleChange:
    """Takes the change back whole; twice is as once.

    Raises UndoImpossible where something was done since that would be lost, with what it was.
    """
    change = ReversibleChange.objects.filter(pk=change_id).first()
    if change is None:
        raise UnknownChange(f"There is no change no. {change_id}.")
    if change.undone_at is not None:
        return change
    match change.kind:
        case ReversibleChange.Kind.MERGE:
            _part(register, change, at)
        case ReversibleChange.Kind.RETAG:
            _give_back(register, change, at)
        case _:
            _take_out(register, change, at)
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
        undress(register, animal, list(TAG_FIELDS), _tags(one["after"]), at)
    for one in told:
        animal = register.animal_no(one["animal"])
        _wear_again(register, animal, _tags(one["before"]), at)
        register.touched("cattle:retagged", animal, at, f"taken back: {change.summary}")


def _check_tags(register: Register, animal_id: int, tags: Tags) -> None:
    animal = Animal.objects.filter(pk=animal_id).first()
    if animal is None or tags_of(animal) != tags:
        raise UndoImpossible(
            f"Animal no. {animal_id} has other tags by now; taking this back would lose them."
        )


def _tags(told: Tags) -> dict[TagKind, str]:
    return {"lf": told["lf"] or "", "uhf": told["uhf"] or ""}


def _wear_again(register: Register, animal: Animal, tags: dict[TagKind, str], at: datetime) -> None:
    for kind, tag in tags.items():
        bearer = register.bearer(kind, tag)
        if bearer is not None and bearer.pk != animal.pk:
            raise UndoImpossible(
                f"Tag {tag} is on animal {bearer} (no. {bearer.pk}) by now; taking this back"
                " would lose that."
            )
    put_on(register, animal, tags, at, "taken back")


# -- merge --------------------------------------------------------------------------------------


def _part(register: Register, change: ReversibleChange, at: datetime) -> None:
    """The two records as they were; what was recorded since stays with the kept one."""
    steps = change.steps
    before, after, absorbed = steps["before"], steps["after"], steps["absorbed"]
    tags: Tags = {kind: after[name] for kind, name in TAG_FIELDS.items()}
    _check_tags(register, steps["kept"], tags)
    kept = register.animal_no(steps["kept"])
    undress(register, kept, list(TAG_FIELDS), _tags(tags), at)
    for name in FILLED:
        if _plain(kept, name) == after[name]:
            setattr(kept, name, _python(name, before[name]))
    kept.save()
    again = _come_back(register, absorbed)
    register.write_history()
    pointed = [{**one, "model": apps.get_model(one["model"])} for one in steps["pointed"]]
    point(register, pointed, again.pk, at)
    for animal, row in ((kept, before), (again, absorbed)):
        tags = {kind: row[name] for kind, name in TAG_FIELDS.items()}
        _wear_again(register, animal, _tags(tags), at)
        register.enter(animal)
        register.touched("cattle:retagged", animal, at, f"taken back: {change.summary}")
        reckon(register, animal, at)


def _come_back(register: Register, row: dict[str, Any]) -> Animal:
    values = {name: _python(name, value) for name, value in row.items()}
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


def _python(name: str, value: Any) -> Any:  # noqa: ANN401 - any column's value
    """A value of the steps, which are JSON, as the column holds it."""
    if name in {"batch_id", "pen_id"}:
        return value
    column: Any = Animal._meta.get_field(name)  # noqa: SLF001 - Django's own
    return column.to_python(value)


def _plain(animal: Animal, name: str) -> Any:  # noqa: ANN401 - any column's value
    """As it stands in the steps, which are JSON."""
    value = getattr(animal, name)
    return value.isoformat() if hasattr(value, "isoformat") else value


# -- import -------------------------------------------------------------------------------------


def _take_out(register: Register, change: ReversibleChange, at: datetime) -> None:
    steps = change.steps
    created = set(steps["animals"])
    for pk in (
        WeightRecord.objects.filter(pk__in=steps["weights"])
        .exclude(animal_id__in=created)
        .values_list("pk", flat=True)
    ):
        void_weight(register, pk, "import taken back", at)
    for one in reversed(steps["changed"]):
        _put_back(register, one, at)
    for animal in register.animals(created):
        _check_untouched(animal, set(steps["weights"]))
        register.write_history()
        register.gone(animal, at, "import taken back")
        animal.delete()
    register.write()
    _remove_empty(register, steps, at)


def _put_back(register: Register, one: dict[str, Any], at: datetime) -> None:
    animal = register.animal_no(one["animal"])
    if {name: _plain(animal, name) for name in one["after"]} != one["after"]:
        raise UndoImpossible(f"Animal {animal} was changed since this import.")
    for name, value in one["before"].items():
        setattr(animal, name, _python(name, value))
    animal.save(update_fields=list(one["before"]))
    register.touched("cattle:updated", animal, at, "import taken back")


def _check_untouched(animal: Animal, own_weights: set[int]) -> None:
    """Raises UndoImpossible where the barn has heard of the animal since."""
    for relation in relations():
        numbers = set(rows_naming(animal, relation))
        if relation.related_model is WeightRecord:
            numbers -= own_weights
        elif relation.related_model in {TagPairing, Movement}:
            continue  # its tags and moves came with it
        if numbers:
            raise UndoImpossible(f"Animal {animal} was read or weighed since this import.")


def _remove_empty(register: Register, steps: dict[str, Any], at: datetime) -> None:
    """Pens and batches that the import founded, where nobody else has come to."""
    for pen in Pen.objects.filter(pk__in=steps["pens"], animals=None):
        number = pen.pk
        pen.delete()
        register.note("pen:deleted", number, at, "import taken back")
