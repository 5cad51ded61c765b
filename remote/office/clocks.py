"""Tells whose clock is wrong, the office's or the Pi's, and by which time something is long ago."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from herd import system_clock
from remote.office.mirror.mirror import Mirror, Row

TOLD_FROM: Final = 60.0  # seconds: less troubles nobody, since ages are told in the Pi's time
SET_IT: Final = "timedatectl set-ntp true"

Side = Literal["office", "pi", "either"]


@dataclass(frozen=True, slots=True)
class Difference:
    """`ahead`: the office before the Pi, in seconds, negative where it is behind."""

    ahead: float
    wrong: Side

    @property
    def text(self) -> str:
        """A sentence that names the wrong clock and what to do."""
        told = {"span": span(abs(self.ahead)), "command": SET_IT}
        match self.wrong, self.ahead > 0:
            case "office", True:
                return _("The office's clock is %(span)s ahead: set it (%(command)s)") % told
            case "office", False:
                return _("The office's clock is %(span)s behind: set it (%(command)s)") % told
            case "pi", True:
                return _("The Pi's clock is %(span)s behind: set it (%(command)s)") % told
            case "pi", False:
                return _("The Pi's clock is %(span)s ahead: set it (%(command)s)") % told
        return (
            _("The clocks of office and Pi differ by %(span)s: set the wrong one (%(command)s)")
            % told
        )


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


def difference(mirror: Mirror) -> Difference | None:
    """Return how the two clocks differ; None where they agree, or the Pi was not heard yet."""
    ahead = mirror.time.office_is_ahead()
    if not ahead:
        return None
    said = (mirror.status or {}).get("clock", {}).get("synchronised")
    return Difference(ahead, which_is_wrong(said, is_own_right()))


def surely_now(mirror: Mirror) -> datetime:
    """Return the time by which something is called long ago. The Pi's; where the Pi's may be the
    wrong one, the earlier of both, so that its jump does not make all animals unseen."""
    found = difference(mirror)
    if found is None or found.wrong == "office":
        return mirror.time.now()
    return mirror.time.earlier()


def judged(status: Row, mirror: Mirror) -> Row:
    """Return the Pi's status as the earlier clock dates it, where the Pi's may be the wrong one: a
    radio that was heard before the Pi's clock jumped has not fallen silent, and the backup of the
    night before has not grown old."""
    found = difference(mirror)
    if found is None or found.wrong == "office" or "server_time" not in status:
        return status
    too_far = max(0.0, -found.ahead)
    at = datetime.fromisoformat(status["server_time"]) - timedelta(seconds=too_far)
    backup = status.get("backup") or {}
    if age := backup.get("age_seconds"):
        backup = {**backup, "age_seconds": max(0.0, age - too_far)}
    return {**status, "server_time": at.isoformat(), "backup": backup}


def today(mirror: Mirror) -> date:
    """Return the farm's day, by the Pi's clock."""
    return timezone.localdate(mirror.time.now())


def span(seconds: float) -> str:
    """`13 days`, `2 hours`, `7 minutes`, `9 seconds`."""
    if seconds >= 2 * 86400:
        return ngettext("%d day", "%d days", days := round(seconds / 86400)) % days
    if seconds >= 2 * 3600:
        return ngettext("%d hour", "%d hours", hours := round(seconds / 3600)) % hours
    if seconds >= 120:
        return ngettext("%d minute", "%d minutes", minutes := round(seconds / 60)) % minutes
    return ngettext("%d second", "%d seconds", whole := round(seconds)) % whole
