"""What the Pi tells: that an office is away, and while none is here, what it sees itself."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone
from django.utils.translation import gettext as _

from herd.models import WorkMark
from hexabrand.alerts.rules import Seen
from remote.api import feed
from remote.api.models import ApiKey
from remote.api.offices import Offices
from remote.api.status import status
from remote.attention import AttentionItem, pi_items
from remote.threads import run_aside
from remote.work_keys import is_put_away, key_of_item

STATUS_SECONDS: Final = 10.0  # as often as an office asks
ASK_SECONDS: Final = 30.0
OFFICE: Final = "office-away:"
UNSENT: Final = "pi-alerts-unsent"
UNREADABLE: Final = "database-unreadable"

Answer = tuple[Seen, list[str] | None]  # and the offices' keys that still open; None: not known


class PiWatch:
    def __init__(self, offices: Offices, away_after: float) -> None:
        self._offices, self._away_after = offices, away_after
        self._asked_at = -STATUS_SECONDS
        self._own = Seen([])

    async def look(self, notified: frozenset[str], elapsed: float) -> Seen:
        """Return what stands. The office tells what both see; only what was told here before is
        still watched while an office is here, so that it can be over."""
        self._offices.count(elapsed)
        is_alone = self._offices.are_gone_for(self._away_after)
        missing = self._offices.items(self._away_after)
        if not is_alone and not missing and all(key.startswith(OFFICE) for key in notified):
            return Seen([])
        own = await self._own_items()  # forgets offices whose key was revoked
        items = [replace(item, begins=item.begins and is_alone) for item in own.items]
        return Seen([*self._offices.items(self._away_after), *items], own.complete)

    async def _own_items(self) -> Seen:
        now = time.monotonic()
        if now - self._asked_at >= STATUS_SECONDS:
            self._asked_at = now
            self._own, prefixes = await self._ask()
            if prefixes is not None:
                self._offices.keep(prefixes)
        return self._own

    async def _ask(self) -> Answer:
        """Ask the database. One that stands still answers nobody and refuses nobody: the feed
        knows of it, or the time it takes tells."""
        if feed.is_lost():
            return _unreadable()
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await run_aside(partial(_ask, list(self._offices.known)))
        except TimeoutError:
            return _unreadable()

    def memory(self) -> dict[str, Any]:
        return self._offices.as_rows()

    def remember(self, memory: Mapping[str, Any]) -> None:
        self._offices.restore(memory)

    def tell_trouble(self, trouble: str) -> None:
        """Keep nothing: the status reads it from the file that the alerts keep."""


def _unreadable() -> Answer:
    text = _("The database on the Pi cannot be read")
    return Seen([AttentionItem(UNREADABLE, text, severity="urgent")], complete=False), None


def _ask(known: list[str]) -> Answer:
    """In a thread of its own: what the status shows, and which of the offices' keys still open."""
    try:
        items = _not_put_away([item for item in pi_items(status()) if item.key != UNSENT])
        valid = ApiKey.objects.filter(prefix__in=known, revoked=False)
        prefixes = list(valid.values_list("prefix", flat=True))
    except DatabaseError:
        return _unreadable()
    finally:
        connections.close_all()
    return Seen(items), [*prefixes, *(["shared"] if settings.PI_API_KEYS else [])]


def _not_put_away(items: list[AttentionItem]) -> list[AttentionItem]:
    """Return the items; what somebody dismissed or put off begins no alert, and ends none."""
    today = timezone.localdate()
    marks = WorkMark.objects.filter(ended_at=None).values_list("key", "kind", "until")
    away = {key for key, kind, until in marks if is_put_away(kind, until, today)}
    return [
        replace(item, begins=item.begins and key_of_item(item, today) not in away) for item in items
    ]
