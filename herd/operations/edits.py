"""What people write down about a batch, a pen or an animal."""

from datetime import datetime
from typing import Any

from django.db import models

from herd.models import Animal, Batch, Pen
from herd.register import Register


def edit_batch(register: Register, batch: Batch, changes: dict[str, Any], at: datetime) -> Batch:
    if _apply(batch, changes):
        register.note("batch:updated", batch.pk, at, _told(changes))
    return batch


def edit_pen(register: Register, pen: Pen, changes: dict[str, Any], at: datetime) -> Pen:
    if _apply(pen, changes):
        register.note("pen:updated", pen.pk, at, _told(changes))
    return pen


def edit_animal(
    register: Register, animal: Animal, changes: dict[str, Any], at: datetime
) -> Animal:
    if _apply(animal, changes):
        register.note("cattle:updated", animal.pk, at, _told(changes))
    return animal


def _apply(row: models.Model, changes: dict[str, Any]) -> bool:
    """Writes what differs; False when nothing does."""
    differing = [name for name, value in changes.items() if getattr(row, name) != value]
    for name in differing:
        setattr(row, name, changes[name])
    if differing:
        row.full_clean()
        row.save()
    return bool(differing)


def _told(changes: dict[str, Any]) -> str:
    return ", ".join(sorted(changes))
