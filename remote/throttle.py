"""Sign-in slows down with every wrong password, by address and by name; it never locks for good."""

import time
from collections.abc import Callable
from dataclasses import dataclass

FREE_TRIES = 5
LONGEST_WAIT = 300.0
FORGET_AFTER = 3600.0
MOST_KNOWN = 10_000


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class SignInThrottle:
    """After five failures each further try waits twice as long as the one before, 5 min at most."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, _Failures] = {}

    def wait(self, *who: str) -> float:
        """Seconds that the next try has to wait; 0 when it may go ahead."""
        return max(self._wait(one) for one in who)

    def failed(self, *who: str) -> None:
        if len(self._failures) > MOST_KNOWN:
            self._forget_old()
        for one in who:
            failures = self._failures.setdefault(one, _Failures(0, 0.0))
            failures.count += 1
            failures.last = self._clock()

    def succeeded(self, *who: str) -> None:
        for one in who:
            self._failures.pop(one, None)

    def _wait(self, one: str) -> float:
        failures = self._failures.get(one)
        if failures is None or failures.count < FREE_TRIES:
            return 0.0
        delay = min(LONGEST_WAIT, 2.0 ** (failures.count - FREE_TRIES))
        return max(0.0, failures.last + delay - self._clock())

    def _forget_old(self) -> None:
        before = self._clock() - FORGET_AFTER
        self._failures = {k: f for k, f in self._failures.items() if f.last > before}
        if len(self._failures) > MOST_KNOWN:
            self._failures.clear()
