"""One line for one thing: how both roles write their logs, without secrets and control characters,
and with the priority that systemd reads at the beginning of a line (`<4>`, see sd-daemon(3)).

`manage.py` reads this before it knows its role, so Django's settings are read as late as can be.
"""

import logging
import os
import re
import sys
from functools import cache
from typing import Final, TextIO

ERROR, WARNING, INFO, DEBUG = 3, 4, 6, 7
PRIORITIES: Final = ((logging.ERROR, ERROR), (logging.WARNING, WARNING), (logging.INFO, INFO))
MASK: Final = "***"
SHORTEST: Final = 6  # a shorter one would be found in words that are none
LONGEST: Final = 2_000  # characters of a message: a stranger's header may have tens of thousands

# What looks like a secret, whosever it is; what stands before it is kept.
_LOOKS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(hxb_\w+\.|hexabrand1:)[\w-]{8,}",  # an API key after its public part, a pairing string
        r"(HBR-)[A-Z2-7-]{16,}",  # a recovery key
        r"(://[^\s:/@]*:)[^\s/]+(?=@)",  # a password in an address
        r"((?:x-api-key|authorization)['\"]?[:,=]\s*(?:b?['\"])?(?:bearer |basic )?)[^\s'\"]+",
        r"((?:session|csrf\w*)=)\w{8,}",  # cookies
    )
)
# What a terminal or a reader of logs takes for something else than a character: C0, DEL, C1, the
# line separators, and the marks that turn the direction of writing.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Line(logging.Formatter):
    """Text that came from outside can neither begin a line nor colour one. A traceback stays as it
    is, except that of a refused request: that is somebody else's mistake, told in a sentence."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name.startswith("django.security"):
            record.exc_info = record.exc_text = None
        return with_priority(without_secrets(super().format(record)), record.levelno)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base's name
        text = super().formatMessage(record)
        if len(text) > LONGEST:
            # Masked first: of a secret that is cut the rest would be known as none.
            text = f"{without_secrets(text)[:LONGEST]} … ({len(text)} characters)"
        return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


# -- secrets ----------------------------------------------------------------------------------


def without_secrets(text: str) -> str:
    """Mask the secrets in a text: a library may log what we would not."""
    known = _known()
    if known is not None:
        text = known.sub(MASK, text)
    for pattern in _LOOKS:
        text = pattern.sub(rf"\1{MASK}", text)
    return text


@cache
def _known() -> re.Pattern[str] | None:
    """Return the pattern of the secrets in this process's own settings."""
    from django.conf import settings  # noqa: PLC0415 - signals come first

    shared = getattr(settings, "PI_API_KEYS", None) or [getattr(settings, "PI_API_KEY", "")]
    passwords = [str(one.get("PASSWORD") or "") for one in settings.DATABASES.values()]
    devices = getattr(settings, "LORA_DEVICE_KEYS", None)
    device_keys = [key.hex() for key in devices.by_device.values()] if devices else []
    alerts = {settings.SMTP_URL.password, settings.ALERT_WEBHOOK_SECRET}
    secrets = {settings.SECRET_KEY, *shared, *passwords, *device_keys, *alerts}
    found = sorted((one for one in secrets if len(one) >= SHORTEST), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, found)), re.IGNORECASE) if found else None


# -- priorities -------------------------------------------------------------------------------


@cache
def is_journal() -> bool:
    """Tell whether standard error goes to systemd's journal: JOURNAL_STREAM names its device and
    inode, and is inherited also by a process whose output was led elsewhere."""
    try:
        found = os.fstat(2)
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def with_priority(text: str, level: int) -> str:
    """Return the text as it is for a terminal; for the journal each line with the priority of a
    logging level, because systemd takes each for an entry of its own."""
    if not is_journal():
        return text
    priority = next((number for least, number in PRIORITIES if level >= least), DEBUG)
    return "\n".join(f"<{priority}>{line}" for line in text.split("\n"))


class _JournalStream:
    """Standard error for what is written past the log: a refusal to start, a traceback, a library's
    warning. Lines that bear a priority already are left as they are."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._at_start, self._priority = True, WARNING

    def write(self, text: str) -> int:
        for line in text.splitlines(keepends=True):
            if self._at_start and line.strip("\n") and not re.match(r"<\d>", line):
                self._priority = self._priority_of(line)
                self._stream.write(f"<{self._priority}>")
            self._stream.write(line)
            self._at_start = line.endswith("\n")
        return len(text)

    def _priority_of(self, line: str) -> int:
        """Return a line's priority. What began as an error goes on as one while it is indented."""
        if re.match(r"CommandError|Traceback|[\w.]*(Error|Exception)\b", line):
            return ERROR
        return self._priority if line[0].isspace() else WARNING

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def mark_standard_error() -> None:
    """Give what this process writes past the log its priority too. Call it first in a process."""
    if is_journal():
        sys.stderr = _JournalStream(sys.stderr)
