"""`manage.py alert`: what stands and what was told; `--test` sends a test each way."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from hexabrand.alerts import loop, wording
from hexabrand.alerts.outbox import DeliveryFailed
from hexabrand.alerts.rules import new_notice
from remote.attention import AttentionItem, moment

NO_WAY = (
    "No way out is set. Give ALERT_EMAIL_TO and SMTP_URL, or ALERT_WEBHOOK_URL and"
    " ALERT_WEBHOOK_SECRET (docs/alerts.md), and start the service again."
)


class Command(BaseCommand):
    help = "Show which alerts stand and which were told; --test sends one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--test", action="store_true", help="send a test each way")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["test"]:
            self._test()
        else:
            self._show()

    def _test(self) -> None:
        ways = loop.senders()
        if not ways:
            raise CommandError(NO_WAY)
        item = AttentionItem("test", _("This is a test: alerts arrive here"))
        failed = False
        for way in ways:
            try:
                way.send([new_notice("test", item, timezone.localtime())])
                self.stdout.write(f"{way.name}: sent")
            except DeliveryFailed as error:
                failed = True
                self.stdout.write(f"{way.name}: not sent. {error}")
        if failed:
            raise CommandError("Not every way works.")

    def _show(self) -> None:
        state = loop.store().load()
        if not loop.senders():
            self.stdout.write(NO_WAY)
        alerts = [row for row in state.get("alerts", []) if row["told_at"]]
        self._list("Stands and was told:", [_line(row["told_at"], row["text"]) for row in alerts])
        lines = [
            _line(row["at"], f"{row['text']}{' (over)' if row['event'] == 'end' else ''}")
            for row in state.get("told", [])
        ]
        self._list("Told lately:", lines)
        for name, queue in state.get("queues", {}).items():
            if queue["waiting"]:
                waiting = len(queue["waiting"])
                self.stdout.write(f"{name}: {waiting} wait to be sent. {queue['trouble']}")

    def _list(self, heading: str, lines: list[str]) -> None:
        self.stdout.write(heading if lines else f"{heading} nothing")
        for line in lines:
            self.stdout.write(f"  {line}")


def _line(at: str, text: str) -> str:
    return f"{moment(datetime.fromisoformat(at))}  {wording.one_line(text)}"
