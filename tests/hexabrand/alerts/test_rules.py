"""When something is told and when it is over: a table of times, without a clock."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from hexabrand.alerts.rules import AlertBook, QuietHours, Rules, Seen
from remote.attention import AttentionItem

DENVER = ZoneInfo("America/Denver")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=DENVER)
NIGHT = datetime(2026, 11, 20, 23, 0, tzinfo=DENVER)
QUIET = QuietHours(time(22), time(5, 30))
GAPS = AttentionItem("gaps", "3 numbered events were never heard")
DATABASE_UNAVAILABLE = AttentionItem("pi-away", "The Pi does not answer", severity="urgent")


class Course:
    """Steps through time, one look a second; `told` is every notice as event and key."""

    def __init__(self, after: float = 3, quiet: QuietHours | None = None) -> None:
        self.book, self.rules = AlertBook(), Rules(after, quiet)
        self.local = NOON
        self.told: list[tuple[str, str]] = []

    def go(self, seconds: int, *items: AttentionItem, complete: bool = True) -> "Course":
        for _ in range(seconds):
            notices = self.book.step(Seen(items, complete), 1.0, self.local, self.rules)
            self.told += [(notice.event, notice.key) for notice in notices]
        return self

    def restart(self) -> "Course":
        self.book = AlertBook.from_rows(self.book.as_rows())
        return self


def test_what_lasts_is_told_once_and_once_that_it_is_over() -> None:
    course = Course().go(3, GAPS)
    assert course.told == []
    assert course.go(50, GAPS).told == [("begin", "gaps")]
    assert course.go(3).told == [("begin", "gaps")]
    assert course.go(50).told == [("begin", "gaps"), ("end", "gaps")]
    assert course.book.alerts == {}


def test_what_does_not_last_is_not_told() -> None:
    assert Course().go(3, GAPS).go(1).go(3, GAPS).go(9).told == []


def test_what_flaps_is_one_alert() -> None:
    course = Course().go(5, GAPS)
    for _ in range(20):
        course.go(3).go(1, GAPS)
    assert course.told == [("begin", "gaps")]
    assert course.go(9).told == [("begin", "gaps"), ("end", "gaps")]


def test_another_count_is_no_other_alert_and_what_is_over_is_called_what_it_was() -> None:
    course = Course().go(9, GAPS).go(9, AttentionItem("gaps", "7 were never heard"))
    assert course.told == [("begin", "gaps")]
    (alert,) = course.book.alerts.values()
    assert alert.text == GAPS.text


def test_a_restart_repeats_nothing_and_forgets_nothing() -> None:
    course = Course().go(2, GAPS).restart().go(9, GAPS).restart().go(9, GAPS)
    assert course.told == [("begin", "gaps")]
    assert course.go(2).restart().go(9).told == [("begin", "gaps"), ("end", "gaps")]


def test_while_nobody_can_look_nothing_is_over() -> None:
    course = Course().go(9, GAPS).go(99, complete=False)
    assert course.told == [("begin", "gaps")]
    assert course.go(9).told == [("begin", "gaps"), ("end", "gaps")]


def test_what_may_not_begin_is_held_on_to_where_it_was_told() -> None:
    held = AttentionItem("gaps", "", begins=False)
    assert Course().go(99, held).told == []
    course = Course().go(9, GAPS).go(99, held)
    assert course.told == [("begin", "gaps")]
    assert Course().go(2, GAPS).go(9, held).go(2, GAPS).told == []


def test_an_item_may_have_a_time_of_its_own() -> None:
    soon = AttentionItem("office-away", "", after=0.0)
    assert Course(after=60).go(1, soon).told == [("begin", "office-away")]


def test_in_quiet_hours_only_what_is_urgent_is_told_and_the_rest_at_their_end() -> None:
    course = Course(quiet=QUIET)
    course.local = NIGHT
    course.go(9, GAPS, DATABASE_UNAVAILABLE)
    assert course.told == [("begin", "pi-away")]
    course.go(9, GAPS)
    assert course.told[1:] == [("end", "pi-away")]
    course.local = NIGHT + timedelta(hours=6, minutes=31)
    assert course.go(1, GAPS).told[2:] == [("begin", "gaps")]


def test_what_passes_within_quiet_hours_is_never_told() -> None:
    course = Course(quiet=QUIET)
    course.local = NIGHT
    course.go(9, GAPS).go(9)
    course.local = NOON
    assert course.go(9).told == []


def test_the_end_of_what_is_not_urgent_waits_for_the_end_of_quiet_hours() -> None:
    course = Course(quiet=QUIET).go(9, GAPS)
    course.local = NIGHT
    assert course.go(99).told == [("begin", "gaps")]
    course.local = NOON
    assert course.go(1).told == [("begin", "gaps"), ("end", "gaps")]


@pytest.mark.parametrize(
    ("clock", "holds"),
    [("21:59", False), ("22:00", True), ("00:00", True), ("05:29", True), ("05:30", False)],
)
def test_quiet_hours_go_over_midnight(clock: str, holds: bool) -> None:  # noqa: FBT001
    local = datetime.combine(NOON.date(), time.fromisoformat(clock), DENVER)
    assert QUIET.holds(local) is holds
    assert QuietHours(QUIET.end, QUIET.start).holds(local) is not holds


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_quiet_hours_are_by_the_clock_on_the_wall_when_it_is_changed(day: str) -> None:
    """23 and 25 hours a day, in America/Denver: quiet until two, whenever that is."""
    midnight = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=DENVER).timestamp()
    quiet = QuietHours(time(22), time(2))
    walls = [datetime.fromtimestamp(midnight + 900 * n, DENVER) for n in range(16)]
    assert [quiet.holds(wall) for wall in walls] == [wall.hour < 2 for wall in walls]


def test_a_clock_that_is_set_neither_makes_nor_delays_an_alert() -> None:
    course = Course(after=60).go(5, GAPS)
    course.local += timedelta(days=14)
    assert course.go(5, GAPS).told == []
    course.local -= timedelta(days=400)
    assert course.go(55, GAPS).told == [("begin", "gaps")]


def test_two_things_at_once_are_told_in_one_step() -> None:
    book, rules = AlertBook(), Rules(0)
    assert len(book.step(Seen([GAPS, DATABASE_UNAVAILABLE]), 0.0, NOON, rules)) == 2
