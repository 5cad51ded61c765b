"""A row that is no animal's taken back: a batch, a pen, a product, a session, a scale's step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Model

from herd.captured_rows import as_made, value_of
from herd.errors import UndoImpossible
from herd.loader import NAMED
from herd.lookups import Row
from herd.models import (
    Animal,
    Batch,
    Movement,
    Pen,
    Product,
    ScaleStep,
    Session,
    Shipment,
    WorkMark,
)
from herd.operations.references import delete_place, relations
from herd.operations.scale_steps import undo_step
from herd.operations.sessions import check_source
from herd.operations.undo_loading import cancel_again, check_shipment
from herd.operations.work_marks import end_mark
from herd.rules.undo_sentences import listed
from herd.unit_of_work import UnitOfWork

Columns = dict[str, Any]
EVENTS: Final = {
    "scale step": "scale:undone",
    "work mark": "work:marked",
    "payload": "payload:error",
}
PLACES: Final[dict[type[Model], str]] = {Batch: "batch_id", Pen: "pen_id"}


@dataclass(slots=True)
class Part:
    """What an act did to one animal, or with 0 to a row that is no animal's: tables, numbers and
    columns, as they were and as the act left them, or as they were made."""

    animal: int
    changed: list[tuple[type[Model], int, Columns]] = field(default_factory=list)
    made: list[tuple[type[Model], int, Columns]] = field(default_factory=list)
    deleted: list[tuple[type[Model], int, Columns]] = field(default_factory=list)

    def told(self, model: type[Model]) -> Columns:
        """Return what was changed of the one row of this table."""
        return next((columns for one, _, columns in self.changed if one is model), {})

    def numbers(self, model: type[Model]) -> list[int]:
        """Return the rows of this table that were made."""
        return [pk for one, pk, _ in self.made if one is model]


def take_row_back(unit: UnitOfWork, part: Part, detail: str, at: datetime) -> None:
    """Restore what the act changed and remove what it made. Raise UndoImpossible."""
    for model, pk, told in part.changed:
        row = _there(unit, model, pk)
        if isinstance(row, Shipment):
            check_shipment(unit, row, told)
        restore(unit, row, told)
        if isinstance(row, ScaleStep):
            unit.change(row, judged_to=0)
        if isinstance(row, Session):
            check_source(unit, row)
        name = called(model)
        unit.note(EVENTS.get(name, f"{name}:updated"), pk, at, detail)
    for model, pk, columns in part.made:
        _remove(unit, _there(unit, model, pk), columns, detail, at)


def _there(unit: UnitOfWork, model: type[Model], pk: int) -> Row:
    if not (found := unit.by_number(model, [pk])):
        raise UndoImpossible(f"{called(model).capitalize()} no. {pk} was deleted since.")
    return found[pk]


def called(model: type[Model]) -> str:
    return str(model._meta.verbose_name)  # noqa: SLF001 - Django's own


def restore(unit: UnitOfWork, row: Row, told: Mapping[str, list[Any]]) -> None:
    """Give a row the columns from before. Raise UndoImpossible where one was changed since."""
    model = type(row)
    check_unchanged(row, {name: after for name, (_, after) in told.items()})
    before = {name: value_of(model, name, value) for name, (value, _) in told.items()}
    for name in NAMED.get(model, ()):
        if unit.is_taken(row, name, before.get(name)):
            raise UndoImpossible(f"Another {called(model)} is called {before[name]} by now.")
    unit.change(row, **before)


def check_unchanged(row: Row, left: Mapping[str, Any]) -> None:
    """Raise UndoImpossible where a column is not as the act left it."""
    model = type(row)
    names = [
        name for name, value in left.items() if getattr(row, name) != value_of(model, name, value)
    ]
    if names:
        raise UndoImpossible(f"{_titled(row)} was changed since ({listed(names)}).")


def _titled(row: Row) -> str:
    return f"{called(type(row)).capitalize()} {row}"


def _remove(unit: UnitOfWork, row: Row, columns: Columns, detail: str, at: datetime) -> None:
    now = as_made(row)
    if names := [name for name in columns if now[name] != columns[name]]:
        raise UndoImpossible(f"{_titled(row)} was changed since ({listed(names)}).")
    match row:
        case Batch() | Pen():
            if unit.rows_naming(Animal, PLACES[type(row)], [row.pk]):
                raise UndoImpossible(f"{_titled(row)} holds animals by now. Move them first.")
            delete_place(unit, row, at)
        case Product() | Session():
            _remove_unused(unit, row, at)
        case Shipment():
            cancel_again(unit, row, detail, at)
        case ScaleStep():
            undo_step(unit, row.pk, at)
        case WorkMark():
            end_mark(unit, row.pk, at)
        case _:
            raise UndoImpossible(f"{_titled(row)} cannot be taken back.")


def _remove_unused(unit: UnitOfWork, row: Product | Session, at: datetime) -> None:
    for one in relations(type(row)):
        if unit.rows_naming(one.related_model, one.field.attname, [row.pk]):
            raise UndoImpossible(f"{_titled(row)} is in use by now: something was done with it.")
    unit.delete(type(row), [row.pk])
    unit.note(f"{called(type(row))}:deleted", row.pk, at, str(row))


def restore_deleted(unit: UnitOfWork, model: type[Model], columns: Columns, at: datetime) -> None:
    """Add a pen again that was deleted, and let the movements that keep its name name it."""
    row = model(**{name: value_of(model, name, value) for name, value in columns.items()})
    if not isinstance(row, Pen):
        raise UndoImpossible(f"{_titled(row)} was deleted for good.")
    if unit.is_taken(row, "pen_number", row.pen_number):
        raise UndoImpossible(f"Another pen is called {row.pen_number} by now.")
    row.head_count = 0  # those who come back are counted
    unit.add(row)
    for way in ("from", "to"):
        for move in unit.rows(Movement, f"{way}_name", [row.pen_number]):
            if move.from_batch_id is None and move.to_batch_id is None:
                unit.change(move, **{f"{way}_pen_id": row.pk, f"{way}_name": ""})
    unit.note("pen:created", row.pk, at)
