"""Steps that several operations share: finding or founding a batch or pen, tags on an animal, and
names that are free."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.db.models import Model

from herd.commands import Induction
from herd.errors import BadTag, BadValue, NameTaken, PenFull, ReasonNeeded, TagConflict
from herd.local_time import localdate
from herd.models import Animal, Batch, Pen, Product
from herd.rules import tags
from herd.rules.spellings import sex_of
from herd.rules.weight_outliers import FIRST_YEAR
from herd.sheets.rows import AnimalRow
from herd.storage import fast_rows
from herd.unit_of_work import TAG_FIELDS, TagKind, UnitOfWork

NAME_OF: Final[dict[type[Model], str]] = {
    Batch: "batch_number",
    Pen: "pen_number",
    Animal: "livestock_id",
    Product: "name",
}


def sex_form(word: str) -> str:
    """Return our word for a sex in any language; one that is not known stays as it is."""
    return sex_of(word) or word


def described(said: Induction | AnimalRow, names: Iterable[str]) -> dict[str, Any]:
    """Return the animal's columns that something is said of; what is left empty stays as it is."""
    columns = {name: getattr(said, name) for name in names if getattr(said, name)}
    return columns | {"sex": sex_form(said.sex)} if said.sex else columns


def tag_form(text: str, field: str = "") -> str:
    """Return the tag's normal form, "" for none. Raise BadTag, which names the field."""
    try:
        return tags.normalise(text) if text else ""
    except tags.TagError as error:
        raise BadTag(str(error), field=field) from error


def batch_for(unit: UnitOfWork, number: str, source: str, at: datetime) -> Batch:
    """Return the batch of this number, made where it is new, and note that it was heard."""
    batch = batch_named(unit, number, source, at)
    unit.batch_read(batch, at)
    return batch


def batch_named(
    unit: UnitOfWork, number: str, source: str, at: datetime, inducted: date | None = None
) -> Batch:
    """Return the batch of this number, made where it is new: a sheet names it, no radio did. A new
    one was inducted today, or on the day that is told."""
    batch = unit.batch(number)
    if batch is None:
        on = inducted or localdate(at)
        batch = Batch(batch_number=number, source_type=source, induction_date=on)
        unit.add(batch)
        unit.note("batch:created", batch.id, at)
    return batch


def pen_for(unit: UnitOfWork, number: str, location: str, at: datetime) -> Pen:
    pen = unit.pen(number)
    if pen is None:
        pen = Pen(pen_number=number, location=location)
        unit.add(pen)
        unit.note("pen:created", pen.id, at)
    return pen


def new_animal(unit: UnitOfWork, animal: Animal, at: datetime) -> Animal:
    """Save an animal that nobody knew, and pair the tags it bears; it is seen now unless it says
    when."""
    animal.first_seen_at = animal.first_seen_at or at
    animal.last_seen_at = animal.last_seen_at or at
    unit.add(animal)
    for kind in TAG_FIELDS:
        if getattr(animal, TAG_FIELDS[kind]):
            unit.paired(animal, kind, at)
    unit.record_change("cattle:created", animal, at)
    return animal


def animal_by_tags(unit: UnitOfWork, lf: str, uhf: str) -> Animal | None:
    """Return the animal that bears either tag; raise TagConflict where they are on two."""
    by_lf, by_uhf = unit.animal_by_tag("lf", lf), unit.animal_by_tag("uhf", uhf)
    if by_lf and by_uhf and by_lf.id != by_uhf.id:
        raise conflict(by_lf, lf, by_uhf, uhf)
    return by_lf or by_uhf


def animal_called(unit: UnitOfWork, name: str, at: datetime) -> Animal | None:
    """Return the animal of a livestock id, or of a tag that was sent in its place, a pending one
    where nobody bears it; None for an id that nobody has."""
    # A scale that reads tags sends what it reads: an id of its own would be a second animal.
    animal = unit.animal(name)
    form = "" if animal else tags.whole_tag(name)
    if not form:
        return animal
    animal = unit.animal_by_tag("lf", form) or unit.animal_by_tag("uhf", form)
    if animal is None:
        animal = fast_rows.new(Animal, status=Animal.Status.PENDING)
        setattr(animal, TAG_FIELDS["lf" if tags.eid(form) else "uhf"], form)
        new_animal(unit, animal, at)
    return animal


def conflict(one: Animal, tag: str, other: Animal, other_tag: str) -> TagConflict:
    return TagConflict(
        f"Tag {tag} is on animal {one} (no. {one.id}) and tag {other_tag} on animal {other}"
        f" (no. {other.pk}), but they were read together. Decide which is right."
    )


def assign_tags(
    unit: UnitOfWork, animal: Animal, new: dict[TagKind, str], at: datetime, reason: str = ""
) -> bool:
    """Put tags on an animal, the old ones kept in history; return True when anything changed."""
    # A tag that another animal bears was refused before: the sentence for that differs.
    changed = False
    for kind, tag in new.items():
        old = getattr(animal, TAG_FIELDS[kind])
        if not tag or tag == old:
            continue
        if old:
            unit.end_pairing(kind, old, at)
        unit.change(animal, **{TAG_FIELDS[kind]: tag})
        unit.paired(animal, kind, at, reason)
        changed = True
    return changed


