"""Notification by Linux that a file is written to, however many processes do."""

import ctypes
import os
import select
from pathlib import Path
from typing import Final

IN_MODIFY: Final = 0x00000002  # linux/inotify.h
EVENTS_AT_ONCE: Final = 65_536  # bytes


class FileWrites:
    """Tells of writes to the files of a folder with this name. Raise OSError where the system
    cannot."""

    def __init__(self, folder: Path, name: str) -> None:
        # By the folder: SQLite makes the file anew.
        libc = ctypes.CDLL(None, use_errno=True)
        self._name = os.fsencode(name)
        self._handle = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if (
            self._handle < 0
            or libc.inotify_add_watch(self._handle, os.fsencode(folder), IN_MODIFY) < 0
        ):
            raise OSError(ctypes.get_errno(), f"inotify: {os.strerror(ctypes.get_errno())}")
        self._poll = select.poll()
        self._poll.register(self._handle, select.POLLIN)

    def __del__(self) -> None:
        if getattr(self, "_handle", -1) >= 0:
            os.close(self._handle)

    def wait(self, at_most: float) -> bool:
        """Wait for a write, or for `at_most` seconds; return whether there was one since the last
        call."""
        if not self._poll.poll(max(1, at_most * 1000)):
            return False
        # All that waits is one answer; a folder with much else in it may need another look.
        return self._name in os.read(self._handle, EVENTS_AT_ONCE)


def writes_to(path: Path) -> FileWrites | None:
    """Return what tells of writes to a file; None where nothing does."""
    try:
        return FileWrites(path.parent, path.name)
    except (OSError, AttributeError):  # a limit of watches; another system than Linux
        return None
