"""Telling the service manager, and the web process, that a process still does its work.

sd_notify(3): datagrams to the socket that NOTIFY_SOCKET names. Without one there is only the mark
that a job leaves for the web process (lora.processes.heartbeat).
"""

import contextlib
import os
import socket
import time
from collections.abc import Callable

from lora.processes.heartbeat import Heartbeat

PATIENCE = 5.0  # seconds for the writers' line, and again for the database: not silent for long
SHARE = 3  # pings within the time after which the manager takes the process for dead


class Watchdog:
    """Call `alive` from the loop that does the work: a thread of its own would prove nothing."""

    def __init__(self, job: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heartbeat = Heartbeat(job, clock) if job else None
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        self._every = int(os.environ.get("WATCHDOG_USEC") or 0) / 1_000_000 / SHARE
        self._next = 0.0
        self._is_ready = False

    def fails(self, waiting: int = 0) -> None:
        """Tell that the work cannot be done just now, and how much waits in memory for it."""
        if self._heartbeat:
            self._heartbeat.fails(waiting)

    def works(self, waiting: int = 0) -> None:
        if self._heartbeat:
            self._heartbeat.works(waiting)

    def alive(self) -> None:
        """As often as one likes: it says something only when it is time."""
        if self._heartbeat:
            self._heartbeat.beat()
        if not self._address:
            return
        if not self._is_ready:
            self._is_ready = True
            self._tell("READY=1")
        now = self._clock()
        if self._every and now >= self._next:
            self._next = now + self._every
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
