"""Backups of the Pi: herd, keys and certificate in a single file, made while it runs.

A backup counts once it has been opened and checked. (The way back from one: `recovery`.)
"""

import os
import re
import shutil
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from herd.damage import is_damage
from lora.room import MEGABYTE
from lora.single import only_one

DATABASE: Final = "pi.sqlite3"
KEPT: Final = ("pi-secret.key", "pi-office.key", "pi-tls.key", "pi-tls.pem")
BESIDE: Final = ("", "-wal", "-shm")
TABLES: Final = frozenset({"cattle", "journal", "lora_payload_buffer"})
# What `quick_check` reports of a page that the disk would not give: no finding about the page.
UNREAD: Final = re.compile(r"(?:unable|failed) to get (?:the )?page(?!.*error code=(?:11|26)\b)")
HALF_MADE: Final = re.compile(r"\.\d{8}-\d{6}\.(part|sqlite3)(-journal)?")


class NoGoodBackup(Exception):
    """The text says what is wrong, and what can be done."""


class CannotTell(NoGoodBackup):
    """Locked, or the disk would not read: says nothing about the database itself."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds: rows, and when the last thing in it happened."""

    cattle: int
    payloads: int
    cut_off: str | None


def state_dir() -> Path:
    folder: Path = settings.HEXABRAND_STATE_DIR
    return folder


def database_file() -> Path:
    """Raises NoGoodBackup where the herd is kept by a database server."""
    default = settings.DATABASES["default"]
    if default["ENGINE"] != "django.db.backends.sqlite3":
        raise NoGoodBackup("The herd is on a database server; back it up with that server's tools.")
    return Path(str(default["NAME"]))


def is_about_to_migrate() -> bool:
    """Whether the herd's tables are there, and not yet those of this release."""
    herd = connections["default"]
    if herd.vendor != "sqlite" or "journal" not in herd.introspection.table_names():
        return False
    executor = MigrationExecutor(herd)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def back_up(folder: Path, keep: int) -> Path:
    """A verified backup of the running Pi; the oldest beyond `keep` go. The writers do not wait.

    Raises NoGoodBackup, AlreadyRunning, OSError or sqlite3.Error: no backup was made."""
    database_file()  # refuses a server's
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with only_one("backup"):
        _sweep(folder)
        _make_room(folder, keep)
        final = _make(folder)
    for old in backups(folder)[keep:]:
        old.unlink()
    return final


def _sweep(folder: Path) -> None:
    """What a backup that was killed has left."""
    for file in folder.iterdir():
        if HALF_MADE.fullmatch(file.name):
            file.unlink(missing_ok=True)


def _make_room(folder: Path, keep: int) -> None:
    """For the copy and its archive. Old backups go before their time only where that helps, and the
    newest never."""
    database = database_file()
    files = (Path(f"{database}{end}") for end in BESIDE)
    size = sum(file.stat().st_size for file in files if file.exists())
    needed = 2 * size + settings.DISK_RESERVE * MEGABYTE
    spare = backups(folder)[max(keep - 1, 1) :]
    free = shutil.disk_usage(folder).free
    if free + sum(file.stat().st_size for file in spare) < needed:
        raise NoGoodBackup(
            f"{folder} has {free // MEGABYTE} MB free, and {needed // MEGABYTE} MB are needed, of"
            f" which {settings.DISK_RESERVE} MB stay free (DISK_RESERVE). Make room, or let"
            " BACKUP_DIR lie on another disk."
        )
    while spare and shutil.disk_usage(folder).free < needed:
        spare.pop().unlink()


def _make(folder: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    copy, part = folder / f".{stamp}.sqlite3", folder / f".{stamp}.part"
    try:
        _copy_database(copy)
        verify(copy)
        _pack(part, copy)
        final = folder / f"hexabrand-{stamp}.tar"
        part.rename(final)
        flush(folder)
    finally:
        copy.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
    return final


def backups(folder: Path) -> list[Path]:
    """The newest first."""
    return sorted(folder.glob("hexabrand-*.tar"), reverse=True)


def _copy_database(copy: Path) -> None:
    """`VACUUM INTO` reads one moment; the online backup would begin anew at every commit."""
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(database_file(), isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", [str(copy)])


def _pack(part: Path, copy: Path) -> None:
    part.touch(mode=0o600)
    with part.open("wb") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            tar.add(copy, DATABASE)
            for name in KEPT:
                if (state_dir() / name).exists():
                    tar.add(state_dir() / name, name)
        file.flush()
        os.fsync(file.fileno())


def flush(folder: Path) -> None:
    """So that the new name survives a power cut too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def verify(database: Path) -> Contents:
    """Raises NoGoodBackup for a file that is empty, damaged, or no herd of ours; CannotTell where
    that could not be found out."""
    try:
        if not database.exists() or database.stat().st_size == 0:
            raise NoGoodBackup(f"{database.name} is missing or empty.")
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            _check(connection, database.name)
            return _contents(connection)
    except (sqlite3.DatabaseError, OSError) as error:
        if is_damage(error):
            raise NoGoodBackup(f"{database.name} is damaged: {error}.") from error
        raise CannotTell(f"{database.name} cannot be read now: {error}.") from error


def _check(connection: sqlite3.Connection, name: str) -> None:
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if UNREAD.search(found):
        raise CannotTell(f"{name} cannot be read now: {found.splitlines()[-1]}.")
    if found != "ok":
        raise NoGoodBackup(f"{name} is damaged: {found.splitlines()[-1]}.")
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if not tables >= TABLES:
        raise NoGoodBackup(f"{name} holds no herd.")


def _contents(connection: sqlite3.Connection) -> Contents:
    (cattle,) = connection.execute("SELECT count(*) FROM cattle").fetchone()
    (payloads,) = connection.execute("SELECT count(*) FROM lora_payload_buffer").fetchone()
    last = connection.execute("SELECT at FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    return Contents(cattle, payloads, last and last[0])
