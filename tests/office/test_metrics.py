"""The office's figures: by Prometheus' own parser, held against the document; and for whom."""

import re
from pathlib import Path

import pytest
from django.test import AsyncClient
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from tests.office.filled import filled

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs/metrics.md").read_text()


async def figures() -> dict[str, dict[str, float]]:
    """Name → value by label (the value of the first one, or "")."""
    answer = await AsyncClient().get("/metrics")
    assert answer.status_code == 200
    return {
        family.name: {next(iter(one.labels.values()), ""): one.value for one in family.samples}
        for family in text_string_to_metric_families(answer.content.decode())
    }


async def test_every_figure_is_documented_and_every_documented_one_is_there() -> None:
    chapters = re.split("^## ", DOCUMENT, flags=re.MULTILINE)
    wanted = "".join(one for one in chapters if one.startswith(("Both", "The office")))
    with filled():
        assert set(await figures()) == set(re.findall("`(hexabrand_[a-z_]+)`", wanted))


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
    assert (await AsyncClient().get("/metrics", headers=headers)).status_code == status
