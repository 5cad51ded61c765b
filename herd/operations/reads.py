"""A tag read: the animal is here, in this batch."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localdate

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


@dataclass(frozen=True, slots=True)
class Read:
    """One reading of an animal's tags; either may be "" but not both. `source` is hxb or hxe."""

    batch_number: str
    lf: str
    uhf: str
    source: str
    at: datetime


def record_read(unit: UnitOfWork, read: Read) -> Animal:
    """Record that an animal was read: found by either tag, or entered where it is new.

    Raises TagConflict when the tags are on two animals, BadTag when one cannot be trusted. Both
    are raised before anything is written.
    """
    lf, uhf = tag_form(read.lf), tag_form(read.uhf)
    animal = animal_by_tags(unit, lf, uhf)
    batch = batch_for(unit, read.batch_number, read.source, read.at)
    if animal is None:
        animal = Animal(lf_tag=lf or None, uhf_tag=uhf or None, batch=batch, status=_status(read))
        animal.left_on = localdate(read.at) if animal.status == Animal.Status.EXPORTED else None
        new_animal(unit, animal, read.at)
        _note_export(unit, animal, read, was=None)
    else:
        _see_again(unit, animal, batch, read, (lf, uhf))
    return animal


def _see_again(
    unit: UnitOfWork, animal: Animal, batch: Batch, read: Read, tags: tuple[str, str]
) -> None:
    lf, uhf = tags
    was, changed = animal.status, False
    if assign_tags(unit, animal, {"lf": lf, "uhf": uhf}, read.at):
        unit.record_change("cattle:retagged", animal, read.at)
        changed = True
    animal.status = _status(read, was)
    animal.last_seen_at = read.at
    if animal.status == Animal.Status.EXPORTED and was != animal.status:
        animal.left_on = localdate(read.at)
    moved = move_to_batch(unit, animal, batch, read.at)
    Animal.objects.filter(pk=animal.pk).update(
        last_seen_at=read.at, status=animal.status, batch=batch, left_on=animal.left_on
    )
    if moved:
        unit.record_change("cattle:moved", animal, read.at)
    if not (_note_export(unit, animal, read, was) or changed or moved):
        unit.record_change("cattle:updated", animal, read.at, _doubt(animal))


def _doubt(animal: Animal) -> str:
    return "read, although it is marked dead" if animal.status == Animal.Status.DEAD else ""


def _status(read: Read, was: str = Animal.Status.PENDING) -> str:
    """Return the status after a read: an export read exports, but not the dead; any read brings a
    pending animal in."""
    if was == Animal.Status.DEAD:
        return was
    if read.source == Batch.Source.EXPORT:
        return Animal.Status.EXPORTED
    return Animal.Status.ACTIVE if was == Animal.Status.PENDING else was


def _note_export(unit: UnitOfWork, animal: Animal, read: Read, was: str | None) -> bool:
    exported = animal.status == Animal.Status.EXPORTED != was
    if exported:
        unit.record_change("cattle:exported", animal, read.at)
    return exported
