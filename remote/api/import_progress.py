"""How far an import is, for whoever watches it: its row, and a message of the feed."""

import os
import platform
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils import timezone

from herd.storage import journal
from herd.storage.database_corruption import is_sqlite
from remote.api.models import ImportRun
from remote.wire import IMPORT_EVENT

State = ImportRun.State
BEFORE_WRITING: Final = (State.READING, State.CHECKING, State.WAITING)
ON_THE_WAY: Final = (*BEFORE_WRITING, State.WRITING)
TOLD_EVERY: Final = 0.5  # seconds: each is a turn in the writers' queue, and a message to offices
TURN_TIMEOUT: Final = 1.0  # seconds; the next one tells it too


class Cancelled(Exception):
    """Somebody has cancelled the import."""


class Progress:
    """Tells how far an import is, at most twice a second; without a row it tells nobody."""

    def __init__(self, run: ImportRun | None) -> None:
        self._run = run
        self._told_at = -TOLD_EVERY

    def tell(self, *, at_once: bool = False, **values: Any) -> None:
        """Note these columns before the write. Raise Cancelled."""
        run, now = self._run, time.monotonic()
        if run is None or (not at_once and now - self._told_at < TOLD_EVERY):
            return
        self._told_at = now
        with suppress(*journal.DATABASE_UNAVAILABLE), journal.writing(TURN_TIMEOUT):
            change(run, BEFORE_WRITING, **values)

    def tell_in_turn(self, run: ImportRun, rows_written: int) -> None:
        """Note it in the transaction of a slice; the feed is told of some slices alone."""
        ImportRun.objects.filter(pk=run.pk).update(rows_written=rows_written)
        if time.monotonic() - self._told_at >= TOLD_EVERY:
            self._told_at = time.monotonic()
            tell_feed(run)


def change(run: ImportRun, among: tuple[State, ...], **values: Any) -> None:
    """Change an import that is in one of these states; raise Cancelled. Call it inside
    `writing()`."""
    if not ImportRun.objects.filter(pk=run.pk, state__in=among).update(**values):
        raise Cancelled
    for name, value in values.items():
        setattr(run, name, value)
    tell_feed(run)


def end(run: ImportRun, state: State, **values: Any) -> None:
    """Note how an import ended. Call it inside `writing()`."""
    change(run, ON_THE_WAY, state=state, ended_at=timezone.now(), **values)


def tell_feed(run: ImportRun) -> None:
    # By nobody, so that the journal may forget it: what a person did is told by the change itself.
    journal.record_many([journal.Entry(IMPORT_EVENT, run.pk, timezone.now())])


# -- the process that carries it out ---------------------------------------------------------------


@cache
def runner() -> str:
    """Return the name of this process, which no other has had or will have."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return "/".join((platform.node(), boot, str(os.getpid()), _begun(os.getpid())))


def is_gone(run: ImportRun) -> bool:
    """Return whether nobody carries the import out any more; of other machines nobody knows."""
    if run.runner == runner():
        return False
    node, boot, pid, begun = run.runner.rsplit("/", 3)
    our_node, our_boot, *_ = runner().rsplit("/", 3)
    if node != our_node and not is_sqlite():
        return False
    return boot != our_boot or _begun(int(pid)) != begun


def _begun(pid: int) -> str:
    """Return when the process began, in ticks since the machine did; "" where there is none."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return status.rpartition(")")[2].split()[19]
