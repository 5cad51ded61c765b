"""The spill file: holds on disk what is heard while the herd's database cannot be written.

A small SQLite database of the receiver's own, one row for a group of frames; nobody else opens it.
A group leaves it once the herd's database has it.
"""

import contextlib
import hashlib
import json
import logging
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Final, TypeVar

from herd import durable
from lora.framing.frames import Frame, Note
from lora.intake import BootClock, Heard, NumberedGroup, SourceNote
from lora.processes.disk_space import DiskFull, check_free_space

logger = logging.getLogger(__name__)

T = TypeVar("T")
Row = tuple[int, int, bytes, bytes]  # number, frames, body, digest

NAME: Final = "spill.sqlite3"
START_BITS: Final = 30  # a start's number stands above those of its groups
SHRINK_ABOVE: Final = 16 << 20  # bytes; a file that an outage has left is made small again
DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS file (generation TEXT NOT NULL, starts INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS groups (
    number INTEGER PRIMARY KEY, frames INTEGER NOT NULL, body BLOB NOT NULL, digest BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS unreadable (number INTEGER PRIMARY KEY, body BLOB, digest BLOB);
"""
_ADD: Final = "INSERT OR IGNORE INTO groups VALUES (?, ?, ?, ?)"


class SpillFailed(OSError):
    """The spill file takes or gives nothing just now; SQLite's own reason is its text."""


@contextlib.contextmanager
def _failing_as_oserror() -> Iterator[None]:
    """SQLite's errors are those of the herd's database to whoever reads them elsewhere."""
    try:
        yield
    except sqlite3.Error as error:
        raise SpillFailed(f"the spill file cannot be used: {error}") from error


class Spill:
    """`groups` and `frames` are how many wait here, `unreadable` how many groups the disk has
    changed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.generation, self._last = "", 0
        self._open()

    # -- the file -----------------------------------------------------------------------------

    def _open(self) -> None:
        """Open the file, or begin one; of a damaged one take over what can be read."""
        try:
            self._connect()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._replace_damaged()
        self._count()

    def _connect(self) -> None:
        self._file.touch(mode=0o600)
        self._database = sqlite3.connect(self._file, isolation_level=None, timeout=1.0)
        # FULL: a group is acknowledged after its commit. NORMAL lost commits in two thirds of the
        # simulated power cuts.
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_TABLES)
        (state,) = self._database.execute("PRAGMA quick_check(1)").fetchone()
        if state != "ok":
            error = sqlite3.DatabaseError(state)
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error
        self._begin()
        durable.flush(self._file.parent)  # else a power cut takes a new file's name away
        self._inode = self._file.stat().st_ino

    def _begin(self) -> None:
        """Count this start: its groups get numbers above all before, also while the herd's
        database, which knows the last one stored, cannot be asked."""
        found = self._database.execute("SELECT generation, starts FROM file").fetchone()
        generation, starts = found or (self.generation or secrets.token_hex(8), 0)
        # The time of day too: an older copy of this file, put in its place, has counted less, and
        # what gets a number again is taken for stored.
        starts = max(starts, self._last >> START_BITS, int(time.time())) + 1
        with self._transaction():
            self._database.execute("DELETE FROM file")
            self._database.execute("INSERT INTO file VALUES (?, ?)", (generation, starts))
        self.generation, self._last = generation, starts << START_BITS

    def _count(self) -> None:
        self.groups, self.frames = self._database.execute(
            "SELECT count(*), coalesce(sum(frames), 0) FROM groups"
        ).fetchone()
        (self.unreadable,) = self._database.execute("SELECT count(*) FROM unreadable").fetchone()

    def _replace_damaged(self) -> None:
        """Begin a new file with every group of the old one that is whole; the old one is kept.

        Raise DiskFull, and leave the old one where it is, without room for both.
        """
        check_free_space()
        self._close()
        aside = self._file.with_name(f"spill-damaged-{secrets.token_hex(4)}.sqlite3")
        for suffix in ("-wal", "-shm"):  # of the same database: apart it would be another one
            with contextlib.suppress(FileNotFoundError):
                self._file.with_name(NAME + suffix).rename(aside.with_name(aside.name + suffix))
        self._file.rename(aside)
        generation, rows = _rescued(aside)
        # What was numbered in it keeps its number, and no other group may get that.
        self.generation = self.generation or generation
        self._last = max([self._last, *(row[0] for row in rows)])
        self._connect()
        with self._transaction():
            self._database.executemany(_ADD, rows)
        frames = sum(row[1] for row in rows)
        logger.error(
            "The spill file is damaged: %d frames of it could be read and are stored; the file is"
            " kept as %s.", frames, aside.name,
        )  # fmt: skip

    def _close(self) -> None:
        with contextlib.suppress(AttributeError, sqlite3.Error):
            self._database.close()

    def _check_file(self) -> None:
        """Begin anew where somebody took the file away: what SQLite still writes to it is lost."""
        try:
            is_there = self._file.stat().st_ino == self._inode
        except FileNotFoundError:
            is_there = False
        if not is_there:
            self._close()
            self._open()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # a full disk has rolled back by itself
                self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    # -- groups -------------------------------------------------------------------------------

    def next_number(self) -> int:
        """Return the number of a new group: above that of every group before it."""
        self._last += 1
        return self._last

    def add(self, group: NumberedGroup) -> None:
        """Keep a group; when it returns, a power cut cannot take it back. Adding it again is no
        change.

        Raise DiskFull or OSError, and has kept nothing then.
        """
        check_free_space()
        body = _dump(group)
        row = (group.number, len(group.heard), body, _digest(body))
        added = self._mending(lambda: self._database.execute(_ADD, row).rowcount)
        self.groups += added
        self.frames += len(group.heard) * added

    def oldest(self, most: int) -> list[NumberedGroup]:
        """Return the oldest groups, of about so many frames; what the disk has changed is put
        aside, and the rest goes on. Raise as `add`."""
        return self._mending(lambda: self._oldest(most))

    def remove(self, through: int) -> None:
        """Forget the groups up to this number: the herd's database has them. Raise as `add`."""
        self._mending(lambda: self._remove(through))

    def _mending(self, work: Callable[[], T]) -> T:
        """Do this; where it meets damage, once more in a new file with what can be read."""
        with _failing_as_oserror():
            self._check_file()
            try:
                return work()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
            self._replace_damaged()
            self._count()
            return work()

    def _oldest(self, most: int) -> list[NumberedGroup]:
        groups: list[NumberedGroup] = []
        frames = 0
        rows = self._database.execute("SELECT number, body, digest FROM groups ORDER BY number")
        changed: list[int] = []
        for number, body, digest in rows:
            if _digest(body) == digest:
                groups.append(_parse(number, body))
                frames += len(groups[-1].heard) + len(groups[-1].notes)
            else:
                changed.append(number)
            if frames >= most:
                break
        self._put_aside(changed)
        return groups

    def _put_aside(self, numbers: list[int]) -> None:
        if not numbers:
            return
        logger.error("%d groups of the spill file have changed on the disk.", len(numbers))
        one = [(number,) for number in numbers]
        with self._transaction():
            self._database.executemany(
                "INSERT INTO unreadable SELECT number, body, digest FROM groups WHERE number = ?",
                one,
            )
            self._database.executemany("DELETE FROM groups WHERE number = ?", one)
        self._count()

    def _remove(self, through: int) -> None:
        self._database.execute("DELETE FROM groups WHERE number <= ?", (through,))
        self._count()
        if not self.groups and self._file.stat().st_size > SHRINK_ABOVE:
            self._database.execute("VACUUM")
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def open_spill(folder: Path) -> Spill | None:
    """Open the spill file of this folder; None, and a line in the log, where the disk refuses."""
    try:
        with _failing_as_oserror():
            return Spill(folder / NAME)
    except (DiskFull, OSError):
        logger.exception("There is no spill file: what cannot be stored waits in memory.")
        return None


def _is_damage(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in DAMAGED


def _rescued(file: Path) -> tuple[str, list[Row]]:
    """Return the generation of a damaged file, and its rows that are whole: as far as SQLite finds
    its way in it."""
    generation, rows = "", []
    with contextlib.closing(sqlite3.connect(file)) as database:
        with contextlib.suppress(sqlite3.DatabaseError):
            ((generation,),) = database.execute("SELECT generation FROM file")
        with contextlib.suppress(sqlite3.DatabaseError):
            for row in database.execute("SELECT number, frames, body, digest FROM groups"):
                if isinstance(row[2], bytes) and _digest(row[2]) == row[3]:
                    rows.append(row)  # noqa: PERF401 - kept, if the next one cannot be read
    return generation, rows


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()


def _dump(group: NumberedGroup) -> bytes:
    heard = [(*astuple(one.frame), one.source, one.arrived_ns) for one in group.heard]
    notes = [(one.source, *astuple(one.note), one.arrived_ns) for one in group.notes]
    return json.dumps([astuple(group.clock), heard, notes]).encode()


def _parse(number: int, body: bytes) -> NumberedGroup:
    clock, heard, notes = json.loads(body)
    return NumberedGroup(
        number,
        BootClock(*clock),
        [Heard(Frame(*frame), source, at) for *frame, source, at in heard],
        [SourceNote(source, Note(*note), at) for source, *note, at in notes],
    )
