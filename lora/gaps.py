"""Events that nobody heard: a barn numbers what it sends, so a number left out tells of one. Pure.

Some senders count each kind of event by itself (hxbchi000001, hxbind000001), others all together;
which it is shows in whether one number comes with two kinds. A run in which nearly every number
came shows that a sender counts one by one. What is missing within it was not heard, nor was what
lies between it and the next such run: the Pi was off, or out of reach.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple

NEW_COUNT: Final = 2000  # numbers further apart than this: a sender that was started anew
NEAR: Final = 10  # numbers further apart than this end a run
MOST_MISSING: Final = 0.2  # of a run: with more it is not counted one by one
FEWEST: Final = 10  # events of a run that show how a sender counts

_NUMBERED: Final = re.compile(r"([a-z_.-]*[a-z])([0-9]{1,18})", re.ASCII)


class NumberedEvent(NamedTuple):
    event_id: str
    at: datetime


Run = list[tuple[int, NumberedEvent]]


@dataclass(frozen=True, slots=True)
class Gap:
    """`count` events between two that were heard; `noticed_at` is when the later one came."""

    after: str
    before: str
    count: int
    noticed_at: datetime


def find_gaps(events: Iterable[NumberedEvent]) -> list[Gap]:
    """Return the gaps, the latest first; ids without a number count for nothing."""
    by_kind: dict[str, dict[int, NumberedEvent]] = defaultdict(dict)
    for event in events:
        if found := _NUMBERED.fullmatch(event.event_id):
            by_kind[found[1]].setdefault(int(found[2]), event)
    gaps = [gap for series in _series(list(by_kind.values())) for gap in _gaps_in(series)]
    return sorted(gaps, key=lambda gap: gap.noticed_at, reverse=True)


def _series(kinds: Sequence[dict[int, NumberedEvent]]) -> Iterator[Run]:
    """Yield what was counted in one go, in the order of its numbers."""
    together = {number: event for kind in kinds for number, event in kind.items()}
    is_shared = len(together) == sum(map(len, kinds))
    for numbered in [together] if is_shared else kinds:
        yield from _split(sorted(numbered.items()), NEW_COUNT)


def _split(numbered: Run, most: int) -> Iterator[Run]:
    """Yield the runs between two numbers that are further apart than that."""
    first = 0
    for place in range(1, len(numbered) + 1):
        if place == len(numbered) or numbered[place][0] - numbered[place - 1][0] > most:
            yield numbered[first:place]
            first = place


def _gaps_in(series: Run) -> Iterator[Gap]:
    before: Run = []
    for run in _split(series, NEAR):
        if not _is_counted(run):
            before = []
            continue
        if before:
            yield _gap(before[-1], run[0])
        yield from (_gap(low, high) for low, high in pairwise(run) if high[0] - low[0] > 1)
        before = run


def _is_counted(run: Run) -> bool:
    numbers = run[-1][0] - run[0][0] + 1
    return len(run) >= FEWEST and numbers - len(run) <= MOST_MISSING * numbers


def _gap(low: tuple[int, NumberedEvent], high: tuple[int, NumberedEvent]) -> Gap:
    first, second = low[1], high[1]
    count, noticed_at = high[0] - low[0] - 1, max(first.at, second.at)
    return Gap(first.event_id, second.event_id, count, noticed_at)
