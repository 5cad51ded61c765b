"""Daphne as this project runs it: the plain command, ending with status 0 when asked to end."""

import signal
import sys
from types import FrameType

from daphne.cli import CommandLineInterface


def _end_at_once(_signum: int, _frame: FrameType | None) -> None:
    """Until the reactor runs and takes the signals over."""
    raise SystemExit(0)


def main() -> None:
    # Twisted takes SIGINT over from Python's own handler alone; from any other it leaves it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _end_at_once)
    try:
        CommandLineInterface().run(sys.argv[1:])
    except KeyboardInterrupt:
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
