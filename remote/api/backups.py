"""What is known of the Pi's backups: which there are, which is proved, and why there is none."""

import json
import logging
import os
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from herd import durable
from herd.storage.database_corruption import is_sqlite
from remote.threads import start_aside

logger = logging.getLogger(__name__)

Shape = dict[str, Any]

RECORD: Final = "last-backup.json"
NAME: Final = re.compile(r"hexabrand-(\d{8}-\d{6})\.tar(\.gz)?")
FIRST_WITHIN: Final = timedelta(days=1)  # after the first start
ENDS_WITHIN: Final = timedelta(hours=6)
ANSWERS_WITHIN: Final = 2.0  # seconds, of the folder's disk
UNMOUNTED: Final = (
    "{} lay on a disk of its own and does not any more. Mount that disk. If the backups are to lie"
    " where it is now, type `manage.py backup --here` once."
)


class _Look:
    lock = threading.Lock()
    began = 0.0  # by the monotonic clock: nobody sets that one


class DiskGone(Exception):
    """The folder is there, but not the disk that it lay on."""


@dataclass(slots=True)
class Record:
    """What the state folder keeps, to tell of a failure also where the backups' folder is gone."""

    folder: str = ""
    own_disk: bool = False
    started_at: str | None = None
    failed: dict[str, str] | None = None
    # Name → `made_at`, `proved_at`, `release`, `sha256`, of the backups still there.
    made: dict[str, dict[str, Any]] = field(default_factory=dict)


def stamp_of(file: Path) -> datetime | None:
    """Return when a backup was made, by its name; None for any other file."""
    found = NAME.fullmatch(file.name)
    try:
        return datetime.strptime(f"{found[1]}+0000", "%Y%m%d-%H%M%S%z") if found else None
    except ValueError:
        return None


def backups(folder: Path) -> list[Path]:
    """Return the backups in the folder, the newest first. Raise OSError where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            files = [Path(entry.path) for entry in entries]
    except FileNotFoundError:
        return []  # the first backup makes the folder
    found = [file for file in files if stamp_of(file) is not None]
    return sorted(found, key=lambda file: file.name, reverse=True)


def record() -> Record:
    """Return the record; an empty one where there is none, or nothing legible."""
    try:
        return Record(**json.loads((settings.HEXABRAND_STATE_DIR / RECORD).read_text()))
    except (OSError, ValueError, TypeError):
        return Record()


def note_made(file: Path, details: dict[str, Any]) -> None:
    """Put a proved backup on record, and take those that are gone from its folder off it."""
    now = record()
    now.made = {name: row for name, row in now.made.items() if (file.parent / name).exists()}
    now.made[file.name] = details
    now.folder, now.own_disk = str(file.parent), _is_on_own_disk(file.parent)
    _keep(now)


@contextmanager
def noted(folder: Path) -> Iterator[None]:
    """Put on record that a backup begins, and how it ends."""
    if folder != settings.BACKUP_DIR:  # asked for into some other one: not the nightly backup
        yield
        return
    _ended(None, started_at=_iso(datetime.now(UTC)))
    try:
        yield
    except Exception as error:
        _ended(str(error) or type(error).__name__)
        raise
    except BaseException:
        _ended("It was stopped before it was done.")
        raise
    _ended(None)


def check_disk(folder: Path) -> None:
    """Raise DiskGone where the folder lay on another disk when the last backup was made."""
    # An empty mount point would take the backups, on the very card that they are to outlive.
    known = record()
    if known.own_disk and known.folder == str(folder) and not _is_on_own_disk(folder):
        raise DiskGone(UNMOUNTED.format(folder))


def take_as_it_is(folder: Path) -> None:
    """Forget on which disk the folder lay: a person said that it is meant (`backup --here`)."""
    known = record()
    if known.folder == str(folder):
        known.own_disk = False
        _keep(known)


def backup_status(now: datetime) -> Shape:
    """Return what the Pi's status says of its backups; `failed` is why there is no new one."""
    folder: Path = settings.BACKUP_DIR
    known, wrong = record(), None
    try:
        files = _list_in_time(folder)
    except (OSError, DiskGone) as error:
        files, wrong = [], str(error)
    newest = _newest(files, now)
    proved = known.made.get(newest.name, {}).get("proved_at") if newest else None
    at = stamp_of(newest) if newest else None
    return {
        "folder": str(folder),
        "count": len(files),
        "newest_at": _iso(at) if at else None,
        "age_seconds": max(0.0, round((now - at).total_seconds(), 1)) if at else None,
        "proved_at": proved,
        # A database server has backups of its own.
        "failed": _failed(known, files, wrong, now) if is_sqlite() else None,
    }


