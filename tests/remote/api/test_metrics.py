"""The Pi's figures: read by Prometheus' own parser, held against the document, and cheap."""

import fcntl
import re
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from rest_framework.test import APIClient

from herd.models import JournalEntry
from lora.models import LoRaPayload, Source
from lora.processes.watchdog import Heartbeat
from remote.api import feed, metrics, status
from remote.api.models import ApiKey
from tests.remote.api.rows import ROOT, a_payload
from tests.remote.conftest import client_with
from tests.system.farm import ROOT as PROJECT

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

DOCUMENT = (PROJECT / "docs/metrics.md").read_text()
UNITS = ("_seconds", "_bytes", "_total", "_info")


@pytest.fixture(autouse=True)
def _at_work(settings: Settings, tmp_path: Path) -> None:
    settings.HEXABRAND_STATE_DIR, settings.TRUST_CLOCK = tmp_path, True
    for job in ("web", "receiver", "worker"):
        Heartbeat(job).beat()


def families(client: APIClient, path: str = "/metrics") -> dict[str, Metric]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].startswith("text/plain; version=")
    return {one.name: one for one in text_string_to_metric_families(answer.content.decode())}


def value(found: dict[str, Metric], name: str, **labels: str) -> float | None:
    samples = found[name].samples if name in found else []
    return next((one.value for one in samples if one.labels == labels), None)


def documented(*parts: str) -> set[str]:
    """Names in the tables of these chapters."""
    chapters = re.split(r"^## ", DOCUMENT, flags=re.MULTILINE)
    text = "".join(one for one in chapters if one.startswith(parts))
    return set(re.findall(r"`(hexabrand_[a-z_]+)`", text))


def names(found: dict[str, Metric]) -> set[str]:
    """As they are queried: a counter has its ending."""
    ending = {"counter": "_total"}
    return {f"{name}{ending.get(one.type, '')}" for name, one in found.items()}


def test_every_figure_is_documented_and_every_documented_one_is_there(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_payload()
    monkeypatch.setattr(feed, "_hub", feed.Hub())
    backup = {"count": 2, "age_seconds": 60.0, "failed": None, "proved_at": "2026-11-26T03:15:00Z"}
    whole = status.machine() | {"certificate": {"days_left": 3}, "backup": backup}
    whole["database"] |= {"bytes": 1, "wal_bytes": 1}  # the tests' database has no file
    monkeypatch.setattr(metrics, "machine", lambda: whole)
    found = families(api)
    assert names(found) == documented("Both", "The Pi")
    assert value(found, "hexabrand_backup_age_seconds") == 60.0
    assert value(found, "hexabrand_backup_proved") == 1
    backup["proved_at"] = None
    assert value(families(api), "hexabrand_backup_proved") == 0


def test_names_and_units_are_as_prometheus_has_them(api: APIClient) -> None:
    for name, one in families(api).items():
        assert re.fullmatch(r"hexabrand(_[a-z]+)+", name), name
        assert one.documentation, name
        assert not re.search("_(ms|minutes|hours|mb|kb|percent|count)$", name), name
        if "age" in name.split("_") or "failing" in name:
            assert name.endswith("_seconds"), name


def test_what_happened_is_counted(api: APIClient) -> None:
    a_payload(), a_payload("x", error="binary")
    Source.objects.create(name="port:udp:1700", kind="port", drops=7)
    found = families(api, ROOT + "metrics")
    assert value(found, "hexabrand_frames_received", kind="udp") == 2
    assert value(found, "hexabrand_frames_errors", kind="udp") == 1
    assert value(found, "hexabrand_frames_dropped", kind="port") == 7
    assert value(found, "hexabrand_payloads_waiting") == 1
    assert value(found, "hexabrand_payloads_today", status="error") == 1
    assert (value(found, "hexabrand_payloads_waiting_age_seconds") or 0) >= 0
    newest = JournalEntry.objects.order_by("-seq").first()
    assert newest is not None
    assert value(found, "hexabrand_journal_entries") == newest.seq
    assert (value(found, "hexabrand_process_mark_age_seconds", process="worker") or 99) < 10


def test_the_workers_speed_is_that_of_the_last_minute(api: APIClient) -> None:
    rows = [a_payload(f"hxb:B1:LF{n}:") for n in range(12)]
    assert value(families(api), "hexabrand_worker_payloads_per_second") == 0
    ids = [row.pk for row in rows[:10]]
    at = timezone.now() - timedelta(seconds=5)
    LoRaPayload.objects.filter(pk__in=ids).update(processed_at=at, status="processed")
    speed = value(families(api), "hexabrand_worker_payloads_per_second")
    assert speed == pytest.approx(2.0, rel=0.3)


def test_health_stands_in_it(api: APIClient, settings: Settings) -> None:
    assert value(families(api), "hexabrand_healthy") == 1
    settings.DISK_RESERVE = 10**9
    found = families(api)
    assert value(found, "hexabrand_healthy") == 0
    assert value(found, "hexabrand_health_reason", code="disk_full") == 1


def test_a_key_with_read_is_needed_in_either_header() -> None:
    _, plain = ApiKey.objects.create_key(name="prometheus", scopes=["read"])
    assert families(APIClient(headers={"Authorization": f"Bearer {plain}"}))
    wrong = [
        {},
        {"X-API-Key": "wrong"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic abc"},
    ]
    for headers in wrong:
        assert APIClient(headers=headers).get("/metrics").status_code in {401, 403}, headers
    assert client_with("ingest").get("/metrics").status_code == 403
    bearer = APIClient(headers={"Authorization": f"Bearer {plain}"})
    assert bearer.get(ROOT + "pens").status_code in {401, 403}  # elsewhere it is no key


def test_no_figure_goes_through_years_of_radio(api: APIClient) -> None:
    """By SQLite's own plan: no table whose rows grow with the years is scanned."""
    a_payload()
    reader, default = connections["reader"], connections["default"]
    with CaptureQueriesContext(default) as asked, CaptureQueriesContext(reader) as read:
        assert families(api)
    statements = [one["sql"] for one in (*asked.captured_queries, *read.captured_queries)]
    selects = [sql for sql in statements if sql.startswith("SELECT")]
    assert len(selects) > 5
    for sql in selects:
        with default.cursor() as cursor:
            plan = [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()]
        scans = [line for line in plan if re.match("SCAN (lora_payload_buffer|journal)", line)]
        assert not scans or "LIMIT" in sql, (sql, plan)


def test_the_library_costs_the_web_process_little() -> None:
    told = subprocess.run(
        [sys.executable, "-c", COST], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert float(told.stdout) < 3.0


COST = """
import http.server, ssl, urllib.request, wsgiref.simple_server, json, asyncio
def resident():
    text = open("/proc/self/status").read()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024
before = resident()
import prometheus_client
print(resident() - before)
"""


@pytest.mark.parametrize("path", ["/metrics", ROOT + "metrics"])
def test_while_the_journal_is_lost_no_scrape_waits_for_the_database(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    hub = feed.Hub()
    monkeypatch.setattr(feed, "_hub", hub)
    hub.lost.set()
    with CaptureQueriesContext(connections["default"]) as asked:
        assert api.get(path).status_code == 503
    assert len(asked) == 0


def test_a_scrape_does_not_wait_in_the_writers_line(api: APIClient, settings: Settings) -> None:
    families(api)  # the key's use is noted once a minute
    with (settings.HEXABRAND_STATE_DIR / "writers.lock").open("a") as line:
        fcntl.flock(line, fcntl.LOCK_EX)
        began = time.monotonic()
        assert families(api)
        assert time.monotonic() - began < 5
