"""One receiver and one worker at a time: a second one refuses, and the first is unaffected."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


class AlreadyRunning(Exception):
    """Another process holds this job on this machine."""


@contextmanager
def only_one(job: str) -> Iterator[None]:
    """Holds the job's lock; the kernel lets go of it however the process ends."""
    folder: Path = settings.HEXABRAND_STATE_DIR
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{job}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"A {job} is running here already; this one stops and the first goes on."
            ) from None
        yield
