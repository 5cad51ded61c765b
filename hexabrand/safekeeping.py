"""Backups of the Pi, and the way back from one: herd, keys and certificate in a single file.

A backup counts once it has been opened and checked. What a restore replaces is moved aside, never
deleted, and the restored journal gets new marks, so that every office loads a new copy.
"""

import json
import os
import shutil
import sqlite3
import tarfile
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from lora.single import only_one

DATABASE: Final = "pi.sqlite3"
KEPT: Final = ("pi-secret.key", "pi-office.key", "pi-tls.key", "pi-tls.pem")
BESIDE: Final = ("", "-wal", "-shm")
NOTE: Final = "restored.json"
JOBS: Final = ("receiver", "worker", "web")
REMARK: Final = "UPDATE journal SET mark = 1 + abs(random()) % 4294967295 WHERE mark <> 0"


class NoGoodBackup(Exception):
    """The text says what is wrong, and what can be done."""


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


# -- making one ---------------------------------------------------------------------------------


def back_up(folder: Path, keep: int) -> Path:
    """A verified backup of the running Pi; the oldest beyond `keep` go. The writers do not wait."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    copy, part = folder / f".{stamp}.sqlite3", folder / f".{stamp}.part"
    try:
        _copy_database(copy)
        verify(copy)
        _pack(part, copy)
        final = folder / f"hexabrand-{stamp}.tar"
        part.rename(final)
        _flush(folder)
    finally:
        copy.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
    for old in backups(folder)[keep:]:
        old.unlink()
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


def _flush(folder: Path) -> None:
    """So that the new name survives a power cut too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def verify(database: Path) -> Contents:
    """Raises NoGoodBackup for a file that is empty, damaged, or no herd of ours."""
    if not database.exists() or database.stat().st_size == 0:
        raise NoGoodBackup(f"{database.name} is missing or empty.")
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise NoGoodBackup(f"{database.name} is damaged: {found}")
            (cattle,) = connection.execute("SELECT count(*) FROM cattle").fetchone()
            (payloads,) = connection.execute("SELECT count(*) FROM lora_payload_buffer").fetchone()
            last = connection.execute("SELECT at FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
            return Contents(cattle, payloads, last and last[0])
    except sqlite3.DatabaseError as error:
        raise NoGoodBackup(f"{database.name} is damaged: {error}") from error


# -- going back to one --------------------------------------------------------------------------


def restore(archive: Path) -> Contents:
    """Puts the backup in place of what is here. Raises NoGoodBackup or AlreadyRunning before
    anything is touched."""
    folder = state_dir()
    with ExitStack() as stack:
        for job in JOBS:
            stack.enter_context(only_one(job))
        ready = folder / ".restoring"
        shutil.rmtree(ready, ignore_errors=True)
        contents = _unpack(archive, ready)
        aside = _set_aside(folder)
        for file in ready.iterdir():
            target = database_file() if file.name == DATABASE else folder / file.name
            file.replace(target)
        _flush(folder)
        ready.rmdir()
        _note(archive, contents, aside)
    return contents


def _unpack(archive: Path, ready: Path) -> Contents:
    ready.mkdir(mode=0o700)
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                if member.name in {DATABASE, *KEPT} and member.isreg():
                    tar.extract(member, ready, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise NoGoodBackup(f"{archive} cannot be read: {error}") from error
    contents = verify(ready / DATABASE)
    with closing(sqlite3.connect(ready / DATABASE, isolation_level=None)) as connection:
        connection.execute(REMARK)
    return contents


def _set_aside(folder: Path) -> Path | None:
    """Moves the database away with all that belongs to it; None where there is none."""
    database = database_file()
    there = [Path(f"{database}{end}") for end in BESIDE if Path(f"{database}{end}").exists()]
    if not there:
        return None
    aside = folder / datetime.now(UTC).strftime("set-aside-%Y%m%d-%H%M%S")
    aside.mkdir(mode=0o700)
    for file in there:
        file.replace(aside / file.name)
    return aside


def _note(archive: Path, contents: Contents, aside: Path | None) -> None:
    """For the status: that the herd came from a backup, and what may be missing."""
    told = {
        "at": datetime.now(UTC).isoformat(),
        "backup": archive.name,
        "cut_off": contents.cut_off,
        "set_aside": aside.name if aside else None,
    }
    (state_dir() / NOTE).write_text(json.dumps(told))


def recover(folder: Path) -> str | None:
    """At a start: a database that is gone or damaged is replaced by the newest good backup.

    What was done, None where all is well. Raises NoGoodBackup where there is none: a farm that had
    a herd never starts with an empty one by itself.
    """
    database = database_file()
    if not (state_dir() / "pi-tls.pem").exists():
        return None  # the first start
    try:
        verify(database)
    except NoGoodBackup as error:
        wrong = str(error)
    else:
        return None
    for archive in backups(folder):
        try:
            contents = restore(archive)
        except NoGoodBackup:
            continue
        return (
            f"{wrong} It was set aside, and {archive.name} is in its place: what was stored after"
            f" {contents.cut_off} is not in it."
        )
    raise NoGoodBackup(
        f"{wrong} There is no good backup in {folder}. To look for one elsewhere, see `manage.py"
        f" restore`. To begin with an empty herd, move {database.name} and pi-tls.pem away."
    )
