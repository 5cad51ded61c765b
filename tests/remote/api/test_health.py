"""The Pi's health, as somebody asks it who has no key: 200, or 503 and why."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from pytest_django import Settings
from rest_framework.test import APIClient

from lora.processes import clock
from lora.processes.watchdog import GONE_AFTER, HUNG_AFTER, Heartbeat
from remote.api import backups, feed, health
from tests.remote.api.rows import ROOT

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

WELL = {"status": "ok", "warnings": []}


@pytest.fixture(autouse=True)
def _at_work(settings: Settings, tmp_path: Path) -> None:
    settings.HEXABRAND_STATE_DIR, settings.TRUST_CLOCK = tmp_path, True
    settings.DISK_RESERVE, settings.BACKUP_DIR = 0, tmp_path / "backups"
    settings.TLS_CERTIFICATE_FILE = tmp_path / "pi-tls.pem"
    left("web", 0)
    for job in ("receiver", "worker"):
        Heartbeat(job).beat()


def told(**headers: str) -> tuple[int, list[str]]:
    answer = APIClient().get(ROOT + "health", headers=headers)
    codes = [reason["code"] for reason in answer.json().get("reasons", [])]
    assert answer.json()["status"] == ("unavailable" if codes else "ok")
    return answer.status_code, codes


def left(job: str, ago: float, pid: int = 0, **numbers: float) -> None:
    """A mark as a process leaves it: when, for how long it ran and failed, what waits, its pid,
    and what it has spilled."""
    ran, failing = numbers.get("ran", 500.0), numbers.get("failing", 0.0)
    spilled = numbers.get("spilled", 0)
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    file = django_settings.HEXABRAND_STATE_DIR / f"{job}.alive"
    file.write_text(f"{boot} {time.monotonic() - ago} {ran} {failing} 7 {pid} {spilled}\n")


def test_it_needs_no_key_and_tells_no_more_than_it_must() -> None:
    answer = APIClient().get(ROOT + "health")
    assert (answer.status_code, answer.json()) == (200, WELL)


@pytest.mark.parametrize("asked", ["text/plain", "image/png", "application/xml;q=0.1"])
def test_it_answers_whatever_is_accepted(asked: str) -> None:
    assert told(Accept=asked) == (200, [])


def test_a_database_that_does_not_answer_is_told() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal RENAME TO gone")
        try:
            assert told() == (503, ["journal_unreadable"])
        finally:
            cursor.execute("ALTER TABLE gone RENAME TO journal")


async def test_by_a_feed_that_cannot_read_it_nobody_has_to_wait() -> None:
    feed._hub = hub = feed.Hub()
    hub.confirm()
    assert health.is_journal_read()
    for _ in range(feed.DOUBTFUL_AFTER):
        hub.tick()
    reasons = health.health()["reasons"]  # in the loop's own thread: a query would raise here
    assert [reason["code"] for reason in reasons] == ["journal_unreadable"]


@pytest.mark.parametrize("job", ["receiver", "worker"])
def test_a_job_that_was_killed_or_hangs_is_told(job: str) -> None:
    left(job, HUNG_AFTER - 2, pid=1)
    assert told() == (200, [])
    left(job, GONE_AFTER - 2, pid=2**22 + 1)  # above any that Linux gives
    assert told() == (200, [])
    left(job, GONE_AFTER + 2, pid=2**22 + 1)
    assert told() == (503, [f"{job}_stopped"])
    left(job, HUNG_AFTER + 2, pid=1)
    assert told() == (503, [f"{job}_hung"])


@pytest.mark.parametrize("job", ["receiver", "worker"])
def test_a_job_that_cannot_do_its_work_is_told_when_it_lasts(job: str) -> None:
    left(job, 1, failing=2)
    assert told() == (200, [])
    left(job, 1, failing=11)
    assert told() == (503, [f"{job}_failing"])


def test_what_the_receiver_has_spilled_is_told_in_health_status_and_metrics(api: APIClient) -> None:
    left("receiver", 1, failing=11, spilled=42)
    (reason,) = health.health()["reasons"]
    assert "42 frames wait in its spill file, 7 in its memory" in reason["detail"]
    assert api.get(ROOT + "status").json()["spill"] == {"frames": 42}
    assert "hexabrand_receiver_spilled_frames 42" in api.get(ROOT + "metrics").content.decode()


def test_a_job_that_has_not_begun_yet_is_said_to_start_and_then_not_to_run() -> None:
    file = django_settings.HEXABRAND_STATE_DIR / "receiver.alive"
    file.unlink()
    left("web", 1, ran=5)
    assert told() == (503, ["starting"])
    left("web", 1, ran=300)
    assert told() == (503, ["receiver_stopped"])


def test_a_machine_that_shares_a_database_may_serve_the_web_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for job in ("receiver", "worker"):
        (settings.HEXABRAND_STATE_DIR / f"{job}.alive").unlink()
    monkeypatch.setattr(health, "is_sqlite", lambda: False)
    assert health._of_job("receiver") + health._of_job("worker") == []
    left("worker", HUNG_AFTER + 2)
    assert [reason["code"] for reason in health._of_job("worker")] == ["worker_stopped"]


def test_a_full_disk_and_a_wrong_clock_are_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DISK_RESERVE = 10**9
    assert told() == (503, ["disk_full"])
    settings.DISK_RESERVE = 0
    monkeypatch.setattr(clock, "is_synchronised", lambda: False)
    answer = APIClient().get(ROOT + "health")
    assert answer.status_code == 200
    assert [one["code"] for one in answer.json()["warnings"]] == ["clock_unsynchronised"]


def test_backups_that_fail_or_grow_old_are_warnings(settings: Settings) -> None:
    def warned() -> list[str]:
        answer = APIClient().get(ROOT + "health")
        assert answer.status_code == 200
        assert "/" not in answer.content.decode()
        return [one["code"] for one in answer.json()["warnings"]]

    assert warned() == []
    settings.BACKUP_DIR.mkdir()
    made = datetime.now(UTC) - timedelta(hours=1)
    for hours, wanted in ((0, []), (40, ["backup_old"])):
        stamp = (made - timedelta(hours=hours)).strftime("%Y%m%d-%H%M%S")
        for old in settings.BACKUP_DIR.iterdir():
            old.unlink()
        (settings.BACKUP_DIR / f"hexabrand-{stamp}.tar.gz").touch()
        assert warned() == wanted
    with pytest.raises(OSError, match="full"), backups.noted(settings.BACKUP_DIR):
        raise OSError(f"{settings.BACKUP_DIR} is full")
    assert warned() == ["backup_failed", "backup_old"]


def test_who_asks_every_few_seconds_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    left("worker", 99)
    assert told()[0] == 503
    assert caplog.records == []


def test_no_path_address_or_secret_stands_in_it(settings: Settings) -> None:
    for job in ("receiver", "worker"):
        left(job, 99)
    settings.DISK_RESERVE = 10**9
    text = json.dumps(APIClient().get(ROOT + "health").json())
    assert "/" not in text
    assert str(settings.HEXABRAND_STATE_DIR) not in text
