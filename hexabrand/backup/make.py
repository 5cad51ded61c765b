"""Backups of the Pi: herd, keys, certificate and settings in a single file, made while it runs.

A backup counts once its database has been checked and the file itself has been read back. (The way
back from one: `restore`.)
"""

import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from herd import durable
from hexabrand.backup import archive
from hexabrand.backup.archive import KEYS, SETTINGS, Manifest, sha256_of
from hexabrand.backup.database import (
    DATABASE,
    NoGoodBackup,
    applied_migrations,
    database_file,
    database_files,
    state_dir,
    verify,
)
from lora.processes.disk_space import MEGABYTE
from lora.processes.process_lock import AlreadyRunning, only_one
from remote.api.backups import DiskGone, backups, check_disk, note_made, noted, take_as_it_is
from remote.wire import RELEASE

# Every way in which a backup does not come to be.
FAILURES: Final = (NoGoodBackup, DiskGone, AlreadyRunning, sqlite3.Error, OSError)
HALF_MADE: Final = re.compile(r"\.\d{8}-\d{6}\.(part|sqlite3)(-journal)?")
# An archive had 0.22 of its database's size with two years of radio; twice that is safe.
ARCHIVE_SHARE: Final = 0.5


def back_up(folder: Path, keep: int, *, here: bool = False) -> Path:
    """Make a proved backup of the running Pi; the oldest beyond `keep` go. The writers do not wait.
    `here` takes the folder as it is, also where it lay on another disk before.

    Raises what FAILURES names: no backup was made."""
    database_file()  # refuses a server's
    with only_one("backup"), noted(folder):
        if here:
            take_as_it_is(folder)
        check_disk(folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder)
        _make_room(folder, keep)
        final = _make(folder)
        for old in backups(folder)[keep:]:
            old.unlink()
    return final


def _sweep(folder: Path) -> None:
    """Delete what a backup that was killed has left."""
    for file in folder.iterdir():
        if HALF_MADE.fullmatch(file.name):
            file.unlink(missing_ok=True)


def _make_room(folder: Path, keep: int) -> None:
    """See to room for the copy and its archive."""
    # Old backups go before their time only where that helps, and the newest never.
    size = sum(file.stat().st_size for file in database_files())
    needed = int((1 + ARCHIVE_SHARE) * size) + settings.DISK_RESERVE * MEGABYTE
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
    now = datetime.now(UTC)
    stamp = now.strftime("%Y%m%d-%H%M%S")
    copy, part = folder / f".{stamp}.sqlite3", folder / f".{stamp}.part"
    final = folder / f"hexabrand-{stamp}.tar.gz"
    try:
        _copy_database(copy)
        files = _files(copy)
        manifest = _manifest(copy, files, now)
        archive.pack(part, manifest, files)
        digest = sha256_of(part)
        archive.prove(part, manifest)
        part.rename(final)
        durable.flush(folder)
    finally:
        copy.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
    proved = datetime.now(UTC).isoformat(timespec="seconds")
    if folder == settings.BACKUP_DIR:
        note_made(final, {"release": RELEASE, "sha256": digest, "proved_at": proved})
    return final


def _copy_database(copy: Path) -> None:
    # `VACUUM INTO` reads one moment; the online backup would begin anew at every commit.
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(database_file(), isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", [str(copy)])


def _files(copy: Path) -> dict[str, Path | bytes]:
    # Keys are read now: a restore in between would change them under the hash.
    keys = [name for name in KEYS if (state_dir() / name).exists()]
    found: dict[str, Path | bytes] = {DATABASE: copy}
    found.update({name: (state_dir() / name).read_bytes() for name in keys})
    found[SETTINGS] = archive.dump_settings(archive.settings_in_effect())
    return found


def _manifest(copy: Path, files: dict[str, Path | bytes], now: datetime) -> Manifest:
    contents = verify(copy)
    return Manifest(
        release=RELEASE,
        made_at=now.isoformat(timespec="seconds"),
        contents=contents,
        migrations=[f"{app}.{name}" for app, name in sorted(applied_migrations(copy))],
        settings=list(archive.settings_in_effect()),
        files={name: archive.hash_of(content) for name, content in files.items()},
    )
