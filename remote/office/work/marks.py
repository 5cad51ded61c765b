"""What people said of items: dismissed, seen, or to come again on a day. The Pi holds it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from remote.office import clocks
from remote.office.mirror.mirror import Mirror, Row
from remote.office.work.put_away import PutAway

DISMISSED: Final = "dismissed"
REMINDER: Final = "reminder"
SEEN: Final = "seen"


def standing(mirror: Mirror) -> list[Row]:
    """Return the marks that nobody has ended, the newest first."""
    marks = mirror.tables["work_marks"].values()
    return [mark for mark in reversed(marks) if mark["ended_at"] is None]


def put_away(mirror: Mirror) -> PutAway:
    """Return the items that no list shows now."""
    marks, today = standing(mirror), clocks.today(mirror).isoformat()
    return PutAway({one["key"]: one["through"] for one in marks if _hides(one, today)})


def _hides(mark: Row, today: str) -> bool:
    return mark["kind"] == DISMISSED or is_later(mark, today)


def is_later(mark: Row, today: str) -> bool:
    """Return whether it is a reminder whose day has not come."""
    return mark["kind"] == REMINDER and (mark["until"] or "") > today


def remarks(mirror: Mirror) -> Mapping[str, list[Row]]:
    """Return who has seen each item, and who was to be reminded of it by now."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    today = clocks.today(mirror).isoformat()
    for mark in standing(mirror):
        if not _hides(mark, today):
            found[mark["key"]].append(mark)
    return found


def of_state(mirror: Mirror, state: str) -> list[Row]:
    """Return the marks of what was dismissed, or of what comes again `later`."""
    today = clocks.today(mirror).isoformat()
    return [
        mark
        for mark in standing(mirror)
        if (is_later(mark, today) if state == "later" else mark["kind"] == DISMISSED)
    ]
