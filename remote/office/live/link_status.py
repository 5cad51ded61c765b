"""What the banner says of the link: one of four truthful states, from when something was heard."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_noop

from remote.office.link.link_errors import DATABASE_AWAY, LinkError
from remote.office.mirror.mirror import LinkState

AWAY_AFTER_SECONDS: Final = 10.0  # most breaks are over before anybody need know of them
FIRST_COPY: Final = gettext_noop("The first copy of the herd is on its way.")
CONNECTING: Final = gettext_noop("Connecting to the Pi.")
CATCHING_UP: Final = gettext_noop("Catching up with what happened on the Pi meanwhile.")


@dataclass(slots=True)
class LinkStatus:
    """What is known of the link; `state` says it as the banner shows it."""

    clock: Callable[[], float]
    wall: Callable[[], datetime]
    away_after: float = AWAY_AFTER_SECONDS
    trouble: LinkError | None = None
    _live_since: datetime | None = None
    _live_from: float = 0.0
    _is_talking: bool = False
    _heard_at: datetime = field(init=False)
    _lost_at: datetime = field(init=False)
    _lost: float = field(init=False)

    def __post_init__(self) -> None:
        self._heard_at = self._lost_at = self.wall()
        self._lost = self.clock()

    @property
    def is_live(self) -> bool:
        return self._live_since is not None

    @property
    def live_seconds(self) -> float:
        """Return how long the link has been live without a break."""
        return self.clock() - self._live_from if self.is_live else 0.0

    def heard(self) -> None:
        """Note that the Pi, known by its key and certificate, said something."""
        self._heard_at = self.wall()
        self._is_talking = True

    def caught_up(self) -> None:
        self.heard()
        self.trouble = None
        if self._live_since is None:
            self._live_since, self._live_from = self.wall(), self.clock()

    def lost(self, trouble: LinkError) -> None:
        if self.is_live:
            self._lost_at, self._lost = self.wall(), self.clock()
        self._live_since = None
        self._is_talking = False
        self.trouble = trouble

    def state(self, *, has_copy: bool) -> LinkState:
        trouble = self.trouble
        reason, code = (trouble.reason, trouble.code) if trouble else (CONNECTING, "")
        if not has_copy and self._is_talking:
            return LinkState("no_copy", None, FIRST_COPY)
        if not has_copy:
            return LinkState("no_copy", None, reason, code)
        if self._live_since is not None:
            return LinkState("live", self._live_since, "")
        # Not live yet: what the Pi has heard meanwhile is not in the copy.
        if self._is_talking:
            return LinkState("reconnecting", self._lost_at, CATCHING_UP)
        is_database_away = reason == DATABASE_AWAY
        if self._is_away():
            return LinkState("away", self._heard_at, reason, code, is_database_away)
        return LinkState("reconnecting", self._lost_at, reason, "", is_database_away)

    def _is_away(self) -> bool:
        # A wrong certificate or key does not heal by waiting: it is said at once.
        if self.trouble is not None and self.trouble.lasting:
            return True
        return self.clock() - self._lost >= self.away_after
