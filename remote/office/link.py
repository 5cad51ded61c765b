"""Follows the Pi for as long as the office runs: attempt, wait, attempt again."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from remote.office.attempt import Attempt, Timing
from remote.office.backoff import Ending, Pacer
from remote.office.client import PiClient, client_from_settings
from remote.office.mirror import Mirror, mirror
from remote.office.standing import Standing
from remote.office.troubles import BROKEN_OFF, OWN_FAULT, CopyTooOld, Trouble, trouble_of

log = logging.getLogger(__name__)

KNOCK_SECONDS: Final = 2.0
BANNER_SECONDS: Final = 0.5


@dataclass(slots=True)
class Pace:
    """When things happen; a test brings its own clock."""

    timing: Timing = field(default_factory=Timing)
    pacer: Pacer = field(default_factory=Pacer)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Link:
    """The loop. Everything here happens in the event loop's thread."""

    def __init__(self, mirror: Mirror, client: PiClient, pace: Pace | None = None) -> None:
        self._mirror, self._client = mirror, client
        self._pace = pace or Pace()
        self._standing = Standing(self._pace.clock, mirror.time.now)
        self._needs_new_copy = False
        self._reported = ""

    async def run(self) -> None:
        """For ever, whatever happens to the Pi."""
        banner = asyncio.ensure_future(self._keep_banner())
        try:
            while True:
                await self._attempt_and_pause()
        finally:
            banner.cancel()

    async def _attempt_and_pause(self) -> None:
        pacer, started = self._pace.pacer, self._pace.clock()
        trouble = await self._attempt()
        if self._standing.live_seconds >= pacer.patience.healthy_after:
            pacer.healed()
        self._standing.lost(trouble)
        self._show()
        self._report(trouble)
        delay = pacer.delay(trouble.ending, started, self._pace.clock())
        await self._pause(delay, trouble.ending)

    async def _attempt(self) -> Trouble:
        attempt = Attempt(self._mirror, self._client, self._standing, self._pace.timing)
        try:
            await attempt.run(reload=self._needs_new_copy)
        except Exception as error:
            self._needs_new_copy = self._needs_new_copy and not attempt.has_loaded
            trouble = trouble_of(error, self._client.address)
            if trouble is None:
                log.exception("The link failed in a way that is a fault of the office.")
                trouble = Trouble(Ending.CLOSED, OWN_FAULT)
            if isinstance(error, CopyTooOld) or trouble.reason == OWN_FAULT:
                self._needs_new_copy = True
            return trouble
        return Trouble(Ending.CLOSED, BROKEN_OFF)

    # -- waiting ----------------------------------------------------------------------------

    async def _pause(self, seconds: float, ending: Ending) -> None:
        """While no port answers it knocks, so that a Pi that was restarted is met at once."""
        if ending is not Ending.ABSENT:
            await self._pace.sleep(seconds)
            return
        end = self._pace.clock() + seconds
        while (left := end - self._pace.clock()) > 0:
            await self._pace.sleep(min(left, KNOCK_SECONDS))
            if self._pace.pacer.may_try(self._pace.clock()) and await self._port_answers():
                return

    async def _port_answers(self) -> bool:
        address = self._client.address
        try:
            async with asyncio.timeout(KNOCK_SECONDS):
                _, writer = await asyncio.open_connection(address.host, address.port)
        except OSError:
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return True

    # -- telling ----------------------------------------------------------------------------

    async def _keep_banner(self) -> None:
        """Time alone turns "reconnecting" into "away"."""
        while True:
            self._show()
            await asyncio.sleep(BANNER_SECONDS)

    def _show(self) -> None:
        self._mirror.set_link(self._standing.state(has_copy=self._mirror.cursor is not None))
        self._mirror.notice_clock()
        if self._standing.is_live and self._reported:
            log.info("The link to the Pi at %s is back.", self._client.address)
            self._reported = ""

    def _report(self, trouble: Trouble) -> None:
        if trouble.reason != self._reported:
            log.warning("No link to the Pi: %s", trouble.reason)
            self._reported = trouble.reason


async def follow(
    mirror: Mirror, client: PiClient, stop: asyncio.Event, pace: Pace | None = None
) -> None:
    """Keeps the mirror like the Pi until `stop` is set."""
    work = asyncio.ensure_future(Link(mirror, client, pace).run())
    halt = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({work, halt}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        work.cancel()
        halt.cancel()
        await asyncio.gather(work, halt, return_exceptions=True)


@dataclass(slots=True)
class Running:
    """The one link of this process."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


_running = Running()


def start() -> None:
    """From inside the running event loop; once is enough, more does nothing."""
    if _running.task is None or _running.task.done():
        _running.stop = asyncio.Event()
        _running.task = asyncio.create_task(
            follow(mirror, client_from_settings(), _running.stop), name="link to the Pi"
        )


async def stop() -> None:
    if _running.task is not None:
        _running.stop.set()
        await _running.task
        _running.task = None
