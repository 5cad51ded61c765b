"""What people say of work items: they dismiss them, have seen them, want to be reminded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from herd.errors import BadValue, ReasonNeeded, UnknownMark
from herd.local_time import localdate
from herd.models import WeightRecord, WorkMark
from herd.storage import fast_rows
from herd.unit_of_work import UnitOfWork

Kind = WorkMark.Kind


@dataclass(frozen=True, slots=True)
class MarkedItem:
    key: str
    text: str = ""
    through: int | None = None


@dataclass(frozen=True, slots=True)
class Marking:
    kind: str
    items: Sequence[MarkedItem]
    at: datetime
    reason: str = ""
    until: date | None = None


def mark_work(unit: UnitOfWork, marking: Marking) -> list[WorkMark]:
    """Mark each of the items. One that stands is changed: an item is dismissed once, put off until
    one day, and seen once by each person. Raises ReasonNeeded or BadValue."""
    _check(marking)
    standing = {
        one.key: one
        for one in unit.rows(WorkMark, "key", [item.key for item in marking.items])
        if one.kind == marking.kind and one.ended_at is None and _is_ours(one, unit.actor)
    }
    return [_marked(unit, standing.get(item.key), item, marking) for item in marking.items]


def _check(marking: Marking) -> None:
    if marking.kind == Kind.DISMISSED and not marking.reason.strip():
        raise ReasonNeeded("Say why it needs nobody: the others see it.", field="reason")
    is_later = marking.until is not None and marking.until > localdate(marking.at)
    if marking.kind == Kind.REMINDER and not is_later:
        raise BadValue("A reminder needs a day after today.", field="until")


def _is_ours(mark: WorkMark, actor: str) -> bool:
    return mark.kind != Kind.SEEN or mark.made_by == actor


def _marked(
    unit: UnitOfWork, standing: WorkMark | None, item: MarkedItem, marking: Marking
) -> WorkMark:
    told = {
        "text": item.text[:300],
        "reason": marking.reason.strip()[:200],
        "until": marking.until if marking.kind == Kind.REMINDER else None,
        "through": item.through,
    }
    if standing is None:
        made = {"kind": marking.kind, "key": item.key, "made_at": marking.at, "made_by": unit.actor}
        mark = fast_rows.new(WorkMark, **made, **told)
        unit.add(mark)
    elif all(getattr(standing, name) == value for name, value in told.items()):
        return standing
    else:
        mark = standing
        unit.change(mark, made_at=marking.at, made_by=unit.actor, **told)
    _concern_animal(unit, mark)
    unit.note("work:marked", mark.pk, marking.at, f"{mark}; {mark.reason}"[:500].rstrip("; "))
    return mark


def _concern_animal(unit: UnitOfWork, mark: WorkMark) -> None:
    """Let the act be found by the animal that the item is about."""
    animal, weight = mark.animal_or_weight()
    record = unit.by_number(WeightRecord, [weight]).get(weight) if weight else None
    if animal or record:
        unit.concerned.add(record.animal_id if record else animal)


def end_mark(unit: UnitOfWork, pk: int, at: datetime) -> WorkMark:
    """End a mark: its item is there again. Twice is as once."""
    mark = unit.by_number(WorkMark, [pk]).get(pk)
    if mark is None:
        raise UnknownMark(f"Work mark no. {pk} does not exist.")
    if mark.ended_at is None:
        unit.change(mark, ended_at=at, ended_by=unit.actor)
        _concern_animal(unit, mark)
        unit.note("work:ended", pk, at, str(mark))
    return mark
