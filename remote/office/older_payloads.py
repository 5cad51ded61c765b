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
        mirror.watch(self._forget)

    def get(self, question: Row) -> Row | None:
        """Return the Pi's answer; None where it is to be asked."""
        told_at, answer = self._pages.get(tuple(question.items()), (0.0, None))
        return answer if self._clock() - told_at < SECONDS_KEPT else None

    def keep(self, question: Row, answer: Row) -> None:
        if not str(question.get("before", "")).isdecimal():
            return  # it is a page of the newest ones
        self._pages[tuple(question.items())] = (self._clock(), answer)
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)

    def _forget(self, changes: Sequence[MirrorChange]) -> None:
        for change in changes:
            if change.event == "snapshot":
                self._pages.clear()
            elif change.event.startswith("payload:"):
                self._pages = OrderedDict(
                    (question, page)
                    for question, page in self._pages.items()
                    if int(dict(question)["before"]) <= change.id
                )
