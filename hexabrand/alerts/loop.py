"""Looks every few seconds at what stands, and sends what is new; `start_alerts` makes it from the
settings. It never blocks the event loop: what waits for a disk or a network does so in a thread."""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol

from django.conf import settings
from django.utils import timezone

from hexabrand.alerts.outbox import DeliveryFailed, Queue, Sender, Store, trouble_of
from hexabrand.alerts.rules import AlertBook, Notice, QuietHours, Rules, Seen
from hexabrand.alerts.wording import Who, one_line
from remote.attention import alert_file
from remote.threads import run_aside

logger = logging.getLogger(__name__)

LOOK_SECONDS: Final = 5.0  # seconds; oftener where ALERT_AFTER is short
SAVE_SECONDS: Final = 30.0  # for what only counts on; what was told is saved at once
SEND_SECONDS: Final = 60.0  # for one mail or webhook: a server may take it and say nothing
LEAST_LOOK: Final = 0.2  # seconds
TOLD_KEPT: Final = 20  # shown by `manage.py alert`

_tasks: set[asyncio.Task[None]] = set()  # asyncio itself holds a task weakly: it may vanish at work


class Watch(Protocol):
    """What a role looks at. `memory` is kept for it over restarts."""

    async def look(self, notified: frozenset[str], elapsed: float) -> Seen: ...

    def memory(self) -> dict[str, Any]: ...

    def remember(self, memory: Mapping[str, Any]) -> None: ...

    def tell_trouble(self, trouble: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Clocks:
    """One that nobody sets, and the local time."""

    passed: Callable[[], float] = time.monotonic
    local: Callable[[], datetime] = timezone.localtime


class AlertLoop:
    """Everything but saving and sending happens in the event loop's thread."""

    def __init__(
        self,
        watch: Watch,
        senders: Sequence[Sender],
        rules: Rules,
        store: Store,
        clocks: Clocks | None = None,
    ) -> None:
        self._watch, self._rules, self._store = watch, rules, store
        self._clocks = clocks or Clocks()
        self._senders = {sender.name: sender for sender in senders}
        self._look_every = min(LOOK_SECONDS, max(LEAST_LOOK, rules.after / 4))
        self._looked_at: float | None = None
        self._saved_at = self._clocks.passed()
        self._saving = asyncio.Lock()
        self._sending: set[asyncio.Task[None]] = set()
        self._has_failed = False
        self._take_up(store.load())

    def _take_up(self, state: Mapping[str, Any]) -> None:
        try:
            self._book = AlertBook.from_rows(state.get("alerts", []))
            rows = state.get("queues", {})
            self._queues = {name: Queue.from_row(rows.get(name, {})) for name in self._senders}
            self._told_lately = list(state.get("told", []))
            self._watch.remember(state.get("memory", {}))
        except (LookupError, TypeError, AttributeError, ValueError):
            logger.warning("What alerts were told before is not understood; all begins anew.")
            self._book, self._told_lately = AlertBook(), []
            self._queues = {name: Queue() for name in self._senders}
        self._watch.tell_trouble(trouble_of(self._queues))

    async def run(self) -> None:
        """Take step after step for ever, whatever fails."""
        while True:
            try:
                await self.step()
                self._has_failed = False
            except Exception:
                if not self._has_failed:
                    logger.exception("Alerts could not look at what stands; this is logged once.")
                self._has_failed = True
            await asyncio.sleep(self._look_every)

    async def step(self) -> None:
        """Look once, keep what is to be told, and begin to send it."""
        now = self._clocks.passed()
        # A process that was stopped for an hour has not looked for an hour.
        gap = 0.0 if self._looked_at is None else now - self._looked_at
        elapsed, self._looked_at = min(gap, 3 * self._look_every), now
        seen = await self._watch.look(self._book.notified(), elapsed)
        notices = self._book.step(seen, elapsed, self._clocks.local(), self._rules)
        for queue in self._queues.values():
            queue.put(notices)
        self._told_lately = [*self._told_lately, *map(asdict, notices)][-TOLD_KEPT:]
        if notices or now - self._saved_at >= SAVE_SECONDS:
            await self._save()
        self._send_what_is_due()

    # -- sending ----------------------------------------------------------------------------

    def _send_what_is_due(self) -> None:
        for name, queue in self._queues.items():
            if queue.is_due(self._clocks.passed()):
                queue.is_busy = True
                task = asyncio.create_task(self._send(self._senders[name], queue))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)

    async def _send(self, sender: Sender, queue: Queue) -> None:
        """Send what waits, in order, until nothing waits or something fails."""
        try:
            while queue.waiting:
                batch = queue.waiting[: sender.most]
                if trouble := await self._trouble_with(sender, batch):
                    self._note_failure(sender, queue, trouble)
                    break
                self._note_success(sender, queue, batch)
                await self._save()
        finally:
            queue.is_busy = False
        self._watch.tell_trouble(trouble_of(self._queues))
        await self._save()

    async def _trouble_with(self, sender: Sender, batch: Sequence[Notice]) -> str:
        """Send these notices; return why that could not be done, empty where it was."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await run_aside(partial(sender.send, batch))
        except DeliveryFailed as error:
            return str(error)
        except TimeoutError:
            return "Nobody took it within a minute."
        except Exception:
            logger.exception("An alert could not be sent, by a fault of this program.")
            return "A fault of this program, which its log holds."
        return ""

    def _note_failure(self, sender: Sender, queue: Queue, trouble: str) -> None:
        if trouble != queue.trouble:
            logger.warning("An alert by %s could not be sent: %s", sender.name, trouble)
        queue.failed(trouble, self._clocks.passed())

    def _note_success(self, sender: Sender, queue: Queue, batch: Sequence[Notice]) -> None:
        if queue.trouble:
            logger.info("Alerts by %s can be sent again.", sender.name)
        queue.sent(batch)

    # -- keeping ----------------------------------------------------------------------------

    async def _save(self) -> None:
        # One after the other, so that an older state never replaces a newer one.
        async with self._saving:
            self._saved_at = self._clocks.passed()
            await run_aside(partial(self._store.save, self._state()))

    def _state(self) -> dict[str, Any]:
        return {
            "alerts": self._book.as_rows(),
            "queues": {name: queue.as_row() for name, queue in self._queues.items()},
            "trouble": trouble_of(self._queues),
            "told": self._told_lately,
            "memory": self._watch.memory(),
        }


# -- from the settings ----------------------------------------------------------------------------


def role() -> str:
    return "pi" if settings.IS_PI_BACKEND else "office"


def senders() -> list[Sender]:
    """Return the ways out that are set. What each needs is loaded only then."""
    name = settings.ALERT_NAME or socket.gethostname()  # as the kernel has it, without DNS
    who = Who(one_line(name), role(), settings.ALERT_URL)
    found: list[Sender] = []
    if settings.ALERT_EMAIL_TO:
        from hexabrand.alerts.mail import MailSender  # noqa: PLC0415 - memory, see above

        recipients, server = settings.ALERT_EMAIL_TO, settings.SMTP_URL
        # Most servers let nobody write in another name than the one who signed in.
        own = server.user if "@" in server.user else recipients[0]
        sender = settings.ALERT_EMAIL_FROM or own
        found.append(MailSender(server, sender, recipients, who))
    if settings.ALERT_WEBHOOK_URL:
        from hexabrand.alerts.webhook import WebhookSender  # noqa: PLC0415 - memory, see above

        url, secret = settings.ALERT_WEBHOOK_URL, settings.ALERT_WEBHOOK_SECRET
        found.append(WebhookSender(url, secret, who))
    return found


def store() -> Store:
    return Store(alert_file(settings.HEXABRAND_STATE_DIR, role()))


def start_alerts(make_watch: Callable[[], Watch]) -> None:
    """Begin to watch, in the running event loop, where there is a way out; else run nothing."""
    ways = senders()
    if not ways:
        return
    quiet = QuietHours(*settings.ALERT_QUIET) if settings.ALERT_QUIET else None
    loop = AlertLoop(make_watch(), ways, Rules(settings.ALERT_AFTER, quiet), store())
    task = asyncio.create_task(loop.run(), name="alerts")
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
