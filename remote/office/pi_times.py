"""The farm's time of what the Pi tells."""

from datetime import datetime

from django.utils import timezone

from herd.local_time import localtime


def farm_time(iso: str) -> datetime:
    """Return the farm's time of a moment with its zone, or of a day."""
    at = datetime.fromisoformat(iso)
    return localtime(at) if at.tzinfo else timezone.make_aware(at)
