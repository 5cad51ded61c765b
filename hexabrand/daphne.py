"""Daphne as this project runs it: the plain command, ending with status 0 when asked to end."""

import signal
import sys
from types import FrameType

from daphne.cli import CommandLineInterface


def _end_at_once(_signum: int, _frame: FrameType | None) -> None:
    """Until the reactor runs and takes the signals over."""
    raise SystemExit(0)


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end_at_once)
    CommandLineInterface().run(sys.argv[1:])


if __name__ == "__main__":
    main()
