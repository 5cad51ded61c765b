"""Pulls: animals taken out of their pens to be treated, sent back, or not pulled after all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from herd.causes import CAUSES
from herd.errors import AlreadyPulled, BadValue, NotOnFeed, ReasonNeeded, UnknownPull
from herd.local_time import localdate
from herd.models import ON_FEED, Animal, Pen, Pull
from herd.operations.placing import NO_OVERFILL, Overfill, check_room, check_year, move_to_pen
from herd.storage import fast_rows
from herd.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Pulling:
    """Animals that are pulled; `at` is when it was written down."""

    animals: Sequence[int]
    cause: str  # a code of `CAUSES`
    pulled_at: datetime
    at: datetime
    source: str  # office or admin
    pen: int | None = None  # where they come; None: they stay in their pens
    note: str = ""
    overfill: Overfill = NO_OVERFILL


def pull(unit: UnitOfWork, asked: Pulling) -> list[Pull]:
    """Record that all of the animals were pulled or, where one cannot be, none.

    Raises BadValue, UnknownAnimal, UnknownPlace, NotOnFeed, AlreadyPulled or PenFull.
    """
    check_cause(asked.cause)
    check_year(asked.pulled_at, "pulled_at")
    if asked.pulled_at > asked.at:
        raise BadValue("An animal cannot be pulled in the future.", field="pulled_at")
    animals = unit.animals(asked.animals)
    _check_can_be_pulled(unit, animals)
    pen = None if asked.pen is None else unit.pen_no(asked.pen)
    coming = [animal for animal in animals if pen is not None and animal.pen_id != pen.id]
    if pen is not None:
        check_room(unit, pen, len(coming), overfill=asked.overfill)
    return [_pulled(unit, animal, pen, asked) for animal in animals]


def check_cause(cause: str) -> None:
    if cause not in CAUSES:
        raise BadValue(f"{cause[:40]} is no cause. Known are {', '.join(CAUSES)}.", field="cause")


def _check_can_be_pulled(unit: UnitOfWork, animals: Sequence[Animal]) -> None:
    for animal in animals:
        if animal.status not in ON_FEED:
            raise NotOnFeed(f"Animal {animal} is {animal.status}, and cannot be pulled.")
    names = {animal.id: str(animal) for animal in animals}
    for one in unit.rows(Pull, "animal_id", list(names)):
        if one.is_open:
            raise AlreadyPulled(
                f"{names[one.animal_id]} was pulled on {localdate(one.pulled_at)}"
                f" ({CAUSES[one.cause]}) and is not back yet. Send it back first."
            )


def _pulled(unit: UnitOfWork, animal: Animal, pen: Pen | None, asked: Pulling) -> Pull:
    made = fast_rows.new(
        Pull,
        animal_id=animal.id,
        cause=asked.cause,
        note=asked.note.strip()[:200],
        pulled_at=asked.pulled_at,
        from_pen_id=animal.pen_id,
        to_pen_id=pen and pen.id,
        source=asked.source,
        recorded_by=unit.actor,
    )
    unit.add(made)
    unit.note("pull:recorded", made.id, asked.at, made.note)
    unit.change(animal, last_seen_at=max(animal.last_seen_at, asked.pulled_at))
    if pen is None:
        unit.record_change("cattle:updated", animal, asked.at)
    else:
        _move(unit, animal, pen, asked.at, "pulled")
    return made


def _move(unit: UnitOfWork, animal: Animal, pen: Pen | None, at: datetime, reason: str) -> None:
    is_moved = move_to_pen(unit, animal, pen, at, reason)
    unit.record_change("cattle:moved" if is_moved else "cattle:updated", animal, at)


@dataclass(frozen=True, slots=True)
class SendingBack:
    """A pulled animal that goes back: to the pen that it came from, unless one is named."""

    pull: int
    at: datetime
    pen: int | None = None
    overfill: Overfill = NO_OVERFILL


def send_back(unit: UnitOfWork, asked: SendingBack) -> Pull:
    """Send a pulled animal back to a pen. Twice is as once.

    Raises UnknownPull, BadValue of a void one, NotOnFeed, UnknownPlace or PenFull.
    """
    found = pull_no(unit, asked.pull)
    if found.voided_at is not None:
        raise BadValue("This pull is void: the animal was not pulled.")
    if found.returned_at is not None:
        return found
    animal = unit.animal_no(found.animal_id)
    if animal.status not in ON_FEED:
        raise NotOnFeed(f"Animal {animal} is {animal.status}, and goes back to no pen.")
    _go_back(unit, animal, _way_back(animal, found) if asked.pen is None else asked.pen, asked)
    unit.change(found, returned_at=asked.at, returned_by=unit.actor)
    unit.note("pull:returned", found.id, asked.at)
    return found


def _way_back(animal: Animal, pulled: Pull) -> int | None:
    """Return the pen that it came from, or where it is by now, where somebody moved it since."""
    is_there = pulled.to_pen_id is not None and animal.pen_id == pulled.to_pen_id
    return pulled.from_pen_id if is_there and pulled.from_pen_id else animal.pen_id


def _go_back(unit: UnitOfWork, animal: Animal, pen_id: int | None, asked: SendingBack) -> None:
    pen = None if pen_id is None else unit.pen_no(pen_id)
    if pen is not None and pen.id != animal.pen_id:
        check_room(unit, pen, 1, overfill=asked.overfill)
    _move(unit, animal, pen, asked.at, "back from the hospital pen")


def void_pull(unit: UnitOfWork, asked: SendingBack, reason: str) -> Pull:
    """Void a pull: the animal is where it was, and the row stays. Twice is as once.

    Raises UnknownPull, ReasonNeeded, or PenFull where it comes back into a pen without room.
    """
    found = pull_no(unit, asked.pull)
    if not reason.strip():
        sentence = "Say why the pull is void: it stays in the animal's history."
        raise ReasonNeeded(sentence, field="reason")
    if found.voided_at is None:
        animal, said = unit.animal_no(found.animal_id), reason.strip()[:200]
        if found.is_open and animal.status in ON_FEED:
            _go_back(unit, animal, _way_back(animal, found), asked)
        else:
            unit.record_change("cattle:updated", animal, asked.at)
        unit.change(found, voided_at=asked.at, voided_by=unit.actor, void_reason=said)
        unit.note("pull:voided", found.id, asked.at, said)
    return found


def pull_no(unit: UnitOfWork, pk: int) -> Pull:
    """Return the pull of this number. Raise UnknownPull."""
    found = unit.by_number(Pull, [pk]).get(pk)
    if found is None:
        raise UnknownPull(f"Pull no. {pk} does not exist.")
    return found
