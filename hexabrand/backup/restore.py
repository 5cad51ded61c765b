"""The way back from a backup, asked for (`restore`) or at a start that finds the database damaged.

What is replaced is set aside, never deleted, and the restored journal gets new marks, so that every
office loads a new copy.
"""

import json
import shutil
import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from herd import durable
from herd.storage import database_corruption
from hexabrand.backup.archive import BLOCK, KEYS, SETTINGS, Manifest, parse_settings, unpack
from hexabrand.backup.database import (
    DATABASE,
    CannotTell,
    Contents,
    NoGoodBackup,
    applied_migrations,
    database_file,
    database_files,
    state_dir,
    verify,
)
from hexabrand.releases import unknown_migrations
from lora.processes.process_lock import AlreadyRunning, only_one
from remote.api.backups import backups, stamp_of
from remote.encryption import BadEncryptedFile, BadRecoveryKey, decrypted
from remote.wire import RELEASE

NOTE: Final = "restored.json"
JOBS: Final = ("receiver", "worker", "web")  # each holds its lock while it has the database open
REMARK: Final = "UPDATE journal SET mark = 1 + abs(random()) % 4294967295 WHERE mark <> 0"
PATIENCE: Final = 20.0  # seconds in which processes end that have learnt of the damage
READY: Final = ".restoring"
CHECKING: Final = ".checking"  # another folder than a restore's: both may be at work
BESIDE_DATABASE: Final = (*KEYS, SETTINGS)
ALL_FILES: Final = (DATABASE, *BESIDE_DATABASE)
ENCRYPTED: Final = ".enc"


@dataclass(frozen=True, slots=True)
class Restored:
    """What is in place now, and the folder with what was there before; None where nothing was."""

    contents: Contents
    aside: Path | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A backup that is unpacked and checked, and not in place yet. `manifest` is None for one of a
    release before 1.1; `settings` are those it holds."""

    archive: Path
    folder: Path
    manifest: Manifest | None
    contents: Contents
    settings: dict[str, str]

    @property
    def made_at(self) -> str:
        stamp = stamp_of(Path(self.archive.name.removesuffix(ENCRYPTED)))
        if self.manifest is not None:
            return self.manifest.made_at
        return stamp.isoformat() if stamp else "at a time that it does not tell"

    def replaces(self) -> list[Path]:
        """Return what would be set aside: the database's files, and keys and settings."""
        return database_files() + _replaced(self.folder)

    def put_in_place(self) -> Restored:
        """Set aside what is here, and put the backup in its place."""
        _mark_anew(self)
        stamp = datetime.now(UTC).strftime("set-aside-%Y%m%d-%H%M%S")
        aside = state_dir() / stamp if self.replaces() else None
        _note(self.folder / NOTE, self.archive, self.contents, aside)
        _set_aside(self.folder, aside)
        for file in self.folder.iterdir():
            file.replace(database_file() if file.name == DATABASE else state_dir() / file.name)
        durable.flush(state_dir())
        return Restored(self.contents, aside)


@contextmanager
def prepared(archive: Path, recovery_key: str = "") -> Iterator[Prepared]:
    """Unpack and check a backup while nobody is at work; `put_in_place` then restores it. Raises
    NoGoodBackup, AlreadyRunning or OSError before anything is touched."""
    with _nobody_at_work(), _unpacked(archive, READY, ALL_FILES, recovery_key) as found:
        yield found


@contextmanager
def looked_at(archive: Path, recovery_key: str = "") -> Iterator[Prepared]:
    """Unpack and check a backup beside a running Pi, only to tell of it."""
    with only_one("check"), _unpacked(archive, CHECKING, ALL_FILES, recovery_key) as found:
        yield found


def recover(folder: Path, timeout: float = PATIENCE) -> str | None:
    """Replace a database that is gone or damaged by the newest good backup of it, at a start.

    Return what was done, None where all is well. Raise NoGoodBackup where there is none: a farm
    that had a herd never starts with an empty one by itself. Raise CannotTell where a lock or a
    read error leaves it open whether there is damage at all.
    """
    # Keys and certificate stay: they are whole, and a backup may hold older ones.
    if not (state_dir() / "pi-tls.pem").exists():
        database_corruption.unmark()
        return None  # the first start
    wrong = _damage(database_file())
    if wrong is None:
        database_corruption.unmark()
        return None
    database_corruption.mark()  # whoever is still at work ends
    with _nobody_at_work(timeout):
        archive, restored = _newest_good(folder, wrong)
        database_corruption.unmark()
    return (
        f"{wrong} It was set aside, and {archive.name} is in its place: what was stored after"
        f" {restored.contents.cut_off} is not in it."
    )


