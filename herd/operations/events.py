"""What barn devices tell: tags read, induction, pairing and repair of tags."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from herd.commands import Induction, PairTags, RepairTags, TagRead
from herd.errors import NothingToChange, NotOnFeed, TagConflict, UnknownAnimal
from herd.fields import ANIMAL, BATCH, set_by
from herd.local_time import localdate
from herd.models import Animal, Batch, Pen
from herd.operations.placing import (
    animal_by_tags,
    animal_called,
    assign_tags,
    batch_for,
    described,
    move_to_batch,
    move_to_pen,
    new_animal,
    pen_for,
    tag_form,
)
from herd.operations.weighings import Weighing, record_weight
from herd.storage import fast_rows
from herd.unit_of_work import TAG_FIELDS, TagKind, UnitOfWork
from herd.withdrawal_lookups import is_early

DETAILS, BATCH_DETAILS = set_by("induction", ANIMAL), set_by("induction", BATCH)


def record_read(unit: UnitOfWork, read: TagRead, at: datetime) -> Animal:
    """Record that an animal was read: found by either tag, or entered where it is new.

    Raises TagConflict when the tags are on two animals, BadTag when one cannot be trusted. Both
    are raised before anything is written.
    """
    lf, uhf = tag_form(read.lf), tag_form(read.uhf)
    if (lf, uhf) != (read.lf, read.uhf):
        read = replace(read, lf=lf, uhf=uhf)
    animal = animal_by_tags(unit, lf, uhf)
    batch = batch_for(unit, read.batch_number, read.source, at)
    if animal is None:
        animal = fast_rows.new(
            Animal, lf_tag=read.lf or None, uhf_tag=read.uhf or None, batch_id=batch.id
        )
        animal.status = _status_after(read)
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
    unit.change(animal, status=_status_after(read, was), last_seen_at=at)
    if animal.status == Animal.Status.EXPORTED and was != animal.status:
        unit.change(animal, left_on=localdate(at))
        if is_early(animal):
            unit.accept_early(animal)  # it is gone: a person is told, and answers for it
    moved = move_to_batch(unit, animal, batch, at)
    if moved:
        unit.record_change("cattle:moved", animal, at)
    if not (_note_export(unit, animal, at, was) or changed or moved):
        unit.record_change("cattle:updated", animal, at, _doubt(animal))


def _doubt(animal: Animal) -> str:
    return "read, although it is marked dead" if animal.status == Animal.Status.DEAD else ""


def _status_after(read: TagRead, was: str = Animal.Status.PENDING) -> str:
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
        held = is_early(animal)
        detail = f"exported, although it is not clear until {animal.clear_on}" if held else ""
        unit.record_change("cattle:exported", animal, at, detail)
    return exported


def induct(unit: UnitOfWork, induction: Induction, at: datetime) -> Animal:
    """Induct an animal, which may have left before; raise NotOnFeed for a dead one."""
    animal = animal_called(unit, induction.livestock_id, at)
    _refuse_dead(animal, induction.livestock_id)
    batch, pen = _places(unit, induction, at)
    if animal is None:
        animal = fast_rows.new(
            Animal,
            livestock_id=induction.livestock_id,
            batch_id=batch and batch.id,
            pen_id=pen and pen.id,
            status=Animal.Status.ACTIVE,
            **_columns(induction, at),
        )
        return new_animal(unit, animal, at)
    moved = batch is not None and move_to_batch(unit, animal, batch, at)
    moved |= pen is not None and move_to_pen(unit, animal, pen, at)
    detail = _back_on_feed(unit, animal)
    if animal.status == Animal.Status.PENDING:
        unit.change(animal, status=Animal.Status.ACTIVE)
    unit.change(animal, last_seen_at=at, **_columns(induction, at, animal.induction_date))
    kind = "cattle:moved" if moved else "cattle:updated"
    unit.record_change(kind, animal, at, detail)
    return animal


def _places(
    unit: UnitOfWork, induction: Induction, at: datetime
) -> tuple[Batch | None, Pen | None]:
    """Return the batch and the pen that the induction names; what it does not name stays as it is.

    A funder without a lot is nobody's: the animal may be in a batch of another one.
    """
    batch = pen = None
    if induction.batch_number:
        batch = batch_for(unit, induction.batch_number, induction.source, at)
        _fill_batch(unit, batch, induction, at)
    if induction.pen_number:
        pen = pen_for(unit, induction.pen_number, induction.pen_location, at)
    return batch, pen


def _refuse_dead(animal: Animal | None, livestock_id: str) -> None:
    if animal is not None and animal.status == Animal.Status.DEAD:
        raise NotOnFeed(
            f"Animal {animal} (no. {animal.id}) with livestock id {livestock_id} is marked dead."
            " Mark it active if it lives, or correct the id."
        )


def _back_on_feed(unit: UnitOfWork, animal: Animal) -> str:
    """Return what the journal says of the return, "" where the animal never left."""
    if animal.status not in {Animal.Status.EXPORTED, Animal.Status.SOLD}:
        return ""
    detail = f"back on feed; {animal.status} on {animal.left_on} before"
    on_feed = dict.fromkeys(("left_on", "left_cause", "not_clear_reason"))
    unit.change(animal, status=Animal.Status.ACTIVE, left_reason="", **on_feed)
    return detail


def _fill_batch(unit: UnitOfWork, batch: Batch, induction: Induction, at: datetime) -> None:
    """Fill in what the batch does not say yet; what the office wrote is not overwritten by a
    radio."""
    missing = {
        name: getattr(induction, name)
        for name in BATCH_DETAILS
        if getattr(induction, name) and not getattr(batch, name)
    }
    if missing:
        unit.change(batch, **missing)
        unit.note("batch:updated", batch.id, at)


def _columns(induction: Induction, at: datetime, inducted_on: date | None = None) -> dict[str, Any]:
    """Return the columns of the animal that the induction says something of."""
    return described(induction, DETAILS) | {"induction_date": inducted_on or localdate(at)}


def pair_tags(unit: UnitOfWork, pairing: PairTags, at: datetime) -> Animal:
    """Put tags on the animal of a livestock id, and record its weight where one was given."""
    lf, uhf = tag_form(pairing.lf), tag_form(pairing.uhf)
    bearer = animal_by_tags(unit, lf, uhf)
    animal = unit.animal(pairing.livestock_id)
    if animal is None:
        # Tags that were read before anybody knew the id are on an animal without one: it gets it.
        animal = (
            _named(unit, bearer, pairing) if bearer else _pending(unit, pairing.livestock_id, at)
        )
    elif bearer is not None and bearer.id != animal.id:
        raise _on_another(bearer, lf if bearer.lf_tag == lf else uhf, animal)
    if assign_tags(unit, animal, {"lf": lf, "uhf": uhf}, at):
        unit.record_change("cattle:retagged", animal, at)
    _seen(unit, animal, at)
    if pairing.weight_kg is not None:
        record_weight(unit, animal, Weighing(pairing.weight_kg, at, "radio"))
    return animal


def _on_another(bearer: Animal, tag: str, animal: Animal) -> TagConflict:
    return TagConflict(
        f"Tag {tag} is on animal {bearer} (no. {bearer.id}), but was given to the animal with"
        f" livestock id {animal.livestock_id} (no. {animal.id}). Decide which is right."
    )


def _named(unit: UnitOfWork, bearer: Animal, pairing: PairTags) -> Animal:
    if bearer.livestock_id is not None:
        raise TagConflict(
            f"These tags are on animal {bearer} (no. {bearer.id}), which has livestock id"
            f" {bearer.livestock_id}, not {pairing.livestock_id}. Decide which is right."
        )
    unit.change(bearer, livestock_id=pairing.livestock_id)
    return bearer


def _pending(unit: UnitOfWork, livestock_id: str, at: datetime) -> Animal:
    animal = fast_rows.new(Animal, livestock_id=livestock_id, status=Animal.Status.PENDING)
    return new_animal(unit, animal, at)


def repair_tags(unit: UnitOfWork, repair: RepairTags, at: datetime) -> Animal:
    """Replace a tag as a barn device says; see `retag` for what people say."""
    animal = unit.animal(repair.livestock_id)
    if animal is None:
        raise UnknownAnimal(
            f"No animal has livestock id {repair.livestock_id}, so its tag cannot be replaced."
        )
    new: dict[TagKind, str] = {"lf": tag_form(repair.new_lf), "uhf": tag_form(repair.new_uhf)}
    old: dict[TagKind, str] = {"lf": tag_form(repair.old_lf), "uhf": tag_form(repair.old_uhf)}
    for kind in TAG_FIELDS:
        _check_repair(unit, animal, kind, (old[kind], new[kind]))
    if not any(new.values()):
        raise NothingToChange("The repair names no new tag.")
    if assign_tags(unit, animal, new, at, repair.reason):
        unit.record_change("cattle:retagged", animal, at, repair.reason)
    _seen(unit, animal, at)
    return animal


def _check_repair(unit: UnitOfWork, animal: Animal, kind: TagKind, tags: tuple[str, str]) -> None:
    old, new = tags
    bearer = unit.animal_by_tag(kind, new)
    if bearer is not None and bearer.id != animal.id:
        raise _on_another(bearer, new, animal)
    worn = getattr(animal, TAG_FIELDS[kind])
    if old and new and worn not in {old, new, None}:
        raise TagConflict(
            f"Animal {animal} (no. {animal.id}) wears {worn}, not {old}, so that tag"
            f" cannot be replaced by {new}. Decide which is right."
        )


def _seen(unit: UnitOfWork, animal: Animal, at: datetime) -> None:
    unit.change(animal, last_seen_at=at)
    unit.record_change("cattle:updated", animal, at)
