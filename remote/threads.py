"""Blocking work in threads that a stopping process need not wait for."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def start_aside(work: Callable[[], T]) -> Future[T]:
    """Run `work` in a thread; the future has what it returns or raises."""
    # Not by an executor: its threads hold up the exit of the process for as long as a silent Pi or
    # a dying disk keeps them waiting.
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # from here on, who waits no more cannot cancel it

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - handed on to the one who waits
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


async def run_aside(work: Callable[[], T]) -> T:
    """Run `work` in a thread beside the event loop; return or raise what it does."""
    return await asyncio.wrap_future(start_aside(work))
