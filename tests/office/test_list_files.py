"""Every list of the office: as a file and on paper it has all rows, and the filters' name."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import AsyncClient

from remote.office import exports
from remote.office.pages.page import PER_PAGE
from remote.office.sample import session, shipment
from tests.office.filled import animal, batch, filled, payload, pen, product, weight
from tests.office.test_pages import page, signed_in
from tests.office.test_radio_log import a_pi_that_has

MANY = range(1, PER_PAGE + 12)
IDENTITIES = {"lf_tag", "visual_id", "livestock_id"}
LEFT = {"status": "sold", "left_on": "2026-11-10"}
SUSPECT = {"quality": "suspect", "reason": "expected 480.0, got 402.0 kg"}
# Each list that the copy alone makes: its rows, a filter, and what the filter adds to its file.
LISTS: dict[str, tuple[dict[str, list[Any]], str, str]] = {
    "batches": ({"batches": [batch(n) for n in MANY]}, "status=open", "batches-open"),
    "cattle": ({"cattle": [animal(n) for n in MANY]}, "status=on_feed", "cattle-on-feed"),
    "left": (
        {"cattle": [animal(n, **LEFT) for n in MANY]},
        "first=2026-11-01&last=2026-11-20",
        "left-2026-11-01-2026-11-20",
    ),
    "payloads": (
        {"payloads": [payload(n, cattle_id=1) for n in MANY], "cattle": [animal(1)]},
        "status=processed",
        "payloads-processed",
    ),
    "pens": ({"pens": [pen(n) for n in MANY]}, "q=P", "pens-P"),
    "products": ({"products": [product(n) for n in MANY]}, "q=oxytet", "products-oxytet"),
    "sessions": ({"sessions": [session(n) for n in MANY]}, "status=open", "sessions-open"),
    "shipments": (
        {"shipments": [shipment(n) for n in MANY]},
        "state=loading",
        "shipments-loading",
    ),
    "weights": (
        {"weights": [weight(n, cattle_id=1) for n in MANY], "cattle": [animal(1)]},
        "",
        "weights",
    ),
    "work": (
        {
            "weights": [weight(n, cattle_id=n, **SUSPECT) for n in MANY],
            "cattle": [animal(n) for n in MANY],
        },
        "kind=suspect",
        "work-suspect-weight",
    ),
}
# A row of each that the filter leaves out.
OUTSIDE: dict[str, dict[str, Any]] = {
    "batches": {"batches": batch(900, status="closed")},
    "cattle": {"cattle": animal(900, status="dead", left_on="2026-11-10")},
    "left": {"cattle": animal(900, **LEFT | {"left_on": "2026-11-21"})},
    "payloads": {"payloads": payload(900, status="error", error_code="bad_tag")},
    "pens": {"pens": pen(900, pen_number="X1")},
    "products": {"products": product(900, name="Ivomec")},
    "sessions": {"sessions": session(900, ended_at="2026-11-10T12:00:00+00:00")},
    "shipments": {"shipments": shipment(900, state="planned")},
    "weights": {},
    "work": {"cattle": animal(900, last_seen_at="2026-01-01T12:00:00+00:00")},
}
WITHOUT_ANIMALS = {"batches", "pens", "products", "sessions", "shipments"}
OTHERS = {"dashboard", "batch", "pen"}  # a part of a list, which has its file there
PAGES_OF_OFFICE = Path(settings.BASE_DIR) / "templates/office"


def herd_of(name: str) -> dict[str, list[Any]]:
    """Return the rows of a list that its filter finds, and one that it does not."""
    herd, others = LISTS[name][0], OUTSIDE[name]
    return {table: [*rows, *filter(None, [others.get(table)])] for table, rows in herd.items()}


async def file_at(path: str, client: AsyncClient | None = None) -> tuple[str, list[dict[str, str]]]:
    answer = await (client or signed_in()).get(path)
    assert answer.status_code == 200, path
    text = b"".join([part async for part in answer]).decode()  # type: ignore[attr-defined]  # it streams
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    return answer["Content-Disposition"].split('"')[1], rows


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_is_a_file_with_every_row_and_the_filters_name(name: str) -> None:
    _, narrowed, called = LISTS[name]
    with filled(herd_of(name)):  # type: ignore[arg-type]  # names of topics
        shown = await page(f"/office/{name}?{narrowed}")
        (link,) = re.findall(r'href="(\?[^"]*format=csv[^"]*)"', shown)
        file, rows = await file_at(f"/office/{name}{link.replace('&amp;', '&')}")
    assert (file, len(rows)) == (f"{called}.csv", len(MANY))
    assert "data-print>" in shown
    if name not in WITHOUT_ANIMALS:
        assert set(rows[0]) >= IDENTITIES
        assert rows[0]["lf_tag"], name


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_is_printed_with_every_row_and_the_filters_name(name: str) -> None:
    _, narrowed, _called = LISTS[name]
    with filled(herd_of(name)):  # type: ignore[arg-type]  # names of topics
        shown = await page(f"/office/{name}?{narrowed}")
        printed = await page(f"/office/{name}?{narrowed}&print=1")
    if name != "payloads":  # which groups what is refused alike
        assert printed.count("data-key=") == len(MANY)
        assert "data-whole" in shown  # so that Print asks for the rest
        assert "data-whole" not in printed
    assert "data-print" in printed
    if "first" not in narrowed and narrowed:
        assert '<p class="paper">' in printed


async def test_a_file_is_in_the_readers_unit_and_names_it_in_its_headings() -> None:
    kept = {"last_weight_kg": 500.0, "adg_kg": 1.5, "recorded_at": "2026-11-10T12:00:00+00:00"}
    with filled({"cattle": [animal(1, **kept)], "weights": [weight(1, weight_kg=500.0)]}):
        client = signed_in()
        await client.post("/office/unit", {"unit": "lb"})
        for name, heading in (("cattle", "last_weight_lb"), ("weights", "weight_lb")):
            _, (row,) = await file_at(f"/office/{name}?format=csv", client)
            assert row[heading] == "1102.31", name


async def test_work_of_all_kinds_is_printed_and_filed_whole() -> None:
    herd, *_ = LISTS["work"]
    with filled(herd):  # type: ignore[arg-type]  # names of topics
        printed = await page("/office/work?print=1")
        file, rows = await file_at("/office/work?format=csv")
    kinds = {row["kind"] for row in rows}
    assert (file, len(kinds) > 1) == ("work.csv", True)
    assert printed.count("data-key=") == len(rows)


def test_every_list_of_the_office_has_a_file_and_paper() -> None:
    texts = {one.stem: one.read_text() for one in PAGES_OF_OFFICE.glob("[a-z]*.html")}
    lists = {
        name
        for name, text in texts.items()
        if name not in OTHERS and ("data-list=" in text or "office/_animals.html" in text)
    }
    assert lists == {*LISTS} == {*exports.COLUMNS}
    for name in lists:
        assert "office/_tools.html" in texts[name], name


DAY = {"scale": "udp:1", "day": "2026-11-20"}
STEP = DAY | {"id": 1, "factor": 1.04, "animals": 9, "confirmed_at": None, "confirmed_by": ""}
FAULT = DAY | {"suspect": 7, "weights": 9, "animals": 9}


def days_of_scales(path: str, _body: Any) -> tuple[int, Any, dict[str, str]]:
    told = STEP | {"undone_at": None, "undone_by": ""} if "steps" in path else FAULT
    following = None if "cursor" in path else "more"
    return 200, {"data": [told] * 3, "next": following}, {}


async def test_days_of_scales_are_a_file_and_printed_whole() -> None:
    with a_pi_that_has([]) as pi:
        pi.answer = days_of_scales
        shown = await page("/office/scales")
        file, rows = await file_at("/office/scales?format=csv")
        printed = await page("/office/scales?print=1")
    assert "format=csv" in shown
    assert (file, [row["what"] for row in rows]) == (
        "scales.csv",
        ["adjusted"] * 6 + ["at fault"] * 6,
    )
    assert printed.count('<th scope="row">2026-11-20') == 12
