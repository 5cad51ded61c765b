"""What runs beside the requests in a web process. Daphne speaks no ASGI lifespan: its reactor
starts what must run from the beginning."""

import sys
from collections.abc import Callable
from typing import Any

from lora.vitals import Vitals

PULSE_SECONDS = 1.0


def when_serving(start: Callable[[], object], job: str) -> None:
    """Calls `start` in the event loop, and from then on tells the service manager, and whoever
    looks for the mark of this job, of every second in which that loop turns. Under another server
    than daphne it does nothing."""
    if "twisted.internet.reactor" not in sys.modules:
        return
    from twisted.internet import reactor as chosen  # noqa: PLC0415 - importing it first chooses one

    reactor: Any = chosen
    vitals = Vitals(job)

    def pulse() -> None:
        vitals.alive()
        reactor.callLater(PULSE_SECONDS, pulse)

    # `callLater`, because the event loop itself runs only after the reactor's start-up calls.
    reactor.callWhenRunning(reactor.callLater, 0, start)
    reactor.callWhenRunning(reactor.callLater, 0, pulse)
