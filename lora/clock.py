"""Whether this machine's time of day can be believed: a Pi has no clock of its own at start."""

import ctypes
from functools import cache

from django.conf import settings

UNSYNCHRONISED = 0x40  # STA_UNSYNC of adjtimex(2)
TIMEX_BYTES = 512  # more than struct timex has; all zero, it only reads
STATUS_AT = 5 * ctypes.sizeof(ctypes.c_long)  # after modes (padded) and four longs


def is_synchronised() -> bool | None:
    """What the kernel says of its clock; None where it cannot be asked."""
    if settings.TRUST_CLOCK:
        return True
    try:
        buffer = ctypes.create_string_buffer(TIMEX_BYTES)
        if _libc().adjtimex(buffer) < 0:
            return None
    except (OSError, AttributeError):
        return None
    word = int.from_bytes(buffer.raw[STATUS_AT : STATUS_AT + 4], "little")
    return not word & UNSYNCHRONISED


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
