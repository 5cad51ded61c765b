"""One receiver and one worker at a time: a second one refuses, and the first is unaffected.

Several workers and web processes may share a database server, which keeps them apart; SQLite is for
one of each.
"""

import fcntl
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.core.management.base import CommandError

from herd.storage import database_corruption

SHAREABLE = frozenset({"worker", "web"})


class AlreadyRunning(Exception):
    """Another process holds this job on this machine."""


@contextmanager
def only_one(job: str) -> Iterator[None]:
    """Hold the job's lock; the kernel lets go of it however the process ends."""
    with nullcontext() if _may_be_several(job) else _locked(job):
        yield


def only_one_from_now_on(job: str) -> None:
    """Hold the job's lock until this process ends, also when it becomes another program by exec."""
    if _may_be_several(job):
        return
    with _locked(job) as file:
        kept = os.dup(file.fileno())  # the lock belongs to all its copies
    os.set_inheritable(kept, True)  # noqa: FBT003 - os has no keyword


def _may_be_several(job: str) -> bool:
    return job in SHAREABLE and not database_corruption.is_sqlite()


def _locked(job: str) -> TextIO:
    folder: Path = settings.HEXABRAND_STATE_DIR
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / f"{job}.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise AlreadyRunning(
            f"A {job} is running here already; this one stops and the first goes on."
        ) from None
    return file


def stop_when_told() -> threading.Event:
    """Return an event that SIGTERM and Ctrl-C set: a loop ends its step, and then itself."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def run_alone(job: str, run: Callable[[threading.Event], None]) -> None:
    """Run a job until it is told to stop. Raise CommandError where another process does it, or
    the database is damaged."""
    stop = stop_when_told()
    try:
        with only_one(job), database_corruption.ending():
            run(stop)
    except (AlreadyRunning, database_corruption.DatabaseDamaged) as error:
        raise CommandError(str(error)) from error
