"""Daphne as this project runs it: the plain command, ending with status 0 when asked to end."""

import signal
import sys

from hexabrand import ending


def main() -> None:
    ending.at_once()
    ending.heard_again()  # `serve` held them until somebody would hear
    from daphne.cli import CommandLineInterface  # noqa: PLC0415 - signals come first
    from daphne.server import reactor  # noqa: PLC0415 - it chooses the reactor

    # Twisted takes SIGTERM over, but SIGINT from Python's own handler alone.
    reactor.callWhenRunning(signal.signal, signal.SIGINT, reactor.sigInt)
    CommandLineInterface().run(sys.argv[1:])
    ending.is_here()


if __name__ == "__main__":
    main()
