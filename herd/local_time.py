"""Days and times in the farm's own time zone (the setting TIME_ZONE)."""

from collections.abc import Iterable
from datetime import date, datetime, time, tzinfo
from functools import lru_cache

from django.utils.timezone import get_default_timezone


def localdate(at: datetime) -> date:
    return localtime(at).date()


def localdates(moments: Iterable[datetime]) -> list[date]:
    """Return the days of many moments: the zone is asked for once."""
    return list(map(date.fromordinal, localdays(moments)))


def localdays(moments: Iterable[datetime]) -> list[int]:
    """Return the days of many moments as numbers, as of `date.toordinal`."""
    zone = get_default_timezone()
    # Not kept as below: of many moments few come again, and to look each up takes as long again.
    return [_in_zone(at, zone).toordinal() for at in moments]


def midnight(day: date) -> datetime:
    """Return the moment at which the day begins."""
    return datetime.combine(day, time(), get_default_timezone())


def localtime(at: datetime) -> datetime:
    # Kept: a step of the worker asks for each moment several times, and an animal's weighings are
    # asked for again at each of them.
    return _kept_in_zone(at, get_default_timezone())


def _in_zone(at: datetime, zone: tzinfo) -> datetime:
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at  # the year 1 began in none but UTC: a clock that was not set, or a slip


_kept_in_zone = lru_cache(maxsize=4096)(_in_zone)
