"""How the Pi is: counts, backlog, disk, database, clock, certificate, sources."""

import json
import os
import platform
import shutil
import sqlite3
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import starmap
from pathlib import Path
from typing import Any

import django
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q
from django.utils import timezone

from herd.models import Animal, Batch, Pen
from herd.storage.journal import adapt_time
from lora.gaps import NumberedEvent, find_gaps
from lora.models import LoRaPayload, Source
from lora.processes import clock
from lora.processes.disk_space import MEGABYTE, room
from lora.processes.watchdog import last_beat, seconds_since
from remote.api.backups import backup_status
from remote.api.events import newest_cursor
from remote.api.health import JOBS, health
from remote.api.left_early import left_early
from remote.api.scales import scale_troubles
from remote.api.serializers import Shape, source_shape, time_of
from remote.api.turned_back import turned_back
from remote.attention import alert_file
from remote.wire import RELEASE

PACE_RESTS_ON = 2000  # payloads
RECENTLY = timedelta(minutes=1)
GAPS_AMONG = 5000  # payloads, the latest
GAPS_WITHIN = timedelta(days=3)  # a weekend
GAPS_SHOWN = 20
HOURS_SHOWN = 24
# The WAL-reset bug (sqlite.org/wal.html) damages a database that two processes write. It needs both
# to end a log at once; here all writers stand in one queue (herd.storage.journal.writing), so that
# an engine that has it is warned of and not refused.
WAL_RESET_FIXED = (3, 51, 3)
WAL_RESET_FIXED_IN_SERIES = {(3, 44): 6, (3, 50): 7}


def status() -> Shape:
    now = timezone.now()
    return {
        "server_time": time_of(now),
        "cursor": str(newest_cursor()),
        "versions": {
            "hexabrand": RELEASE,
            "python": platform.python_version(),
            "django": django.get_version(),
            "sqlite": sqlite3.sqlite_version,
        },
        "counts": _counts(),
        "payloads_today": payloads_today(),
        "heard_by_hour": heard_by_hour(now),
        "backlog": backlog(now),
        **machine(),
        "health": health(),
        "gaps": _gaps(now),
        "scales": scale_troubles(),
        "left_early": left_early(),
        "turned_back": turned_back(),
        "sources": [source_shape(source) for source in Source.objects.all()[:500]],
    }


def _counts() -> Shape:
    return {
        "batches": Batch.objects.count(),
        "batches_open": Batch.objects.open().count(),
        "cattle": Animal.objects.count(),
        "pens": Pen.objects.count(),
        "payloads": LoRaPayload.objects.count(),
    }


def machine() -> Shape:
    """Return how the machine is: quickly read, however many payloads it holds."""
    return {
        "disk": _disk(),
        "database": _database(),
        # When and from which backup the herd was restored; None where it was not.
        "restored": _json_of(settings.HEXABRAND_STATE_DIR / "restored.json"),
        "alerts": {"trouble": _alert_trouble()},
        "processes": {job: {"alive_seconds_ago": seconds_since(job)} for job in JOBS},
        "spill": {"frames": _spilled()},
        "backup": backup_status(timezone.now()),
        "clock": {"synchronised": clock.is_synchronised()},
        "certificate": certificate(),
    }


