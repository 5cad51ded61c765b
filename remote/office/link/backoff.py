"""How long to wait before the Pi is tried again."""

import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

BASE_SECONDS: Final = 0.5
CAP_SECONDS: Final = 30.0

Uniform = Callable[[float, float], float]


class Ending(Enum):
    """How an attempt ended, as far as the next one is concerned."""

    CLOSED = "closed"  # the Pi spoke, and the connection is over, whatever the close code
    MUTE = "mute"  # the port was open, and nobody spoke: a booting Pi, a broken network
    ABSENT = "absent"  # no connection at all: worth knocking at the port
    REFUSED = "refused"  # key or certificate: somebody has to do something first


def backoff(
    uniform: Uniform = random.uniform, base: float = BASE_SECONDS, cap: float = CAP_SECONDS
) -> Iterator[float]:
    """Yield delays in seconds: each is anything up to a bound, which doubles as far as `cap`."""
    bound = base
    while True:
        # Full jitter: offices that lost the Pi together do not come back together.
        yield uniform(0.0, bound)
        bound = min(cap, bound * 2)


@dataclass(frozen=True, slots=True)
class Patience:
    """The figures behind `Pacer`, in seconds."""

    healthy_after: float = 30.0  # a connection that lived this long was a good one
    refused: float = 60.0
    mute: float = 8.0  # from start to start: heals within 10 s, knocks < 10 times a minute
    window: float = 60.0
    most_in_window: int = 9  # attempts that reached somebody


@dataclass(slots=True)
class Pacer:
    """Says how long to wait after each attempt. Times are the caller's monotonic seconds."""

    patience: Patience = field(default_factory=Patience)
    delays: Callable[[], Iterator[float]] = backoff
    _current: Iterator[float] = field(init=False)
    _absent: Iterator[float] = field(init=False)
    _reached: deque[float] = field(init=False, default_factory=deque)
    _tries: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._current, self._absent = self.delays(), self.delays()

    def healed(self) -> None:
        """Start over with short delays: the last connection lived long enough."""
        self._current = self.delays()
        self._tries = 0

    def delay(self, ending: Ending, started: float, now: float) -> float:
        """Return how long to wait after an attempt that began at `started` and ended now."""
        if ending is Ending.ABSENT:
            # What answers after an absence was started anew: its forerunner's tries are not its
            # burden, and a long absence is no reason to be slow with it.
            self.healed()
            self._reached.clear()
            return next(self._absent)
        self._absent = self.delays()
        self._tries += 1
        self._reached.append(started)
        wait = next(self._current)
        if ending is Ending.REFUSED:
            return self.patience.refused
        if ending is Ending.MUTE and self._tries > 1:
            wait = max(1.0, started + self.patience.mute - now)
        return max(wait, self._until_allowed(now))

    def may_try(self, now: float) -> bool:
        return self._until_allowed(now) <= 0

    def _until_allowed(self, now: float) -> float:
        """Return the seconds until the window has room for one more attempt."""
        # Jitter alone can draw several short delays in a row: the Pi is not to pay for that.
        opened = now - self.patience.window
        while self._reached and self._reached[0] <= opened:
            self._reached.popleft()
        if len(self._reached) < self.patience.most_in_window:
            return 0.0
        return self._reached[-self.patience.most_in_window] + self.patience.window - now
