"""The way back from a backup, asked for (`restore`) or at a start that finds the database damaged.

What is replaced is set aside, never deleted, and the restored journal gets new marks, so that every
office loads a new copy.
"""

import json
import shutil
import sqlite3
import tarfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from herd import damage
from hexabrand.safekeeping import (
    BESIDE,
    DATABASE,
    KEPT,
    CannotTell,
    Contents,
    NoGoodBackup,
    backups,
    database_file,
    flush,
    state_dir,
    verify,
)
from lora.single import AlreadyRunning, only_one

NOTE: Final = "restored.json"
JOBS: Final = ("receiver", "worker", "web")
REMARK: Final = "UPDATE journal SET mark = 1 + abs(random()) % 4294967295 WHERE mark <> 0"
PATIENCE: Final = 20.0  # seconds in which processes end that have learnt of the damage
BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Restored:
    """What is in place now, and the folder with what was there before; None where nothing was."""

    contents: Contents
    aside: Path | None


def restore(archive: Path) -> Restored:
    """Puts the whole backup in place of what is here. Raises NoGoodBackup, AlreadyRunning or
    OSError before anything is touched."""
    with _nobody_at_work():
        return _put_in_place(archive, {DATABASE, *KEPT})


def recover(folder: Path, patience: float = PATIENCE) -> str | None:
    """At a start: a database that is gone or damaged is replaced by the newest good backup of it.
    Keys and certificate stay: they are whole, and a backup may hold older ones.

    What was done, None where all is well. Raises NoGoodBackup where there is none: a farm that had
    a herd never starts with an empty one by itself. Raises CannotTell where a lock or a read error
    leaves it open whether there is damage at all.
    """
    if not (state_dir() / "pi-tls.pem").exists():
        damage.unmark()
        return None  # the first start
    wrong = _damage(database_file())
    if wrong is None:
        damage.unmark()
        return None
    damage.mark()  # whoever is still at work ends
    with _when_they_have_ended(patience):
        archive, restored = _newest_good(folder, wrong)
        damage.unmark()
    return (
        f"{wrong} It was set aside, and {archive.name} is in its place: what was stored after"
        f" {restored.contents.cut_off} is not in it."
    )


def _damage(database: Path) -> str | None:
    """What is wrong, once a second reading has found it too: one misread is no damage."""
    for _ in range(2):
        try:
            verify(database)
        except CannotTell:
            raise
        except NoGoodBackup as error:
            wrong = str(error)
        else:
            return None
    _read_through(database)
    return wrong


def _read_through(database: Path) -> None:
    """Raises CannotTell. SQLite takes some pages for malformed that the disk would not give."""
    try:
        with database.open("rb") as file:
            while file.read(BLOCK):
                pass
    except FileNotFoundError:
        return
    except OSError as error:
        raise CannotTell(f"{database.name} cannot be read now: {error}.") from error


def _newest_good(folder: Path, wrong: str) -> tuple[Path, Restored]:
    for archive in backups(folder):
        try:
            return archive, _put_in_place(archive, {DATABASE})
        except CannotTell:
            raise
        except NoGoodBackup:
            continue
    raise NoGoodBackup(
        f"{wrong} There is no good backup in {folder}. To look for one elsewhere, see `manage.py"
        f" restore`. To begin with an empty herd, move {database_file().name} and pi-tls.pem away."
    )


@contextmanager
def _nobody_at_work() -> Iterator[None]:
    with ExitStack() as stack:
        for job in JOBS:
            stack.enter_context(only_one(job))
        yield


@contextmanager
def _when_they_have_ended(
    patience: float, clock: Callable[[], float] = time.monotonic
) -> Iterator[None]:
    with ExitStack() as stack:
        deadline = clock() + patience
        while True:
            try:
                stack.enter_context(_nobody_at_work())
                break
            except AlreadyRunning:
                if clock() > deadline:
                    raise
                time.sleep(0.1)
        yield


def _put_in_place(archive: Path, names: Collection[str]) -> Restored:
    folder = state_dir()
    ready = folder / ".restoring"
    shutil.rmtree(ready, ignore_errors=True)
    try:
        contents = _unpack(archive, ready, names)
        aside = _place_aside(ready)
        _note(ready / NOTE, archive, contents, aside)
        _set_aside(ready, aside)
        for file in ready.iterdir():
            file.replace(database_file() if file.name == DATABASE else folder / file.name)
        flush(folder)
    finally:
        shutil.rmtree(ready, ignore_errors=True)
    return Restored(contents, aside)


def _unpack(archive: Path, ready: Path, names: Collection[str]) -> Contents:
    try:
        ready.mkdir(mode=0o700)
        with tarfile.open(archive) as tar:
            for member in tar:
                if member.name in names and member.isreg():
                    tar.extract(member, ready, filter="data")
    except tarfile.TarError as error:
        raise NoGoodBackup(f"{archive} cannot be read: {error}") from error
    except OSError as error:
        raise CannotTell(
            f"{archive} cannot be unpacked now: {error}. If it stays so, make room, or move that"
            " backup away."
        ) from error
    contents = verify(ready / DATABASE)
    try:
        with closing(sqlite3.connect(ready / DATABASE, isolation_level=None)) as connection:
            connection.execute(REMARK)
    except sqlite3.Error as error:
        raise CannotTell(f"{archive} cannot be unpacked now: {error}") from error
    return contents


def _place_aside(ready: Path) -> Path | None:
    """None where nothing is replaced."""
    if not _of_database() and not _replaced_keys(ready):
        return None
    return state_dir() / datetime.now(UTC).strftime("set-aside-%Y%m%d-%H%M%S")


def _of_database() -> list[Path]:
    files = [Path(f"{database_file()}{end}") for end in BESIDE]
    return [file for file in files if file.exists()]


def _replaced_keys(ready: Path) -> list[Path]:
    names = [name for name in KEPT if (ready / name).exists()]
    return [state_dir() / name for name in names if (state_dir() / name).exists()]


def _set_aside(ready: Path, aside: Path | None) -> None:
    """Moves the database away with all that belongs to it, and copies the keys that are about to be
    replaced: without a certificate, a start that comes in between would be taken for the first."""
    if aside is None:
        return
    aside.mkdir(mode=0o700)
    for file in _replaced_keys(ready):
        shutil.copy2(file, aside / file.name)
    for file in _of_database():
        file.replace(aside / file.name)


def _note(file: Path, archive: Path, contents: Contents, aside: Path | None) -> None:
    """For the status: that the herd came from a backup, and what may be missing."""
    told = {
        "at": datetime.now(UTC).isoformat(),
        "backup": archive.name,
        "cut_off": contents.cut_off,
        "set_aside": aside.name if aside else None,
    }
    file.write_text(json.dumps(told))
