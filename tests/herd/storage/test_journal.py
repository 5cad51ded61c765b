"""What the journal may forget, and what it keeps."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from herd.models import FORGOTTEN, JournalEntry
from herd.storage import journal
from herd.storage.journal import prune_journal

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OLD = NOW - timedelta(days=40)
MONTH_AGO = NOW - timedelta(days=30)


def happened(*entries: tuple[datetime, str]) -> None:
    with journal.writing():
        for number, (at, actor) in enumerate(entries, start=1):
            journal.record_many([journal.Entry("cattle:updated", number, at, actor=actor)])


def left() -> list[int]:
    return list(JournalEntry.objects.order_by("seq").values_list("object_id", flat=True))


def test_old_entries_of_machines_go_and_people_s_stay_without_a_mark() -> None:
    happened((OLD, "radio"), (OLD, "ann"), (OLD, ""), (NOW, "radio"))
    assert prune_journal(MONTH_AGO, 10) == 3
    assert left() == [2, 4]
    assert JournalEntry.objects.get(object_id=2).mark == FORGOTTEN


def test_it_goes_in_small_steps_and_comes_to_an_end() -> None:
    happened(*[(OLD, "radio"), (OLD, "ann")] * 3, (NOW, "radio"))
    steps = [prune_journal(MONTH_AGO, 4) for _ in range(3)]
    assert steps == [4, 2, 0]


def test_the_newest_entry_stays_so_that_a_cursor_can_rest_on_it() -> None:
    happened((OLD, "radio"), (OLD, "radio"))
    prune_journal(MONTH_AGO, 10)
    assert left() == [2]


def test_what_came_after_a_young_entry_stays_whatever_its_clock_said() -> None:
    happened((OLD, "radio"), (NOW, "radio"), (datetime(1970, 1, 1, tzinfo=UTC), "radio"))
    prune_journal(MONTH_AGO, 10)
    assert left() == [2, 3]


def test_an_empty_journal_has_nothing_to_forget() -> None:
    assert prune_journal(MONTH_AGO, 10) == 0


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),  # without a fraction it is written without one
        datetime(2026, 7, 2, 3, 4, 5, 678, tzinfo=ZoneInfo("America/Chicago")),
    ],
)
def test_a_time_is_written_as_django_writes_it(at: datetime) -> None:
    assert journal.adapt_time(at) == connection.ops.adapt_datetimefield_value(at)