def payloads_today(using: str = "default") -> dict[str, int]:
    """Count the payloads since local midnight, by status."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = LoRaPayload.objects.using(using).filter(received_at__gte=midnight)
    # Not grouped: SQLite would go through years of payloads by the index of what is grouped.
    counted = {name: Count("id", filter=Q(status=name)) for name in LoRaPayload.Status.values}
    found: dict[str, int] = today.aggregate(**counted)
    return found


def heard_by_hour(now: datetime) -> list[Shape]:
    """Count the payloads of each of the last hours, this one last; what nobody heard is a 0."""
    this = now.replace(minute=0, second=0, microsecond=0)
    hours = [this - timedelta(hours=ago) for ago in reversed(range(HOURS_SHOWN))]
    # A range of the index each, in one statement: grouped, SQLite would cut each row's time.
    ends = [bound for hour in hours for bound in (hour, hour + timedelta(hours=1))]
    with connection.cursor() as cursor:
        cursor.execute(_BY_HOUR, [adapt_time(bound) for bound in ends])
        counts = cursor.fetchone()
    return [{"hour": time_of(at), "count": n} for at, n in zip(hours, counts, strict=True)]


_BETWEEN = "(SELECT COUNT(*) FROM lora_payload_buffer WHERE received_at >= %s AND received_at < %s)"
_BY_HOUR = f"SELECT {', '.join([_BETWEEN] * HOURS_SHOWN)}"


def backlog(now: datetime) -> dict[str, Any]:
    waiting = LoRaPayload.objects.filter(status=LoRaPayload.Status.RECEIVED).aggregate(
        count=Count("id"), oldest=Min("received_at"), first=Min("id")
    )
    oldest, count = waiting["oldest"], waiting["count"]
    speed = pace(now, waiting["first"]) if count else None
    return {
        "count": count,
        "oldest_at": time_of(oldest),
        "age_seconds": round((now - oldest).total_seconds(), 1) if oldest else None,
        "eta_seconds": round(count / speed, 1) if speed else None,
    }


def pace(now: datetime, before: int | None = None) -> float | None:
    """Return the payloads a second settled of late, of those with a lower id than `before`."""
    done = LoRaPayload.objects.filter(processed_at__isnull=False)
    if before is not None:
        done = done.filter(id__lt=before)
    is_recent = Q(processed_at__gt=now - RECENTLY)
    # Counted by the database: to read two thousand times took longer than all other figures.
    newest = done.order_by("-id").values("processed_at")[:PACE_RESTS_ON]
    count, first = Count("processed_at", filter=is_recent), Min("processed_at", filter=is_recent)
    recent = newest.aggregate(count=count, first=first)
    if recent["count"] < 2:
        return None
    return float(recent["count"] / max((now - recent["first"]).total_seconds(), 0.001))


def _gaps(now: datetime) -> dict[str, Any]:
    """Return the numbered events that never came in the last days."""
    newest = LoRaPayload.objects.order_by("-id").values_list("id", flat=True).first() or 0
    late = LoRaPayload.objects.filter(id__gt=newest - GAPS_AMONG, event_id__isnull=False)
    events = late.order_by("id")
    found = [
        gap
        for gap in find_gaps(starmap(NumberedEvent, events.values_list("event_id", "received_at")))
        if RECENTLY < now - gap.noticed_at < GAPS_WITHIN  # what waits now has no number yet
    ]
    latest = [asdict(gap) | {"noticed_at": time_of(gap.noticed_at)} for gap in found[:GAPS_SHOWN]]
    return {"count": sum(gap.count for gap in found), "latest": latest}


def _spilled() -> int:
    """Return how many frames wait in the receiver's spill file for the database."""
    beat = last_beat("receiver")
    return beat.spilled if beat else 0


def _disk() -> dict[str, int | bool]:
    usage = shutil.disk_usage(settings.HEXABRAND_STATE_DIR)
    return {
        "free_bytes": usage.free,
        "total_bytes": usage.total,
        "reserve_bytes": settings.DISK_RESERVE * MEGABYTE,
        "refusing": room().is_short,
    }


def _database() -> dict[str, Any]:
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version'), pg_database_size(current_database())"
            )
            version, size = cursor.fetchone()
        engine = f"{connection.vendor} {version.split()[0]}"
        return {"engine": engine, "warning": "", "bytes": size, "wal_bytes": None}
    name = str(connection.settings_dict["NAME"])
    return {
        "engine": f"sqlite {sqlite3.sqlite_version}",
        "warning": engine_warning(sqlite3.sqlite_version_info),
        "bytes": _size(name),
        "wal_bytes": _size(f"{name}-wal"),
    }


def engine_warning(version: tuple[int, int, int]) -> str:
    """Return a sentence for whoever keeps the Pi; "" for an engine without the WAL-reset bug."""
    fixed_at = WAL_RESET_FIXED_IN_SERIES.get(version[:2])
    if version >= WAL_RESET_FIXED or (fixed_at is not None and version[2] >= fixed_at):
        return ""
    number = ".".join(map(str, version))
    return f"SQLite {number} has the WAL-reset bug; update it to 3.51.3 or later when you can."


def _json_of(file: Path) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError):
        return None


def _alert_trouble() -> str:
    """Return why the Pi's own alerts cannot be sent, "" where they can."""
    if not (settings.ALERT_EMAIL_TO or settings.ALERT_WEBHOOK_URL):
        return ""  # nobody wants them any more: what the file says is old
    kept = _json_of(alert_file(settings.HEXABRAND_STATE_DIR, "pi"))
    return str(kept.get("trouble", "")) if isinstance(kept, dict) else ""


def _size(file: str) -> int | None:
    try:
        return Path(file).stat().st_size
    except OSError:
        return None


def certificate() -> Shape | None:
    """Return the certificate this Pi shows, None where there is none yet."""
    file: Path = settings.TLS_CERTIFICATE_FILE
    if not os.access(file, os.R_OK):
        return None
    try:
        found = x509.load_pem_x509_certificate(file.read_bytes())
    except ValueError:  # half written, or no certificate
        return None
    return {
        "expires_at": time_of(found.not_valid_after_utc),
        "fingerprint": found.fingerprint(SHA256()).hex(),
        "days_left": (found.not_valid_after_utc - datetime.now(UTC)).days,
    }
