"""What runs beside the requests in a web process. Daphne speaks no ASGI lifespan: its reactor
starts what must run from the beginning."""

import sys
from collections.abc import Callable
from typing import Any

from lora.processes.watchdog import Watchdog

PULSE_SECONDS = 1.0


def when_serving(start: Callable[[], object], job: str) -> None:
    """Call `start` in the event loop, and from then on tell the service manager, and whoever looks
    for the mark of this job, of every second in which that loop turns. Under another server than
    daphne do nothing."""
    if "twisted.internet.reactor" not in sys.modules:
        return
    from twisted.internet import reactor as chosen  # noqa: PLC0415 - importing it first chooses one

    reactor: Any = chosen
    watchdog = Watchdog(job)

    def pulse() -> None:
        watchdog.alive()
        reactor.callLater(PULSE_SECONDS, pulse)

    # `callLater`, because the event loop itself runs only after the reactor's start-up calls.
    reactor.callWhenRunning(reactor.callLater, 0, start)
    reactor.callWhenRunning(reactor.callLater, 0, pulse)
