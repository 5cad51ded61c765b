"""Moves of animals to another pen or batch, and out of the feedlot, one or many at a time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from herd.causes import CAUSES
from herd.errors import BadValue, HasLeft, NotOnFeed, ReasonNeeded
from herd.local_time import localdate
from herd.models import ON_FEED, Animal, Batch, Movement
from herd.operations.placing import (
    Overfill,
    check_room,
    check_stay,
    check_year,
    move_to_batch,
    move_to_pen,
)
from herd.operations.pulling import check_cause
from herd.rules.withdrawal import has_left_early
from herd.unit_of_work import UnitOfWork
from herd.withdrawal_lookups import is_early, not_clear, why_early

Status = Animal.Status
LEFT = (Status.EXPORTED, Status.DEAD, Status.SOLD)
WITH_A_REASON = (Status.DEAD, Status.SOLD)
LEAVING = (
    "status",
    "left_on",
    "left_reason",
    "left_cause",
    "not_clear_reason",
)  # what is told of a leaving
MOST_NAMED = 5  # animals in a sentence
Departure = tuple[str, date | None, str, str | None, str | None]  # as LEAVING


@dataclass(frozen=True, slots=True)
class Move:
    """Animals to a pen, or with None out of theirs; `force` overfills it, and needs a reason.

    `went_at` is when they went, where that is told later.
    """

    animals: Sequence[int]
    pen: int | None
    at: datetime
    reason: str = ""
    force: bool = False
    went_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """Animals that leave the feedlot, or that were marked as gone wrongly."""

    animals: Sequence[int]
    status: str  # exported, dead or sold; or active, of those marked wrongly
    on: date
    at: datetime
    reason: str = ""
    again: bool = False  # those that have left in another way before are meant too
    override: str = ""  # why they may be exported or sold before they are clear
    cause: str = ""  # of death, a code of `CAUSES`


def move_animals(unit: UnitOfWork, move: Move) -> list[Animal]:
    """Move all of them or, when one cannot go, none. Twice is as once.

    Raises PenFull, NotOnFeed, ReasonNeeded, BadValue, UnknownAnimal or UnknownPlace.
    """
    if move.went_at is not None and move.went_at > move.at:
        raise BadValue("A move cannot be from the future.", field="moved_at")
    animals = unit.animals(move.animals)
    pen = None if move.pen is None else unit.pen_no(move.pen)
    coming = [animal for animal in animals if animal.pen_id != move.pen]
    for animal in coming:
        if animal.status not in ON_FEED:
            raise NotOnFeed(f"Animal {animal} is {animal.status}, and is in no pen.")
    if pen is not None:  # read in the writers' queue: two people cannot fill the last place at once
        check_room(unit, pen, len(coming), overfill=Overfill(move.force, move.reason))
    went_at = _when_they_went(unit, coming, move)
    for animal in coming:
        move_to_pen(unit, animal, pen, went_at.get(animal.pk, move.at), move.reason)
        unit.record_change("cattle:moved", animal, move.at, move.reason)
    return animals


def _when_they_went(unit: UnitOfWork, animals: Sequence[Animal], move: Move) -> dict[int, datetime]:
    """Return when each went, of those that nobody has moved since: the others go now."""
    if move.went_at is None:
        return {}
    # Where each stands is told by its last movement: none is written before one that was.
    latest = {one.pk: one.first_seen_at for one in animals}
    for row in unit.rows(Movement, "animal_id", list(latest)):
        latest[row.animal_id] = max(latest[row.animal_id], row.moved_at)
    return {pk: move.went_at for pk, last in latest.items() if last <= move.went_at}


def leave(unit: UnitOfWork, leaving: Leaving) -> list[Animal]:
    """Mark animals as gone from the feedlot, or as back; correct day and reason of those gone.

    Twice is as once. Raises BadValue, ReasonNeeded, HasLeft, NotClear or UnknownAnimal; PenFull
    where others have the place of one that is back.
    """
    _check_leaving(leaving)
    animals = unit.animals(leaving.animals)
    if leaving.status == Status.ACTIVE:
        _check_room_for_the_returned(unit, animals)
    elif not leaving.again:
        _check_none_has_left(animals, leaving.status)
    _check_all_are_clear(animals, leaving)
    for animal in animals:
        if tuple(getattr(animal, name) for name in LEAVING) != _departure(animal, leaving):
            _mark(unit, animal, leaving)
    return animals


def _check_all_are_clear(animals: Sequence[Animal], leaving: Leaving) -> None:
    """Raise NotClear that names all of them; of one alone the unit of work raises it too."""
    held = [
        one
        for one in animals
        if not is_early(one)  # else it has left by a radio's word
        and has_left_early(leaving.status, leaving.on, one.clear_on, _departure(one, leaving)[-1])
    ]
    if held:
        raise not_clear(held, leaving.on)


def _check_leaving(leaving: Leaving) -> None:
    if leaving.status not in {*LEFT, Status.ACTIVE}:
        raise BadValue("An animal can be marked exported, dead, sold or active.", field="status")
    check_year(leaving.on, "on")
    if leaving.on > localdate(leaving.at):
        raise BadValue("An animal cannot leave in the future.", field="on")
    if leaving.cause:
        check_cause(leaving.cause)
        if leaving.status != Status.DEAD:
            raise BadValue("Only a dead animal has a cause of death.", field="cause")
    if leaving.status in WITH_A_REASON and not (leaving.reason.strip() or leaving.cause):
        sentence = f"Say why or how: {leaving.status} stays in the animal's history."
        raise ReasonNeeded(sentence, field="reason")


def _check_none_has_left(animals: Sequence[Animal], status: str) -> None:
    # Among many that were ticked, nobody meant one that is gone in another way.
    gone = [one for one in animals if one.status in LEFT and one.status != status]
    if not gone:
        return
    named = [f"{one} is {status_since(one)}" for one in gone[:MOST_NAMED]]
    named += [f"{len(gone) - MOST_NAMED} more"] if len(gone) > MOST_NAMED else []
    raise HasLeft(
        f"{len(gone)} of {len(animals)} {'has' if len(gone) == 1 else 'have'} left already:"
        f" {', '.join(named)}. Take {'it' if len(gone) == 1 else 'them'} out of the choice."
    )


def status_since(animal: Animal) -> str:
    """Return `dead since 2026-11-05`."""
    return f"{animal.status} since {animal.left_on}" if animal.left_on else animal.status


def _check_room_for_the_returned(unit: UnitOfWork, animals: Sequence[Animal]) -> None:
    # An animal that is back on feed stands in the pen that its row still names.
    back = Counter(one.pen_id for one in animals if one.status in LEFT and one.pen_id)
    for pen_id, coming in back.items():
        check_room(unit, unit.pen_no(pen_id), coming)


def _departure(animal: Animal, leaving: Leaving) -> Departure:
    """Return what the columns `LEAVING` of the animal are to hold."""
    if leaving.status not in LEFT:
        return leaving.status, None, "", None, None
    why = leaving.override.strip()[:200]
    if not has_left_early(leaving.status, leaving.on, animal.clear_on, None):
        why = ""  # nothing is overridden
    elif not why and (animal.status, animal.left_on) == (leaving.status, leaving.on):
        why = animal.not_clear_reason or ""  # another reason to leave is written down
    reason = leaving.reason.strip()[:200]
    return leaving.status, leaving.on, reason, _cause(animal, leaving), why or None


def _cause(animal: Animal, leaving: Leaving) -> str | None:
    """Return why it died: as is told, else as was told before."""
    if leaving.status != Status.DEAD:
        return None
    return leaving.cause or (animal.left_cause if animal.status == Status.DEAD else None)


def _mark(unit: UnitOfWork, animal: Animal, leaving: Leaving) -> None:
    gone, was = leaving.status in LEFT, animal.status
    before = leaving_before(animal)
    if gone:
        check_stay(animal, leaving.on, "on")
    columns = dict(zip(LEAVING, _departure(animal, leaving), strict=True))
    unit.change(animal, **columns)
    exported = animal.status == Status.EXPORTED != was
    kind = "cattle:exported" if exported else "cattle:updated"
    change = f"{leaving.status} on {leaving.on}" if gone else "back on feed"
    said = (CAUSES.get(animal.left_cause or "", ""), animal.left_reason)
    change = f"{change}: {', '.join(filter(None, said))}".rstrip(": ")
    if animal.not_clear_reason:
        change += f"; {why_early(animal)}"
    unit.record_change(kind, animal, leaving.at, change + before)


def leaving_before(animal: Animal) -> str:
    """Return `; was dead since 2026-11-05: bloat`, "" of one on feed."""
    if animal.status not in LEFT:
        return ""  # else the journal keeps it: the row itself forgets it
    why = ", ".join(filter(None, (CAUSES.get(animal.left_cause or ""), animal.left_reason)))
    return f"; was {status_since(animal)}: {why}".rstrip(": ")


def change_batch(
    unit: UnitOfWork, animals: Sequence[int], batch: Batch, at: datetime, reason: str = ""
) -> list[Animal]:
    """Move animals to another batch; their history in the old one stays. Twice is as once."""
    found = unit.animals(animals)
    for animal in found:
        if move_to_batch(unit, animal, batch, at, reason):
            unit.record_change("cattle:moved", animal, at, reason)
    return found
