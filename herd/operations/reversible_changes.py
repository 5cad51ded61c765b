"""The row that a change leaves by which it can be taken back, and what of the herd it holds."""

from datetime import UTC, datetime
from typing import Any

from herd.models import Animal, Batch, Pen, ReversibleChange
from herd.unit_of_work import UnitOfWork


def row_as_json(animal: Animal) -> dict[str, Any]:
    """Return all columns of an animal by their names in Python, as JSON."""
    # All of them, and not the fields alone: the row is made again from these when it is undone.
    # And as JSON to the last microsecond, which Django's own encoder cuts off.
    return {one.attname: as_json(animal, one.attname) for one in animal._meta.concrete_fields}  # noqa: SLF001 - Django's own


def as_column(name: str, value: Any) -> Any:  # noqa: ANN401 - any column's value
    """Return a value of the steps, which are JSON, as the column holds it."""
    if name in {"batch_id", "pen_id"}:
        return value
    column: Any = Animal._meta.get_field(name)  # noqa: SLF001 - Django's own
    return column.to_python(value)


def as_json(row: Animal | Batch | Pen, name: str) -> Any:  # noqa: ANN401 - any column's value
    """Return a column's value as the steps hold it, which are JSON."""
    value = getattr(row, name)
    if isinstance(value, datetime):
        value = value.astimezone(UTC)  # as the database returns it
    return value.isoformat() if hasattr(value, "isoformat") else value


def save_reversible_change(
    unit: UnitOfWork, kind: str, summary: str, at: datetime, steps: dict[str, Any]
) -> ReversibleChange:
    change = ReversibleChange(
        kind=kind, summary=summary[:300], made_at=at, made_by=unit.actor, steps=steps
    )
    unit.keep_operation(change)
    return change
