"""The Pi's web process ends when its database turns out to be damaged: a start can mend it."""

import asyncio
import logging
import os
import sys
from typing import Any

from django.core.signals import got_request_exception

from herd.storage import database_corruption

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds


def end_when_damaged() -> None:
    """Call it in the running event loop."""
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
