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

P2 = {"id": 2, "pen_number": "P2"}
HERD: dict[Topic, list[Row]] = {
    "batches": [batch(1), batch(2, status="closed")],
    "pens": [pen(2, head_count=2), pen(10, head_count=11), pen(3, capacity=0, location="south")],
    "cattle": [animal(1, sex="Steer"), animal(2, sex="heifer", pen=P2), animal(3, sex="Heifer")],
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


async def test_where_no_order_is_asked_for_the_usual_one_is_marked() -> None:
    with filled(HERD):
        html = await page("/office/batches/1")
    assert 'aria-sort="descending"><a href="?sort=seen"' in html
    assert '<option value="-seen" selected>' in html


async def test_the_orders_of_the_headings_are_choices_too() -> None:
    with filled(HERD):
        cattle, batches = await page("/office/cattle"), await page("/office/batches?sort=-head")
    assert '<option value="" selected>newest or best match</option>' in cattle
    assert '<option value="-weight">Weight ↓</option>' in cattle
    assert '<option value="-head" selected>Head ↓</option>' in batches


async def test_pages_of_any_order_are_previous_and_next() -> None:
    with filled({"cattle": [animal(pk) for pk in range(1, 130)]}):
        html = await page("/office/cattle?sort=lid&page=2")
    assert "Previous" in html
    assert "Next" in html
    assert "Older" not in html
