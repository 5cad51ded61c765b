"""The database's work in the thread of the test, whose transaction no other thread can see."""

from collections.abc import Callable
from concurrent.futures import Future


class Inline:
    def submit(self, job: Callable[[], None]) -> "Future[None]":
        future: Future[None] = Future()
        try:
            job()
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits for it
            future.set_exception(error)
        else:
            future.set_result(None)
        return future
