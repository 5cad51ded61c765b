"""Follows the Pi for as long as the office runs: attempt, wait, attempt again."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, NoReturn

from django.utils.translation import gettext_noop

from remote.office.link.backoff import Ending, Pacer
from remote.office.link.configuration import Configuration
from remote.office.link.finding import Finder
from remote.office.link.link_errors import (
    BROKEN_OFF,
    OWN_FAULT,
    CopyTooOld,
    LinkError,
    link_error_of,
)
from remote.office.link.pairing import PairingWatch
from remote.office.link.session import LinkSession, Timing
from remote.office.live.link_status import LinkStatus
from remote.office.mirror.mirror import Mirror

log = logging.getLogger(__name__)

PAIRED_ANEW: Final = gettext_noop("This office was paired anew, and connects.")
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

    def __init__(
        self,
        mirror: Mirror,
        finder: Finder,
        pace: Pace | None = None,
        pairings: PairingWatch | None = None,
    ) -> None:
        self._mirror, self._finder, self._client = mirror, finder, finder.client
        self._pace, self._pairings = pace or Pace(), pairings
        self._link_status = LinkStatus(self._pace.clock, mirror.time.now)
        self._needs_new_copy = False
        self._reported = ""
        self._proved: object = None  # the address that was remembered last
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Follow the Pi from now on, in the running event loop; a second call does nothing."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self.run(), name="link to the Pi")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def run(self) -> None:
        """Keep the mirror like the Pi for ever, whatever happens to that."""
        banner = asyncio.ensure_future(self._keep_banner())
        try:
            while True:
                configuration = await self._until_paired_anew()
                self._turn_to(configuration)
        finally:
            banner.cancel()

    async def _until_paired_anew(self) -> Configuration:
        work = asyncio.ensure_future(self._keep_trying())
        if self._pairings is None:
            return await work
        paired = asyncio.ensure_future(self._pairings.changed())
        try:
            await asyncio.wait({work, paired}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()  # never ends but by an error
            return await paired
        finally:
            work.cancel()
            paired.cancel()
            await asyncio.gather(work, paired, return_exceptions=True)

    def _turn_to(self, configuration: Configuration) -> None:
        """Follow what was paired anew; another Pi's copy is shown until the new one is here."""
        if self._finder.follow(configuration):
            self._needs_new_copy = True
        # The tries at the Pi before are not the burden of this one.
        self._pace.pacer = Pacer(self._pace.pacer.patience, self._pace.pacer.delays)
        self._link_status.lost(LinkError(Ending.CLOSED, PAIRED_ANEW))
        self._show()
        log.info("This office was paired anew: it follows the Pi at %s.", self._client.address)

    async def _keep_trying(self) -> NoReturn:
        while True:
            await self._attempt_and_pause()

    async def _attempt_and_pause(self) -> None:
        pacer, started = self._pace.pacer, self._pace.clock()
        address = self._client.address  # `look` may have found a better one by the end
        trouble = await self._attempt()
        if self._link_status.live_seconds >= pacer.patience.healthy_after:
            pacer.healed()
        self._link_status.lost(trouble)
        self._show()
        self._report(trouble)
        delay = pacer.delay(trouble.ending, started, self._pace.clock())
        if self._client.address is address:
            await self._pause(delay, trouble)

    async def _attempt(self) -> LinkError:
        attempt = LinkSession(self._mirror, self._finder, self._link_status, self._pace.timing)
        try:
            await attempt.run(reload=self._needs_new_copy)
        except Exception as error:
            self._needs_new_copy = self._needs_new_copy and not attempt.has_loaded
            trouble = link_error_of(error, self._client.address)
            if trouble is None:
                log.exception("The link failed in a way that is a fault of the office.")
                trouble = LinkError(Ending.CLOSED, OWN_FAULT)
            if isinstance(error, CopyTooOld) or trouble.reason == OWN_FAULT:
                self._needs_new_copy = True
            return trouble
        return LinkError(Ending.CLOSED, BROKEN_OFF)

    # -- waiting ----------------------------------------------------------------------------

    async def _pause(self, seconds: float, trouble: LinkError) -> None:
        """Wait, and look meanwhile where the Pi answers: one that was restarted is met at once."""
        if not trouble.may_be_elsewhere:
            await self._pace.sleep(seconds)
            return
        # What is broken, not absent, is not knocked at; the Pi's other addresses are.
        here_too = trouble.ending in {Ending.ABSENT, Ending.REFUSED}
        if trouble.ending is Ending.CLOSED:
            await self._pace.sleep(seconds)
            await self._finder.look(here_too=False)
            return
        end = self._pace.clock() + seconds
        with self._finder.searching():
            while (left := end - self._pace.clock()) > 0:
                # A port that opens is a process that was started anew: fifty kills in a row were
                # met after 13 s at the median before this (decision 9).
                await self._pace.sleep(min(left, KNOCK_SECONDS))
                may_try = self._pace.pacer.may_try(self._pace.clock())
                if may_try and await self._finder.look(here_too=here_too):
                    return

    # -- telling ----------------------------------------------------------------------------

    async def _keep_banner(self) -> None:
        """Look at the link twice a second: time alone turns "reconnecting" into "away"."""
        while True:
            self._show()
            await asyncio.sleep(BANNER_SECONDS)

    def _show(self) -> None:
        self._mirror.set_link(self._link_status.state(has_copy=self._mirror.cursor is not None))
        self._mirror.notice_clock()
        if self._link_status.is_live and self._reported:
            log.info("The link to the Pi at %s is back.", self._client.address)
            self._reported = ""
        if self._link_status.is_live and self._client.address is not self._proved:
            self._proved = self._client.address
            self._finder.remember()

    def _report(self, trouble: LinkError) -> None:
        if trouble.reason != self._reported:
            log.warning("No link to the Pi: %s", trouble.reason)
            self._reported = trouble.reason
