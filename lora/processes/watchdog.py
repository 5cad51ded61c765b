"""Telling that a process still does its work: to the service manager, and by a file in the state
folder to the web process and to `status`.

sd_notify(3): datagrams to the socket that NOTIFY_SOCKET names. Without one there is only the file.
"""

import contextlib
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

PATIENCE = 5.0  # seconds for the writers' line, and again for the database: not silent for long
SHARE = 3  # pings within the time after which the manager takes the process for dead
EVERY = 5.0  # seconds
HUNG_AFTER = 20.0  # seconds without a beat
GONE_AFTER = 10.0  # where there is no such process any more: longer than it takes to start anew


@dataclass(frozen=True, slots=True)
class Beat:
    """What a process has left of itself. Seconds: since the beat, since its start, and for how
    long its work has failed (0 where it does not). `waiting` is what it holds in memory, `spilled`
    what lies in its spill file."""

    age: float
    running: float = 0.0
    failing: float = 0.0
    waiting: int = 0
    pid: int = 0
    spilled: int = 0

    @property
    def is_fresh(self) -> bool:
        is_known_gone = self.pid > 0 and not self.is_process_there
        return self.age <= (GONE_AFTER if is_known_gone else HUNG_AFTER)

    @property
    def is_process_there(self) -> bool:
        """Return whether there is a process of this number, which may be another one by now."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return self.pid > 0


class Heartbeat:
    """`beat` as often as one likes: it writes only when it is time."""

    def __init__(self, job: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._job, self._clock = job, clock
        self._next = 0.0
        self._began = clock()
        self._failing_since: float | None = None
        self.waiting = self.spilled = 0

    def beat(self) -> None:
        now = self._clock()
        if not self._job or now < self._next:
            return
        self._next = now + EVERY
        with contextlib.suppress(OSError):  # it is watched, so it works on all the same
            _overwrite(_file(self._job), self._line(now))

    def fails(self, waiting: int = 0, spilled: int = 0) -> None:
        """Note that the work of this process cannot be done just now."""
        self.waiting, self.spilled = waiting, spilled
        if self._failing_since is None:
            self._failing_since = self._clock()

    def works(self, waiting: int = 0, spilled: int = 0) -> None:
        self.waiting, self.spilled = waiting, spilled
        self._failing_since = None

    def _line(self, now: float) -> str:
        failing = 0.0 if self._failing_since is None else now - self._failing_since
        running = now - self._began
        return (
            f"{_boot()} {now:15.1f} {running:15.1f} {failing:15.1f} {self.waiting:10d}"
            f" {os.getpid():10d} {self.spilled:10d}\n"
        )


class Watchdog(Heartbeat):
    """Call `alive` from the loop that does the work: a thread of its own would prove nothing."""

    def __init__(self, job: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(job, clock)
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        self._every = int(os.environ.get("WATCHDOG_USEC") or 0) / 1_000_000 / SHARE
        self._next_ping = 0.0
        self._is_ready = False

    def alive(self) -> None:
        """Tell that the work goes on, when it is time. Call it as often as you like."""
        self.beat()
        if not self._address:
            return
        if not self._is_ready:
            self._is_ready = True
            self._tell("READY=1")
        now = self._clock()
        if self._every and now >= self._next_ping:
            self._next_ping = now + self._every
            self._tell("WATCHDOG=1")

    def _tell(self, text: str) -> None:
        """Tell the service manager; one that does not listen must not stop the work."""
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out,
        ):
            out.setblocking(False)  # noqa: FBT003 - socket has no keyword
            out.sendto(text.encode(), address)


def last_beat(job: str) -> Beat | None:
    """Return the job's last beat; one of an earlier boot is at least as old as this boot.

    None where the job never ran on this machine.
    """
    try:
        boot, at, *more = _file(job).read_text().split()
        marked, numbers = float(at), [float(number) for number in more]
        now, is_this_boot = time.monotonic(), boot == _boot()
    except (OSError, ValueError):
        return None
    if not is_this_boot:
        return Beat(now)
    age = now - marked
    if len(numbers) < 4:  # of an older release
        return Beat(age)
    running, failing, *counts = numbers
    return Beat(age, running + age, failing + age if failing else 0.0, *map(int, counts))


def seconds_since(job: str) -> float | None:
    """Return the seconds since the job's last beat; None where it never ran on this machine."""
    beat = last_beat(job)
    return round(beat.age, 1) if beat else None


def _file(job: str) -> Path:
    folder: Path = settings.HEXABRAND_STATE_DIR
    return folder / f"{job}.alive"


def _overwrite(file: Path, text: str) -> None:
    # In its place and of the same length: a full disk has room for that.
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(handle, text.encode(), 0)
    finally:
        os.close(handle)


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
