"""The journal: one row for each thing that happened, and the queue in which its writers stand.

Every change to the herd and every frame stored is written inside `writing()`, so that a change and
its journal row commit together and `seq` order is commit order.
"""

import fcntl
import os
import secrets
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, connections, transaction

from herd.models import FORGOTTEN, JournalEntry
from herd.storage import postgres_bulk
from herd.storage.database_corruption import is_damage

POSTGRES_LOCK = 0x48584252  # one advisory lock, the same in every process
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's code for a lock that was not had in time
CHANNEL = "hexabrand_journal"  # PostgreSQL's, for herd.storage.commit_notifier
MACHINES = ("", "radio")  # actors whose doings other tables tell too: their entries may go
REQUEST_TIMEOUT = 10.0  # seconds that a person's request waits for its turn to write
BUSY = "The Pi is busy storing; try again in a moment."


class JournalBusy(Exception):
    """Somebody else has been writing for too long; nothing was written."""


# The database is busy, gone or started anew: whoever meets these waits and tries again.
DATABASE_UNAVAILABLE = (OperationalError, InterfaceError, JournalBusy)


def is_of_database(error: Exception) -> bool:
    """Return whether the database is away or damaged: no fault of what was to be written."""
    return isinstance(error, DATABASE_UNAVAILABLE) or is_damage(error)


class _Depth(threading.local):
    """How deep this thread stands in `writing()`."""

    count = 0
    limited: tuple[object, float] = (None, 0.0)  # the connection, and how long its lock is awaited


_depth = _Depth()


class Entry(NamedTuple):
    """A journal row that is not written yet."""

    kind: str
    object_id: int
    at: datetime
    actor: str = ""
    detail: str = ""


def record_many(entries: Iterable[Entry], operations: Sequence[int | None] = ()) -> None:
    """Write journal rows in this order; call it inside `writing()`, with the change itself.

    `operations` are the numbers of those to which the entries belong, each its own; () for none.
    """
    # Written out: a burst passes here, and `bulk_create` takes five times as long.
    entries = list(entries)
    rows: list[tuple[Any, ...]] = [
        (mark, one.kind, one.object_id, adapt_time(one.at), one.actor, one.detail[:500])
        for mark, one in zip(_new_marks(len(entries)), entries, strict=True)
    ]
    if not rows:
        return
    columns, insert = _COLUMNS, _INSERT
    if operations:  # one column more, which the radio's burst does without
        rows = [(*row, one) for row, one in zip(rows, operations, strict=True)]
        columns, insert = (*_COLUMNS, "operation_id"), _INSERT_OF_OPERATION
    if connection.vendor == "postgresql":
        postgres_bulk.copy("journal", columns, rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"NOTIFY {CHANNEL}")  # delivered by the commit, once
        else:
            cursor.executemany(insert, rows)


_COLUMNS: tuple[str, ...] = ("mark", "kind", "object_id", "at", "actor", "detail")
_INSERT = f"INSERT INTO journal ({', '.join(_COLUMNS)}) VALUES (%s, %s, %s, %s, %s, %s)"  # noqa: S608 - names of ours alone
_INSERT_OF_OPERATION = (
    f"INSERT INTO journal ({', '.join(_COLUMNS)}, operation_id)"  # noqa: S608 - see above
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)


def _new_marks(count: int) -> list[int]:
    # Drawn together: one `new_mark` each would be a system call for every entry.
    return [mark or 1 for mark in array("I", secrets.token_bytes(4 * count))]


@lru_cache(maxsize=4096)
def adapt_time(at: datetime) -> Any:  # noqa: ANN401 - the driver's own
    """Return the time as the database takes it."""
    # Kept: all that one reading leaves bears its exact time, half a dozen rows of it; and a burst
    # of the radio is written twice, 2,000 payloads and then their entries.
    return _adapter()(at)


@cache
def _adapter() -> Callable[[datetime], Any]:
    # Looked up once: `connection` finds the one of its thread each time, which takes longer.
    by_django = connection.ops.adapt_datetimefield_value
    if connection.vendor != "sqlite":
        return by_django
    # As Django does, in a third of its time.
    return lambda at: str(at.replace(tzinfo=None)) if at.tzinfo is UTC else by_django(at)


def newest(using: str = "default") -> tuple[int, int]:
    """Return `(seq, mark)` of the newest entry, `(0, 0)` where there is none."""
    with connections[using].cursor() as cursor:  # Django's making of this takes ten times as long
        cursor.execute("SELECT seq, mark FROM journal ORDER BY seq DESC LIMIT 1")
        return cursor.fetchone() or (0, 0)


