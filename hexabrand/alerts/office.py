"""What the office tells: its attention list, and while the Pi is away that it is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hexabrand.alerts.rules import Seen
from remote.office.mirror.mirror import Mirror
from remote.office.work.attention_list import all_items
from remote.office.work.machine_work import LINK, UNSENT


class OfficeWatch:
    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror

    async def look(self, notified: frozenset[str], elapsed: float) -> Seen:
        """Without the Pi the copy is old: nothing of it begins, and nothing is over."""
        items = [item for item in all_items(self._mirror) if item.key != UNSENT]
        if self._mirror.link.state == "live" and self._mirror.status is not None:
            return Seen(items)
        held = [
            item if item.key.startswith(LINK) else replace(item, begins=False) for item in items
        ]
        return Seen(held, complete=False)

    def memory(self) -> dict[str, Any]:
        return {}

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Keep nothing: the mirror is loaded anew."""

    def tell_trouble(self, trouble: str) -> None:
        self._mirror.set_alert_trouble(trouble)
