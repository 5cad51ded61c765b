"""Steps that several operations share: finding or founding a batch or pen, tags on an animal."""

from datetime import date, datetime
from typing import Final

from django.utils.timezone import localdate

from herd import tags
from herd.errors import BadTag, BadValue, PenFull, TagConflict
from herd.models import Animal, Batch, Pen, TagPairing
from herd.register import TAG_FIELDS, Register, TagKind

# As the pages write them; male and female as barns do.
SEXES: Final = ("Steer", "Heifer", "Bull", "Cow", "Mixed", "male", "female")


def sex_form(word: str) -> str:
    """The word's one spelling; one that is not known stays as it is."""
    return next((sex for sex in SEXES if sex.casefold() == word.casefold()), word)


def tag_form(text: str, field: str = "") -> str:
    """The tag's one form, "" for none; a spelling that cannot be trusted raises BadTag, which
    names the field."""
    try:
        return tags.normalise(text) if text else ""
    except tags.TagError as error:
        raise BadTag(str(error), field=field) from error


def batch_for(register: Register, number: str, source: str, at: datetime) -> Batch:
    """The batch of this number, which was just heard of; founded now where it is new."""
    batch = batch_named(register, number, source, at)
    register.batch_read(batch, at)
    return batch


def batch_named(register: Register, number: str, source: str, at: datetime) -> Batch:
    """As `batch_for`, for a name that was written and not heard."""
    batch = register.batch(number)
    if batch is None:
        batch = Batch(batch_number=number, source_type=source, induction_date=localdate(at))
        register.add_batch(batch)
        register.note("batch:created", batch.pk, at)
    return batch


def pen_for(register: Register, number: str, location: str, at: datetime) -> Pen:
    pen = register.pen(number)
    if pen is None:
        pen = Pen(pen_number=number, location=location)
        register.add_pen(pen)
        register.note("pen:created", pen.pk, at)
    return pen


def new_animal(register: Register, animal: Animal, at: datetime) -> Animal:
    """Enters an animal that nobody knew, with the tags it already bears; it was seen now, unless
    it says when."""
    animal.first_seen_at = animal.first_seen_at or at
    animal.last_seen_at = animal.last_seen_at or at
    animal.save(force_insert=True)
    register.add_animal(animal)
    for kind in TAG_FIELDS:
        if getattr(animal, TAG_FIELDS[kind]):
            register.paired(animal, kind, at)
    register.touched("cattle:created", animal, at)
    return animal


def one_bearer(register: Register, lf: str, uhf: str) -> Animal | None:
    """The animal that bears either tag; TagConflict where they are on two."""
    by_lf, by_uhf = register.bearer("lf", lf), register.bearer("uhf", uhf)
    if by_lf and by_uhf and by_lf.pk != by_uhf.pk:
        raise conflict(by_lf, lf, by_uhf, uhf)
    return by_lf or by_uhf


def conflict(one: Animal, tag: str, other: Animal, other_tag: str) -> TagConflict:
    return TagConflict(
        f"Tag {tag} is on animal {one} (no. {one.pk}) and tag {other_tag} on animal {other}"
        f" (no. {other.pk}), but they were read together. Decide which is right."
    )


def put_on(
    register: Register, animal: Animal, new: dict[TagKind, str], at: datetime, reason: str = ""
) -> bool:
    """Puts tags on an animal, the old ones kept in history; True when anything changed.

    A tag that another animal bears must have been refused before.
    """
    changed = False
    for kind, tag in new.items():
        old = getattr(animal, TAG_FIELDS[kind])
        if not tag or tag == old:
            continue
        if old:
            take_off(register, kind, old, at)
        setattr(animal, TAG_FIELDS[kind], tag)
        register.paired(animal, kind, at, reason)
        changed = True
    if changed:
        animal.save(update_fields=["lf_tag", "uhf_tag"])
        register.enter(animal)
    return changed


def take_off(register: Register, kind: TagKind, tag: str, at: datetime) -> None:
    """Nobody bears the tag from now on; who bore it, and how long, stays in the history."""
    register.write_history()  # the one that ends now may have been left in this transaction
    TagPairing.objects.filter(kind=kind, tag=tag, to_at=None).update(to_at=at)
    register.strike(kind, tag)


def move_to_batch(
    register: Register, animal: Animal, batch: Batch, at: datetime, reason: str = ""
) -> bool:
    if animal.batch_id == batch.pk:
        return False
    register.moved(animal, at, from_batch_id=animal.batch_id, to_batch_id=batch.pk, reason=reason)
    animal.batch = batch
    return True


def move_to_pen(
    register: Register, animal: Animal, pen: Pen | None, at: datetime, reason: str = ""
) -> bool:
    to_pen_id = pen.pk if pen else None
    if animal.pen_id == to_pen_id:
        return False
    register.moved(animal, at, from_pen_id=animal.pen_id, to_pen_id=to_pen_id, reason=reason)
    animal.pen = pen
    return True


def check_room(register: Register, pen: Pen, coming: int) -> None:
    """Raises PenFull where so many more are too many."""
    there = register.head_in(pen)
    if coming and pen.capacity and there + coming > pen.capacity:
        raise PenFull(
            f"Pen {pen} holds {there} of {pen.capacity} head, and {coming} more would be"
            f" {there + coming - pen.capacity} too many."
        )


def check_stay(animal: Animal, left_on: date, field: str = "") -> None:
    """Raises BadValue for a day before the animal came; a new one was not seen yet."""
    if animal.induction_date is not None:
        if left_on < animal.induction_date:
            told = (
                f"{animal} was inducted on {animal.induction_date}: it cannot leave on {left_on}."
            )
            raise BadValue(told, field=field)
    elif animal.first_seen_at and left_on < localdate(animal.first_seen_at):
        raise BadValue(
            f"{animal} was first seen on {localdate(animal.first_seen_at)}: it cannot leave on"
            f" {left_on}. If it came earlier, write down its induction date first.",
            field=field,
        )


def check_inducted(animal: Animal, at: datetime) -> None:
    """Raises BadValue for a day to come."""
    if animal.induction_date is not None and animal.induction_date > localdate(at):
        told = f"{animal} cannot have been inducted in the future: {animal.induction_date}."
        raise BadValue(told, field="induction_date")