def listed(folder: Path) -> list[Shape]:
    """Return the backups as REST tells them. `sha256` is null for one that this Pi did not make."""
    known = record().made
    return [
        {
            "name": file.name,
            "bytes": size,
            "made_at": _iso(stamp_of(file)),
            "release": known.get(file.name, {}).get("release"),
            "sha256": known.get(file.name, {}).get("sha256"),
        }
        for file in backups(folder)
        if (size := _size(file)) is not None
    ]


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # pruned meanwhile
        return None


def _list_in_time(folder: Path) -> list[Path]:
    """Return the backups on a disk that may hang. Raise OSError or DiskGone."""
    # A dying disk, or one in the network, must not hold up the status: all of REST would wait.
    timeout = max(0.0, _Look.began + ANSWERS_WITHIN - time.monotonic())
    # One thread at most hangs there, and nobody waits for one that has hung for long.
    if _Look.lock.acquire(timeout=timeout):
        _Look.began = time.monotonic()
        look = start_aside(partial(_look_into, folder))
        wait([look], ANSWERS_WITHIN)
        if look.done():
            return look.result()
    raise TimeoutError(f"{folder} does not answer.")


def _look_into(folder: Path) -> list[Path]:
    try:
        check_disk(folder)
        return backups(folder)
    finally:
        _Look.lock.release()


def _newest(files: list[Path], now: datetime) -> Path | None:
    # One from a day when the clock was ahead must not pass for new for ever.
    past = [file for file in files if (stamp_of(file) or now) <= now + timedelta(minutes=5)]
    return next(iter(past or files[-1:]), None)


def _failed(known: Record, files: list[Path], wrong: str | None, now: datetime) -> Shape | None:
    if wrong is not None:
        return {"at": _iso(now), "reason": wrong}
    if known.failed is not None:
        return dict(known.failed)
    if known.started_at and now - datetime.fromisoformat(known.started_at) > ENDS_WITHIN:
        return {"at": known.started_at, "reason": "A backup was begun and never ended."}
    return None if files else _missing(known, now)


def _missing(known: Record, now: datetime) -> Shape | None:
    reason = ""
    if known.made and known.folder == str(settings.BACKUP_DIR):
        reason = f"The backups that were in {settings.BACKUP_DIR} are gone."
    elif now - _first_start(now) > FIRST_WITHIN:
        reason = "None was ever made; see whether `manage.py backup` runs every night."
    return {"at": _iso(now), "reason": reason} if reason else None


def _first_start(now: datetime) -> datetime:
    try:  # `setup` makes the certificate once, when the Pi is started for the first time
        made = settings.TLS_CERTIFICATE_FILE.stat().st_mtime
    except OSError:
        return now
    return datetime.fromtimestamp(made, UTC)


def _is_on_own_disk(folder: Path) -> bool:
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return there.stat().st_dev != settings.HEXABRAND_STATE_DIR.stat().st_dev


def _ended(reason: str | None, started_at: str | None = None) -> None:
    """Record how a backup ended; one that only begins leaves the last failure standing."""
    now = record()
    now.started_at = started_at
    if reason is not None:
        now.failed = {"at": str(_iso(datetime.now(UTC))), "reason": reason}
    elif started_at is None:
        now.failed = None
    _keep(now)


def _keep(what: Record) -> None:
    try:
        durable.replace(settings.HEXABRAND_STATE_DIR / RECORD, json.dumps(asdict(what)))
    except OSError as error:  # a full disk here must not stop a backup that goes to another one
        logger.warning("How the backup went cannot be put on record: %s", error)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
