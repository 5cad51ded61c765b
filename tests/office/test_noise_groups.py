"""Noise of one source is one line with a count, wherever payloads are listed."""

from typing import Any

from remote.office.mirror.tables import Row
from remote.office.pages.noise_groups import grouped
from tests.office.filled import filled, payload
from tests.office.test_pages import page
from tests.office.test_radio_log import a_pi_that_has


def noise(pk: int, source: str = "udp:10.0.0.66", **more: Any) -> Row:
    values = {"raw_payload": f"<b>{pk}", "status": "error", "error_code": "unknown_prefix"}
    return payload(pk, source=source, cattle_id=None, **(values | more))


def shown(rows: list[Row]) -> list[tuple[int, int | None]]:
    """Ids and counts, of rows that are given the oldest first."""
    return [(row["id"], row.get("together")) for row in grouped(reversed(rows))]


def test_noise_of_a_source_is_one_line_whatever_others_sent_meanwhile() -> None:
    rows = [noise(1), payload(2), noise(3, source="udp:2"), noise(4), payload(5), noise(6)]
    assert shown(rows) == [(1, 3), (5, None), (3, None), (2, None)]


def test_a_reading_of_the_same_source_parts_its_noise() -> None:
    rows = [noise(1), noise(2), payload(3, source="udp:10.0.0.66"), noise(4), noise(5)]
    assert shown(rows) == [(4, 2), (3, None), (1, 2)]


def test_a_row_that_counts_many_counts_as_many() -> None:
    assert shown([noise(1), noise(2, error_code="noise", lines=29_992)]) == [(1, 29_993)]


def test_noise_that_waits_or_is_repeated_belongs_to_it() -> None:
    rows = [
        noise(1),
        noise(2, status="duplicate", error_code=""),
        noise(3, status="received", error_code=""),
    ]
    assert shown(rows) == [(1, 3)]


def test_what_a_person_may_decide_has_a_line_of_its_own() -> None:
    codes = ("tag_conflict", "bad_weight", "too_many_lines", "unsigned", "missing_tags")
    rows = [noise(pk, error_code=code) for pk, code in enumerate(codes, 1)]
    assert [count for _, count in shown(rows)] == [None] * len(codes)


NOISE = [payload(1), *(noise(pk) for pk in range(2, 40)), noise(40, error_code="noise", lines=960)]


async def test_the_radio_log_shows_noise_as_one_line_and_each_when_asked() -> None:
    with filled({"payloads": NOISE}):
        html = await page("/office/payloads")
        each = await page("/office/payloads?each=1&source=udp:10.0.0.66")
    assert "998 unreadable lines since" in html
    assert html.count("<tr data-key=") == 2
    assert "/office/payloads?each=1&amp;source=udp%3A10.0.0.66" in html
    assert "unreadable lines since" not in each
    assert each.count("<tr data-key=") == 39


async def test_the_dashboard_shows_readings_beside_noise() -> None:
    with filled({"payloads": NOISE}):
        html = await page("/office/")
    assert "998 unreadable lines since" in html
    assert "hxb:" in html


async def test_older_noise_from_the_pi_is_one_line_too() -> None:
    with filled({"payloads": []}), a_pi_that_has(NOISE[::-1]):
        assert "998 unreadable lines since" in await page("/office/payloads?before=41")
