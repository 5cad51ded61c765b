"""Builds a new copy of the herd from the Pi's snapshot, beside the one that is shown."""

import json
import time
from collections.abc import Callable
from typing import Final

from remote.office.link.link_errors import NotUnderstood
from remote.office.mirror.mirror import Snapshot
from remote.office.mirror.tables import Row, Tables
from remote.wire import PROTOCOL, TABLES, Cursor

PROGRESS_ROWS: Final = 500  # between two steps of the bar

Progress = Callable[[int, int], None]  # rows so far, rows announced


class Loading:
    """Give it each line of the stream, then ask for the `snapshot()`."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tables = Tables()
        self._out_of_order = False
        self._hello: Row | None = None
        self._begun_at = 0.0
        self._rows = 0
        self._is_whole = False

    def take(self, line: bytes) -> None:
        message = json.loads(line.decode())  # told nothing, it would find out the encoding itself
        match message["type"]:
            case "hello":
                self._begin(message)
            case "row":
                self._row(message)
            case "end":
                self._is_whole = message["rows"] == self._rows

    def snapshot(self) -> Snapshot:
        """Return the copy; raise NotUnderstood where the stream broke off."""
        if self._hello is None or not self._is_whole:
            raise NotUnderstood(  # half a herd is never shown
                f"The copy from the Pi broke off at row {self._rows}; it is asked for again."
            )
        if self._out_of_order:
            for topic in TABLES:
                self._tables.settle(topic)
        # Here, in the thread: the first event would hold up the event loop.
        self._tables.index.sort()
        cursor = Cursor.parse(self._hello["cursor"])
        pi_time = self._hello["server_time"], self._begun_at
        return Snapshot(cursor, self._tables, self._hello["payloads_today"], pi_time)

    def _begin(self, hello: Row) -> None:
        check_protocol(hello)
        self._hello, self._begun_at = hello, time.monotonic()
        self._progress(0, self._announced)

    def _row(self, message: Row) -> None:
        self._rows += 1
        if message["topic"] in TABLES:  # a newer Pi may send more
            self._out_of_order |= not self._tables.add(message["topic"], message["data"])
        if self._rows % PROGRESS_ROWS == 0:
            self._progress(self._rows, self._announced)

    @property
    def _announced(self) -> int:
        return sum(self._hello["counts"].values()) if self._hello else 0


def check_protocol(hello: Row) -> None:
    if hello["protocol"] != PROTOCOL:
        raise NotUnderstood(
            f"The Pi speaks version {hello['protocol']} of the link and this office version"
            f" {PROTOCOL}: bring both to the same HexaBrand."
        )
