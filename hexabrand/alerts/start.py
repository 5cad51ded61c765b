"""Puts the parts together from the settings. A role with no way out runs nothing of it."""

import asyncio
import socket
from collections.abc import Callable

from django.conf import settings

from hexabrand.alerts.loop import AlertLoop, Watch
from hexabrand.alerts.outbox import Sender
from hexabrand.alerts.rules import QuietHours, Rules
from hexabrand.alerts.store import Store
from hexabrand.alerts.wording import Who, one_line
from remote.attention import alert_file

_tasks: set[asyncio.Task[None]] = set()


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
        sender = settings.ALERT_EMAIL_FROM or _sender(server.user, recipients)
        found.append(MailSender(server, sender, recipients, who))
    if settings.ALERT_WEBHOOK_URL:
        from hexabrand.alerts.webhook import WebhookSender  # noqa: PLC0415 - memory, see above

        url, secret = settings.ALERT_WEBHOOK_URL, settings.ALERT_WEBHOOK_SECRET
        found.append(WebhookSender(url, secret, who))
    return found


def _sender(user: str, recipients: list[str]) -> str:
    """Most servers let nobody write in another name than the one who signed in."""
    return user if "@" in user else recipients[0]


def rules() -> Rules:
    quiet = QuietHours(*settings.ALERT_QUIET) if settings.ALERT_QUIET else None
    return Rules(settings.ALERT_AFTER, quiet)


def store() -> Store:
    return Store(alert_file(settings.HEXABRAND_STATE_DIR, role()))


def start(make_watch: Callable[[], Watch]) -> None:
    """Begin to watch, in the running event loop, where there is a way out."""
    ways = senders()
    if not ways:
        return
    loop = AlertLoop(make_watch(), ways, rules(), store())
    task = asyncio.create_task(loop.run(), name="alerts")
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
