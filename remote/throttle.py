"""Sign-in slows down with every wrong password, by person and by address; it never locks."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

LONGEST_WAIT = 60.0  # whoever knows the password gets a turn, however many others try
FORGET_AFTER = 3600.0  # seconds
MOST_KNOWN = 10_000


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class SignInThrottle:
    """Lets each try after `free_tries` failures wait twice as long as the one before."""

    def __init__(
        self,
        free_tries: int,
        clock: Callable[[], float] = time.monotonic,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        self._free_tries = free_tries
        self._clock = clock
        self._longest_wait = longest_wait
        self._failures: dict[str, _Failures] = {}

    def wait(self, who: str) -> float:
        """Return the seconds that the next try has to wait; 0 when it may go ahead."""
        failures = self._failures.get(who)
        if failures is None or failures.count < self._free_tries:
            return 0.0
        doublings = min(failures.count - self._free_tries, 10)
        delay = min(self._longest_wait, 2.0**doublings)
        return max(0.0, failures.last + delay - self._clock())

    def failed(self, who: str) -> None:
        self._forget_old()
        failures = self._failures.setdefault(who, _Failures(0, 0.0))
        failures.count += 1
        failures.last = self._clock()

    def succeeded(self, who: str) -> None:
        self._failures.pop(who, None)

    def waits_from_now(self, who: str) -> None:
        """Begin the wait now: the last failure is known only now, however long that took."""
        if failures := self._failures.get(who):
            failures.last = self._clock()

    def excused(self, who: str) -> None:
        """Take back one failure: the try that was counted was none."""
        if failures := self._failures.get(who):
            failures.count -= 1

    def forget(self) -> None:
        self._failures.clear()

    def _forget_old(self) -> None:
        before = self._clock() - FORGET_AFTER
        self._failures = {k: f for k, f in self._failures.items() if f.last > before}
        if len(self._failures) > MOST_KNOWN:
            self._failures.clear()  # bounded: whoever makes names up must not fill the memory


class LoginThrottle:
    """Slows guesses at one person's password, from one address or many, and tries of many names.

    `key` is of the machine that asks for somebody: it names the addresses itself, as many as it
    likes, and is slowed by its own name too.
    """

    def __init__(self) -> None:
        self._pair = SignInThrottle(5)  # tries of one name from one address: people mistype
        self._address = SignInThrottle(20)  # several people may sit behind one
        self._name = SignInThrottle(30, longest_wait=10.0)  # short: its owner waits as well
        self._key = SignInThrottle(100, longest_wait=4.0)  # a whole office may sit behind one
        self._lock = threading.Lock()

    def enter(self, name: str, address: str, key: str = "") -> float:
        """Return 0 and count the try where it may go ahead, else the seconds to wait."""
        with self._lock:  # counted before the password is looked at: many at once are no way around
            counted = self._counted(name, address, key)
            wait = max(throttle.wait(who) for throttle, who in counted)
            if not wait:
                for throttle, who in counted:
                    throttle.failed(who)
            return wait

    def failed(self, name: str, address: str, key: str = "") -> None:
        """Begin the wait after a wrong password, which `enter` has counted."""
        with self._lock:
            for throttle, who in self._counted(name, address, key):
                throttle.waits_from_now(who)

    def succeeded(self, name: str, address: str, key: str = "") -> None:
        """Forget the failures: the try that was let in had the right password."""
        with self._lock:
            self._pair.succeeded(f"{address} {name}")
            self._address.excused(address)
            self._name.excused(name)
            self._key.excused(key)

    def half_succeeded(self, name: str, address: str, key: str = "") -> None:
        """Take the try for no guess, but forget no failure: the password was right, and not yet
        who gave it."""
        with self._lock:
            for throttle, who in self._counted(name, address, key)[1:]:
                throttle.excused(who)

    def forget(self) -> None:
        for throttle in (self._pair, self._address, self._name, self._key):
            throttle.forget()

    def _counted(self, name: str, address: str, key: str) -> list[tuple[SignInThrottle, str]]:
        people = [(self._pair, f"{address} {name}"), (self._address, address), (self._name, name)]
        return [*people, (self._key, key)] if key else people


login_throttle = LoginThrottle()
