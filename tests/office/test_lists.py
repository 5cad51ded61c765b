"""Searching, filtering, sorting and paging lists."""

import re
from typing import Any

import pytest

from remote.office import exports
from remote.office.mirror.mirror import LinkState
from remote.office.mirror.tables import Row
from remote.office.pages import PAGES
from remote.wire import Table
from tests.office.filled import animal, batch, filled, payload, pen, weight
from tests.office.test_figures import asked
from tests.office.test_pages import page, signed_in
from tests.office.test_radio_log import a_pi_that_has

P2, P9 = {"id": 2, "pen_number": "P2"}, {"id": 9, "pen_number": "P9"}
HERD: dict[Table, list[Row]] = {
    "batches": [batch(1), batch(2, status="closed")],
    "pens": [pen(2, head_count=2), pen(10, head_count=11), pen(3, capacity=0, location="south")],
    "cattle": [
        animal(1, sex="Steer"),
        animal(2, sex="heifer", pen=P2, adg_kg=-1.0),
        animal(3, sex="Heifer"),
        animal(4, pen=P9, status="dead", left_on="2026-11-10", induction_date="2026-11-01", sex=""),
        animal(5, pen=P9, sex=""),
    ],
    "payloads": [payload(1), payload(2, source="udp:1", status="error", error_code="bad_tag")],
}


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
        ("cattle", {"show": "losing", "q": "a"}, [2]),
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
    [
        ("/office/cattle?sort=-weight", "sort"),
        ("/office/batches?sort=head", "sort"),
        ("/office/payloads?code=bad_tag", "code"),
        ("/office/pens?sort=head", "sort"),
    ],
)
async def test_typing_in_the_search_keeps_order_and_kind(path: str, field: str) -> None:
    """What the form of the filters sends of itself."""
    with filled(HERD):
        form = re.search(r'<form class="filters".*?</form>', await page(path), re.DOTALL)
    assert form is not None
    value = path.rpartition("=")[2]
    assert re.search(
        rf'<input type="hidden" name="{field}" value="{value}">'
        rf'|name="{field}">(?:(?!</select>).)*value="{value}" selected',
        form[0],
        re.DOTALL,
    )


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
    many: dict[Table, list[Row]] = {"cattle": [animal(pk) for pk in range(1, 102)]}
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


async def test_the_figures_of_pens_follow_the_search() -> None:
    with filled(HERD):
        html = await page("/office/pens?q=south")
        everything = await page("/office/pens")
    assert "<dd>1</dd>" in html
    assert "found, of 3" in html
    assert "found, of" not in everything


async def test_pages_and_rows_are_told_in_words_that_paper_needs() -> None:
    many: dict[Table, list[Row]] = {"cattle": [animal(pk) for pk in range(1, 102)]}
    with filled(many):
        html = await page("/office/cattle?page=2")
        few = await page("/office/cattle?q=A101")
    assert '50 of 101 rows<span class="paper">, page 2 of 3</span>' in html
    assert "1 row</p>" in few


async def test_a_session_says_how_many_of_its_weighings_are_shown() -> None:
    with filled({"weights": [weight(pk) for pk in range(1, 61)]}):
        html = await page("/office/weights")
    assert "50 of 60 rows" in html


async def test_a_former_tag_leads_to_who_bore_it() -> None:
    with filled(HERD), a_pi_that_has([{"id": 3}, {"id": 999}]) as pi:
        html = await page("/office/cattle?q=982000000000001")
        assert "tag=982000000000001" in pi.requests[-1][1]
        asked_so_far = len(pi.requests)
        assert "worn before" not in await page("/office/cattle?q=a3")
        assert len(pi.requests) == asked_so_far
    assert 'This tag was worn before by <a href="/office/cattle/3">A3</a>.' in html


@pytest.mark.parametrize("state", ["away", "reconnecting"])
async def test_without_the_pi_nobody_is_asked_for_former_tags(state: Any) -> None:
    with filled(HERD) as mirror, a_pi_that_has([{"id": 3}]) as pi:
        mirror.set_link(LinkState(state, None, ""))
        html = await page("/office/cattle?q=982000000000001")
    assert not pi.requests
    assert "No animal matches." in html


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("cattle?batch=1&", "batch-LOT1"),
        ("cattle?pen=10&", "pen-P10"),
        ("cattle?", "cattle"),
        ("cattle?batch=1&pen=2&", "batch-LOT1-pen-P2"),
        ("cattle?batch=77&", "cattle-77"),
        ("pens?q=p1&", "pens-p1"),
    ],
)
async def test_an_export_of_a_batch_or_a_pen_bears_its_name(path: str, name: str) -> None:
    with filled(HERD):
        answer = await signed_in().get(f"/office/{path}format=csv")
    assert answer["Content-Disposition"] == f'attachment; filename="{name}.csv"'


@pytest.mark.parametrize("typed", ["muller", "MÜLLER", "Müller", "mu\u0308ller"])
def test_batches_are_found_with_and_without_accents(typed: str) -> None:
    with filled({"batches": [batch(1, funder="Müller"), batch(2)]}) as mirror:
        (listing,) = PAGES["batches"](mirror, asked(q=typed)).lists.values()
    assert [row["id"] for row in listing.rows] == [1]


async def test_totals_filter_and_chips_of_the_radio_log_use_the_same_words() -> None:
    with filled(HERD) as mirror:
        mirror.payloads_today.update({"processed": 3, "duplicate": 2, "error": 1, "received": 4})
        html, front = await page("/office/payloads"), await page("/office/")
    for word in ("processed", "duplicate", "error", "received"):
        assert re.search(rf"\d {word}<", html)
        assert re.search(rf">{word}</option>", html)
        assert re.search(rf"\d {word}\b", front)


async def test_errors_are_chosen_by_sentences() -> None:
    with filled(HERD):
        html = await page("/office/payloads?code=tag_conflict")
    assert '<option value="bad_tag">The tag is none</option>' in html
    assert '<option value="tag_conflict" selected>The tags belong to two animals</option>' in html


async def test_the_dashboard_tells_who_has_left_and_how() -> None:
    with filled(HERD):
        assert "0 exported · 0 sold · 1 dead" in re.sub("<[^>]*>", "", await page("/office/"))


async def test_no_button_of_a_list_is_without_a_word() -> None:
    for path in ("batches", "cattle", "pens", "weights", "payloads", "left"):
        with filled(HERD):
            markup = await page(f"/office/{path}")
        assert re.findall(r'<a class="button[^>]*>\s*</a>', markup) == [], path
