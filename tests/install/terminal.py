"""A terminal in which a test types as a person does: a pty with bash, Ctrl-C included."""

import contextlib
import os
import pty
import re
import signal
import subprocess
import termios
import threading
import time
from types import TracebackType
from typing import Self

PATIENCE = 120.0  # a first start on a busy machine makes an environment before it does anything
PROMPT = re.compile(r"^status=(\d+)> $", re.MULTILINE)
INTERRUPT = b"\x03"
BY_SIGINT = 130  # what make says however well its command has ended
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Terminal:
    """`command` starts bash; `environment` is all that it is given."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._screen = ""
        self._read_to = 0
        self._news = threading.Condition()
        ours, theirs = pty.openpty()
        self._keyboard = ours
        _without_echo(theirs)
        self._bash = subprocess.Popen(
            # A run in the background has Ctrl-C ignored, and so would all that is started here.
            [
                *command,
                "env",
                "--default-signal",
                "setsid",
                "--ctty",
                "bash",
                "--norc",
                "--noprofile",
                "--noediting",
                "-i",
            ],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, "PS1": r"status=$?> ", "TERM": "dumb"},
        )
        os.close(theirs)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._wait_for_prompt()

    def run(self, text: str, *, status: int = 0) -> str:
        """Type a line, wait until it is done, and return what it printed."""
        self.start(text)
        return self.finish(status=status)

    def start(self, text: str) -> None:
        """Type a line and leave it running."""
        self._read_to = len(self._screen)
        os.write(self._keyboard, text.encode() + b"\n")

    def finish(self, *, status: int = 0) -> str:
        """Wait until what runs is done, and return what it printed."""
        printed, ended = self._wait_for_prompt()
        assert ended == status, f"it ended with {ended}:\n{printed}"
        return printed

    def wait_for(self, pattern: str, patience: float = PATIENCE) -> re.Match[str]:
        """Return the first match in what the running command has printed."""
        wanted = re.compile(rf"{pattern}|^status=\d+> $", re.MULTILINE)
        found = self._wait(wanted, patience)
        assert not found[0].startswith("status="), f"it ended, without {pattern!r}:\n{self.printed}"
        return found

    def interrupt(self) -> str:
        """Press Ctrl-C, wait until the command has ended, and return all that it printed."""
        os.write(self._keyboard, INTERRUPT)
        printed, ended = self._wait_for_prompt()
        assert ended in {0, BY_SIGINT}, f"Ctrl-C ended it with {ended}:\n{printed}"
        return printed

    @property
    def printed(self) -> str:
        """What the last command has printed up to now."""
        return self._screen[self._read_to :]

    def close(self) -> None:
        """Close the window: bash is told by SIGHUP and tells whatever runs in it."""
        if self._bash.poll() is None:
            self._bash.send_signal(signal.SIGHUP)
            self._bash.wait(timeout=PATIENCE)
        if self._reader.is_alive():
            self._reader.join(timeout=PATIENCE)
            os.close(self._keyboard)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _wait_for_prompt(self) -> tuple[str, int]:
        found = self._wait(PROMPT, PATIENCE)
        printed = self.printed[: found.start()]
        self._read_to += found.end()
        return printed, int(found[1])

    def _wait(self, wanted: re.Pattern[str], patience: float) -> re.Match[str]:
        deadline = time.monotonic() + patience
        with self._news:
            while not (found := wanted.search(self.printed)):
                left = deadline - time.monotonic()
                assert left > 0, f"{wanted.pattern!r}: not within {patience:.0f} s\n{self.printed}"
                assert self._bash.poll() is None, f"the terminal is gone:\n{self.printed}"
                self._news.wait(min(left, 1))
        return found

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # EIO: nobody holds the other end any more
            while piece := os.read(self._keyboard, 65536):
                with self._news:
                    self._screen += _plain(piece)
                    self._news.notify_all()


def _without_echo(descriptor: int) -> None:
    """What is typed would otherwise stand between what is printed."""
    attributes = termios.tcgetattr(descriptor)
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)


def _plain(piece: bytes) -> str:
    return COLOUR.sub("", piece.decode(errors="replace").replace("\r\n", "\n"))
