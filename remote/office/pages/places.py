"""Batches and pens by what people type of their numbers: a yard has too many to choose from."""

from collections.abc import Iterator
from functools import lru_cache
from heapq import nsmallest
from itertools import islice
from typing import Final, Literal

from django.utils.translation import gettext as _

from herd.rules.searching import unaccented
from remote.office.mirror.index import natural
from remote.office.mirror.mirror import Mirror, Row

Place = Literal["batches", "pens"]

NUMBER: Final[dict[Place, str]] = {"batches": "batch_number", "pens": "pen_number"}
SUGGESTED: Final = 12  # what a phone shows at once, and a gloved finger can hit
NUMBERS_KEPT: Final = 8_192

_typed = lru_cache(NUMBERS_KEPT)(unaccented)
by_number = lru_cache(NUMBERS_KEPT)(natural)


def number_of(place: Place, row: Row) -> str:
    return str(row[NUMBER[place]])


def found(mirror: Mirror, place: Place, text: str) -> list[Row]:
    """Return the one with exactly this number, else all whose numbers hold the text."""
    wanted = unaccented(text.strip())
    holding = [
        row for row in mirror.tables[place].values() if wanted in _typed(number_of(place, row))
    ]
    exact = [row for row in holding if _typed(number_of(place, row)) == wanted]
    # Two that differ by capitals alone are told apart by them.
    alone = [row for row in exact if number_of(place, row) == text.strip()]
    return alone or exact or holding


def suggested(mirror: Mirror, place: Place, text: str) -> list[tuple[str, str]]:
    """Return the numbers that somebody who types this may mean, each with what is known of it.

    Of batches the open ones, the newest first; pens by number.
    """
    wanted = unaccented(text.strip())
    rows = _open(mirror) if place == "batches" else iter(mirror.tables["pens"].values())
    fitting = (row for row in rows if wanted in _typed(number_of(place, row)))
    if place == "batches":
        newest = islice(fitting, SUGGESTED)
        return [(row["batch_number"], _on_feed(row)) for row in newest]
    first = nsmallest(SUGGESTED, fitting, key=lambda row: by_number(row["pen_number"]))
    return [(row["pen_number"], _filling(row)) for row in first]


def _open(mirror: Mirror) -> Iterator[Row]:
    batches = reversed(mirror.tables["batches"].values())
    return (row for row in batches if row.get("status") != "closed")


def _on_feed(batch: Row) -> str:
    text: str = _("%d on feed") % batch.get("on_feed_count", 0)
    return text


def _filling(pen: Row) -> str:
    head, capacity = pen["head_count"], pen["capacity"]
    return f"{head} / {capacity}" if capacity else str(head)
