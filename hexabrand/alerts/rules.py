"""When an item becomes an alert and when it is over. No clock, no files, no network: the loop hands
in how much time has passed by a clock that nobody sets, and the local time for quiet hours."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, time
from typing import Any, Literal

from remote.attention import AttentionItem

Event = Literal["begin", "end", "test"]
MOST_ALERTS = 1_000  # all of them are in one file, which each change writes anew


@dataclass(frozen=True, slots=True)
class Seen:
    """The items that stand now. With `complete=False` one that is missing may stand all the same,
    because nobody can look: nothing is over."""

    items: Sequence[AttentionItem]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, in local time, over midnight where the end is earlier."""

    start: time
    end: time

    def holds(self, local: datetime) -> bool:
        now = local.time()
        if self.start <= self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end


@dataclass(frozen=True, slots=True)
class Rules:
    """`after`: seconds a thing must last before it is told, and be gone before it is over."""

    after: float
    quiet: QuietHours | None = None

    def lets(self, severity: str, local: datetime) -> bool:
        return severity == "urgent" or self.quiet is None or not self.quiet.holds(local)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is sent. `id` stays when sending is repeated, so that a receiver can tell."""

    id: str
    event: Event
    key: str
    text: str
    severity: str
    link: str
    since: str
    at: str


@dataclass(slots=True)
class Alert:
    """One thing that stands, or was told and is not over yet. `stood` and `gone` are seconds."""

    key: str
    text: str
    severity: str
    link: str
    since: str
    after: float | None = None
    stood: float = 0.0
    gone: float = 0.0
    is_here: bool = True
    told_at: str = ""


@dataclass(slots=True)
class AlertBook:
    """Every alert by its key. `step` is called again and again."""

    alerts: dict[str, Alert] = field(default_factory=dict)

    def step(self, seen: Seen, elapsed: float, local: datetime, rules: Rules) -> list[Notice]:
        """Take in what stands after so many seconds; return what is to be told."""
        present = {item.key for item in seen.items}
        for item in seen.items:
            self._stands(item, elapsed, local)
        if seen.complete:
            for key in self.alerts.keys() - present:
                self._misses(self.alerts[key], elapsed)
        return [*self._beginnings(local, rules), *self._endings(local, rules)]

    def notified(self) -> frozenset[str]:
        return frozenset(key for key, alert in self.alerts.items() if alert.told_at)

    def as_rows(self) -> list[dict[str, Any]]:
        return [asdict(alert) for alert in self.alerts.values()]

    @classmethod
    def from_rows(cls, rows: Sequence[dict[str, Any]]) -> "AlertBook":
        return cls({row["key"]: Alert(**row) for row in rows})

    # -- inside -----------------------------------------------------------------------------

    def _stands(self, item: AttentionItem, elapsed: float, local: datetime) -> None:
        alert = self.alerts.get(item.key)
        if not item.begins and (alert is None or not alert.told_at):
            self.alerts.pop(item.key, None)
            return
        if alert is None:
            if len(self.alerts) < MOST_ALERTS:
                self.alerts[item.key] = _alert(item, local)
            return
        alert.stood += elapsed
        alert.gone, alert.is_here = 0.0, True
        if not alert.told_at:  # what is over is called what it was called when it was told
            alert.text, alert.severity, alert.link = item.text, item.severity, item.link

    def _misses(self, alert: Alert, elapsed: float) -> None:
        """Count from the first look that did not find it."""
        if not alert.told_at:
            del self.alerts[alert.key]
        elif alert.is_here:
            alert.is_here = False
        else:
            alert.gone += elapsed

    def _beginnings(self, local: datetime, rules: Rules) -> list[Notice]:
        found = []
        for alert in self.alerts.values():
            after = rules.after if alert.after is None else alert.after
            is_due = alert.is_here and not alert.told_at and alert.stood >= after
            if is_due and rules.lets(alert.severity, local):
                alert.told_at = iso(local)
                found.append(_notice("begin", alert, local))
        return found

    def _endings(self, local: datetime, rules: Rules) -> list[Notice]:
        over = [
            alert
            for alert in self.alerts.values()
            if not alert.is_here and alert.gone >= rules.after and rules.lets(alert.severity, local)
        ]
        for alert in over:
            del self.alerts[alert.key]
        return [_notice("end", alert, local) for alert in over]


def new_notice(event: Event, item: AttentionItem, now: datetime) -> Notice:
    """Return a notice of an item that no book keeps."""
    return _notice(event, _alert(item, now), now)


def _alert(item: AttentionItem, now: datetime) -> Alert:
    since = iso(item.since or now)
    return Alert(item.key, item.text, item.severity, item.link, since, item.after)


def _notice(event: Event, alert: Alert, now: datetime) -> Notice:
    what = alert.key, alert.text, alert.severity, alert.link, alert.since
    return Notice(uuid.uuid4().hex, event, *what, iso(now))


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
