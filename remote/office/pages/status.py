"""How the Pi, the link and this office are, each with what to do."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from remote import attention
from remote.office import clocks
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.page import Page, PageRequest, banner
from remote.office.pulled_backups import copies, last_pull
from remote.wire import RELEASE, TOPICS

CERTIFICATE_DAYS = 30
LARGE_WAL_BYTES = 64_000_000  # a reader that never ends keeps SQLite from a checkpoint


def build(mirror: Mirror, asked: PageRequest) -> Page:
    state = banner(mirror)
    age = state["age"]
    context = {
        **state,
        "current_at": None if age is None else mirror.time.now() - timedelta(seconds=age),
        "status": mirror.status,
        "status_at": mirror.status_at,
        "cursor": mirror.cursor,
        "clocks": _clocks(mirror),
        "own_version": RELEASE,
        "alert_trouble": mirror.alert_trouble,
        "counts": {topic: len(mirror.tables[topic]) for topic in TOPICS},
        **(_of_the_pi(mirror.status, mirror) if mirror.status else {}),
    }
    return Page(
        "office/status.html",
        _("Status"),
        frozenset({"payloads"}),
        regions={"status": ("office/_status.html", context)},
    )


def _clocks(mirror: Mirror) -> dict[str, Any]:
    return {
        "pi": mirror.time.now() if mirror.time.is_known else None,
        "office": timezone.now(),
        "is_own_right": clocks.is_own_right(),
        "difference": clocks.difference(mirror),
    }


def _of_the_pi(status: Row, mirror: Mirror) -> dict[str, Any]:
    """Return what somebody should see to, by the Pi's own word."""
    certificate = status["certificate"] or {}
    judged = clocks.judged(status, mirror)
    now = attention.time_of_status(judged)
    known = status["sources"]
    sources = [{**source, "silent": attention.is_silent(source, now)} for source in known]
    return {
        "sources": sources,
        "any_silent": any(source["silent"] for source in sources),
        "any_errors": any(source["errors"] for source in sources),
        "drops": sum(source["drops"] for source in sources),
        "gaps": status.get("gaps", {}),  # an older Pi looks for none
        "scales": status.get("scales", []),
        "hung": [*attention.hung(status).values(), *attention.failing(status).values()],
        **_backups(judged, mirror.time.earlier()),
        "low_disk": status["disk"]["free_bytes"] < attention.LOW_DISK_BYTES,
        "old_backlog": (status["backlog"]["age_seconds"] or 0) > attention.OLD_BACKLOG_SECONDS,
        "large_wal": (status["database"]["wal_bytes"] or 0) > LARGE_WAL_BYTES,
        "old_certificate": certificate.get("days_left", CERTIFICATE_DAYS) < CERTIFICATE_DAYS,
    }


OLD: Final = timedelta(seconds=attention.OLD_BACKUP_SECONDS)
COPY_FAILED: Final = "backup-copy-failed"
COPY_OLD: Final = "backup-copy-old"


def copy_items(now: datetime) -> list[attention.AttentionItem]:
    """Return what is wrong with the copies; nothing where none were ever asked for."""
    pulled = last_pull()
    if pulled is None:
        return []
    if failed := pulled.failed:
        text = _("No new copy of the Pi's backup here: %s") % failed["reason"]
        since = datetime.fromisoformat(failed["at"])
        return [attention.AttentionItem(COPY_FAILED, text, severity="grave", since=since)]
    # `now` is the earlier clock's: one that has jumped ahead makes no copy old (decision 24).
    if pulled.at and now - datetime.fromisoformat(pulled.at) > OLD:
        text = _("The Pi's backups have not been copied here for more than a day")
        return [attention.AttentionItem(COPY_OLD, text, severity="grave", begun=pulled.at)]
    return []


def _backups(status: Row, now: datetime) -> dict[str, Any]:
    """Return what the status page shows; an older Pi tells nothing of its backups."""
    troubles = [*attention.backup_items(status), *copy_items(now)]
    return {
        "backup": status.get("backup"),
        "backup_troubles": [item.text for item in troubles],
        "pulled": last_pull(),
        "copies": len(copies()),
    }
