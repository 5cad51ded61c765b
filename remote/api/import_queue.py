"""One import at a time on this machine: a Pi's memory is small. Others wait for it, and say so."""

import ctypes
import fcntl
import logging
import queue
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.db import connections
from rest_framework import exceptions

from herd.errors import HerdError, RowsRefused
from herd.storage import journal
from remote.api import import_process, import_recovery
from remote.api.changes import refusal
from remote.api.import_process import Job
from remote.api.import_progress import ON_THE_WAY, Cancelled, State, change, end, runner
from remote.api.import_runs import Answer, Carrier, Wish
from remote.api.models import ImportRun
from remote.api.views.base import Refused, exception_handler
from remote.problems import problem

logger = logging.getLogger(__name__)

MOST_WAITING: Final = 4  # sheets, each in a file
BUSY: Final = "Another sheet is being imported; try again in a moment."
FAILED: Final = "HexaBrand itself failed; the Pi's log says why."
INTERNAL: Final = Answer(500, problem(500, "internal", FAILED))
MEANWHILE: Final = "A row could be taken when it was checked, and not when it was written: {}"
LOOK_SECONDS: Final = 0.05


@dataclass(slots=True)
class _Waiting:
    wish: Wish
    run: ImportRun
    file: IO[bytes]


@contextmanager
def one_at_a_time(timeout: float | None = None) -> Iterator[None]:
    """Wait until no other import is carried out on this machine. Raise Refused."""
    # A file lock, which the kernel lets go of however the process ends.
    deadline = None if timeout is None else time.monotonic() + timeout
    folder: Path = settings.HEXABRAND_STATE_DIR
    with (folder / "imports.lock").open("a") as file:
        while not _locked(file):
            if deadline is not None and time.monotonic() > deadline:
                raise Refused(503, "busy", BUSY, wait=2)
            time.sleep(LOOK_SECONDS)
        yield
    # What a sheet needed goes back to the system: some 20 MB that its pages would keep.
    ctypes.CDLL(None).malloc_trim(0)


def _locked(file: IO[Any]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


# -- while somebody waits for the answer -----------------------------------------------------------


def carry_out_now(wish: Wish, data: bytes) -> Answer:
    """Return what the import did, or why not. Raise what is no fault of the sheet's."""
    if not import_process.is_large(data):
        return _carried_out(wish, data)
    answer = import_process.carry_out(Job(wish, None, data))
    if answer is None:
        import_recovery.recover_soon()
        return INTERNAL
    return answer


def _carried_out(wish: Wish, data: bytes) -> Answer:
    carrier = Carrier(wish)
    try:
        return carrier.carry_out(data)
    except Exception as error:
        if carrier.run is not None:
            import_recovery.stopped(carrier.run, _why(error))
        if isinstance(error, HerdError):
            return _answer_to(error)
        raise


# -- in the process of a large one -----------------------------------------------------------------


def answer_to_job(job: Job) -> Answer:
    """Carry the import out in this process, and return what it came to."""
    if job.run is None:
        return _answered(job.wish, job.data)
    run = ImportRun.objects.get(pk=job.run)
    with suppress(Cancelled):
        with journal.writing():
            change(run, ON_THE_WAY, runner=runner())
        _carry_out(job.wish, run, job.data)
    return Answer(200, {})  # the import's row says the rest


def _answered(wish: Wish, data: bytes) -> Answer:
    try:
        return _carried_out(wish, data)
    except Exception as error:
        answer = _answer_to(error)
        if answer == INTERNAL:
            logger.exception("An import failed.")
        return answer


# -- aside -----------------------------------------------------------------------------------------


def keep(data: bytes) -> IO[bytes]:
    """Return a file of the sheet that is gone with this process."""
    file = tempfile.TemporaryFile(dir=settings.HEXABRAND_STATE_DIR)  # noqa: SIM115 - the import reads it later
    file.write(data)
    return file


def has_room() -> bool:
    return _queue().qsize() < MOST_WAITING


def carry_out_aside(wish: Wish, run: ImportRun, file: IO[bytes]) -> None:
    """Carry the import out behind those that came before; its row tells how far it is."""
    _queue().put(_Waiting(wish, run, file))


@cache
def _queue() -> "queue.Queue[_Waiting]":
    made: queue.Queue[_Waiting] = queue.Queue()
    # A daemon: a process that is told to end does not wait for a sheet; the next one takes it back.
    threading.Thread(target=_serve, args=(made,), name="imports", daemon=True).start()
    return made


def _serve(waiting: "queue.Queue[_Waiting]") -> None:
    while True:
        one = waiting.get()
        try:
            with one_at_a_time(), one.file:
                one.file.seek(0)
                _carry_out_large_or_small(one.wish, one.run, one.file.read())
        except Exception:
            logger.exception("Import no. %d failed.", one.run.pk)
        finally:
            del one
            connections.close_all()


def _carry_out_large_or_small(wish: Wish, run: ImportRun, data: bytes) -> None:
    if not import_process.is_large(data):
        _carry_out(wish, run, data)
    elif import_process.carry_out(Job(wish, run.pk, data)) is None:
        import_recovery.stopped(run, "")


def _carry_out(wish: Wish, run: ImportRun, data: bytes) -> None:
    try:
        answer = Carrier(wish, run).carry_out(data)
        if answer.status != 201:  # else its last slice has said so
            _ended(run, State.REFUSED if answer.status == 422 else State.DONE, answer)
    except Cancelled:
        pass
    except Exception as error:  # noqa: BLE001 - whatever it is, its row has to say so
        _failed(run, error)


def _failed(run: ImportRun, error: Exception) -> None:
    answer = _answer_to(error)
    if answer.status == 500:
        logger.error("Import no. %d failed.", run.pk, exc_info=error)
    if run.slices.exists() or not isinstance(error, HerdError | exceptions.APIException):
        told = {"status": answer.status, "answer": answer.body}
        import_recovery.stopped(run, _why(error), **told)
    else:
        _ended(run, State.REFUSED, answer)


def _ended(run: ImportRun, state: State, answer: Answer) -> None:
    detail = str(answer.body.get("detail", ""))[:500]
    with suppress(Cancelled), journal.writing():
        end(run, state, detail=detail, status=answer.status, answer=answer.body)


def _why(error: Exception) -> str:
    if isinstance(error, RowsRefused):
        line, text = error.rows[0]
        return MEANWHILE.format(f"line {line}: {text}")
    return str(error) if isinstance(error, HerdError) else ""


def _answer_to(error: Exception) -> Answer:
    made = refusal(error) if isinstance(error, HerdError) else exception_handler(error, {})
    if made is None:
        return INTERNAL
    return Answer(made.status_code, made.data)
