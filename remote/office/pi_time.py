"""The Pi's time of day, kept here by a clock that cannot be set.

Every age on a page is told in it, because every time of the herd is the Pi's: a wrong clock at the
office, or one that jumps, then makes no animal unseen and no source silent.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

AGREES_WITHIN: Final = 5.0  # seconds
UNTIMED: Final = 25.0  # seconds that a message may have been on its way, where nobody can tell


class PiTime:
    """Goes on while the Pi is away; before the Pi was first heard it is the office's own clock."""

    def __init__(
        self,
        steady: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._steady, self._wall = steady, wall
        self._offset: float | None = None  # from the steady clock to the Pi's
        self._error = 0.0

    @property
    def is_known(self) -> bool:
        return self._offset is not None

    def hear(
        self, said: str, *, asked_at: float | None = None, heard_at: float | None = None
    ) -> None:
        """Take what the Pi said of its time; `asked_at` and `heard_at` by the steady clock.

        A message that nobody asked for may have waited on its way: it counts only where it is off
        by more than that, because the Pi's clock was set meanwhile.
        """
        heard_at = self._steady() if heard_at is None else heard_at
        half_way = 0.0 if asked_at is None else (heard_at - asked_at) / 2
        offset = datetime.fromisoformat(said).timestamp() + half_way - heard_at
        if asked_at is None and self.is_known and abs(offset - (self._offset or 0)) < UNTIMED:
            return
        self._offset = offset
        self._error = UNTIMED if asked_at is None else half_way

    def now(self) -> datetime:
        """Return the Pi's time of day."""
        seconds = self._wall() if self._offset is None else self._steady() + self._offset
        return datetime.fromtimestamp(seconds, UTC)

    def office_is_ahead(self) -> float:
        """Return by how many seconds the office's clock is ahead of the Pi's: negative where it is
        behind, 0 where they agree as far as can be told."""
        if self._offset is None:
            return 0.0
        ahead = self._wall() - self._steady() - self._offset
        return ahead if abs(ahead) > AGREES_WITHIN + self._error else 0.0

    def earlier(self) -> datetime:
        """Return the earlier one of the Pi's time and the office's: what is long ago by that is
        long ago by whichever clock is right."""
        return min(self.now(), datetime.fromtimestamp(self._wall(), UTC))
