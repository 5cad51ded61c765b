"""Blocking work beside the event loop, in threads that a stopping process need not wait for."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")


async def run_aside(work: Callable[[], T]) -> T:
    """Run `work` in a thread; return or raise what it does."""
    # Not by `asyncio.to_thread`: its threads hold up the exit of the process for as long as a
    # silent Pi keeps them waiting.
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            settle = partial(future.set_result, work())
        except Exception as error:  # noqa: BLE001 - handed on to the one who waits
            settle = partial(future.set_exception, error)
        _in_loop(loop, lambda: None if future.done() else settle())

    threading.Thread(target=run, daemon=True).start()
    return await future


def _in_loop(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:
        if not loop.is_closed():
            raise  # a closed loop only means that nobody waits any more
