"""The mark that a process at work leaves every few seconds, so that it is seen when one hangs."""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

EVERY = 5.0  # seconds


class Heartbeat:
    """`beat` as often as one likes: it writes only when it is time."""

    def __init__(self, job: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._job, self._clock = job, clock
        self._next = 0.0

    def beat(self) -> None:
        now = self._clock()
        if now < self._next:
            return
        self._next = now + EVERY
        with contextlib.suppress(OSError):  # it is watched, so it works on all the same
            _overwrite(_file(self._job), f"{_boot()} {now:15.1f}\n")


def seconds_since(job: str) -> float | None:
    """Since the job's last mark; one of an earlier boot is at least as old as this boot.

    None where the job never ran on this machine.
    """
    try:
        boot, at = _file(job).read_text().split()
        marked = float(at)
    except (OSError, ValueError):
        return None
    now = time.monotonic()
    return round(now - marked if boot == _boot() else now, 1)


def _file(job: str) -> Path:
    folder: Path = settings.HEXABRAND_STATE_DIR
    return folder / f"{job}.alive"


def _overwrite(file: Path, text: str) -> None:
    """In its place and of the same length: a full disk has room for that."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(handle, text.encode(), 0)
    finally:
        os.close(handle)


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
