"""Days and times in the farm's own time zone (the setting TIME_ZONE)."""

from datetime import date, datetime, tzinfo
from functools import lru_cache

from django.utils.timezone import get_default_timezone


def localdate(at: datetime) -> date:
    return localtime(at).date()


def localtime(at: datetime) -> datetime:
    # Not Django's own, which asks for the thread's zone each time: nobody activates another one,
    # and that was a twelfth of a step of the worker.
    return _in_zone(at, get_default_timezone())


@lru_cache(maxsize=4096)
def _in_zone(at: datetime, zone: tzinfo) -> datetime:
    return at.astimezone(zone)
