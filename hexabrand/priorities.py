"""How grave a line is, told to systemd: it reads `<4>` at the beginning of one (sd-daemon(3))."""

import logging
import os
import re
import sys
from functools import cache
from typing import Final, TextIO

ERROR, WARNING, INFO, DEBUG = 3, 4, 6, 7
PRIORITIES: Final = ((logging.ERROR, ERROR), (logging.WARNING, WARNING), (logging.INFO, INFO))


@cache
def is_journal() -> bool:
    """Tell whether standard error goes to systemd's journal: JOURNAL_STREAM names its device and
    inode, and is inherited also by a process whose output was led elsewhere."""
    try:
        found = os.fstat(2)
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def marked(text: str, level: int) -> str:
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


def tell_them() -> None:
    """Call it first in a process: what it writes past the log gets its priority too."""
    if is_journal():
        sys.stderr = _JournalStream(sys.stderr)
