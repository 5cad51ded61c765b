"""Copies of the Pi's backups at the office, encrypted so that this machine cannot read them.

The office keeps the public half of a recovery key. The other half is printed once, and is what the
copies are read with on a new Pi.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings

from herd import durable
from remote import encryption
from remote.office.link import pinning
from remote.office.link.client import PiClient
from remote.office.link.link_errors import PiError, PiRefused, PiUnreachable
from remote.office.mirror.tables import Row

FOLDER: Final = "pulled"
RECORD: Final = "last-pull.json"
PUBLIC_KEY: Final = "office-recovery.pub"
NAME: Final = re.compile(r"hexabrand-\d{8}-\d{6}\.tar(\.gz)?")
ENDING: Final = ".enc"
TRIES: Final = 6
WAIT_SECONDS: Final = 5.0  # before the Pi is asked for the rest


class NoCopy(Exception):
    """The text says why, and what can be done."""


FAILURES: Final = (NoCopy, PiError, OSError)


@dataclass(frozen=True, slots=True)
class Pulled:
    """How the last pull went. `failed` is None after a good one; `at` is of the last good one."""

    at: str | None = None
    name: str | None = None
    made_at: str | None = None
    failed: dict[str, str] | None = None


# -- the recovery key -------------------------------------------------------------------------


def new_recovery_key() -> str:
    """Make a key, keep its public half alone, and return the other one: it exists nowhere else."""
    private = encryption.new_recovery_key()
    pinning.store(f"{encryption.public_key(private).hex()}\n", _file(PUBLIC_KEY))
    return private


def first_recovery_key() -> str | None:
    """Return a new key, or None where this office has had one before."""
    return None if _file(PUBLIC_KEY).exists() else new_recovery_key()


def printed(recovery_key: str) -> str:
    return (
        f"Recovery key: {recovery_key}\n"
        "Write it down and keep it away from this machine: it is shown this once, and without it"
        " nobody can read the copies of the Pi's backups that are kept here."
    )


# -- pulling ----------------------------------------------------------------------------------


def pull(client: PiClient, wait: Callable[[float], None] = time.sleep) -> Path:
    """Keep an encrypted copy of the Pi's newest backup; the oldest beyond PULLED_BACKUPS_KEPT go.

    Raises what FAILURES names: no copy was made, and that is on record."""
    with _alone():
        try:
            newest = _newest(client)
            copy = _pull(client, newest, wait)
        except FAILURES as error:
            _fail(error)
            raise
        pinning.store(json.dumps(asdict(_good(newest))), _file(RECORD))
        for old in copies()[settings.PULLED_BACKUPS_KEPT :]:
            old.unlink()
    return copy


def last_pull() -> Pulled | None:
    """Return how it went, None where this office has never pulled."""
    try:
        return Pulled(**json.loads(_file(RECORD).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def copies() -> list[Path]:
    """Return the newest first."""
    return sorted(_file(FOLDER).glob(f"hexabrand-*{ENDING}"), reverse=True)


def _newest(client: PiClient) -> Row:
    try:
        rows = client.get("backups")["data"]
    except PiRefused as error:
        if error.status == 404:
            raise NoCopy("The Pi's release is too old to hand out its backups.") from error
        raise
    whole = [row for row in rows if NAME.fullmatch(str(row["name"])) and row["sha256"]]
    if not whole:
        raise NoCopy("The Pi has no backup that it has made and proved itself.")
    newest = whole[: settings.PULLED_BACKUPS_KEPT]
    here = {file.name.removesuffix(ENDING) for file in copies()}
    # Not simply the first: one from a day when the Pi's clock was ahead would be that for years.
    return dict(next((row for row in newest if row["name"] not in here), newest[0]))


def _pull(client: PiClient, newest: Row, wait: Callable[[float], None]) -> Path:
    folder = _file(FOLDER)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in folder.glob(".*.part"):  # of a pull that was killed
        part.unlink()
    final = folder / f"{newest['name']}{ENDING}"
    if final.exists():
        return final
    recipient = _recipient()
    _check_room(folder, newest["bytes"])
    part = folder / f".{newest['name']}.part"
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _Copy(file, recipient, newest).fetch(client, wait)
            file.flush()
            os.fsync(file.fileno())
        part.rename(final)  # whole or not there: a copy cut short is worse than none
        durable.flush(folder)  # else a power cut can undo the name, though not the bytes
    finally:
        part.unlink(missing_ok=True)
    return final


class _Copy:
    """One backup on its way: hashed as it comes, encrypted before it touches the disk."""

    def __init__(self, file: IO[bytes], recipient: bytes, announced: Row) -> None:
        self._file, self._announced = file, announced
        self._encryptor = encryption.Encryptor(recipient)
        self._hashed = hashlib.sha256()
        self._received = 0
        file.write(self._encryptor.header)

    def fetch(self, client: PiClient, wait: Callable[[float], None]) -> None:
        """After a broken link the Pi is asked for the rest, some times over."""
        for left in reversed(range(TRIES)):
            try:
                client.download(f"backups/{self._announced['name']}", self._received, self._take)
                break
            except PiUnreachable:
                if not left:
                    raise
                wait(WAIT_SECONDS)
        if (self._received, self._hashed.hexdigest()) != (
            self._announced["bytes"],
            self._announced["sha256"],
        ):
            raise NoCopy(f"{self._announced['name']} came otherwise than the Pi has it. Try again.")
        self._file.write(self._encryptor.finish())

    def _take(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._received > self._announced["bytes"]:
            raise NoCopy(f"{self._announced['name']} is longer than the Pi told.")
        self._hashed.update(chunk)
        self._file.write(self._encryptor.update(chunk))


def _recipient() -> bytes:
    try:
        return bytes.fromhex(_file(PUBLIC_KEY).read_text())
    except (OSError, ValueError) as error:
        raise NoCopy(
            "This office has no recovery key yet. Type `manage.py backup --new-recovery-key` and"
            " write down what it prints."
        ) from error


def _check_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < 2 * size:  # and as much again stays free for the rest of this machine
        raise NoCopy(f"{folder} has {free // 10**6} MB free; the copy has {size // 10**6} MB.")


def _good(newest: Row) -> Pulled:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Pulled(at=now, name=newest["name"], made_at=newest["made_at"])


def _fail(error: Exception) -> None:
    """Record a failure; the last good copy stays on record beside it."""
    before = asdict(last_pull() or Pulled())
    now = datetime.now(UTC).isoformat(timespec="seconds")
    before["failed"] = {"at": now, "reason": str(error)}
    pinning.store(json.dumps(before), _file(RECORD))


@contextmanager
def _alone() -> Iterator[None]:
    with _file("pull.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NoCopy("Another `backup --pull` is at it.") from error
        yield


def _file(name: str) -> Path:
    folder: Any = settings.HEXABRAND_STATE_DIR
    return Path(folder) / name
