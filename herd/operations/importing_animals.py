"""The animals of a sheet: new ones, and what it says of those that are known."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from herd.errors import BadValue, HerdError
from herd.fields import ANIMAL
from herd.models import ON_FEED, Animal, Batch, Pen
from herd.operations.imported import Imported, Told, each, remembered
from herd.operations.moves import LEFT
from herd.operations.naming import check_name
from herd.operations.placing import (
    animal_by_tags,
    assign_tags,
    batch_named,
    check_inducted,
    check_room,
    check_stay,
    move_to_batch,
    move_to_pen,
    new_animal,
    pen_for,
    sex_form,
)
from herd.operations.weighings import recalculate_gain
from herd.sheets.rows import AnimalRow
from herd.unit_of_work import Prefetch, UnitOfWork

# What is only written down; tags, places and status have rules and history of their own.
DETAILS = tuple(one.name for one in ANIMAL if {"person", "sheet"} <= set(one.set_by))
CHANGED = tuple(one.attname for one in ANIMAL if "sheet" in one.set_by)


def import_animals(
    unit: UnitOfWork, rows: Iterable[AnimalRow], name: str, at: datetime
) -> Imported:
    """Import new animals, and what the sheet says of known ones. Raise RowsRefused, all rows
    told."""
    outcome = Imported()
    each(
        unit,
        list(rows),
        lambda some: unit.prepare(_names_of(some)),
        lambda row: _animal(unit, row, at, outcome),
    )
    told = f"{name or 'A sheet'}: {outcome.created} animals new, {outcome.updated} changed"
    return remembered(unit, outcome, told, at)


def _names_of(rows: Sequence[AnimalRow]) -> Prefetch:
    found = {
        "lf_tag": {row.lf_tag for row in rows}, "uhf_tag": {row.uhf_tag for row in rows},
        "livestock_id": {row.livestock_id for row in rows},
        "batches": {row.batch_number for row in rows}, "pens": {row.pen_number for row in rows},
    }  # fmt: skip
    return Prefetch(**{name: frozenset(values - {""}) for name, values in found.items()})


def _animal(unit: UnitOfWork, row: AnimalRow, at: datetime, outcome: Imported) -> None:
    bearer = animal_by_tags(unit, row.lf_tag, row.uhf_tag)
    animal = unit.animal(row.livestock_id) if row.livestock_id else None
    if animal is not None and bearer is not None and animal.pk != bearer.pk:
        raise HerdError(
            f"Livestock id {row.livestock_id} is animal no. {animal.pk}, but the tags are on"
            f" no. {bearer.pk}."
        )
    known, what = animal or bearer, "known"
    if known is None:
        known, what = _new(unit, row, at, outcome), "new"
        outcome.created += 1
        outcome.steps["animals"].append(known.pk)
    elif _change(unit, known, row, at, outcome):
        what = "changed"
        outcome.updated += 1
    else:
        outcome.known += 1
    outcome.told[row.line] = Told(str(known), what)


def _new(unit: UnitOfWork, row: AnimalRow, at: datetime, outcome: Imported) -> Animal:
    animal = Animal(lf_tag=row.lf_tag or None, uhf_tag=row.uhf_tag or None)
    _describe(animal, row, at)
    outcome.ids.claim(animal)
    animal.first_seen_at = _no_later(row.induction_date or animal.left_on, at)
    animal.last_seen_at = _no_later(animal.left_on or row.induction_date, at)
    animal.batch, animal.pen = _places(unit, row, at, outcome)
    if animal.pen is not None and animal.status in ON_FEED:
        check_room(unit, animal.pen, 1)
    return new_animal(unit, animal, at)


def _no_later(day: date | None, at: datetime) -> datetime:
    """Return the best that is known of when the animal was seen: that day, else the import's
    moment."""
    return at if day is None else min(at, timezone.make_aware(datetime.combine(day, time())))


def _describe(animal: Animal, row: AnimalRow, at: datetime) -> None:
    for name in DETAILS:
        if getattr(row, name):
            setattr(animal, name, getattr(row, name))
    if row.sex:
        animal.sex = sex_form(row.sex)
    if row.induction_date:
        check_inducted(animal, at)
    if not row.status or (row.status == Animal.Status.PENDING and animal.pk):
        return
    animal.status = row.status
    if row.status not in LEFT:
        animal.left_on, animal.left_reason = None, ""
        return
    animal.left_on = row.left_on or animal.left_on
    animal.left_reason = row.left_reason or animal.left_reason
    if animal.left_on is None:
        raise BadValue(f"The animal is {row.status}: the sheet must say on which day it left.")
    check_stay(animal, animal.left_on)


def _places(
    unit: UnitOfWork, row: AnimalRow, at: datetime, outcome: Imported
) -> tuple[Batch | None, Pen | None]:
    """Return the batch and pen that the row names; those that are new are noted as founded."""
    batch, pen = None, None
    if row.batch_number:
        if unit.batch(row.batch_number) is None:
            check_name(Batch(batch_number=row.batch_number))
            outcome.steps["batches"].append(row.batch_number)
        batch = batch_named(unit, row.batch_number, "hxb", at)
    if row.pen_number:
        if unit.pen(row.pen_number) is None:
            check_name(Pen(pen_number=row.pen_number))
            outcome.steps["pens"].append(row.pen_number)
        pen = pen_for(unit, row.pen_number, "", at)
    return batch, pen


def _change(
    unit: UnitOfWork, animal: Animal, row: AnimalRow, at: datetime, outcome: Imported
) -> bool:
    before = _state(animal)
    _describe(animal, row, at)
    outcome.ids.claim(animal, before["livestock_id"])
    batch, pen = _places(unit, row, at, outcome)
    if batch is not None:
        move_to_batch(unit, animal, batch, at)
    if pen is not None:
        move_to_pen(unit, animal, pen, at)
    _check_place(unit, animal, before)
    assign_tags(unit, animal, {"lf": row.lf_tag, "uhf": row.uhf_tag}, at, "import")
    after = _state(animal)
    if before == after:
        return False
    animal.save(update_fields=CHANGED)
    unit.index(animal)
    exported = before["status"] != after["status"] == Animal.Status.EXPORTED
    unit.record_change("cattle:exported" if exported else "cattle:updated", animal, at, "import")
    if before["induction_date"] != after["induction_date"]:
        recalculate_gain(unit, animal, at)
    outcome.steps["changed"].append(_difference(animal, before, after))
    return True


def _difference(animal: Animal, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return what undoing the import goes by: the fields that it changed, as they were and are."""
    names = [name for name in CHANGED if before[name] != after[name]]
    states = {"before": before, "after": after}
    return {"animal": animal.pk} | {
        key: {name: state[name] for name in names} for key, state in states.items()
    }


def _state(animal: Animal) -> dict[str, Any]:
    return {name: getattr(animal, name) for name in CHANGED}


def _check_place(unit: UnitOfWork, animal: Animal, before: dict[str, Any]) -> None:
    """Raise PenFull where the sheet brings the animal into a pen that has no room."""
    stood = before["pen_id"] == animal.pen_id and before["status"] in ON_FEED
    if animal.pen is not None and animal.status in ON_FEED and not stood:
        pen = unit.pen_no(animal.pen.pk)  # the animal's own may be from before rows above
        check_room(unit, pen, 1)
