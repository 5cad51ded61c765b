"""A large sheet's import in a process of its own, which thinks beside this one and not in it.

In one process pages, feed and import take turns at Python's lock: an import then holds the writers'
queue for as long as they are at work, and they wait for it; and what a sheet needs, memory keeps.
"""

import os
import pickle
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from django.conf import settings

from herd.sheets import workbook
from remote.api.import_runs import Answer, Wish

LARGE: Final = 64 * 1024  # bytes; what is smaller is done before a process has started
COMMAND: Final = (sys.executable, "-m", "hexabrand.import_process")


@dataclass(frozen=True, slots=True)
class Job:
    """What the process is told; `run` is the number of the import's row, where it has one."""

    wish: Wish
    run: int | None
    data: bytes


def is_large(data: bytes) -> bool:
    # A workbook is packed, and what reads it would stay in memory.
    return len(data) >= LARGE or workbook.is_workbook(data)


def carry_out(job: Job) -> Answer | None:
    """Return what the import came to; None where its process was gone before it could say so."""
    # Its standard input stays open until it has answered: the process ends where it closes.
    with subprocess.Popen(  # noqa: S603 - our own
        COMMAND, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        _send(job, cast("BinaryIO", process.stdin))
        told = cast("BinaryIO", process.stdout).read()
    return cast("Answer", pickle.loads(told)) if told else None  # noqa: S301 - as above


def _send(job: Job, pipe: BinaryIO) -> None:
    try:
        pickle.dump(job, pipe)
        pipe.flush()
    except BrokenPipeError:
        pass  # it is gone, and tells nothing


# -- in that process -------------------------------------------------------------------------------


def take_job() -> Job:
    """Return what is to be done; from now on this process ends with the one that told it."""
    job: Job = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own process
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    return job


def _end_with_parent() -> None:
    # Not by `sys.stdin`: held at the end of the process, it makes Python abort.
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(1)  # nobody hears the answer; the next Pi web process takes back what is written


def tell(answer: Answer) -> None:
    pickle.dump(answer, sys.stdout.buffer)
    sys.stdout.buffer.flush()
