"""By which key a work item is known, and what a mark of it puts away: the office's page and the
Pi's alerts go by the same (decision 54)."""

from datetime import date
from typing import Final

from remote.attention import LEFT_EARLY, AttentionItem

LONGEST_KEY: Final = 200
DISMISSED: Final = "dismissed"
REMINDER: Final = "reminder"


def key_of(kind: str, *parts: object) -> str:
    return ":".join((kind, *map(str, parts)))[:LONGEST_KEY]


def key_of_item(item: AttentionItem, today: date) -> str:
    """Return the key of what the Pi's status shows: by its cause, or since when it is so; where
    nobody knows, by the day, so that a trouble which is dismissed is there again in the morning."""
    if item.key.startswith(LEFT_EARLY):
        return key_of(item.key, item.cause)
    since = item.since.isoformat() if item.since else today.isoformat()
    return key_of("machine", item.key, item.cause or since)


def is_put_away(kind: str, until: date | str | None, today: date) -> bool:
    """Return whether a mark of this kind keeps its item from every list and alert."""
    return kind == DISMISSED or is_later(kind, until, today)


def is_later(kind: str, until: date | str | None, today: date) -> bool:
    """Return whether it is a reminder whose day has not come."""
    return kind == REMINDER and str(until or "") > today.isoformat()
