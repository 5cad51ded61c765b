"""Django's SQLite, whose connections a web process can keep from one request to the next.

Daphne gives each request a thread of its own, and Django each thread a connection: of an answer of
6 ms two were the reading of the schema, which every new connection does.
"""

import sqlite3
import threading
from collections import deque
from pathlib import Path
from typing import Any, Final, NamedTuple
from weakref import WeakSet

from django.db.backends.sqlite3 import base

KEPT: Final = 3  # of each database: more requests at once open theirs, and close them


class _Kept(NamedTuple):
    file: tuple[int, int]
    connection: sqlite3.Connection


class KeptConnections:
    """Connections that nobody uses, by database. Safe to use from several threads."""

    def __init__(self) -> None:
        self.most = 0  # as long as no web process has asked for more
        self._lock = threading.Lock()
        self._by_alias: dict[str, deque[_Kept]] = {}

    def take(self, alias: str, path: str) -> sqlite3.Connection | None:
        """Return the one that was used last, or None."""
        with self._lock:
            kept = self._by_alias.get(alias)
            found = kept.pop() if kept else None
        if found is not None and found.file == _file(path):
            return found.connection
        if found is not None:  # the file was put there anew: these know the one before
            found.connection.close()
            self.close()
        return None

    def keep(self, alias: str, path: str, connection: sqlite3.Connection) -> bool:
        """Return False where there is no room for it."""
        file = _file(path)
        with self._lock:
            kept = self._by_alias.setdefault(alias, deque())
            if file is None or len(kept) >= self.most:
                return False
            kept.append(_Kept(file, connection))
        return True

    def close(self) -> None:
        with self._lock:
            every = [one for kept in self._by_alias.values() for one in kept]
            self._by_alias.clear()
        for one in every:
            one.connection.close()


kept_connections = KeptConnections()


def _file(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open: WeakSet[sqlite3.Cursor] = WeakSet()

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        kept = kept_connections.take(self.alias, conn_params["database"])
        return kept or super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> sqlite3.Cursor:
        cursor: sqlite3.Cursor = super().create_cursor(name)
        self._open.add(cursor)
        return cursor

    def _close(self) -> None:
        connection, path = self.connection, str(self.settings_dict["NAME"])
        if connection is None or not kept_connections.most:
            super()._close()  # type: ignore[misc]  # the stubs leave out what begins with _
            return
        # One that was not read to its end would keep the next request at what was true then.
        for cursor in self._open:
            cursor.close()
        self._open.clear()
        is_well = not self.errors_occurred and not connection.in_transaction
        if not (is_well and kept_connections.keep(self.alias, path, connection)):
            super()._close()  # type: ignore[misc]  # as above
