"""Sign-in slows down with every wrong password, by person and by address; it never locks."""

import time
from collections.abc import Callable
from dataclasses import dataclass

LONGEST_WAIT = 60.0  # whoever knows the password gets a turn, however many others try
FORGET_AFTER = 3600.0
MOST_KNOWN = 10_000


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class SignInThrottle:
    """After `free_tries` failures each further try waits twice as long as the one before."""

    def __init__(self, free_tries: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free_tries = free_tries
        self._clock = clock
        self._failures: dict[str, _Failures] = {}

    def wait(self, who: str) -> float:
        """Seconds that the next try has to wait; 0 when it may go ahead."""
        failures = self._failures.get(who)
        if failures is None or failures.count < self._free_tries:
            return 0.0
        doublings = min(failures.count - self._free_tries, 10)
        delay = min(LONGEST_WAIT, 2.0**doublings)
        return max(0.0, failures.last + delay - self._clock())

    def failed(self, who: str) -> None:
        self._forget_old()
        failures = self._failures.setdefault(who, _Failures(0, 0.0))
        failures.count += 1
        failures.last = self._clock()

    def succeeded(self, who: str) -> None:
        self._failures.pop(who, None)

    def forget(self) -> None:
        self._failures.clear()

    def _forget_old(self) -> None:
        before = self._clock() - FORGET_AFTER
        self._failures = {k: f for k, f in self._failures.items() if f.last > before}
        if len(self._failures) > MOST_KNOWN:
            self._failures.clear()


class Door:
    """Names and addresses together: who guesses one person's password, and who tries many names."""

    def __init__(self, person: SignInThrottle, address: SignInThrottle) -> None:
        self._person, self._address = person, address

    def wait(self, name: str, address: str) -> float:
        """Seconds that this try has to wait; 0 when it may go ahead."""
        return max(self._person.wait(f"{address} {name}"), self._address.wait(address))

    def failed(self, name: str, address: str) -> None:
        self._person.failed(f"{address} {name}")
        self._address.failed(address)

    def succeeded(self, name: str, address: str) -> None:
        self._person.succeeded(f"{address} {name}")

    def forget(self) -> None:
        """All wrong passwords so far."""
        self._person.forget()
        self._address.forget()


door = Door(SignInThrottle(5), SignInThrottle(20))  # an office is one address with many people
