"""The office's figures: by Prometheus' own parser, held against the document; and for whom."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from remote.office import pulled_backups
from remote.office.clocks import PiTime
from tests.office.filled import filled, here

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs/metrics.md").read_text()


async def figures() -> dict[str, dict[str, float]]:
    """Name → value by label (the value of the first one, or "")."""
    answer = await here.browser().get("/metrics")
    assert answer.status_code == 200
    return {
        family.name: {next(iter(one.labels.values()), ""): one.value for one in family.samples}
        for family in text_string_to_metric_families(answer.content.decode())
    }


@pytest.fixture
def pulled(tmp_path: Path, settings: Settings) -> None:
    """The copy of a backup, fetched an hour ago."""
    settings.HEXABRAND_STATE_DIR = tmp_path
    (tmp_path / "pulled").mkdir()
    (tmp_path / "pulled" / "hexabrand-20261126-031500.tar.gz.enc").touch()
    at = datetime.now(UTC) - timedelta(hours=1)
    (tmp_path / pulled_backups.RECORD).write_text(json.dumps({"at": at.isoformat()}))


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The office's clock, by an hour."""
    time = PiTime()
    said = datetime.now(UTC) - timedelta(hours=1)
    time.hear(said.isoformat(), asked_at=monotonic())
    monkeypatch.setattr(here.mirror, "time", time)


@pytest.mark.usefixtures("ahead", "pulled")
async def test_every_figure_is_documented_and_every_documented_one_is_there() -> None:
    chapters = re.split("^## ", DOCUMENT, flags=re.MULTILINE)
    wanted = "".join(one for one in chapters if one.startswith(("Both", "The office")))
    with filled():
        found = await figures()
    assert set(found) == set(re.findall("`(hexabrand_[a-z_]+)`", wanted))
    assert 3590 < found["hexabrand_clock_ahead_seconds"][""] < 3610
    assert found["hexabrand_backup_copies"] == {"": 1}
    assert found["hexabrand_backup_copy_failed"] == {"": 0}
    # By the earlier clock, the Pi's: one that has jumped ahead makes no copy old.
    assert found["hexabrand_backup_copy_age_seconds"][""] < 60


@pytest.mark.usefixtures("pulled")
async def test_a_copy_has_its_age() -> None:
    age = (await figures())["hexabrand_backup_copy_age_seconds"][""]
    assert 3590 < age < 3690


async def test_the_link_is_one_of_its_states_and_the_copy_is_counted() -> None:
    with filled():
        found = await figures()
    states = found["hexabrand_link_state"]
    assert states == {"live": 1, "reconnecting": 0, "away": 0, "no_copy": 0}
    assert found["hexabrand_mirror_rows"]["cattle"] == 2
    assert found["hexabrand_healthy"] == {"": 1}
    assert 0 <= found["hexabrand_data_age_seconds"][""] < 60


async def test_an_office_without_a_copy_says_so() -> None:
    found = await figures()
    assert found["hexabrand_link_state"]["no_copy"] == 1
    assert found["hexabrand_health_reason"] == {"no_copy": 1}
    assert "hexabrand_data_age_seconds" not in found


@pytest.mark.parametrize(
    ("allowed", "forwarded", "status"),
    [
        (["127.0.0.0/8"], "", 200),
        (["10.0.0.0/8"], "", 403),
        (["127.0.0.0/8"], "203.0.113.5", 403),
        (["127.0.0.0/8"], "127.0.0.1, 203.0.113.5", 403),
        (["127.0.0.0/8"], "unknown", 403),
        (["127.0.0.0/8", "10.0.0.0/8"], "10.0.0.7", 200),
    ],
)
async def test_figures_are_for_addresses_that_are_allowed(
    settings: Settings, allowed: list[str], forwarded: str, status: int
) -> None:
    settings.METRICS_ALLOW = allowed
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert (await here.browser().get("/metrics", headers=headers)).status_code == status
