"""What leaves the office: sheets for a spreadsheet, and the pen sheet on paper."""

import csv
import io
from typing import Any

import pytest

from remote.office.exports import cell
from remote.office.mirror.tables import Row
from remote.office.pi_queries import with_shrink
from tests.office.filled import animal, filled, pen
from tests.office.test_pages import page, signed_in
from tests.office.test_radio_log import a_pi_that_has

HEAD = 119


def weighed(at: str, kg: float, quality: str = "ok") -> Row:
    return {
        "kind": "weight",
        "at": at,
        "id": 1,
        "weight_kg": kg,
        "quality": quality,
        "reason": "",
        "expected_kg": None,
        "source": "radio",
        "by": "radio",
    }


async def sheet(path: str) -> list[list[str]]:
    answer: Any = await signed_in().get(path)
    told = b"".join([part async for part in answer]).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(told, newline="")))


def a_full_pen() -> list[Row]:
    return [animal(pk) for pk in range(1, HEAD + 1)] + [animal(HEAD + 1, status="dead")]


async def test_the_sheet_of_a_pen_has_the_rows_of_its_page() -> None:
    with filled({"pens": [pen(1)], "cattle": a_full_pen()}):
        html = await page("/office/pens/1")
        lines = await sheet("/office/cattle?pen=1&status=on_feed&format=csv")
    assert f"{HEAD} rows" in html
    assert "/office/cattle?pen=1&amp;status=on_feed&amp;format=csv" in html
    assert len(lines) == 1 + HEAD


async def test_a_printed_pen_sheet_has_all_who_stand_there_and_times_that_stay_true() -> None:
    with filled({"pens": [pen(1)], "cattle": a_full_pen()}):
        assert 'href="?print=1"' in await page("/office/pens/1")
        html = await page("/office/pens/1?print=1")
    assert html.count('<tr><th scope="row">') == HEAD
    assert "<time" not in html
    assert "2026-11-20 10:00" in html
    assert "Printed at 20" in html
    assert "data-live" not in html


async def test_the_past_of_an_animal_can_be_had_as_a_sheet() -> None:
    moved = {
        "kind": "movement",
        "at": "2026-11-20T10:00:00Z",
        "what": "pen",
        "from": None,
        "to": "007",
        "reason": "",
        "by": "ana",
    }
    rows = [moved, weighed("2026-11-19T10:00:00Z", 354.2)]
    with filled({"cattle": [animal(1)]}), a_pi_that_has(rows):
        assert 'href="?format=csv"' in await page("/office/cattle/1")
        header, first, second = await sheet("/office/cattle/1?format=csv")
    assert dict(zip(header, first, strict=True))["to"] == '="007"'
    told = dict(zip(header, second, strict=True))
    assert (told["at"], told["weight_kg"]) == ("2026-11-19 10:00:00", "354.20")


def test_shrink_is_what_was_lost_between_two_weighings_within_three_days() -> None:
    rows = [
        weighed("2026-11-20T10:00:00Z", 600.0),
        weighed("2026-11-19T12:00:00Z", 10.0, "void"),
        weighed("2026-11-18T10:00:00Z", 625.0),
        weighed("2026-11-01T10:00:00Z", 640.0),
        weighed("2026-10-31T10:00:00Z", 600.0),
    ]
    assert [row.get("shrink") for row in with_shrink(rows)] == [4.0, None, None, None, None]


async def test_how_a_batch_grew_is_drawn_by_day() -> None:
    days = [
        {"day": "2026-11-19", "head": 2, "mean_weight_kg": 350.0},
        {"day": "2026-11-20", "head": 2, "mean_weight_kg": 352.0},
    ]
    with filled(), a_pi_that_has(days):
        html = await page("/office/batches/1")
    assert "<title>352, 2026-11-20</title>" in html


@pytest.mark.parametrize("name", ["840003123456789", "0012", "12E5", "3.1e4", "MAR1", "3-4"])
def test_a_name_that_a_spreadsheet_would_take_for_something_else_stays_text(name: str) -> None:
    assert cell(name, "visual_id", "kg") == f'="{name}"'


@pytest.mark.parametrize("name", ["LF123", "17", "E2801160600002084F1B2C3D", "March red"])
def test_any_other_name_is_written_as_it_is(name: str) -> None:
    assert cell(name, "visual_id", "kg") == name
