"""Writes a line for each turn that this process had in the writers' queue.

It looks on from outside: `flock` of the queue's file begins a turn and `close` ends it, and Django
hands over each statement. Nothing of the code that is measured needs to know.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO, TypeVar

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

T = TypeVar("T")
QUEUE = "writers.lock"


class _Turn(threading.local):
    """What this thread has done since it last let go of the queue."""

    handle = -1
    since = 0.0
    statements = 0


_turn = _Turn()
_flock, _close = fcntl.flock, os.close


class Traced(AppConfig):
    name = "benchmarks.traced"
    verbose_name = "turns in the writers' queue"

    def ready(self) -> None:
        self._file = (Path(os.environ["TRACE_FOLDER"]) / f"{os.getpid()}.turns").open(
            "a", buffering=1
        )
        fcntl.flock, os.close = self._take, self._let_go  # type: ignore[assignment] # looked on, not changed
        connection_created.connect(_count_statements)
        if step := os.environ.get("TRACE_STEP"):
            worker = import_module("lora.worker")
            worker.BATCH_SIZE = int(step)  # type: ignore[attr-defined] # what a step holds at most

    def _take(self, handle: IO[str] | int, operation: int) -> None:
        _flock(handle, operation)
        if isinstance(handle, int) and operation & fcntl.LOCK_EX and _name_of(handle) == QUEUE:
            _turn.handle, _turn.since = handle, time.perf_counter()

    def _let_go(self, handle: int) -> None:
        _close(handle)
        if handle != _turn.handle:
            return
        held = (time.perf_counter() - _turn.since) * 1000
        self._file.write(f"{held:.3f} {_turn.statements}\n")
        _turn.handle, _turn.statements = -1, 0


def _name_of(handle: int) -> str:
    return Path(f"/proc/self/fd/{handle}").readlink().name


def _count_statements(connection: BaseDatabaseWrapper, **_: object) -> None:
    if _count not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count)


def _count(execute: Callable[..., T], *arguments: object) -> T:
    _turn.statements += 1
    return execute(*arguments)
