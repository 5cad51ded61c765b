"""A reading taken back that nothing has followed: what it did to its animal, but for tags and
weights, which are those of who decided on it."""

from datetime import datetime
from typing import Any, NamedTuple

from herd.local_time import localdate
from herd.models import Animal, Batch, Movement
from herd.operations.references import delete_place, relations
from herd.operations.reversible_changes import as_column
from herd.unit_of_work import UnitOfWork

Status = Animal.Status


class Reading(NamedTuple):
    """When it was heard, and the livestock id that it told."""

    at: datetime
    livestock_id: str


def undo_reading(unit: UnitOfWork, animal: Animal, reading: Reading, was: dict[str, Any]) -> None:
    """Let the animal be as it was before the reading, where nobody saw it since; `was` are its
    columns then, as JSON. The caller records the change."""
    # All that was noted of one reading bears its exact time, and is found again by it.
    if animal.last_seen_at != reading.at:
        return
    values: dict[str, Any] = {"last_seen_at": as_column("last_seen_at", was["last_seen_at"])}
    moves = [
        move.pk
        for move in unit.rows(Movement, "animal_id", [animal.pk])
        if move.moved_at == reading.at and move.to_batch_id == animal.batch_id is not None
    ]
    if moves:
        unit.delete(Movement, moves)
        values["batch_id"] = was["batch_id"]
    if _set_status(animal, reading, was["status"]):
        for name in ("status", "left_on", "left_reason", "left_cause"):
            values[name] = as_column(name, was[name])
    if animal.livestock_id == reading.livestock_id and not was["livestock_id"]:
        values["livestock_id"] = None
    unit.change(animal, **values)


def _set_status(animal: Animal, reading: Reading, was: str) -> bool:
    """Return whether the status is what a reading makes of the one before."""
    has_come_in = (was, animal.status) == (Status.PENDING, Status.ACTIVE)
    is_gone = animal.status == Status.EXPORTED != was
    return has_come_in or (is_gone and animal.left_on == localdate(reading.at))


def remove_unused_batch(unit: UnitOfWork, number: str, at: datetime) -> None:
    """Delete the batch that the reading founded, where nothing names it and nobody filled it in."""
    batch = unit.batch(number) if number else None
    if batch is None or any(getattr(batch, name) for name in ("funder", "lot_group", "notes")):
        return
    if not any(
        unit.rows_naming(one.related_model, one.field.attname, [batch.pk])
        for one in relations(Batch)
    ):
        delete_place(unit, batch, at)
