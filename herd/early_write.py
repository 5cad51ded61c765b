"""Operations of which nobody else touches the rows: on PostgreSQL these are written before the turn
in the writers' queue, which is then held for the last check, the counts and the journal alone.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from django.db import DatabaseError, connection, transaction

from herd.concurrency import Change, carry_out, changed_since, is_touched, nothing_more
from herd.storage import journal
from herd.storage.row_numbers import RowNumbers
from herd.unit_of_work import UnitOfWork

T = TypeVar("T")

# Rows that are written are locked. Somebody who has the turn may wait for one of them, so that the
# wait for the turn must end; what has been written is then undone.
SHORT_WAIT: Final = 0.25  # seconds


class _Touched(Exception):
    """Others have changed what the operations looked up."""


def carry_out_early(actor: str, think: Callable[[UnitOfWork], T], timeout: float | None) -> T:
    """Do as `carry_out`, of operations that say they read by look-ups alone.

    What others change all the same, a person or a worker that held these rows before, is noticed:
    then `think` runs again in the queue.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return carry_out(actor, think, timeout)
    change = Change(actor, think, nothing_more, RowNumbers())
    with journal.reading():
        change.think()
    if change.is_to_be_written() and not _is_written(change.unit, change.since):
        with journal.writing(timeout):
            change.think()
            change.unit.write()
    return change.result


def _is_written(unit: UnitOfWork, since: int) -> bool:
    """Write a unit; return False, with nothing written, where it is to be thought again."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {int(SHORT_WAIT * 1000)}")
            unit.write_early()
            # Foreign keys are checked here and not by the commit.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            looked, _ = journal.newest()
            _check(unit, since)  # most of what others did is looked at before the turn
            journal.take_turn(SHORT_WAIT)
            _check(unit, looked)
            unit.write()
    except (_Touched, journal.JournalBusy, DatabaseError):
        return False
    return True


def _check(unit: UnitOfWork, since: int) -> None:
    changed = changed_since(since)
    if changed and is_touched(unit, changed):
        raise _Touched
