"""Lists on paper and in files, the search, the banner, a session that has ended."""

import csv
import io
import re

import pytest

from remote.office.mirror.mirror import LinkState
from remote.office.pages.page import PER_PAGE, PRINTED_AT_MOST
from remote.office.sample import status as status_with
from tests.office.filled import animal, batch, filled, here, payload, pen, product, weight
from tests.office.test_pages import page, signed_in
from tests.office.test_work import text_of

MANY = [animal(pk) for pk in range(1, PER_PAGE + 11)]


async def test_what_is_printed_has_every_row_and_the_filters_name() -> None:
    with filled({"cattle": MANY, "batches": [batch(1)]}):
        shown = await page("/office/cattle?status=on_feed&batch=1&print=1")
        on_screen = await page("/office/cattle?status=on_feed&batch=1")
    assert shown.count('<tr data-key="') == len(MANY)
    assert on_screen.count('<tr data-key="') == PER_PAGE
    assert "Status: on feed · Batch: LOT1" in text_of(shown)
    assert PRINTED_AT_MOST >= 1_000


@pytest.mark.parametrize("name", ["cattle", "weights", "payloads"])
async def test_a_file_names_animals_by_tags_and_ids(name: str) -> None:
    told = {"lf_tag": "840003123456789", "uhf_tag": "E2801160600002", "visual_id": "17"}
    known = told | {"livestock_id": "A17"}
    herd = {
        "cattle": [animal(1, **known)],
        "weights": [weight(1, cattle_id=1)],
        "payloads": [payload(1, cattle_id=1)],
    }
    with filled(herd):  # type: ignore[arg-type]  # names of topics
        sheet = await page_of_file(f"/office/{name}?format=csv")
    (row,) = csv.DictReader(io.StringIO(sheet.lstrip("\ufeff")))
    assert {field: row[field].strip('="') for field in known} == known


async def page_of_file(path: str) -> str:
    answer = await signed_in().get(path)
    return b"".join([part async for part in answer]).decode()  # type: ignore[attr-defined]  # it streams


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("p2", "/office/pens/2"),
        ("LOT7", "/office/batches/7"),
        ("oxytet 3", "/office/products/3/edit"),
        ("A1", "/office/cattle/1"),
        ("LOT", "/office/cattle?q=LOT"),
        ("17", "/office/cattle?q=17"),
    ],
)
async def test_the_search_of_every_page_finds_pens_batches_and_products(
    text: str, path: str
) -> None:
    herd = {
        "cattle": [animal(1), animal(2, visual_id="217"), animal(3, visual_id="317")],
        "pens": [pen(2), pen(17, pen_number="17")],
        "batches": [batch(7), batch(8)],
        "products": [product(3)],
    }
    with filled(herd):  # type: ignore[arg-type]  # names of topics
        answer = await signed_in().get(f"/office/find?q={text}")
        assert (answer.status_code, answer["Location"]) == (302, path)
        if "?" in path:
            told = text_of(await page(path))
            expected = "Pen 17" if text == "17" else "Batch LOT8 Batch LOT7"
            assert f"Also found: {expected}" in told


async def test_pens_whose_capacity_nobody_set_are_counted_and_in_every_order() -> None:
    herd = [pen(1, capacity=0, head_count=9), pen(2, capacity=0, head_count=12), pen(3)]
    with filled({"pens": herd}):
        shown = await page("/office/pens?sort=fullest")
    assert re.findall(r'href="/office/pens/(\d)"', shown) == ["3", "2", "1"]
    assert "Capacity not set 2" in text_of(shown)


@pytest.mark.parametrize("path", ["/office/", "/office/cattle", "/office/pens", "/office/chute"])
async def test_a_receiver_that_is_dead_stands_in_the_banner_of_every_page(path: str) -> None:
    dead = {"receiver": {"alive_seconds_ago": 60.0}, "worker": {"alive_seconds_ago": 1.0}}
    text = "The receiver on the Pi does not answer: no radio is heard"
    with filled() as mirror:
        assert text not in await page(path)
        mirror.set_status(status_with([], processes=dead, payloads_today={}, cursor="100-00000001"))
        banner = re.search(r'<div class="banner.*?</div>', await page(path), re.DOTALL)
        assert banner is not None
        assert text in banner[0]
        # Of a Pi that is away nobody knows it.
        mirror.set_link(LinkState("away", None, "The Pi does not answer."))
        assert text not in (await page("/office/cattle"))


async def test_a_session_that_has_ended_says_so_and_comes_back_to_what_was_typed() -> None:
    stranger = here.browser()
    answer = await stranger.get("/office/cattle/1/edit")
    assert "expired" not in answer["Location"]
    stranger.cookies["hexabrand_office_session"] = "gone"
    answer = await stranger.post(
        "/office/cattle/1/edit?back=x",
        headers={"Referer": "http://testserver/office/cattle/1/edit?back=x"},
    )
    wanted = "/login?next=%2Foffice%2Fcattle%2F1%2Fedit%3Fback%3Dx&expired=1"
    assert answer["Location"] == wanted
    assert "You were signed out." in text_of((await stranger.get(wanted)).content.decode())
    answer = await stranger.post("/office/unit", headers={"Referer": "https://evil.example/a"})
    assert answer["Location"] == "/login?next=%2F&expired=1"


async def test_figures_of_lists_lead_to_their_rows() -> None:
    with filled():
        radio = await page("/office/payloads")
        weighings = await page("/office/weights")
    for status in ("processed", "duplicate", "error", "received"):
        assert f'href="/office/payloads?status={status}"' in radio
    assert '<a href="/office/work?kind=suspect">1 suspect or void</a>' in weighings
