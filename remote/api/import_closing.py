"""What is left to do once an import is written: its journal rows are told whose they are, and what
would take back a part of it goes.

In turns of their own: of 20,000 animals this held the writers' queue as long as five slices do.
"""

from typing import Final

from django.db import connection

from herd.storage import journal
from remote.api.models import ImportRun, ImportSlice

TIMEOUT: Final = 60.0  # seconds that each part waits for its turn
ENTRIES_AT_ONCE: Final = 5_000  # some 15 ms of the writers' queue
SLICES_AT_ONCE: Final = 20


def close(run: ImportRun) -> None:
    """Do it, as often as it is asked; while slices are left, it is not done."""
    last: int | None = run.journal_from or 0
    while last is not None:
        last = _claim_entries(run, last)
    while _forget_slices(run):
        pass


def _claim_entries(run: ImportRun, after: int) -> int | None:
    """Let the next journal rows of the import belong to its operation; return the number of the
    last of them, None where there are no more."""
    with journal.writing(TIMEOUT), connection.cursor() as cursor:
        cursor.execute(_NEXT_ENTRIES, [after, run.actor, ENTRIES_AT_ONCE])
        found = [seq for (seq,) in cursor.fetchall()]
        if found:
            cursor.execute(_CLAIM, [run.change_id, after, found[-1], run.actor])
    return found[-1] if len(found) == ENTRIES_AT_ONCE else None


def _forget_slices(run: ImportRun) -> bool:
    """Delete some slices, the first ones last; return whether any are left."""
    with journal.writing(TIMEOUT):
        numbers = list(run.slices.order_by("-number").values_list("pk", flat=True))
        ImportSlice.objects.filter(pk__in=numbers[:SLICES_AT_ONCE]).delete()
    return len(numbers) > SLICES_AT_ONCE


# What the same person does meanwhile is an operation of its own, and named so from the start.
_NEXT_ENTRIES: Final = (
    "SELECT seq FROM journal WHERE seq > %s AND actor = %s AND operation_id IS NULL"
    " ORDER BY seq LIMIT %s"
)
_CLAIM: Final = (
    "UPDATE journal SET operation_id = %s"
    " WHERE seq > %s AND seq <= %s AND actor = %s AND operation_id IS NULL"
)
