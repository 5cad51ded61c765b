"""Notification within milliseconds that another process has committed something.

A hint, not a message: whoever waits looks at the tables afterwards, and looks now and then anyway.
"""

import threading
import time
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from herd.storage.journal import CHANNEL

POLL_SECONDS = 0.005  # measured: 1.2 % of a core; a lost hint cannot happen, as with a datagram
STOP_CHECK = 0.1  # seconds in which one who waits for PostgreSQL sees that it is told to stop


class CommitNotifier(Protocol):
    """What one thread waits on for the commits of others."""

    def wait(self, stop: threading.Event, at_most: float) -> bool:
        """Wait until something was committed, until told to stop, or for `at_most` seconds."""


def open_notifier(using: str = DEFAULT_DB_ALIAS) -> CommitNotifier:
    connection = connections[using]
    return Notified(connection) if connection.vendor == "postgresql" else Polled(connection)


class Polled:
    """Polls SQLite's `PRAGMA data_version`, which tells of other connections' commits."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
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
            if time.monotonic() > deadline or stop.wait(POLL_SECONDS):
                return False
        return True


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
