"""Whether the people who are signed in here still have an account: asked of the Pi now and then."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from remote.office.link.client import client_from_settings
from remote.office.link.errors import PiError, PiRefused
from remote.office.mirror.mirror import mirror
from remote.threads import run_aside

logger = logging.getLogger(__name__)

ASK_EVERY: Final = 300.0  # seconds
GONE: Final = "no_such_person"


@dataclass(slots=True)
class _Known:
    asked: float
    is_open: bool = True


class Accounts:
    """By name, so that all sessions of a person end. Used in the event loop's thread alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, _Known] = {}

    def has_signed_in(self, username: str) -> None:
        self._known[username] = _Known(self._clock())

    async def is_open(self, username: str) -> bool:
        """While the Pi is away, what it said last: nobody loses the herd to a broken line."""
        known = self._known.setdefault(username, _Known(self._clock() - ASK_EVERY))
        if self._clock() - known.asked >= ASK_EVERY and mirror.link.state == "live":
            known.asked = self._clock()  # first: one request asks, the others go on
            known.is_open = await self._asked(username, known.is_open)
        return known.is_open

    async def _asked(self, username: str, otherwise: bool) -> bool:  # noqa: FBT001 - a fact about it, no switch
        try:
            await run_aside(partial(client_from_settings().person, username))
        except PiRefused as error:
            if error.code != GONE:
                return otherwise
            logger.warning("The account %s is closed at the Pi; it is signed out here.", username)
            return False
        except PiError:
            return otherwise
        return True


accounts = Accounts()
