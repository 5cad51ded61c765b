"""A tag read: the animal is here, in this batch."""

from dataclasses import replace
from datetime import datetime

from django.utils.timezone import localdate

from herd.commands import TagRead
from herd.models import Animal, Batch
from herd.operations.placing import (
    animal_by_tags,
    assign_tags,
    batch_for,
    move_to_batch,
    new_animal,
    tag_form,
)
from herd.unit_of_work import UnitOfWork


def record_read(unit: UnitOfWork, read: TagRead, at: datetime) -> Animal:
    """Record that an animal was read: found by either tag, or entered where it is new.

    Raises TagConflict when the tags are on two animals, BadTag when one cannot be trusted. Both
    are raised before anything is written.
    """
    read = replace(read, lf=tag_form(read.lf), uhf=tag_form(read.uhf))
    animal = animal_by_tags(unit, read.lf, read.uhf)
    batch = batch_for(unit, read.batch_number, read.source, at)
    if animal is None:
        animal = Animal(
            lf_tag=read.lf or None, uhf_tag=read.uhf or None, batch=batch, status=_status(read)
        )
        animal.left_on = localdate(at) if animal.status == Animal.Status.EXPORTED else None
        new_animal(unit, animal, at)
        _note_export(unit, animal, at, was=None)
    else:
        _see_again(unit, animal, batch, read, at)
    return animal


def _see_again(unit: UnitOfWork, animal: Animal, batch: Batch, read: TagRead, at: datetime) -> None:
    was, changed = animal.status, False
    if assign_tags(unit, animal, {"lf": read.lf, "uhf": read.uhf}, at):
        unit.record_change("cattle:retagged", animal, at)
        changed = True
    animal.status = _status(read, was)
    animal.last_seen_at = at
    if animal.status == Animal.Status.EXPORTED and was != animal.status:
        animal.left_on = localdate(at)
    moved = move_to_batch(unit, animal, batch, at)
    Animal.objects.filter(pk=animal.pk).update(
        last_seen_at=at, status=animal.status, batch=batch, left_on=animal.left_on
    )
    if moved:
        unit.record_change("cattle:moved", animal, at)
    if not (_note_export(unit, animal, at, was) or changed or moved):
        unit.record_change("cattle:updated", animal, at, _doubt(animal))


def _doubt(animal: Animal) -> str:
    return "read, although it is marked dead" if animal.status == Animal.Status.DEAD else ""


def _status(read: TagRead, was: str = Animal.Status.PENDING) -> str:
    """Return the status after a read: an export read exports, but not the dead; any read brings a
    pending animal in."""
    if was == Animal.Status.DEAD:
        return was
    if read.source == "hxe":
        return Animal.Status.EXPORTED
    return Animal.Status.ACTIVE if was == Animal.Status.PENDING else was


def _note_export(unit: UnitOfWork, animal: Animal, at: datetime, was: str | None) -> bool:
    exported = animal.status == Animal.Status.EXPORTED != was
    if exported:
        unit.record_change("cattle:exported", animal, at)
    return exported
