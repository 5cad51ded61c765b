"""What daphne leaves to its application: work from the start, and the edges of a connection."""

import asyncio
import contextlib
import gc
import logging
import os
import sys
from collections.abc import Callable
from typing import Any

from autobahn.exception import Disconnected
from django.core.signals import got_request_exception

from herd.storage import database_corruption
from lora.processes.watchdog import Watchdog

Message = dict[str, Any]

PULSE_SECONDS = 1.0  # well within WatchdogSec=30 of the units
LOOK_EVERY = 1.0  # seconds: a restore waits 20 s for the processes to end
# Objects between two looks for cycles, of which a request makes some thousands: by Python's own 700
# a page of 5 ms is held up several times, and by a look at everything for 60 ms.
COLLECT_AFTER = (20_000, 20, 20)

logger = logging.getLogger(__name__)


def when_serving(start: Callable[[], object], job: str) -> None:
    """Call `start` in the event loop, and from then on tell the service manager, and whoever looks
    for the beats of this job, of every second in which that loop turns. Under another server than
    daphne do nothing."""
    # Daphne speaks no ASGI lifespan: its reactor starts what must run from the beginning.
    if "twisted.internet.reactor" not in sys.modules:
        return
    from twisted.internet import reactor as chosen  # noqa: PLC0415 - importing it first chooses one

    reactor: Any = chosen
    watchdog = Watchdog(job)
    gc.collect()
    gc.freeze()  # what is loaded by now stays for good
    gc.set_threshold(*COLLECT_AFTER)

    def pulse() -> None:
        watchdog.alive()
        reactor.callLater(PULSE_SECONDS, pulse)

    # `callLater`, because the event loop itself runs only after the reactor's start-up calls.
    reactor.callWhenRunning(reactor.callLater, 0, start)
    reactor.callWhenRunning(reactor.callLater, 0, pulse)


def end_when_damaged() -> None:
    """End the process, in whose event loop this is called, when its database turns out to be
    damaged: the next start can mend it."""
    got_request_exception.connect(_note, dispatch_uid="damage")
    _look(asyncio.get_running_loop())


def _note(sender: object, **_more: Any) -> None:
    error = sys.exc_info()[1]
    if error is not None:
        database_corruption.note(error)


def _look(loop: asyncio.AbstractEventLoop) -> None:
    if database_corruption.is_known():
        logger.error("%s", database_corruption.DatabaseDamaged())
        # Threads may wait for the database for long; what ends here is as good as killed.
        os._exit(1)
    loop.call_later(LOOK_EVERY, _look, loop)


def without_body(application: Any) -> Any:  # noqa: ANN401 - ASGI has no types of its own
    """Answer a HEAD without a body. Daphne leaves out the first part of its body alone: the rest of
    a streamed one would stand on the connection where the next answer is expected, and be read as
    that."""

    async def answer(scope: Message, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI names no types
        ended = False

        async def headers_alone(message: Message) -> None:
            nonlocal ended
            if message["type"] != "http.response.body":
                await send(message)
            elif not ended:
                ended = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await application(scope, receive, headers_alone if scope["method"] == "HEAD" else send)

    return answer


def until_gone(application: Any) -> Any:  # noqa: ANN401 - ASGI names no types
    """Ignore writes to a socket whose client left meanwhile: no failure of ours. The application
    hears of it a moment later, as a disconnect."""

    async def serve(scope: Message, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI names no types
        async def tell(message: Message) -> None:
            with contextlib.suppress(Disconnected):
                await send(message)

        await application(scope, receive, tell)

    return serve
