"""Whether the Pi is well, and why not; no secret, path or address: whoever asks needs no key."""

from typing import Any, Final

from django.db import DatabaseError, connection
from django.utils import timezone

from herd.storage.database_corruption import is_sqlite
from lora.processes import clock
from lora.processes.disk_space import room
from lora.processes.watchdog import Beat, last_beat
from remote.api import feed
from remote.api.backups import backup_status
from remote.attention import OLD_BACKUP_SECONDS

JOBS: Final = ("receiver", "worker")
FAILING_SECONDS: Final = 10.0  # a lock that is held for a moment is nothing
STARTING_SECONDS: Final = 30.0  # of the web process, in which the others may still be coming

Reason = dict[str, str]  # a code, and a sentence

SILENT: Final = {
    "receiver": "The receiver {how}: no radio is heard.",
    "worker": "The worker {how}: what is heard waits.",
}
FAILING: Final = {
    "receiver": "The receiver cannot write the herd's database: {spilled} frames wait in its spill"
    " file, {waiting} in its memory.",
    "worker": "The worker cannot write the herd, and tries on.",
}


def health() -> dict[str, Any]:
    """Return `status` ok or unavailable, `reasons` for the latter, and `warnings`."""
    reasons = []
    if not is_journal_read():
        sentence = "The database does not answer: the journal cannot be read."
        reasons.append(_reason("journal_unreadable", sentence))
    reasons += [reason for job in JOBS for reason in _of_job(job)]
    if is_refusing():
        sentence = "The disk is full: nothing new is stored until there is room."
        reasons.append(_reason("disk_full", sentence))
    if reasons:
        return {"status": "unavailable", "reasons": reasons, "warnings": _warnings()}
    return {"status": "ok", "warnings": _warnings()}


def _reason(code: str, detail: str) -> Reason:
    return {"code": code, "detail": detail}


def is_journal_read() -> bool:
    """Return what the feed of this process knows, else find out by trying."""
    # Not asked by a process that serves the feed: the answer must not wait for the database.
    hub = feed.running()
    if hub is not None:
        return not hub.is_doubtful
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM journal LIMIT 1")
    except DatabaseError:
        return False
    return True


def _of_job(job: str) -> list[Reason]:
    beat = last_beat(job)
    if beat is not None and beat.is_fresh:
        is_failing = beat.failing > FAILING_SECONDS
        why = FAILING[job].format(spilled=beat.spilled, waiting=beat.waiting)
        return [_reason(f"{job}_failing", why)] if is_failing else []
    # With SQLite there is no other machine where a job could run that never ran on this one.
    if beat is None and not is_sqlite():
        return []
    if _is_starting(beat):
        return [_reason("starting", f"The {job} has not begun yet.")]
    if beat is not None and beat.is_process_there:
        return [_reason(f"{job}_hung", SILENT[job].format(how=f"hangs since {beat.age:.0f} s"))]
    return [_reason(f"{job}_stopped", SILENT[job].format(how="does not run"))]


def _is_starting(beat: Beat | None) -> bool:
    """Return whether the web process is new, and the job was not there since it began."""
    web = last_beat("web")
    if web is None or not web.is_fresh or web.running > STARTING_SECONDS:
        return False
    return beat is None or beat.age > web.running


def is_refusing() -> bool:
    """Return whether nothing new is stored for want of room; False where nobody can say."""
    hub = feed.running()  # free pages inside the database count as room, and only it can tell them
    if hub is not None and hub.is_doubtful:
        return False
    try:
        return room().is_short
    except (DatabaseError, OSError):
        return False


def _warnings() -> list[Reason]:
    # No reasons: the Pi works. A failure's own sentence names a folder: not for all.
    backup, found = backup_status(timezone.now()), []
    if backup["failed"]:
        sentence = "The Pi has no new backup: it failed, or is missing."
        found.append(_reason("backup_failed", sentence))
    if (backup["age_seconds"] or 0) > OLD_BACKUP_SECONDS:
        hours = round(backup["age_seconds"] / 3600)
        found.append(_reason("backup_old", f"The Pi's newest backup is {hours} hours old."))
    if clock.is_synchronised() is False:
        found.append(_reason("clock_unsynchronised", "The Pi's clock is not synchronised."))
    return found