def _damage(database: Path) -> str | None:
    """Return what is wrong with the database, None where nothing is."""
    # Once a second reading has found it too: one misread is no damage.
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
    """Raise CannotTell. SQLite takes some pages for malformed that the disk would not give."""
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
            with _unpacked(archive, READY, {DATABASE}) as found:
                return archive, found.put_in_place()
        except CannotTell:
            raise
        except NoGoodBackup:
            continue
    raise NoGoodBackup(
        f"{wrong} There is no good backup in {folder}. To look for one elsewhere, see `manage.py"
        f" restore`. To begin with an empty herd, move {database_file().name} and pi-tls.pem away."
    )


@contextmanager
def _nobody_at_work(timeout: float = 0.0) -> Iterator[None]:
    """Hold the lock of every job, once those at work have ended. Raise AlreadyRunning."""
    deadline, waiting = time.monotonic() + timeout, list(JOBS)
    with ExitStack() as stack:
        while waiting:
            try:
                stack.enter_context(only_one(waiting[0]))
                del waiting[0]
            except AlreadyRunning:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(0.1)
        yield


@contextmanager
def _unpacked(
    archive: Path, folder: str, names: Collection[str], recovery_key: str = ""
) -> Iterator[Prepared]:
    ready = state_dir() / folder
    shutil.rmtree(ready, ignore_errors=True)
    plain = state_dir() / f"{folder}.tar"
    try:
        if archive.suffix == ENCRYPTED:
            _decrypt(archive, plain, recovery_key)
        manifest = unpack(plain if plain.exists() else archive, ready, names)
        contents = verify(ready / DATABASE)
        _check_release(archive, manifest, ready / DATABASE)
        given = parse_settings(ready / SETTINGS)
        yield Prepared(archive, ready, manifest, contents, given)
    finally:
        plain.unlink(missing_ok=True)
        shutil.rmtree(ready, ignore_errors=True)


def _decrypt(archive: Path, plain: Path, recovery_key: str) -> None:
    plain.unlink(missing_ok=True)
    plain.touch(mode=0o600)
    try:
        with archive.open("rb") as file, plain.open("wb") as written:
            for chunk in decrypted(file, recovery_key):
                written.write(chunk)
    except (BadRecoveryKey, BadEncryptedFile) as error:
        raise NoGoodBackup(f"{archive} cannot be read: {error}") from error


def _check_release(archive: Path, manifest: Manifest | None, database: Path) -> None:
    """Raise NoGoodBackup for tables that this release does not know."""
    try:
        unknown = unknown_migrations(applied_migrations(database))
    except sqlite3.Error as error:
        raise NoGoodBackup(f"{archive.name} does not tell of which release it is.") from error
    if unknown:
        newer = f"HexaBrand {manifest.release}" if manifest else "a newer HexaBrand"
        raise NoGoodBackup(
            f"{archive.name} was made by {newer}, whose tables this one ({RELEASE}) does not know"
            f" ({', '.join(unknown[:3])}). Install that release here, then restore."
        )


def _mark_anew(found: Prepared) -> None:
    try:
        with closing(sqlite3.connect(found.folder / DATABASE, isolation_level=None)) as connection:
            connection.execute(REMARK)
    except sqlite3.Error as error:
        raise CannotTell(f"{found.archive} cannot be unpacked now: {error}") from error


def _replaced(ready: Path) -> list[Path]:
    names = [name for name in BESIDE_DATABASE if (ready / name).exists()]
    return [state_dir() / name for name in names if (state_dir() / name).exists()]


def _set_aside(ready: Path, aside: Path | None) -> None:
    """Move the database away with all that belongs to it, and copy the keys that are about to be
    replaced: without a certificate, a start that comes in between would be taken for the first."""
    if aside is None:
        return
    aside.mkdir(mode=0o700)
    for file in _replaced(ready):
        shutil.copy2(file, aside / file.name)
    for file in database_files():
        file.replace(aside / file.name)


def _note(file: Path, archive: Path, contents: Contents, aside: Path | None) -> None:
    """Note for the status that the herd came from a backup, and what may be missing."""
    note = {
        "at": datetime.now(UTC).isoformat(),
        "backup": archive.name,
        "cut_off": contents.cut_off,
        "set_aside": aside.name if aside else None,
    }
    file.write_text(json.dumps(note))
