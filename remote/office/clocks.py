"""The Pi's time of day, and whose clock is wrong, the Pi's or the office's.

Every age on a page is told in the Pi's time, because every time of the herd is the Pi's: a wrong
clock at the office, or one that jumps, then makes no animal unseen and no source silent.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from herd import system_clock
from remote.office.mirror.tables import Row

AGREES_WITHIN: Final = 5.0  # seconds
UNTIMED: Final = 25.0  # seconds that a message may have been on its way, where nobody can tell
DRIFT: Final = 0.0005  # of two steady clocks in a second: what NTP itself slews by at most
TYPED_AHEAD: Final = timedelta(minutes=2)  # a watch tells minutes, and no two agree


class PiTime:
    """Goes on while the Pi is away; before the Pi was first heard it is the office's own clock."""

    def __init__(
        self, steady: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        self._steady, self._wall = steady, wall
        self._offset: float | None = None  # from the steady clock to the Pi's
        self._error = 0.0
        self._delay = 0.0  # at most, of what was heard: the Pi's time may be behind by half of it
        self._heard_at = 0.0

    @property
    def is_known(self) -> bool:
        return self._offset is not None

    def hear(
        self, said: str, *, asked_at: float | None = None, heard_at: float | None = None
    ) -> None:
        """Take what the Pi said of its time; `asked_at` and `heard_at` by the steady clock.

        A message that nobody asked for may have waited on its way: it counts only where it is off
        by more than that, because the Pi's clock was set meanwhile. A slow answer tells less than a
        quick one before it, and counts where the two cannot both be true.
        """
        heard_at = self._steady() if heard_at is None else heard_at
        half_way = 0.0 if asked_at is None else (heard_at - asked_at) / 2
        offset = datetime.fromisoformat(said).timestamp() + half_way - heard_at
        if asked_at is None and self.is_known and abs(offset - (self._offset or 0)) < UNTIMED:
            return
        error = UNTIMED if asked_at is None else half_way
        known = self._error_at(heard_at)
        if self.is_known and known < error and abs(offset - (self._offset or 0)) <= error + known:
            return
        self._offset, self._error, self._heard_at = offset, error, heard_at
        self._delay = half_way

    def _error_at(self, steady: float) -> float:
        return self._error + DRIFT * (steady - self._heard_at)

    def now(self) -> datetime:
        seconds = self._wall() if self._offset is None else self._steady() + self._offset
        return datetime.fromtimestamp(seconds, UTC)

    def surely(self) -> datetime:
        """Return the latest moment that the Pi's clock has surely reached: what is sent with it is
        not from the future there."""
        if self._offset is None:
            return self.now()
        unsure = self._delay + DRIFT * (self._steady() - self._heard_at)
        return self.now() - timedelta(seconds=unsure)

    def office_is_ahead(self) -> float:
        """Return the seconds that the office's clock is ahead; 0 where the two may agree."""
        if self._offset is None:
            return 0.0
        ahead = self._wall() - self._steady() - self._offset
        return ahead if abs(ahead) > AGREES_WITHIN + self._error else 0.0

    def earlier(self) -> datetime:
        """Return the earlier of the two times: what is long ago by that is so by the right one."""
        return min(self.now(), datetime.fromtimestamp(self._wall(), UTC))


TOLD_FROM: Final = 60.0  # seconds: less troubles nobody, since ages are told in the Pi's time
SET_IT: Final = "timedatectl set-ntp true"

Side = Literal["office", "pi", "either"]


class Timed(Protocol):
    """What a mirror knows of the time; the mirror itself is built of this module."""

    time: PiTime
    status: Row | None


@dataclass(frozen=True, slots=True)
class Difference:
    """`ahead`: the office before the Pi, in seconds, negative where it is behind."""

    ahead: float
    wrong: Side

    @property
    def text(self) -> str:
        """A sentence that names the wrong clock and what to do."""
        words = {"span": span(abs(self.ahead)), "command": SET_IT}
        match self.wrong, self.ahead > 0:
            case "office", True:
                return _("The office's clock is %(span)s ahead: set it (%(command)s)") % words
            case "office", False:
                return _("The office's clock is %(span)s behind: set it (%(command)s)") % words
            case "pi", True:
                return _("The Pi's clock is %(span)s behind: set it (%(command)s)") % words
            case "pi", False:
                return _("The Pi's clock is %(span)s ahead: set it (%(command)s)") % words
        either = _(
            "The clocks of office and Pi differ by %(span)s: set the wrong one (%(command)s)"
        )
        return either % words


def is_own_right() -> bool | None:
    """Return what this machine knows of its own clock; None where it cannot tell."""
    return system_clock.is_synchronised(trusted=settings.TRUST_CLOCK)


def which_is_wrong(pi: bool | None, office: bool | None) -> Side:  # noqa: FBT001 - two equal words
    """Return whose clock is wrong where they differ: the one that is synchronised is right."""
    if pi is True and office is not True:
        return "office"
    if office is True and pi is not True:
        return "pi"
    return "either"


def difference(mirror: Timed) -> Difference | None:
    """Return how the two clocks differ; None where they agree, or the Pi was not heard yet."""
    ahead = mirror.time.office_is_ahead()
    if not ahead:
        return None
    said = (mirror.status or {}).get("clock", {}).get("synchronised")
    return Difference(ahead, which_is_wrong(said, is_own_right()))


def surely_now(mirror: Timed) -> datetime:
    """Return the time by which something is called long ago."""
    found = difference(mirror)
    if found is None or found.wrong == "office":
        return mirror.time.now()
    # The Pi's may be the wrong one: 13 days ahead it made all animals unseen (decision 24).
    return mirror.time.earlier()


def judged(status: Row, mirror: Timed) -> Row:
    """Return the Pi's status as the earlier clock dates it, where the Pi's may be the wrong one."""
    # A radio heard before the Pi's clock jumped is not silent, nor has last night's backup aged.
    found = difference(mirror)
    if found is None or found.wrong == "office" or "server_time" not in status:
        return status
    too_far = max(0.0, -found.ahead)
    at = datetime.fromisoformat(status["server_time"]) - timedelta(seconds=too_far)
    backup = status.get("backup") or {}
    if age := backup.get("age_seconds"):
        backup = {**backup, "age_seconds": max(0.0, age - too_far)}
    return {**status, "server_time": at.isoformat(), "backup": backup}


def today(mirror: Timed) -> date:
    """Return the farm's day, by the Pi's clock."""
    return timezone.localdate(mirror.time.now())


def typed(mirror: Timed, at: datetime) -> datetime:
    """Return the moment that somebody typed; the Pi's now where that is just ahead of it."""
    now = mirror.time.surely()
    return now if now < at <= now + TYPED_AHEAD else at


def typed_day(mirror: Timed, day: date) -> date:
    """Return the day that somebody typed; the Pi's today where its midnight is just ahead."""
    now = mirror.time.surely()
    first, last = (timezone.localdate(one) for one in (now, now + TYPED_AHEAD))
    return first if first < day <= last else day


def span(seconds: float) -> str:
    """Return `13 days`, `2 hours`, `7 minutes`, `9 seconds`."""
    if seconds >= 2 * 86400:
        return ngettext("%d day", "%d days", days := round(seconds / 86400)) % days
    if seconds >= 2 * 3600:
        return ngettext("%d hour", "%d hours", hours := round(seconds / 3600)) % hours
    if seconds >= 120:
        return ngettext("%d minute", "%d minutes", minutes := round(seconds / 60)) % minutes
    return ngettext("%d second", "%d seconds", whole := round(seconds)) % whole
