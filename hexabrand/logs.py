"""One line for one thing: how both roles write their logs."""

import logging
import re

from hexabrand.priorities import marked
from hexabrand.secrets_in_text import without_secrets

# What a terminal or a reader of logs takes for something else than a character: C0, DEL, C1, the
# line separators, and the marks that turn the direction of writing.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Line(logging.Formatter):
    """Text that came from outside can neither begin a line nor colour one. A traceback stays as it
    is, except that of a refused request: that is somebody else's mistake, told in a sentence."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name.startswith("django.security"):
            record.exc_info = record.exc_text = None
        return marked(without_secrets(super().format(record)), record.levelno)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base's name
        return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], super().formatMessage(record))
