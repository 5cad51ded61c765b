"""Events that nobody heard: a barn numbers what it sends, so a number left out tells of one. Pure.

Some senders count each kind of event by itself (hxbchi000001, hxbind000001), others all together;
which it is shows in whether one number comes with two kinds. Where most numbers between two that
were heard did not come, the sender does not count one by one, and nothing is said.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple

NEW_COUNT: Final = 50  # numbers further apart than this: a sender that was started anew
MOST_MISSING: Final = 0.2  # of a series: with more it is not counted one by one
FEWEST: Final = 10  # events that show how a sender counts

_NUMBERED: Final = re.compile(r"([a-z_.-]*[a-z])([0-9]{1,18})", re.ASCII)


class Heard(NamedTuple):
    event_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """`count` events between two that were heard; `noticed_at` is when the later one came."""

    after: str
    before: str
    count: int
    noticed_at: datetime


def find_gaps(events: Iterable[Heard]) -> list[Gap]:
    """The latest first; ids without a number count for nothing."""
    by_kind: dict[str, dict[int, Heard]] = defaultdict(dict)
    for event in events:
        if found := _NUMBERED.fullmatch(event.event_id):
            by_kind[found[1]].setdefault(int(found[2]), event)
    gaps = [gap for series in _series(list(by_kind.values())) for gap in _gaps_in(series)]
    return sorted(gaps, key=lambda gap: gap.noticed_at, reverse=True)


def _series(kinds: Sequence[dict[int, Heard]]) -> Iterator[list[tuple[int, Heard]]]:
    """What was counted in one go, in the order of its numbers."""
    together = {number: event for kind in kinds for number, event in kind.items()}
    is_shared = len(together) == sum(map(len, kinds))
    for numbered in [together] if is_shared else kinds:
        series: list[tuple[int, Heard]] = []
        for number, event in sorted(numbered.items()):
            if series and number - series[-1][0] > NEW_COUNT:
                yield series
                series = []
            series.append((number, event))
        yield series


def _gaps_in(series: Sequence[tuple[int, Heard]]) -> Iterator[Gap]:
    missing = series[-1][0] - series[0][0] + 1 - len(series) if series else 0
    if len(series) < FEWEST or missing > MOST_MISSING * (len(series) + missing):
        return
    for (low, first), (high, second) in pairwise(series):
        if high - low > 1:
            noticed_at = max(first.at, second.at)
            yield Gap(first.event_id, second.event_id, high - low - 1, noticed_at)