def move_to_batch(
    unit: UnitOfWork, animal: Animal, batch: Batch, at: datetime, reason: str = ""
) -> bool:
    if animal.batch_id == batch.id:
        return False
    unit.moved(animal, at, from_batch_id=animal.batch_id, to_batch_id=batch.id, reason=reason)
    unit.change(animal, batch_id=batch.id)
    return True


def move_to_pen(
    unit: UnitOfWork, animal: Animal, pen: Pen | None, at: datetime, reason: str = ""
) -> bool:
    to_pen_id = pen.id if pen else None
    if animal.pen_id == to_pen_id:
        return False
    unit.moved(animal, at, from_pen_id=animal.pen_id, to_pen_id=to_pen_id, reason=reason)
    unit.change(animal, pen_id=to_pen_id)
    return True


class Overfill(NamedTuple):
    """Whether a pen may be filled beyond its capacity, which needs a reason."""

    force: bool = False
    reason: str = ""


NO_OVERFILL: Final = Overfill()


def check_room(
    unit: UnitOfWork, pen: Pen, coming: int, others: int = 0, overfill: Overfill = NO_OVERFILL
) -> None:
    """Raise PenFull where the pen has no room for so many more, or ReasonNeeded; `others` stand
    there and are not written yet."""
    there = unit.head_in(pen) + others
    if coming <= 0 or not pen.capacity or there + coming <= pen.capacity:
        return
    if not overfill.force:
        raise PenFull(
            f"Pen {pen} holds {there} of {pen.capacity} head, and {coming} more would be"
            f" {there + coming - pen.capacity} too many.",
            field="pen",
        )
    if not overfill.reason.strip():
        sentence = "To fill a pen beyond its capacity, say why."
        raise ReasonNeeded(sentence, field="reason")


@contextmanager
def keeping_room(
    unit: UnitOfWork, pens: Iterable[int | None], overfill: Overfill
) -> Iterator[None]:
    """Undo, in memory, what is done meanwhile where it fills one of the pens beyond its capacity;
    raise as `check_room` does."""
    # Looked at when all is done: an animal can leave the pen that another one comes into.
    numbers = [pk for pk in pens if pk is not None]
    there = {pen: unit.head_in(pen) for pen in unit.by_number(Pen, numbers).values()}
    with unit.savepoint():
        yield
        for pen, head in there.items():
            coming = unit.head_in(pen) - head
            check_room(unit, pen, coming, -coming, overfill)


def check_stay(animal: Animal, left_on: date, field: str = "") -> None:
    """Raise BadValue for a day before the animal came."""
    if animal.induction_date is not None:
        if left_on < animal.induction_date:
            raise BadValue(
                f"{animal} was inducted on {animal.induction_date}: it cannot leave on {left_on}.",
                field=field,
            )
    elif animal.first_seen_at and left_on < localdate(animal.first_seen_at):
        raise BadValue(
            f"{animal} was first seen on {localdate(animal.first_seen_at)}: it cannot leave on"
            f" {left_on}. If it came earlier, write down its induction date first.",
            field=field,
        )


def check_year(day: date, field: str) -> None:
    """Raise BadValue for a day before any herd's: a browser makes the year 26 of a typed `26`."""
    if day.year < FIRST_YEAR:
        raise BadValue(f"{day.isoformat()[:10]} is before {FIRST_YEAR}.", field=field)


def check_years(values: Mapping[str, Any]) -> None:
    """Raise BadValue where one of the columns is told such a day."""
    for name, value in values.items():
        if isinstance(value, date):
            check_year(value, name)


def check_inducted(animal: Animal, at: datetime) -> None:
    """Raise BadValue for an induction on a day to come."""
    if animal.induction_date is not None and animal.induction_date > localdate(at):
        raise BadValue(
            f"{animal} cannot have been inducted in the future: {animal.induction_date}.",
            field="induction_date",
        )


def check_name(unit: UnitOfWork, row: Batch | Pen | Animal | Product) -> None:
    """Raise NameTaken where another row has this name but for the case."""
    # Of names that people give: two that differ in case alone would be one mistake. What a radio
    # brought is found by its exact name, and stays.
    field = NAME_OF[type(row)]
    if getattr(row, field):
        for found in unit.named_alike(row, field):
            refuse_alike(row, found)


def refuse_alike(row: Batch | Pen | Animal | Product, found: str) -> None:
    """Raise NameTaken where the name that was found is not the very name of the row."""
    field = NAME_OF[type(row)]
    if found != getattr(row, field):
        raise NameTaken(
            f"There is {row._meta.verbose_name} {found} already: {getattr(row, field)} differs from"  # noqa: SLF001 - Django's own
            " it in upper and lower case alone.",
            field=field,
        )


class Ids:
    """The livestock ids of the herd by their form without case, for the many rows of a sheet."""

    def __init__(self) -> None:
        self._known: dict[str, str] | None = None

    def claim(self, unit: UnitOfWork, animal: Animal, was: str | None = None) -> None:
        """Give the animal its name from now on, and free `was`, its name until now. Raise
        NameTaken."""
        name = animal.livestock_id
        if not name or name == was:
            return
        unit.claim("livestock_id", name)
        if self._known is None:  # once for a sheet: an iexact query for each row takes no index
            named = Animal.objects.exclude(livestock_id=None)
            rows = named.values_list("livestock_id", flat=True)
            self._known = {str(one).casefold(): str(one) for one in rows}
        found = self._known.get(name.casefold(), name)
        refuse_alike(animal, name if found == was else found)
        self._known[name.casefold()] = name
