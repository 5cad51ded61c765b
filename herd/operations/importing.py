"""What a sheet brings: animals and weights, all of its rows or none. An import is no reading:
nobody was seen by it, and no batch was heard."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple, TypeVar

from django.utils import timezone

from herd import tags
from herd.errors import BadValue, HerdError, RowsRefused, UnknownAnimal
from herd.models import ON_FEED, Animal, Batch, Pen, ReversibleChange, WeightRecord
from herd.operations.moves import LEFT
from herd.operations.placing import (
    batch_named,
    check_room,
    move_to_batch,
    move_to_pen,
    new_animal,
    one_bearer,
    pen_for,
    put_on,
)
from herd.operations.sorting import remember
from herd.operations.taking_out import as_left
from herd.operations.weighings import Weighing, record_weight
from herd.register import Register
from herd.sheet_rows import AnimalRow, WeightRow

Row = TypeVar("Row", AnimalRow, WeightRow)

DETAILS = ("livestock_id", "visual_id", "tag_color", "sex", "breed", "health", "induction_date",
           "notes")  # fmt: skip
LONGEST_ID = 50  # characters; a tag may have more
CHANGED = (*DETAILS, "lf_tag", "uhf_tag", "batch_id", "pen_id", "status", "left_on", "left_reason")


class Told(NamedTuple):
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
    told: dict[int, Told] = field(default_factory=dict)  # by line of the sheet
    steps: dict[str, Any] = field(
        default_factory=lambda: {
            "animals": [], "changed": [], "weights": [], "pens": [], "batches": [],
        }
    )  # fmt: skip
    change: ReversibleChange = field(default_factory=ReversibleChange)


def import_animals(
    register: Register, rows: Iterable[AnimalRow], name: str, at: datetime
) -> Imported:
    """New animals, and what the sheet says of known ones. Raises RowsRefused, all rows told."""
    outcome = Imported()
    _each(register, rows, lambda row: _animal(register, row, at, outcome))
    told = f"{name or 'A sheet'}: {outcome.created} animals new, {outcome.updated} changed"
    return _remembered(register, outcome, told, at)


def import_weights(
    register: Register, rows: Iterable[WeightRow], name: str, at: datetime, *, pending: bool = False
) -> Imported:
    """Weighings; one that was imported before is left out. A row without a time was weighed now.

    With `pending` an animal that nobody knows is entered as a pending one. Raises RowsRefused,
    all rows told.
    """
    outcome = Imported()
    in_order = sorted(rows, key=lambda row: (row.at is None, row.at or datetime.min))  # noqa: DTZ901 - naive on both sides
    _each(register, in_order, lambda row: _weight(register, row, at, outcome, pending=pending))
    told = f"{name or 'A sheet'}: {outcome.recorded} weights"
    if outcome.created:
        told += f", {outcome.created} animals new and pending"
    return _remembered(register, outcome, told, at)


def _remembered(register: Register, outcome: Imported, told: str, at: datetime) -> Imported:
    steps = as_left(register, outcome.steps)
    outcome.change = remember(register, "import", told, at, steps)
    return outcome


def _each(register: Register, rows: Iterable[Row], take: Callable[[Row], None]) -> None:
    """Every row in its own savepoint, so that all that is wrong is told at once."""
    refused: list[tuple[int, str]] = []
    for row in rows:
        try:
            with register.savepoint():
                take(row)
        except HerdError as error:
            refused.append((row.line, str(error)))
    if refused:
        raise RowsRefused(sorted(refused))


# -- animals ------------------------------------------------------------------------------------


def _animal(register: Register, row: AnimalRow, at: datetime, outcome: Imported) -> None:
    bearer = one_bearer(register, row.lf_tag, row.uhf_tag)
    animal = register.animal(row.livestock_id) if row.livestock_id else None
    if animal is not None and bearer is not None and animal.pk != bearer.pk:
        raise HerdError(
            f"Livestock id {row.livestock_id} is animal no. {animal.pk}, but the tags are on"
            f" no. {bearer.pk}."
        )
    known, what = animal or bearer, "known"
    if known is None:
        known, what = _new(register, row, at, outcome), "new"
        outcome.created += 1
        outcome.steps["animals"].append(known.pk)
    elif _change(register, known, row, at, outcome):
        what = "changed"
        outcome.updated += 1
    else:
        outcome.known += 1
    outcome.told[row.line] = Told(str(known), what)


def _new(register: Register, row: AnimalRow, at: datetime, outcome: Imported) -> Animal:
    animal = Animal(lf_tag=row.lf_tag or None, uhf_tag=row.uhf_tag or None)
    _describe(animal, row)
    animal.induction_date = row.induction_date or timezone.localdate(at)
    animal.first_seen_at = _no_later(row.induction_date, at)
    animal.last_seen_at = _no_later(animal.left_on or row.induction_date, at)
    animal.batch, animal.pen = _places(register, row, at, outcome)
    if animal.pen is not None and animal.status in ON_FEED:
        check_room(register, animal.pen, 1)
    return new_animal(register, animal, at)


def _no_later(day: date | None, at: datetime) -> datetime:
    """The best that is known of when the animal was seen: that day, else the import's moment."""
    return at if day is None else min(at, timezone.make_aware(datetime.combine(day, time())))


