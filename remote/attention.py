"""Attention items of a Pi's status, worded alike for the office's list and everybody's alerts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Status = Mapping[str, Any]
Severity = Literal["urgent", "grave", "notice"]

STATUS_PAGE: Final = "/office/status"
LEFT_EARLY: Final = "left-early:"  # an animal, of which the page Work has a kind of its own
HUNG_SECONDS: Final = 20  # a mark is left every 5, and the office asks every 10
LOW_DISK_BYTES: Final = 1_000_000_000
OLD_BACKLOG_SECONDS: Final = 60
OLD_BACKUP_SECONDS: Final = 36 * 3600  # a night was missed
SILENT_AFTER: Final = timedelta(hours=1)
GONE_AFTER: Final = timedelta(days=14)
RESTORED_IS_TOLD_FOR: Final = timedelta(days=7)  # what the backup has not is lost for good


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """Something that needs a person, and where in the office to see to it.

    With `begins=False` it is neither listed nor sent by itself, but keeps an alert that was sent
    before from being over.
    """

    key: str  # stays while the text changes ("3 tag conflicts", "4 tag conflicts"): one alert
    text: str
    link: str = STATUS_PAGE
    severity: Severity = "notice"  # "urgent" is sent in quiet hours too, "notice" not marked red
    since: datetime | None = None
    begun: str = ""  # the time or the day, in ISO, where the item is not known by it
    begins: bool = True
    after: float | None = None  # seconds that it must last before it is sent, if not ALERT_AFTER
    cause: str = ""  # another one is another item to who dismissed it, and the same alert

    @property
    def grave(self) -> bool:
        return self.severity != "notice"


def alert_file(folder: Path, role: str) -> Path:
    """Return where a role's alerts keep what was sent and what waits; see docs/alerts.md."""
    return folder / f"{role}-alerts.json"


def pi_items(status: Status) -> list[AttentionItem]:
    """Return the items of a Pi's status; parts that an older Pi does not tell are left out."""
    if not status:
        return []  # there is no copy yet
    machine = [*_processes(status), *_disk(status["disk"]), *_restored(status)]
    heard = [*_backlog(status.get("backlog", {})), *_clock_gaps_and_alerts(status)]
    return [
        *machine,
        *backup_items(status),
        *heard,
        *_left_early(status),
        *_scales(status),
        *_sources(status),
    ]


def hung(status: Status) -> dict[str, str]:
    """Return job → what to say, for the Pi's processes that are not at work."""
    said = {
        "receiver": _("The receiver on the Pi does not answer: no radio is heard"),
        "worker": _("The worker on the Pi does not answer: what is heard waits"),
    }
    processes = status.get("processes", {})
    return {
        job: text
        for job, text in said.items()
        if (processes.get(job, {}).get("alive_seconds_ago") or 0) > HUNG_SECONDS
    }


def failing(status: Status) -> dict[str, str]:
    """Return code → what to say, for processes that cannot do their work or were never begun."""
    said = {
        "receiver_failing": _("The receiver on the Pi cannot store what it hears, which waits"),
        "worker_failing": _("The worker on the Pi cannot write the herd, and tries on"),
    }
    if spilled := status.get("spill", {}).get("frames"):  # an older Pi has no spill file
        said["receiver_failing"] = _spilled(spilled)
    processes = status.get("processes", {})
    for job, text in (
        ("receiver", _("The receiver on the Pi does not run: no radio is heard")),
        ("worker", _("The worker on the Pi does not run: what is heard waits")),
    ):
        if processes.get(job, {}).get("alive_seconds_ago") is None:
            said[f"{job}_stopped"] = text  # one that ran before is an item of `hung`
    codes = [reason["code"] for reason in status.get("health", {}).get("reasons", [])]
    return {code: said[code] for code in codes if code in said}


def _spilled(frames: int) -> str:
    text = ngettext(
        "The Pi's database cannot be written: %d radio message is kept in a file beside it",
        "The Pi's database cannot be written: %d radio messages are kept in a file beside it",
        frames,
    )
    return text % frames


def _processes(status: Status) -> list[AttentionItem]:
    found = {f"{job}-hung": text for job, text in hung(status).items()}
    found |= {code.replace("_", "-"): text for code, text in failing(status).items()}
    last = {f"{job}-hung": _last_alive(status, job) for job in hung(status)}
    return [
        AttentionItem(key, text, severity="urgent", begun=last.get(key, ""))
        for key, text in found.items()
    ]


def _last_alive(status: Status, job: str) -> str:
    ago = timedelta(seconds=status["processes"][job]["alive_seconds_ago"])
    return (time_of_status(status) - ago).isoformat()


def _disk(disk: Status) -> list[AttentionItem]:
    found = []
    if disk["refusing"]:
        text = _("The Pi's disk is full: radio messages are not stored")
        found.append(AttentionItem("disk-full", text, severity="urgent"))
    if disk["free_bytes"] < LOW_DISK_BYTES or disk["refusing"]:
        text = _("The Pi's disk is nearly full")
        is_all = not disk["refusing"]  # full is not the end of nearly full
        found.append(AttentionItem("disk-low", text, severity="grave", begins=is_all))
    return found


