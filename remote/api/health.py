"""Whether the Pi is well: what somebody who watches over it from outside is told, and why.

No secret, path or address is named: whoever asks needs no key.
"""

from typing import Any, Final

from django.db import DatabaseError, connection
from django.utils import timezone

from herd.storage.database_corruption import is_sqlite
from lora.processes import clock
from lora.processes.disk_space import room
from lora.processes.heartbeat import Mark, mark_of
from remote.api import feed
from remote.api.backups import backup_status
from remote.attention import OLD_BACKUP_SECONDS

JOBS: Final = ("receiver", "worker")
FAILING_SECONDS: Final = 10.0  # a lock that is held for a moment is nothing
STARTING_SECONDS: Final = 30.0  # of the web process, in which the others may still be coming

Told = dict[str, str]  # a code, and a sentence

SILENT: Final = {
    "receiver": "The receiver {how}: no radio is heard.",
    "worker": "The worker {how}: what is heard waits.",
}
FAILING: Final = {
    "receiver": "The receiver cannot store what it hears, which waits in its memory.",
    "worker": "The worker cannot write the herd, and tries on.",
}


def health() -> dict[str, Any]:
    """Return `status` ok or unavailable, `reasons` for the latter, and `warnings`. The database is
    not asked by a process whose feed reads it all the time: the answer must not wait for it."""
    reasons = [*_of_journal(), *(told for job in JOBS for told in _of_job(job)), *_of_disk()]
    told: dict[str, Any] = {"status": "unavailable" if reasons else "ok"}
    if reasons:
        told["reasons"] = reasons
    return told | {"warnings": _warnings()}


def _told(code: str, detail: str) -> Told:
    return {"code": code, "detail": detail}


def _of_journal() -> list[Told]:
    if is_journal_read():
        return []
    return [_told("journal_unreadable",
                  "The database does not answer: the journal cannot be read.")]  # fmt: skip


def is_journal_read() -> bool:
    """Return what the feed of this process knows, else find out by trying."""
    hub = feed.running()
    if hub is not None:
        return not hub.is_doubtful
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM journal LIMIT 1")
    except DatabaseError:
        return False
    return True


def _of_job(job: str) -> list[Told]:
    mark = mark_of(job)
    if mark is not None and mark.is_fresh:
        is_failing = mark.failing > FAILING_SECONDS
        return [_told(f"{job}_failing", FAILING[job])] if is_failing else []
    # With SQLite there is no other machine where a job could run that never ran on this one.
    if mark is None and not is_sqlite():
        return []
    if _is_starting(mark):
        return [_told("starting", f"The {job} has not begun yet.")]
    return [_told(*_silence(job, mark))]


def _is_starting(mark: Mark | None) -> bool:
    """Whether the web process has been there for a moment only, and the job not since then."""
    web = mark_of("web")
    if web is None or not web.is_fresh or web.running > STARTING_SECONDS:
        return False
    return mark is None or mark.age > web.running


def _silence(job: str, mark: Mark | None) -> tuple[str, str]:
    if mark is not None and mark.is_process_there:
        return f"{job}_hung", SILENT[job].format(how=f"hangs since {mark.age:.0f} s")
    return f"{job}_stopped", SILENT[job].format(how="does not run")


def _of_disk() -> list[Told]:
    if not is_refusing():
        return []
    return [_told("disk_full", "The disk is full: nothing new is stored until there is room.")]


def is_refusing() -> bool:
    """Tell whether nothing new is stored for want of room; False where nobody can say."""
    hub = feed.running()
    if hub is not None and hub.is_doubtful:
        return False
    try:
        return room().is_short
    except (DatabaseError, OSError):
        return False


def _warnings() -> list[Told]:
    found = _of_backups()
    if clock.is_synchronised() is False:
        found.append(_told("clock_unsynchronised", "The Pi's clock is not synchronised."))
    return found


def _of_backups() -> list[Told]:
    """No reasons: the Pi works, and could not be put back as it is. The failure's own sentence
    names a folder, which is not for all."""
    backup, found = backup_status(timezone.now()), []
    if backup["failed"]:
        found.append(_told("backup_failed", "The Pi has no new backup: it failed, or is missing."))
    if (backup["age_seconds"] or 0) > OLD_BACKUP_SECONDS:
        hours = round(backup["age_seconds"] / 3600)
        found.append(_told("backup_old", f"The Pi's newest backup is {hours} hours old."))
    return found