def _describe(animal: Animal, row: AnimalRow) -> None:
    for name in DETAILS:
        if getattr(row, name):
            setattr(animal, name, getattr(row, name))
    if not row.status or (row.status == Animal.Status.PENDING and animal.pk):
        return
    animal.status = row.status
    if row.status not in LEFT:
        animal.left_on, animal.left_reason = None, ""
        return
    animal.left_on = row.left_on or animal.left_on
    animal.left_reason = row.left_reason or animal.left_reason
    if animal.left_on is None:
        raise BadValue(f"The animal is {row.status}: the sheet must say on which day it left.")


def _places(
    register: Register, row: AnimalRow, at: datetime, outcome: Imported
) -> tuple[Batch | None, Pen | None]:
    """The batch and pen that the row names; those that are new are noted as founded."""
    batch, pen = None, None
    if row.batch_number:
        if register.batch(row.batch_number) is None:
            outcome.steps["batches"].append(row.batch_number)
        batch = batch_named(register, row.batch_number, "hxb", at)
    if row.pen_number:
        if register.pen(row.pen_number) is None:
            outcome.steps["pens"].append(row.pen_number)
        pen = pen_for(register, row.pen_number, "", at)
    return batch, pen


def _change(
    register: Register, animal: Animal, row: AnimalRow, at: datetime, outcome: Imported
) -> bool:
    before = _state(animal)
    _describe(animal, row)
    batch, pen = _places(register, row, at, outcome)
    if batch is not None:
        move_to_batch(register, animal, batch, at)
    if pen is not None:
        move_to_pen(register, animal, pen, at)
    _check_place(register, animal, before)
    put_on(register, animal, {"lf": row.lf_tag, "uhf": row.uhf_tag}, at, "import")
    after = _state(animal)
    if before == after:
        return False
    animal.save(update_fields=CHANGED)
    register.enter(animal)
    exported = before["status"] != after["status"] == Animal.Status.EXPORTED
    register.touched("cattle:exported" if exported else "cattle:updated", animal, at, "import")
    outcome.steps["changed"].append(
        {"animal": animal.pk, **{key: {n: state[n] for n in CHANGED if before[n] != after[n]}
                                 for key, state in (("before", before), ("after", after))}}
    )  # fmt: skip
    return True


def _state(animal: Animal) -> dict[str, Any]:
    return {name: getattr(animal, name) for name in CHANGED}


def _check_place(register: Register, animal: Animal, before: dict[str, Any]) -> None:
    """Raises PenFull where the sheet brings the animal into a pen that has no room."""
    stood = before["pen_id"] == animal.pen_id and before["status"] in ON_FEED
    if animal.pen is not None and animal.status in ON_FEED and not stood:
        check_room(register, animal.pen, 1)


# -- weights ------------------------------------------------------------------------------------


def _weight(
    register: Register, row: WeightRow, at: datetime, outcome: Imported, *, pending: bool
) -> None:
    when = row.at or at
    animal = _known_or_pending(register, row, when, outcome) if pending else find(register, row.tag)
    same = WeightRecord.objects.filter(
        animal=animal, recorded_at=when, weight_kg=row.weight_kg
    ).exclude(quality=WeightRecord.Quality.VOID)
    if row.at is not None and same.exists():
        outcome.known += 1
        outcome.told[row.line] = Told(str(animal), "known")
        return
    weighing = Weighing(row.weight_kg, when, WeightRecord.Source.IMPORT, at)
    record = record_weight(register, animal, weighing)
    suspect = record.quality == WeightRecord.Quality.SUSPECT
    outcome.recorded += 1
    outcome.suspect += suspect
    outcome.steps["weights"].append(record.pk)
    what = outcome.told[row.line].what if row.line in outcome.told else "recorded"
    outcome.told[row.line] = Told(str(animal), "suspect" if suspect else what)


def _known_or_pending(
    register: Register, row: WeightRow, when: datetime, outcome: Imported
) -> Animal:
    """A tag that readers give goes on as such; any other name is the livestock id."""
    try:
        return find(register, row.tag)
    except UnknownAnimal:
        animal = Animal(status=Animal.Status.PENDING)
        if tags.eid(row.tag):
            animal.lf_tag = row.tag
        elif tags.epc_urn(row.tag):
            animal.uhf_tag = row.tag
        elif len(row.tag) > LONGEST_ID:
            raise
        else:
            animal.livestock_id = row.tag
    new_animal(register, animal, when)
    outcome.created += 1
    outcome.steps["animals"].append(animal.pk)
    outcome.told[row.line] = Told(str(animal), "pending")
    return animal


def find(register: Register, name: str) -> Animal:
    """By tag in any spelling, livestock id or visual id; raises UnknownAnimal for none, BadValue
    for many."""
    for key in (name, *tags.search_keys(name)):
        for found in (register.bearer("lf", key), register.bearer("uhf", key)):
            if found is not None:
                return found
    by_id = register.animal(name)
    if by_id is not None:
        return by_id
    seen = list(Animal.objects.filter(visual_id=name).values_list("pk", flat=True)[:2])
    if not seen:
        raise UnknownAnimal(f"No animal is known as {name}.")
    if len(seen) > 1:
        raise BadValue(f"Several animals have visual id {name}.")
    return register.animal_no(seen[0])
