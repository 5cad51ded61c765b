"""Searching, filtering, sorting and paging lists."""

import re

import pytest

from remote.office import exports
from remote.office.pages import PAGES
from remote.office.tables import Row
from remote.wire import Topic
from tests.office.filled import animal, batch, filled, payload, pen
from tests.office.test_figures import asked
from tests.office.test_pages import page

P2, P9 = {"id": 2, "pen_number": "P2"}, {"id": 9, "pen_number": "P9"}
HERD: dict[Topic, list[Row]] = {
    "batches": [batch(1), batch(2, status="closed")],
    "pens": [pen(2, head_count=2), pen(10, head_count=11), pen(3, capacity=0, location="south")],
    "cattle": [animal(1, sex="Steer"), animal(2, sex="heifer", pen=P2), animal(3, sex="Heifer"),
               animal(4, pen=P9, status="dead", left_on="2026-11-10", induction_date="2026-11-01",
                      sex=""), animal(5, pen=P9, sex="")],
    "payloads": [payload(1), payload(2, source="udp:1", status="error", error_code="bad_tag")],
}  # fmt: skip


def shown(name: str, **params: str) -> list[int]:
    with filled(HERD) as mirror:
        (listing,) = PAGES[name](mirror, asked(**params)).lists.values()
    return [row["id"] for row in listing.rows]


@pytest.mark.parametrize(
    ("name", "params", "expected"),
    [
        ("cattle", {"sex": "Heifer"}, [3, 2]),
        ("cattle", {"sex": "Heifer", "pen": "2"}, [2]),
        ("cattle", {"batch": "1", "q": "a3"}, [3]),
        ("cattle", {"pen": "9"}, [5]),
        ("cattle", {"pen": "9", "status": "dead"}, [4]),
        ("payloads", {"source": "udp:1"}, [2]),
        ("payloads", {"code": "bad_tag"}, [2]),
        ("pens", {}, [2, 3, 10]),
        ("pens", {"q": "SOUTH"}, [3]),
        ("pens", {"sort": "fullest"}, [10, 2, 3]),
        ("pens", {"sort": "emptiest"}, [2, 10, 3]),
        ("pens", {"sort": "head"}, [10, 3, 2]),
    ],
)
def test_a_list_shows_what_its_filters_and_order_ask_for(
    name: str, params: dict[str, str], expected: list[int]
) -> None:
    assert shown(name, **params) == expected
    with filled(HERD) as mirror:
        assert [row["id"] for row in exports.rows_of(name, mirror, asked(**params))] == expected


@pytest.mark.parametrize(
    ("path", "field"),
    [("/office/cattle?sort=-weight", "sort"), ("/office/batches?sort=head", "sort"),
     ("/office/payloads?code=bad_tag", "code"), ("/office/pens?sort=head", "sort")],
)  # fmt: skip
async def test_typing_in_the_search_keeps_order_and_kind(path: str, field: str) -> None:
    """What the form of the filters sends of itself."""
    with filled(HERD):
        form = re.search(r'<form class="filters".*?</form>', await page(path), re.DOTALL)
    assert form is not None
    value = path.rpartition("=")[2]
    assert re.search(
        rf'<input type="hidden" name="{field}" value="{value}">'
        rf'|name="{field}">(?:(?!</select>).)*value="{value}" selected', form[0], re.DOTALL
    )  # fmt: skip


def test_a_search_is_filtered_as_a_whole_before_it_is_counted() -> None:
    rows = [animal(1, status="dead")] + [animal(pk) for pk in range(2, 700)]
    with filled({"cattle": rows}) as mirror:
        assert PAGES["cattle"](mirror, asked(q="A", status="dead")).lists["cattle"].total == 1
        assert PAGES["cattle"](mirror, asked(q="E280")).lists["cattle"].total == 699


async def test_a_heading_says_its_order_and_names_are_first_sorted_upwards() -> None:
    with filled(HERD):
        html = await page("/office/cattle?sort=-weight")
        up = await page("/office/cattle?sort=lid")
    assert 'href="?sort=lid"' in html
    assert 'aria-sort="descending"><a href="?sort=weight"' in html
    assert 'aria-sort="ascending"><a href="?sort=-lid"' in up


async def test_pages_of_any_order_are_previous_and_next() -> None:
    with filled({"cattle": [animal(pk) for pk in range(1, 130)]}):
        html = await page("/office/cattle?sort=lid&page=2")
    assert "Previous" in html
    assert "Next" in html
    assert "Older" not in html


async def test_of_an_animal_that_has_left_nothing_is_told_that_goes_on() -> None:
    with filled(HERD):
        html = await page("/office/cattle/4")
        listed = await page("/office/cattle?status=dead")
    for going_on in ("Estimate today", "Target", "/office/pens/9"):
        assert going_on not in html
    assert "9 days on feed" in html
    assert "last in P9" in html
    assert "last in P9" in listed


@pytest.mark.parametrize("number", ["7", "999999"])
async def test_past_the_last_page_is_the_last_page(number: str) -> None:
    many: dict[Topic, list[Row]] = {"cattle": [animal(pk) for pk in range(1, 102)]}
    with filled(many) as mirror:
        (listing,) = PAGES["cattle"](mirror, asked(page=number)).lists.values()
        html = await page(f"/office/cattle?page={number}")
    assert (listing.number, listing.pages, len(listing.rows)) == (3, 3, 1)
    assert "page=2" in html


@pytest.mark.parametrize("name", ["batch", "pen"])
async def test_an_unknown_batch_or_pen_is_said_to_be_unknown(name: str) -> None:
    with filled(HERD):
        html = await page(f"/office/cattle?{name}=9999")
    assert f"There is no {name} no. 9999 in this office" in html
    assert ">9999</option>" not in html
    assert "not known here: no. 9999</option>" in html


async def test_the_figures_of_pens_follow_the_search() -> None:
    with filled(HERD):
        html = await page("/office/pens?q=south")
        everything = await page("/office/pens")
    assert "<dd>1</dd>" in html
    assert "found, of 3" in html
    assert "found, of" not in everything
