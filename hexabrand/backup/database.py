"""A database file looked at from outside: whether it is whole, ours, and of a release we know."""

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from herd.storage.database_corruption import is_damage, is_sqlite

DATABASE: Final = "pi.sqlite3"
BESIDE: Final = ("", "-wal", "-shm")  # SQLite's files of one database
TABLES: Final = frozenset({"cattle", "journal", "lora_payload_buffer"})
# What `quick_check` reports of a page that the disk would not give: no finding about the page.
UNREAD: Final = re.compile(r"(?:unable|failed) to get (?:the )?page(?!.*error code=(?:11|26)\b)")
MIGRATIONS: Final = "SELECT app, name FROM django_migrations ORDER BY app, name"

Migrations = set[tuple[str, str]]


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
    """Return the herd's file. Raises NoGoodBackup where a database server keeps the herd."""
    if not is_sqlite():
        raise NoGoodBackup("The herd is on a database server; back it up with that server's tools.")
    return Path(str(settings.DATABASES["default"]["NAME"]))


def database_files() -> list[Path]:
    """Return the files of the herd's database that are there, with SQLite's own beside it."""
    files = [Path(f"{database_file()}{end}") for end in BESIDE]
    return [file for file in files if file.exists()]


def is_about_to_migrate() -> bool:
    """Tell whether the herd's tables are there, and not yet those of this release."""
    herd = connections["default"]
    if herd.vendor != "sqlite" or "journal" not in herd.introspection.table_names():
        return False
    executor = MigrationExecutor(herd)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def verify(database: Path) -> Contents:
    """Return what the file holds. Raises NoGoodBackup for a file that is empty, damaged, or no herd
    of ours; CannotTell where that could not be found out."""
    try:
        if not database.exists() or database.stat().st_size == 0:
            raise NoGoodBackup(f"{database.name} is missing or empty.")
        with closing(_opened(database)) as connection:
            _check(connection, database.name)
            return _contents(connection)
    except (sqlite3.DatabaseError, OSError) as error:
        if is_damage(error):
            raise NoGoodBackup(f"{database.name} is damaged: {error}.") from error
        raise CannotTell(f"{database.name} cannot be read now: {error}.") from error


def applied_migrations(database: Path) -> Migrations:
    """Return the (app, name) of every migration that this file has been through."""
    with closing(_opened(database)) as connection:
        return {(app, name) for app, name in connection.execute(MIGRATIONS)}


def _opened(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)


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
