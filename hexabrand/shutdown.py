"""Whoever tells a command to end (SIGTERM, Ctrl-C) gets status 0, at whatever moment it comes."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)  # of a terminal, and of service managers


def at_once() -> None:
    """End at a signal with status 0, clearing nothing up, while modules are imported."""
    # Nothing is open yet, and an exception raised in the middle of an import may come out as
    # another one, or be swallowed by a callback.
    for number in SIGNALS:
        signal.signal(number, lambda *_: os._exit(0))


@contextmanager
def in_order() -> Iterator[None]:
    """End at a signal with status 0, and close what the command at work has opened."""
    # A command with a loop of its own puts its own handlers in place of these.
    has_signal = False

    def unwind(_number: int, _frame: FrameType | None) -> None:
        nonlocal has_signal
        has_signal = True
        raise SystemExit(0)

    for number in SIGNALS:
        signal.signal(number, unwind)
    try:
        yield
    except BaseException:
        if has_signal:
            raise SystemExit(0) from None  # also where a library made another exception of it
        raise
    finally:
        is_here()


def is_here() -> None:
    """Ignore signals from now on."""
    # The process ends by itself, and one in its last milliseconds changes nothing.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def held() -> None:
    """Let signals wait, also while this process becomes another program by exec."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def heard_again() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