@contextmanager
def reading() -> Iterator[None]:
    """Open a view of one moment, in which nothing can be written; it takes no turn in the queue."""
    if connection.in_atomic_block:  # inside `writing()`: that is one moment already
        yield
        return
    if connection.vendor != "sqlite":
        with transaction.atomic():
            with connection.cursor() as cursor:
                # Not READ ONLY, which would refuse `nextval`: what was written is rolled back.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield
            transaction.set_rollback(True)
        return
    with connection.cursor() as cursor:
        # By hand: `atomic()` begins IMMEDIATE here, which is the writers' lock itself.
        cursor.execute("PRAGMA query_only = ON")
        cursor.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
            cursor.execute("PRAGMA query_only = OFF")


@contextmanager
def writing(timeout: float | None = None) -> Iterator[None]:
    """Open a transaction that may write, after waiting behind the writers that came before.

    With `timeout` (seconds) the wait has an end, and JournalBusy is raised; where somebody writes
    outside the queue, OperationalError. Inside another `writing()` it joins that one.
    """
    # SQLite's own lock is retried by polling, which lets a busy worker starve the receiver; the
    # queue is a file lock, which the kernel hands on in order (decision 1).
    if _depth.count or connection.vendor != "sqlite":
        with transaction.atomic():
            take_turn(timeout)
            yield
        return
    with _turn(timeout):
        _limit_wait(timeout)
        _depth.count += 1
        try:
            with transaction.atomic():
                yield
        finally:
            _depth.count -= 1


def take_turn(timeout: float | None = None, lock: int = POSTGRES_LOCK) -> None:
    """Wait for the turn to write, or for another such lock, in an open transaction on PostgreSQL,
    which holds it to its end. Raise JournalBusy after `timeout` seconds.
    """
    # Held to the end of the transaction: sequences may otherwise commit out of order.
    if connection.vendor != "postgresql":
        return
    limit = 0 if timeout is None else max(1, int(timeout * 1000))
    with connection.cursor() as cursor:
        try:
            cursor.execute(_TAKE_TURN.format(limit, lock))  # one trip to the server and not three
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") == LOCK_NOT_AVAILABLE:
                raise JournalBusy(BUSY) from None
            raise


_TAKE_TURN = (
    "SET LOCAL lock_timeout = {}; SELECT pg_advisory_xact_lock({}); SET LOCAL lock_timeout = 0"
)


def _limit_wait(timeout: float | None) -> None:
    """Limit SQLite's own wait for its lock, from now on."""
    usual = connection.settings_dict["OPTIONS"].get("timeout", 5.0)
    seconds = usual if timeout is None else timeout
    # Kept until the next writer of this thread needs another: to set and reset it were two
    # statements in each step of a worker.
    if _depth.limited != (connection.connection, seconds):
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
        _depth.limited = connection.connection, seconds


@contextmanager
def _turn(timeout: float | None) -> Iterator[None]:
    handle = os.open(_line_file(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _wait_for_turn(handle, timeout)
        yield
    finally:
        os.close(handle)  # lets the next one in, also when this process dies


# Waited on instead of slept: a sleep fails (EINVAL) where libfaketime turns the clock back.
_nobody = threading.Event()


def _wait_for_turn(handle: int, timeout: float | None) -> None:
    if timeout is None:
        fcntl.flock(handle, fcntl.LOCK_EX)
        return
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise JournalBusy(BUSY) from None
            _nobody.wait(0.001)  # well within the time that a busy worker thinks
        else:
            return


def _line_file() -> Path:
    folder: Path = settings.HEXABRAND_STATE_DIR
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "writers.lock"


def prune_journal(before: datetime, most: int, timeout: float | None = None) -> int:
    """Delete the oldest entries, `most` in one transaction; return how many it dealt with.

    What people did stays, as an animal's history shows it, but can no longer be followed from.
    """
    with writing(timeout):
        # By the order and not by time alone: clocks jump, and no cursor may lead into a hole.
        newest = JournalEntry.objects.first()
        young = JournalEntry.objects.filter(at__gte=before).order_by("seq").first() or newest
        if young is None:
            return 0
        old = JournalEntry.objects.filter(seq__lt=young.seq).exclude(mark=FORGOTTEN)
        # Looked up and then deleted by number: SQLite's DELETE knows no LIMIT.
        rows = list(old.order_by("seq").values_list("seq", "actor")[:most])
        gone = [seq for seq, actor in rows if actor in MACHINES]
        kept = [seq for seq, actor in rows if actor not in MACHINES]
        JournalEntry.objects.filter(seq__in=gone).delete()
        JournalEntry.objects.filter(seq__in=kept).update(mark=FORGOTTEN)
    return len(rows)