def _restored(status: Status) -> list[AttentionItem]:
    """Return an item for a database that was damaged and replaced by a backup."""
    restored = status.get("restored") or {}
    at = _time(restored["at"]) if restored.get("at") else None
    if at is None or time_of_status(status) - at > RESTORED_IS_TOLD_FOR:
        return []
    text = _("The herd was restored from a backup at %(at)s") % {"at": moment(at)}
    return [AttentionItem(f"restored:{at.isoformat()}", text, severity="urgent", since=at)]


def backup_items(status: Status) -> list[AttentionItem]:
    """Return why the farm could not be put back as it is; an older Pi tells nothing of it."""
    backup = status.get("backup") or {}
    found = []
    if failed := backup.get("failed"):
        text = _("The Pi has no new backup: %s") % failed["reason"]
        since = _time(failed["at"])
        found.append(AttentionItem("backup-failed", text, severity="grave", since=since))
    if (backup.get("age_seconds") or 0) > OLD_BACKUP_SECONDS:
        hours = round(backup["age_seconds"] / 3600)
        text = ngettext(
            "The Pi's newest backup is %d hour old", "The Pi's newest backup is %d hours old", hours
        )
        begun = backup.get("newest_at") or ""
        found.append(AttentionItem("backup-old", text % hours, severity="grave", begun=begun))
    return found


def _backlog(backlog: Status) -> list[AttentionItem]:
    count = backlog.get("count") or 0
    if (backlog.get("age_seconds") or 0) <= OLD_BACKLOG_SECONDS:
        return []
    text = ngettext(
        "%d radio message waits for the worker", "%d radio messages wait for the worker", count
    )
    return [AttentionItem("backlog", text % count, begun=backlog.get("oldest_at") or "")]


def _clock_gaps_and_alerts(status: Status) -> list[AttentionItem]:
    """Return items for a wrong clock, for events never heard, and for alerts never sent."""
    found = []
    if status["clock"]["synchronised"] is False:
        found.append(AttentionItem("clock", _("The Pi's clock is not synchronised")))
    if missing := status.get("gaps", {}).get("count"):
        text = ngettext(
            "%d numbered event was never heard", "%d numbered events were never heard", missing
        )
        noticed = [gap["noticed_at"] for gap in status["gaps"].get("latest", ())]
        begun = min(noticed, default="")
        found.append(AttentionItem("gaps", text % missing, begun=begun, cause=str(missing)))
    if trouble := (status.get("alerts") or {}).get("trouble"):
        text = _("The Pi's alerts cannot be sent: %(reason)s") % {"reason": trouble}
        found.append(AttentionItem("pi-alerts-unsent", text, severity="grave"))
    return found


def _left_early(status: Status) -> list[AttentionItem]:
    """Return the animals that a radio saw leave before they were clear, until somebody answers."""
    text = _("%(name)s left on %(left)s and is not clear until %(clear)s: say what was done")
    return [
        AttentionItem(
            f"{LEFT_EARLY}{one['cattle_id']}",
            text % {"name": one["name"], "left": one["left_on"], "clear": one["clear_on"]},
            link=f"/office/cattle/{one['cattle_id']}",
            severity="grave",
            cause=str(one["left_on"]),
        )
        for one in status.get("left_early", [])  # an older Pi knows of no treatments
    ]


def _scales(status: Status) -> list[AttentionItem]:
    """Return the scales that were adjusted or weigh wrong, in the Pi's own words."""
    return [
        AttentionItem(
            f"scale-{one['source']}-{one['day']}-{one['trouble']}",
            one["detail"],
            begun=str(one["day"]),
        )
        for one in status.get("scales", [])  # an older Pi looks for none
    ]


def _sources(status: Status) -> list[AttentionItem]:
    """Return silent sources, the last to fall silent first."""
    now = time_of_status(status)
    silent = [source for source in status["sources"] if is_silent(source, now)]
    silent.sort(key=lambda source: str(source["last_heard_at"]), reverse=True)
    return [
        AttentionItem(
            f"silent:{source['name']}",
            _("%s has fallen silent") % source["name"],
            since=_time(source["last_heard_at"]),
            # One taken away is no item, but its alert must not end as if it spoke again.
            begins=not is_gone(source, now),
        )
        for source in silent
    ]


def time_of_status(status: Status) -> datetime:
    """Return the Pi's time when it made this status."""
    # A silence is measured by the clock that noted when the source was heard, and not by how long
    # the status has been held here (decision 24).
    at = status.get("server_time")
    return _time(at) if at else datetime.now(UTC)


def is_silent(source: Status, now: datetime) -> bool:
    """Return whether a radio used to speak and has not for an hour."""
    if source["kind"] == "port" or not source["last_heard_at"]:
        return False
    return now - _time(source["last_heard_at"]) > SILENT_AFTER


def is_gone(source: Status, now: datetime) -> bool:
    """Return whether it was silent for so long that it was taken away rather than broke."""
    heard = source["last_heard_at"]
    return bool(heard) and now - _time(heard) > GONE_AFTER


def moment(at: datetime) -> str:
    """Write a time as a mail needs it: in local time, with the day."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def _time(iso: str) -> datetime:
    found = datetime.fromisoformat(iso)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
