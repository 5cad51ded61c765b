"""Pages of old radio messages that the Pi was asked for: people turn back and forth among them.

Such a page is the same until one of its messages changes, and of that the feed tells.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final

from remote.office.mirror.mirror import Mirror, MirrorChange
from remote.office.mirror.tables import Row

PAGES_KEPT: Final = 16
# What the Pi's clean-up takes away is told by no event.
SECONDS_KEPT: Final = 60.0

Question = tuple[tuple[str, Any], ...]


class OlderPayloads:
    def __init__(self, mirror: Mirror, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pages: OrderedDict[Question, tuple[float, Row]] = OrderedDict()
        self._asked: dict[Question, object] = {}  # with a ticket for whoever asked last
        mirror.watch(self._forget)

    def get(self, question: Row) -> Row | None:
        """Return the Pi's answer; None where it is to be asked."""
        told_at, answer = self._pages.get(tuple(question.items()), (0.0, None))
        return answer if self._clock() - told_at < SECONDS_KEPT else None

    def begin(self, question: Row) -> object:
        """Return a ticket for `keep`, before the Pi is asked."""
        ticket = object()
        if str(question.get("before", "")).isdecimal():  # else it is a page of the newest ones
            self._asked[tuple(question.items())] = ticket
        if len(self._asked) > PAGES_KEPT:  # of some the Pi gave no answer
            del self._asked[next(iter(self._asked))]
        return ticket

    def keep(self, question: Row, ticket: object, answer: Row) -> None:
        """Keep the answer, where none of its messages has changed since it was asked for."""
        asked = tuple(question.items())
        if self._asked.get(asked) is not ticket:
            return
        del self._asked[asked]
        self._pages[asked] = (self._clock(), answer)
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)

    def _forget(self, changes: Sequence[MirrorChange]) -> None:
        for change in changes:
            if change.event == "snapshot":
                self._pages.clear()
                self._asked.clear()
            elif change.event.startswith("payload:"):
                for held in (self._pages, self._asked):
                    for question in [one for one in held if _is_of(change.id, one)]:
                        del held[question]


def _is_of(payload: int, question: Question) -> bool:
    """Return whether the payload may stand on that page."""
    return payload < int(dict(question)["before"])
