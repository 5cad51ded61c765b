"""What people said of items: dismissed, seen, or to come again on a day. The Pi holds it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Final

from remote.office import clocks
from remote.office.mirror.mirror import Mirror, Row
from remote.office.work.put_away import PutAway
from remote.work_keys import DISMISSED, is_put_away
from remote.work_keys import is_later as is_later_mark

SEEN: Final = "seen"


def standing(mirror: Mirror) -> list[Row]:
    """Return the marks that nobody has ended, the newest first."""
    marks = mirror.tables["work_marks"].values()
    return [mark for mark in reversed(marks) if mark["ended_at"] is None]


def put_away(mirror: Mirror) -> PutAway:
    """Return the items that no list shows now."""
    marks, today = standing(mirror), clocks.today(mirror)
    return PutAway({one["key"]: one["through"] for one in marks if _hides(one, today)})


def _hides(mark: Row, today: date) -> bool:
    return is_put_away(mark["kind"], mark["until"], today)


def is_later(mark: Row, today: date) -> bool:
    return is_later_mark(mark["kind"], mark["until"], today)


def remarks(mirror: Mirror) -> Mapping[str, list[Row]]:
    """Return who has seen each item, and who was to be reminded of it by now."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    today = clocks.today(mirror)
    for mark in standing(mirror):
        if not _hides(mark, today):
            found[mark["key"]].append(mark)
    return found


def of_state(mirror: Mirror, state: str) -> list[Row]:
    """Return the marks of what was dismissed, or of what comes again `later`."""
    today = clocks.today(mirror)
    return [
        mark
        for mark in standing(mirror)
        if (is_later(mark, today) if state == "later" else mark["kind"] == DISMISSED)
    ]
