"""What people write down about a batch, a pen or an animal, and what they found and take away."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError

from herd.errors import BadValue, NameTaken, NothingToChange, PenInUse, TagConflict
from herd.loader import NAMED
from herd.local_time import localdate
from herd.models import Animal, Batch, Pen, Product
from herd.operations.placing import (
    NAME_OF,
    NO_OVERFILL,
    check_inducted,
    check_name,
    check_stay,
    check_years,
    keeping_room,
    new_animal,
    tag_form,
)
from herd.operations.references import delete_place
from herd.operations.weighings import recalculate_gain
from herd.unit_of_work import TAG_FIELDS, UnitOfWork

Row = TypeVar("Row", Batch, Pen, Animal, Product)
PLACES = ("batch", "pen")  # found by operations: a check would ask the database for them


def create_batch(unit: UnitOfWork, values: Mapping[str, Any], at: datetime) -> Batch:
    return _create(unit, Batch(**{"induction_date": localdate(at), **values}), values, at)


def create_pen(unit: UnitOfWork, values: Mapping[str, Any], at: datetime) -> Pen:
    return _create(unit, Pen(**values), values, at)


def create_product(unit: UnitOfWork, values: Mapping[str, Any], at: datetime) -> Product:
    return _create(unit, Product(**values), values, at)


def _create(unit: UnitOfWork, row: Row, values: Mapping[str, Any], at: datetime) -> Row:
    _check_names(unit, row, values)
    check_years(values)
    _check(row)
    check_name(unit, row)
    unit.add(row)
    unit.note(f"{row._meta.model_name}:created", row.pk, at)  # noqa: SLF001 - Django's own
    return row


def create_animal(unit: UnitOfWork, values: Mapping[str, Any], at: datetime) -> Animal:
    """Enter an animal that nobody knew, on feed since today or the day that is told.

    Raises NothingToChange without a tag or id, TagConflict where another animal bears a tag of it,
    NameTaken, UnknownPlace, PenFull.
    """
    tags = {name: tag_form(values.get(name) or "", name) or None for name in TAG_FIELDS.values()}
    seen = {"first_seen_at": at, "last_seen_at": at}
    animal = Animal(**{"induction_date": localdate(at), **seen, **values, **tags})
    animal.status = Animal.Status.ACTIVE
    if not any((*tags.values(), animal.livestock_id, animal.visual_id)):
        raise NothingToChange("Give a tag, or an id by which it is known.", field="lf_tag")
    _check_names(unit, animal, values)
    check_years(values)
    _check(animal)
    check_name(unit, animal)
    check_inducted(animal, at)
    _check_tags(unit, animal)
    if animal.batch_id is not None:
        unit.batch_no(animal.batch_id)
    with keeping_room(unit, [animal.pen_id], NO_OVERFILL):
        if animal.pen_id is not None:
            unit.pen_no(animal.pen_id)
        return new_animal(unit, animal, at)


def _check_tags(unit: UnitOfWork, animal: Animal) -> None:
    for kind, name in TAG_FIELDS.items():
        bearer = unit.animal_by_tag(kind, tag) if (tag := getattr(animal, name)) else None
        if bearer is not None:
            sentence = f"Tag {tag} is on animal {bearer} (no. {bearer.pk}) already."
            raise TagConflict(sentence, field=name)


def delete_pen(unit: UnitOfWork, pen: Pen, at: datetime) -> None:
    """Delete an empty pen. Raise PenInUse while an animal's record names it."""
    if unit.head_in(pen):
        raise PenInUse(f"Pen {pen} holds {unit.head_in(pen)} head. Move them first.")
    for animal in unit.animals(unit.rows_naming(Animal, "pen_id", [pen.pk])):
        unit.change(animal, pen_id=None)  # gone: their movements still tell where they stood
        unit.record_change("cattle:updated", animal, at)
    delete_place(unit, pen, at)


def edit_batch(unit: UnitOfWork, batch: Batch, changes: Mapping[str, Any], at: datetime) -> Batch:
    return _edit(unit, batch, changes, at)


def edit_pen(unit: UnitOfWork, pen: Pen, changes: Mapping[str, Any], at: datetime) -> Pen:
    return _edit(unit, pen, changes, at)


def edit_product(
    unit: UnitOfWork, product: Product, changes: Mapping[str, Any], at: datetime
) -> Product:
    """Change a product; treatments with it stay as they were given."""
    return _edit(unit, product, changes, at)


def edit_animal(
    unit: UnitOfWork, animal: Animal, changes: Mapping[str, Any], at: datetime
) -> Animal:
    # Another induction date can make other weights of its series the good ones.
    inducted = animal.induction_date
    _edit(unit, animal, changes, at)
    if animal.induction_date != inducted:
        recalculate_gain(unit, animal, at)
    return animal


def _edit(unit: UnitOfWork, row: Row, changes: Mapping[str, Any], at: datetime) -> Row:
    """Write what differs."""
    # Nothing else: counts and sums in this row may be older than what the database holds by now.
    differing: dict[str, tuple[Any, Any]] = {
        name: (getattr(row, name), value)
        for name, value in changes.items()
        if getattr(row, name) != value
    }
    if not differing:
        return row
    wanted = {name: value for name, (_, value) in differing.items()}
    _check_names(unit, row, wanted)
    check_years(wanted)
    unit.change(row, **wanted)
    _check(row)
    _check_changed(unit, row, differing, at)
    detail = _detail(differing)
    if isinstance(row, Animal):
        unit.record_change("cattle:updated", row, at, detail)
    else:
        unit.note(f"{row._meta.model_name}:updated", row.pk, at, detail)  # noqa: SLF001 - Django's own
    return row


def _check_changed(unit: UnitOfWork, row: Row, names: Collection[str], at: datetime) -> None:
    if NAME_OF[type(row)] in names:
        check_name(unit, row)
    if isinstance(row, Animal) and "induction_date" in names:
        _check_induction(row, at)


def _check_induction(animal: Animal, at: datetime) -> None:
    """Raise BadValue for a day to come, or one on which the animal had left."""
    check_inducted(animal, at)
    if animal.left_on is not None:
        check_stay(animal, animal.left_on, "induction_date")


def _detail(differing: Mapping[str, tuple[Any, Any]]) -> str:
    """Return what the journal says of an edit: `breed: – → Angus; notes: limps → –`."""
    return "; ".join(
        f"{name.replace('_', ' ')}: {was or '–'} → {now or '–'}"
        for name, (was, now) in differing.items()
    )


def _check_names(unit: UnitOfWork, row: Row, values: Mapping[str, Any]) -> None:
    """Raise NameTaken for a name that another row has."""
    for name in NAMED[type(row)]:
        if unit.is_taken(row, name, values.get(name)):
            raise NameTaken(
                f"There is another {row._meta.verbose_name} with this"  # noqa: SLF001 - Django's own
                f" {name.replace('_', ' ')}: {values[name]}.",
                field=name,
            )


def _check(row: Row) -> None:
    """Raise BadValue with each field's name and what is wrong."""
    # SQLite does not hold a text to its length, so nothing else would.
    try:
        row.clean_fields(exclude=PLACES)
    except ValidationError as error:
        sentences = [
            f"{name.replace('_', ' ')}: {' '.join(one.messages)}"
            for name, found in error.error_dict.items()
            for one in found
        ]
        raise BadValue("; ".join(sentences), field=next(iter(error.error_dict))) from error
