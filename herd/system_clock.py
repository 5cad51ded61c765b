"""Whether this machine's time of day can be believed: a Pi has no clock of its own at start.

Pure: the Pi marks its times by it, and the office tells by it whose clock is wrong.
"""

import ctypes
from functools import cache
from pathlib import Path

UNSYNCHRONISED = 0x40  # STA_UNSYNC of adjtimex(2)
TIMEX_BYTES = 512  # more than struct timex has; all zero, it only reads
STATUS_AT = 5 * ctypes.sizeof(ctypes.c_long)  # after modes (padded) and four longs
TIMESYNC = Path("/run/systemd/timesync")  # there while systemd-timesyncd runs


def is_synchronised(*, trusted: bool) -> bool | None:
    """Return what systemd-timesyncd or the kernel says of the clock, None where neither can tell.

    `trusted`: a person vouches for it (TRUST_CLOCK).
    """
    # The file first: the kernel does not answer a service that is walled off from clocks
    # (ProtectClock in deploy/systemd).
    if trusted or (TIMESYNC / "synchronized").exists():
        return True
    said = _by_the_kernel()
    if said is None and TIMESYNC.is_dir():
        return False
    return said


def _by_the_kernel() -> bool | None:
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
