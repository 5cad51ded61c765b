"""The Pi's figures for Prometheus: none reads years of payloads, none waits for a writer."""

import platform
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Sum
from django.utils import timezone
from prometheus_client.core import Metric

from herd.models import JournalEntry
from lora.models import LoRaPayload, Source
from lora.processes.watchdog import last_beat
from remote.api import feed
from remote.api.events import newest_cursor
from remote.api.health import JOBS, health, is_journal_read
from remote.api.row_json import READER
from remote.api.serializers import Shape
from remote.api.status import backlog, machine, pace, payloads_today
from remote.exposition import build, counter, counters, gauge, gauges
from remote.wire import RELEASE


def read() -> Iterable[Metric]:
    """Yield the figures: first, and also while it is away, what needs no database."""
    engine = connection.vendor
    yield from build(version=RELEASE, role="pi", python=platform.python_version(), database=engine)
    yield from _health()
    yield from _processes()
    is_up = is_journal_read()
    if is_up:
        try:
            yield from _of_database(timezone.now())
        except DatabaseError:
            is_up = False
    yield from gauge("database_up", "1 while the journal can be read.", is_up)


def _health() -> Iterator[Metric]:
    found = health()
    yield from gauge("healthy", "1 while /health is 200.", found["status"] == "ok")
    codes = [(reason["code"], 1) for reason in found.get("reasons", [])]
    yield from gauges("health_reason", "1 for each reason of a 503.", "code", codes)
    hub = feed.running()
    yield from gauge(
        "feed_sockets", "Offices and integrators connected.", hub.sockets if hub else None
    )


def _processes() -> Iterator[Metric]:
    there = {job: beat for job in (*JOBS, "web") if (beat := last_beat(job)) is not None}
    means = "Since it was last seen at work; 5 at most where it is well."
    ages = ((job, beat.age) for job, beat in there.items())
    yield from gauges("process_mark_age_seconds", means, "process", ages)
    means = "For how long its work cannot be done; 0 where it can."
    failing = ((job, beat.failing) for job, beat in there.items())
    yield from gauges("process_failing_seconds", means, "process", failing)
    receiver = there.get("receiver")
    waiting = receiver.waiting if receiver else None
    yield from gauge("receiver_waiting_frames", "Heard, and not stored yet.", waiting)
    spilled = receiver.spilled if receiver else None
    yield from gauge(
        "receiver_spilled_frames", "Stored in the spill file while the database is away.", spilled
    )


def _of_database(now: datetime) -> Iterator[Metric]:
    yield from _machine(machine())
    yield from _radio()
    yield from _work(now)
    yield from _journal()


def _machine(now: Shape) -> Iterator[Metric]:
    disk, database = now["disk"], now["database"]
    yield from gauge("disk_free_bytes", "Free where the state folder lies.", disk["free_bytes"])
    yield from gauge("disk_size_bytes", "Size of that disk.", disk["total_bytes"])
    yield from gauge("disk_reserve_bytes", "DISK_RESERVE.", disk["reserve_bytes"])
    yield from gauge("disk_refusing", "1 while nothing new is stored.", disk["refusing"])
    yield from gauge("database_size_bytes", "Size of the database.", database["bytes"])
    yield from gauge("database_wal_bytes", "Size of its log (SQLite).", database["wal_bytes"])
    synchronised = now["clock"]["synchronised"]
    yield from gauge("clock_synchronised", "1 where the time of day is right.", synchronised)
    days = (now["certificate"] or {}).get("days_left")
    yield from gauge(
        "certificate_left_seconds", "Until the certificate ends.", days and days * 86400
    )
    yield from _backups(now["backup"])


def _backups(status: Shape) -> Iterator[Metric]:
    yield from gauge("backups", "Backups that are kept.", status["count"])
    yield from gauge("backup_age_seconds", "Age of the newest.", status["age_seconds"])
    failed = status["failed"] is not None
    yield from gauge("backup_failed", "1 where the last one failed, or is missing.", failed)
    proved = status["proved_at"] is not None
    yield from gauge("backup_proved", "1 where the newest was read back.", proved)


def _radio() -> Iterator[Metric]:
    # By kind of source, not by source: a farm has hundreds of modules, and each were a series.
    sums = {name: Sum(name) for name in ("frames", "errors", "drops")}
    totals = Source.objects.using(READER).values("kind").annotate(**sums).order_by("kind")
    found: list[Mapping[str, Any]] = [*totals]
    for name, column, means in (
        ("frames_received_total", "frames", "Frames stored."),
        ("frames_errors_total", "errors", "Of those, what could not be read or applied."),
        ("frames_dropped_total", "drops", "Datagrams that the kernel threw away unread."),
    ):
        yield from counters(name, means, "kind", ((row["kind"], row[column]) for row in found))


def _work(now: datetime) -> Iterator[Metric]:
    waiting = backlog(now)
    rows, means = payloads_today(READER).items(), "Received since local midnight, by status."
    yield from gauges("payloads_today", means, "status", rows)
    yield from gauge("payloads_waiting", "Received and not settled.", waiting["count"])
    age, means = waiting["age_seconds"] or 0, "Age of the oldest of them; 0 where none waits."
    yield from gauge("payloads_waiting_age_seconds", means, age)
    first = LoRaPayload.objects.received().values_list("pk", flat=True).first()
    speed = pace(now, first) or 0
    yield from gauge("worker_payloads_per_second", "Settled in the last minute, by second.", speed)


def _journal() -> Iterator[Metric]:
    entries = JournalEntry.objects.using(READER)
    oldest = entries.order_by("seq").values_list("seq", flat=True).first()
    yield from counter("journal_entries_total", "Entries ever written.", newest_cursor().seq)
    yield from gauge("journal_oldest_entry", "Number of the oldest that is kept.", oldest)
