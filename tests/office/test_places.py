"""A batch or a pen is typed: a yard with 1,250 of each has too many to choose from."""

import re

import pytest

from remote.office.mirror.tables import Row
from remote.office.pages.places import SUGGESTED
from remote.wire import Table
from tests.office.filled import animal, batch, filled, pen
from tests.office.test_pages import page, signed_in

MANY: dict[Table, list[Row]] = {
    "batches": [batch(n, status="closed" if n == 3 else "open") for n in range(1, 41)],
    "pens": [pen(n) for n in range(1, 41)],
    "cattle": [
        animal(n, batch={"id": n, "batch_number": f"LOT{n}"}, pen={"id": n, "pen_number": f"P{n}"})
        for n in range(1, 41)
    ],
}


async def shown(path: str) -> list[int]:
    return sorted(map(int, re.findall(r'<tr data-key="(\d+)"', await page(path))))


async def suggested(place: str, text: str) -> list[str]:
    answer = await signed_in("viewer").get(f"/office/{place}/suggest", {"q": text})
    return [one["number"] for one in answer.json()["data"]]


@pytest.mark.parametrize("name", ["batch", "pen"])
async def test_a_list_is_narrowed_by_a_number_or_a_part_of_it(name: str) -> None:
    prefix = {"batch": "lot", "pen": "p"}[name]
    with filled(MANY):
        assert await shown(f"/office/cattle?{name}_number={prefix}4") == [4]
        assert await shown(f"/office/cattle?{name}_number=39") == [39]
        assert await shown(f"/office/cattle?{name}_number={prefix}2") == [2]
        assert await shown(f"/office/cattle?{name}_number={prefix}40&q=A4") == [40]
        assert await shown(f"/office/cattle?{name}_number=9") == [9, 19, 29, 39]
        nobody = await page(f"/office/cattle?{name}_number=nowhere")
    assert "number holds “nowhere”" in nobody


async def test_the_field_shows_the_number_of_the_batch_that_a_link_named() -> None:
    with filled(MANY):
        html = await page("/office/cattle?batch=7")
    assert 'name="batch_number" value="LOT7"' in html
    assert links_to_move(html) == ["batch=7"]


def links_to_move(html: str) -> list[str]:
    return re.findall(r"move\?(batch=\d+)&amp;all=1", html)


@pytest.mark.parametrize("path", ["/office/cattle", "/office/cattle/1/move"])
async def test_a_page_names_a_dozen_of_them_however_many_there_are(path: str) -> None:
    with filled(MANY):
        html = await page(path)
    assert len(re.findall("<option value=.P", html)) == SUGGESTED
    assert len(re.findall("<option value=.LOT", html)) == SUGGESTED


async def test_what_is_typed_is_suggested_open_batches_and_pens_by_number() -> None:
    with filled(MANY):
        assert (await suggested("batches", ""))[:3] == ["LOT40", "LOT39", "LOT38"]
        assert await suggested("batches", "lot3") == [f"LOT{n}" for n in range(39, 29, -1)]
        assert (await suggested("pens", "P"))[:3] == ["P1", "P2", "P3"]
        assert await suggested("pens", "p4") == ["P4", "P40"]
        assert await suggested("pens", "zz") == []


async def told(**given: str) -> str:
    answer = await signed_in().post("/office/cattle/1/move", {"key": "k", **given})
    return str(answer.content.decode())


async def test_a_move_takes_a_whole_number_alone() -> None:
    with filled(MANY):
        assert "No pen has the number “P”. These hold it: P1, P2" in await told(pen="P")
        assert "No batch has the number “9”." in await told(batch="9")
        assert "Either a pen or none." in await told(pen="P4", no_pen="on")
        assert "Choose a pen or a batch." in await told()
        for given in ({"pen": "p4"}, {"no_pen": "on"}, {"batch": "LOT9"}):
            assert "knows no Pi yet" in await told(**given)  # it is asked, and there is none


async def test_two_numbers_that_differ_by_capitals_are_told_apart() -> None:
    rows = [pen(1, pen_number="north"), pen(2, pen_number="North")]
    with filled({"pens": rows, "cattle": [animal(1), animal(2, pen={"id": 2, "pen_number": "N"})]}):
        assert await shown("/office/cattle?pen_number=North") == [2]
        assert "No pen has the number “NORTH”." in await told(pen="NORTH")


async def test_pens_are_shown_page_by_page() -> None:
    with filled({"pens": [pen(n) for n in range(1, 121)]}):
        first, last = await page("/office/pens"), await page("/office/pens?page=3")
    assert len(re.findall('<li data-key="', first)) == 50
    assert re.findall('<li data-key="(.*?)"', last)[-1] == "120"
    assert "1 / 3" in first
