"""Who asks for what the journal has forgotten is told so, and never gets a part of it."""

from datetime import UTC, datetime, timedelta

import pytest

from herd.models import FORGOTTEN, JournalEntry
from herd.storage import journal
from herd.storage.journal import prune_journal
from remote.api.events import resync_reason
from remote.wire import START, Cursor

pytestmark = pytest.mark.django_db(
    transaction=True, databases=["default", "reader"], reset_sequences=True
)

OLD = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def first() -> Cursor:
    """Somebody's edit that stays, then the radio's that go, then the newest."""
    with journal.writing():
        journal.record_many([journal.Entry("cattle:updated", 1, OLD, actor="ann")])
        journal.record_many([journal.Entry("cattle:updated", 2, OLD, actor="radio")])
        journal.record_many([journal.Entry("cattle:updated", 3, OLD, actor="radio")])
    entry = JournalEntry.objects.get(object_id=1)
    assert resync_reason(Cursor(entry.seq, entry.mark)) is None
    prune_journal(OLD + timedelta(days=1), 10)
    return Cursor(entry.seq, entry.mark)


def test_a_kept_entry_is_no_place_to_resume_from(first: Cursor) -> None:
    assert resync_reason(first) == "pruned"
    assert resync_reason(Cursor(first.seq, FORGOTTEN)) == "pruned"


def test_the_start_is_no_place_either(first: Cursor) -> None:
    assert first.seq == 1
    assert resync_reason(START) == "pruned"


def test_the_newest_entry_is_one(first: Cursor) -> None:
    newest = JournalEntry.objects.get(object_id=3)
    assert resync_reason(Cursor(newest.seq, newest.mark)) is None
