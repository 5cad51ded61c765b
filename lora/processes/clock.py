"""Whether the Pi's time of day can be believed."""

from django.conf import settings

from herd import system_clock


def is_synchronised() -> bool | None:
    """Return what the system says of the clock, or True where a person vouches for it."""
    return system_clock.is_synchronised(trusted=settings.TRUST_CLOCK)
