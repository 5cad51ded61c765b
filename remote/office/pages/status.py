"""How the Pi, the link and this office are, each with what to do."""

from remote.office.mirror import Mirror
from remote.office.pages.dashboard import LOW_DISK_BYTES, is_silent
from remote.office.pages.page import Asked, Page, banner

OLD_BACKLOG_SECONDS = 60
CERTIFICATE_DAYS = 30
LARGE_WAL_BYTES = 64_000_000


def build(mirror: Mirror, asked: Asked) -> Page:
    status = mirror.status
    sources = (
        []
        if status is None
        else [{**source, "silent": is_silent(source)} for source in status["sources"]]
    )
    context = {
        **banner(mirror),
        "status": status,
        "status_at": mirror.status_at,
        "cursor": mirror.cursor,
        "counts": {topic: len(rows) for topic, rows in mirror.tables.items()},
        "sources": sources,
        "drops": sum(source["drops"] for source in sources),
        "low_disk": status is not None and status["disk"]["free_bytes"] < LOW_DISK_BYTES,
        "old_backlog": status is not None
        and (status["backlog"]["age_seconds"] or 0) > OLD_BACKLOG_SECONDS,
        "large_wal": status is not None
        and (status["database"]["wal_bytes"] or 0) > LARGE_WAL_BYTES,
        "old_certificate": status is not None
        and (status["certificate"] or {}).get("days_left", 9999) < CERTIFICATE_DAYS,
    }
    return Page(
        "office/status.html",
        "Status",
        frozenset({"payloads"}),
        regions={"status": ("office/_status.html", context)},
    )
