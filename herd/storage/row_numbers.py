"""Row numbers that are known before their rows are written.

They are handed out while others think too, and never to two. On PostgreSQL its sequences do it. On
SQLite a file holds the last number of each table that anybody was given; what the database itself
says goes before it where it is higher, so that the file may be lost or be older.
"""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.db import connection, models

from herd.models import JournalEntry
from herd.storage import journal

LARGEST_BLOCK: Final = 256
LARGEST_FIRST: Final = 1024
LAST_ID: Final = "SELECT name, seq FROM sqlite_sequence"
NEXT_IDS: Final = (
    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s) ORDER BY 1 DESC"
)


_used_last: dict[type[models.Model], int] = {}


class RowNumbers:
    """The numbers of one unit of work; those of a preview are `provisional`, and nobody's."""

    def __init__(self, *, provisional: bool = False) -> None:
        self._provisional = provisional
        self._seen: dict[str, int] | None = None  # SQLite's last numbers, as this unit saw them
        self._free: dict[type[models.Model], list[int]] = {}  # the next one last
        self._used: dict[type[models.Model], list[int]] = {}
        self._block: Counter[type[models.Model]] = Counter()

    def next(self, model: type[models.Model]) -> int:
        free = self._free.get(model)
        if not free:
            # As many as the last unit of this process needed: each block is a trip to the server,
            # or a file that is opened and locked. What is left over is a gap on PostgreSQL alone.
            first = min(_used_last.get(model, 0), LARGEST_FIRST) or 1
            block = self._block[model] = min(self._block[model] * 4 or first, LARGEST_BLOCK)
            free = self._free[model] = self._reserve(table_of(model), block)
        number = free.pop()
        self._used.setdefault(model, []).append(number)
        return number

    def keep(self) -> None:
        """Keep what was used: it is written. What is asked for next is asked anew."""
        _used_last.update({model: len(used) for model, used in self._used.items()})
        self._used.clear()
        self._seen = None

    def give_back(self) -> None:
        """Give back what was not kept, where nobody was given more since."""
        free = {
            table_of(model): sorted({*numbers, *self._used.get(model, ())}, reverse=True)
            for model, numbers in self._free.items()
        }
        self._free.clear()
        self._used.clear()
        self._seen = None
        if self._provisional or connection.vendor != "sqlite" or not free:
            return
        with _last_given() as last:
            for table, numbers in free.items():
                for number in numbers:
                    if last.get(table) == number:
                        last[table] = number - 1

    def newest_entry(self) -> int:
        """Return the number of the journal's newest entry, 0 where there is none."""
        if connection.vendor != "sqlite":
            return journal.newest()[0]
        return self._last_numbers().get(table_of(JournalEntry), 0)

    def _last_numbers(self) -> dict[str, int]:
        if self._seen is None:
            with connection.cursor() as cursor:
                cursor.execute(LAST_ID)
                self._seen = dict(cursor.fetchall())
        return self._seen

    def _reserve(self, table: str, block: int) -> list[int]:
        """Return numbers that are this unit's alone, the next one last."""
        if connection.vendor != "sqlite":  # its sequences take nothing back: gaps are usual there
            with connection.cursor() as cursor:
                cursor.execute(NEXT_IDS, [table, block])
                return [pk for (pk,) in cursor.fetchall()]
        seen = self._last_numbers()
        if self._provisional:
            last = seen[table] = seen.get(table, 0) + block
            return list(range(last, last - block, -1))
        with _last_given() as given:
            # Also in the queue: who thinks outside it was given numbers by the file alone.
            last = max(given.get(table, 0), seen.get(table, 0))
            given[table] = last + block
        return list(range(last + block, last, -1))


def table_of(model: type[models.Model]) -> str:
    return model._meta.db_table  # noqa: SLF001 - Django's own


@contextmanager
def _last_given() -> Iterator[dict[str, int]]:
    """Open the file's numbers by table, and write them back if they were changed."""
    path = settings.HEXABRAND_STATE_DIR / "row_numbers.json"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        text = os.pread(handle, 4096, 0)
        try:
            numbers = dict(json.loads(text))
        except (
            ValueError,
            TypeError,
        ):  # new, or cut by a power failure: the database's own numbers go before
            numbers = {}
        before = dict(numbers)
        yield numbers
        if numbers != before:
            # Padded and not cut off first: who dies in between leaves the old text or the new one.
            now = json.dumps(numbers).encode()
            os.pwrite(handle, now.ljust(len(text)), 0)
    finally:
        os.close(handle)
