"""Notification within milliseconds that another process has committed something.

A hint, not a message: whoever waits looks at the tables afterwards, and looks now and then anyway.
"""

import threading
import time
from pathlib import Path
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from herd.storage.file_writes import FileWrites, writes_to
from herd.storage.journal import CHANNEL

POLL_SECONDS = 0.005  # measured: 1.2 % of a core; a lost hint cannot happen, as with a datagram
# A write is told before its commit, which waits for the disk: until it is seen, it is looked for.
QUICK_SECONDS, QUICK_FOR = 0.0005, 0.01
LOOK_FOR = 1.0  # seconds after a write: a disk may stall for as long
STOP_CHECK = 0.1  # seconds in which one who waits for others sees that it is told to stop


class CommitNotifier(Protocol):
    """What one thread waits on for the commits of others."""

    def wait(self, stop: threading.Event, at_most: float) -> bool:
        """Wait until something was committed, until told to stop, or for `at_most` seconds."""


def open_notifier(using: str = DEFAULT_DB_ALIAS) -> CommitNotifier:
    connection = connections[using]
    if connection.vendor == "postgresql":
        return Notified(connection)
    return Polled(connection, writes_to(Path(f"{connection.settings_dict['NAME']}-wal")))


class Polled:
    """Polls SQLite's `PRAGMA data_version`, which tells of other connections' commits; where the
    system tells of writes to the database, only for a second after one."""

    def __init__(self, connection: BaseDatabaseWrapper, writes: FileWrites | None = None) -> None:
        self._connection, self._writes = connection, writes
        self._written_at = time.monotonic()
        self._seen = self._version()

    def _version(self) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")  # 3 µs, and no lock
            (version,) = cursor.fetchone()
        return int(version)

    def _arrived(self) -> bool:
        """Return True once for each commit since the last call."""
        version = self._version()
        if version == self._seen:
            return False
        self._seen = version
        return True

    def wait(self, stop: threading.Event, at_most: float) -> bool:
        deadline = time.monotonic() + at_most
        while not self._arrived():
            left = deadline - time.monotonic()
            if left <= 0 or stop.is_set():
                return False
            self._pause(stop, left)
        return True

    def _pause(self, stop: threading.Event, left: float) -> None:
        since = time.monotonic() - self._written_at
        if self._writes is None:
            stop.wait(POLL_SECONDS)
        elif since < QUICK_FOR:
            stop.wait(QUICK_SECONDS)
        elif self._writes.wait(min(left, POLL_SECONDS if since < LOOK_FOR else STOP_CHECK)):
            self._written_at = time.monotonic()


class Notified:
    """Listens to PostgreSQL's NOTIFY, which the journal's writers send with their commit.

    What comes while this connection is busy is kept for the next `wait`, which raises
    OperationalError when the server is gone.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._listening: Any = None
        self._listen()

    def _listen(self) -> bool:
        """Listen; return True where that began only now."""
        self._connection.ensure_connection()
        # A server that was started anew gives a new connection, on which nobody listens yet.
        if self._listening is self._connection.connection:
            return False
        with self._connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        self._listening = self._connection.connection
        return True

    def wait(self, stop: threading.Event, at_most: float) -> bool:
        deadline = time.monotonic() + at_most
        if self._listen():
            return True  # what was notified before, nobody heard: look at the tables
        while not stop.is_set() and (left := deadline - time.monotonic()) > 0:
            if self._is_notified(min(left, STOP_CHECK)):
                return True
        return False

    def _is_notified(self, within: float) -> bool:
        own = self._listening.info.backend_pid
        with self._connection.wrap_database_errors:
            notices = list(self._listening.notifies(timeout=within, stop_after=1))
        return any(one.pid != own for one in notices)  # its own commits tell it nothing
