"""Import a farm's sheet: all of its rows or none; and what its rows of animals do.

An import is no reading: nobody was seen by it, and no batch was heard.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

from django.utils import timezone

from herd.errors import BadValue, HerdError, RowsRefused
from herd.fields import ANIMAL
from herd.models import ON_FEED, Animal, Batch, Pen, ReversibleChange
from herd.operations.moves import LEFT
from herd.operations.placing import (
    Ids,
    animal_by_tags,
    assign_tags,
    batch_named,
    check_inducted,
    check_name,
    check_room,
    check_stay,
    described,
    move_to_batch,
    move_to_pen,
    new_animal,
    pen_for,
)
from herd.operations.retag_and_merge import save_reversible_change
from herd.operations.undo_import import as_left
from herd.operations.weighings import recalculate_gain
from herd.sheets.rows import AnimalRow, WeightRow
from herd.storage import fast_rows
from herd.unit_of_work import Prefetch, UnitOfWork

Row = TypeVar("Row", AnimalRow, WeightRow)

AT_ONCE: Final = 500  # rows
# What is only written down; tags, places and status have rules and history of their own.
DETAILS = tuple(one.name for one in ANIMAL if {"person", "sheet"} <= set(one.set_by))
CHANGED = tuple(one.attname for one in ANIMAL if "sheet" in one.set_by)


class RowOutcome(NamedTuple):
    """What one row did: new, changed, recorded, suspect, pending or known."""

    animal: str
    what: str


@dataclass(slots=True)
class Imported:
    """How many rows did what; `known` were there already. `change` takes all of it back."""

    created: int = 0
    updated: int = 0
    recorded: int = 0
    known: int = 0
    suspect: int = 0
    weighed: set[tuple[int, datetime, Decimal]] = field(default_factory=set)  # before, and by now
    ids: Ids = field(default_factory=Ids)
    rows: dict[int, RowOutcome] = field(default_factory=dict)  # by line of the sheet
    # Changes are taken back long after: a name here is part of what is stored, and stays.
    steps: dict[str, Any] = field(
        default_factory=lambda: {
            name: [] for name in ("animals", "changed", "weights", "pens", "batches")
        }
    )
    change: ReversibleChange = field(default_factory=ReversibleChange)


def save_import(unit: UnitOfWork, outcome: Imported, summary: str, at: datetime) -> Imported:
    """Save what takes the import back, and return the outcome with it."""
    steps = as_left(unit, outcome.steps)
    outcome.change = save_reversible_change(unit, "import", summary, at, steps)
    return outcome


def import_rows(
    unit: UnitOfWork,
    rows: Sequence[Row],
    prepare: Callable[[Sequence[Row]], None],
    take: Callable[[Row], None],
) -> None:
    """Take every row in its own savepoint; raise RowsRefused with all that is wrong.

    What rows look up is loaded for many of them together.
    """
    refused: list[tuple[int, str]] = []
    for first in range(0, len(rows), AT_ONCE):
        some = rows[first : first + AT_ONCE]
        prepare(some)
        for row in some:
            try:
                # Of its own, so that the rows behind a bad one are checked too: a person mends a
                # sheet once, and not once for each bad row.
                with unit.savepoint():
                    take(row)
            except HerdError as error:
                refused.append((row.line, str(error)))
    if refused:
        raise RowsRefused(sorted(refused))


# -- animals ------------------------------------------------------------------------------------


def import_animals(
    unit: UnitOfWork, rows: Iterable[AnimalRow], name: str, at: datetime
) -> Imported:
    """Import new animals, and what the sheet says of known ones; raise RowsRefused."""
    outcome = Imported()
    import_rows(
        unit,
        list(rows),
        lambda some: unit.prepare(_names_of(some)),
        lambda row: _animal(unit, row, at, outcome),
    )
    summary = f"{name or 'A sheet'}: {outcome.created} animals new, {outcome.updated} changed"
    return save_import(unit, outcome, summary, at)


def _names_of(rows: Sequence[AnimalRow]) -> Prefetch:
    found = {
        "lf_tag": {row.lf_tag for row in rows},
        "uhf_tag": {row.uhf_tag for row in rows},
        "livestock_id": {row.livestock_id for row in rows},
        "batches": {row.batch_number for row in rows},
        "pens": {row.pen_number for row in rows},
    }
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
    outcome.rows[row.line] = RowOutcome(str(known), what)


def _new(unit: UnitOfWork, row: AnimalRow, at: datetime, outcome: Imported) -> Animal:
    animal = fast_rows.new(Animal, lf_tag=row.lf_tag or None, uhf_tag=row.uhf_tag or None)
    _describe(unit, animal, row, at)
    outcome.ids.claim(animal)
    animal.first_seen_at = _no_later(row.induction_date or animal.left_on, at)
    animal.last_seen_at = _no_later(animal.left_on or row.induction_date, at)
    batch, pen = _places(unit, row, at, outcome)
    animal.batch_id = batch.pk if batch else None
    animal.pen_id = pen.pk if pen else None
    if pen is not None and animal.status in ON_FEED:
        check_room(unit, pen, 1)
    return new_animal(unit, animal, at)


def _no_later(day: date | None, at: datetime) -> datetime:
    """Return the midnight of the day, or the import's moment where that is earlier or no day is
    known."""
    return at if day is None else min(at, timezone.make_aware(datetime.combine(day, time())))


def _describe(unit: UnitOfWork, animal: Animal, row: AnimalRow, at: datetime) -> None:
    """Set what the row says of the animal; an empty cell leaves what is there."""
    unit.change(animal, **described(row, DETAILS))
    if row.induction_date:
        check_inducted(animal, at)
    # Pending is who was not yet inducted or read: an animal that is known is not made so again.
    if not row.status or (row.status == Animal.Status.PENDING and animal.pk):
        return
    if row.status not in LEFT:
        unit.change(animal, status=row.status, left_on=None, left_reason="")
        return
    unit.change(
        animal,
        status=row.status,
        left_on=row.left_on or animal.left_on,
        left_reason=row.left_reason or animal.left_reason,
    )
    if animal.left_on is None:
        raise BadValue(f"The animal is {row.status}: the sheet must say on which day it left.")
    check_stay(animal, animal.left_on)


def _places(
    unit: UnitOfWork, row: AnimalRow, at: datetime, outcome: Imported
) -> tuple[Batch | None, Pen | None]:
    """Return the batch and pen that the row names; note those that are new, for an undo."""
    batch, pen = None, None
    if row.batch_number:
        if unit.batch(row.batch_number) is None:
            check_name(unit, Batch(batch_number=row.batch_number))
            outcome.steps["batches"].append(row.batch_number)
        batch = batch_named(unit, row.batch_number, "hxb", at)
    if row.pen_number:
        if unit.pen(row.pen_number) is None:
            check_name(unit, Pen(pen_number=row.pen_number))
            outcome.steps["pens"].append(row.pen_number)
        pen = pen_for(unit, row.pen_number, "", at)
    return batch, pen


def _change(
    unit: UnitOfWork, animal: Animal, row: AnimalRow, at: datetime, outcome: Imported
) -> bool:
    """Change a known animal to what the row says; return False where it says nothing new."""
    before = _state(animal)
    _describe(unit, animal, row, at)
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
    exported = before["status"] != after["status"] == Animal.Status.EXPORTED
    unit.record_change("cattle:exported" if exported else "cattle:updated", animal, at, "import")
    if before["induction_date"] != after["induction_date"]:
        recalculate_gain(unit, animal, at)
    outcome.steps["changed"].append(_difference(animal, before, after))
    return True


def _difference(animal: Animal, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that an import changed, as they were and as they are."""
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
    if animal.pen_id is not None and animal.status in ON_FEED and not stood:
        check_room(unit, unit.pen_no(animal.pen_id), 1)
