"""Shipments in the office: the list, loading by a reader, the manifest and its files."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from remote.office.mirror.mirror import Mirror
from remote.office.mirror.tables import Row
from tests.markup import markup_of
from tests.office.filled import animal, batch, filled, here, pen, shipment
from tests.office.http_pi import HttpPi
from tests.office.rows import event
from tests.office.test_chute import item, send
from tests.office.test_pages import page, signed_in
from tests.office.test_radio_log import a_pi_that_has

ANIMALS = [
    {"cattle": animal(pk, visual_id=f"V{pk}"), "state": state, "held": False}
    for pk, state in enumerate(("loaded", "missing", "extra"), 1)
]

NO_EXTRA = {"with_extra": False}


def left(days: int, **more: Any) -> Row:
    """A shipment that left so many days ago, of seven in which it is to be reported."""
    day = timezone.localdate() - timedelta(days=days)
    due = {"shipped_on": f"{day}", "report_by": f"{day + timedelta(days=7)}"}
    return shipment(2, state="shipped", **due, **more)


@pytest.fixture
def herd() -> Iterator[Mirror]:
    rows = {"shipments": [shipment(1)], "pens": [pen(1)], "batches": [batch(1)]}
    with filled(rows) as mirror:  # type: ignore[arg-type]  # a part of the tables
        yield mirror


@pytest.fixture
def pi(herd: Mirror) -> Iterator[HttpPi]:
    with a_pi_that_has(ANIMALS) as pi:
        yield pi


async def post(path: str, **fields: Any) -> Any:
    return await signed_in().post(path, {"key": "k1", **fields})


@pytest.mark.parametrize(
    ("days", "told"),
    [(2, "not yet, 5 days left"), (6, "not yet, 1 day left"), (9, "not yet, due on")],
)
async def test_the_list_says_how_long_there_is_to_report(days: int, told: str) -> None:
    with filled({"shipments": [shipment(1), left(days)]}):
        html = await page("/office/shipments?state=not_reported")
    assert told in " ".join(html.split())
    assert "S-2" in html
    assert "S-1<" not in html
    assert "1 shipment is not reported yet." in html


async def test_a_reported_one_waits_no_more() -> None:
    with filled({"shipments": [left(2, reported_on="2026-11-20")]}):
        html = await page("/office/shipments")
    assert "not reported yet" not in html
    assert "2026-11-20" in html


async def test_while_it_is_loaded_the_missing_and_extra_ones_are_named(pi: HttpPi) -> None:
    html = await page("/office/shipments/1")
    assert "data-scan-here" in html
    _, missing, extra = re.split(">Missing</h2>|>Extra</h2>", html)  # a form's token may hold V2
    assert "V2" in missing
    assert "V3" in extra
    assert "V3" not in missing
    assert "data-scan-here" not in await page("/office/shipments/1", role="viewer")


async def test_held_animals_are_counted_and_stand_first(pi: HttpPi) -> None:
    held = {"cattle": animal(4, visual_id="V4", clear_on="2026-12-24"), "state": "loaded"}
    pi.answer = lambda _path, _body: (200, {"data": [*ANIMALS, held | {"held": True}]}, {})
    html = " ".join((await page("/office/shipments/1")).split())
    assert "1 animal is held: it is not clear of its treatments." in html
    assert html.index(">V4</a>") < html.index(">V1</a>")
    assert "held until 2026-12-24" in html
    assert html.count("held until") == 1


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"planned": True}, "loaded"),
        ({"planned": False}, "extra"),
        ({"planned": True, "held": True}, "held"),
    ],
)
async def test_what_is_scanned_is_kept_in_the_browser_and_sent_once(
    pi: HttpPi, more: Row, told: str
) -> None:
    made = {"shipment": shipment(1), "cattle": animal(1, clear_on="2026-12-24"), **more}
    pi.answer = lambda _path, body: (200, made if body else {"data": ANIMALS}, {})
    status, done = await send(item(kind="load", tag=" 982 000000000001", shipment_id=1))
    assert (status, done["outcome"], done["told"]) == (200, "done", told)
    assert (done["name"], done["until"]) == ("A1", "2026-12-24")
    method, path, headers, body = pi.requests[0]
    assert (method, path.split("/api/remote/")[1]) == ("POST", "shipments/1/load")
    assert (body, headers["Idempotency-Key"]) == ({"tag": "982 000000000001"}, "k1")


@pytest.mark.parametrize("wrong", [{"tag": " "}, {"tag": "9" * 65}, {"shipment_id": "1"}])
async def test_what_no_page_of_ours_sends_is_refused(pi: HttpPi, wrong: Row) -> None:
    _, refused = await send({**item(kind="load", shipment_id=1), **wrong})
    assert (refused["outcome"], refused["code"]) == ("refused", "form")
    assert not pi.requests


def told_of(number: int, **more: Any) -> Row:
    named = {"livestock_id": f"A{number}", "visual_id": "", "lf_tag": "", "uhf_tag": ""}
    return {"cattle_id": number, **named, "extra": False, "held": False, "clear_on": None, **more}


async def test_who_would_leave_is_shown_before_it_is_confirmed(pi: HttpPi) -> None:
    animals = [told_of(1), told_of(2, extra=True), told_of(3, held=True, clear_on="2026-12-24")]
    manifest = {"animals": animals, "missing": [told_of(4)], "left_behind": []}
    pi.answer = lambda _path, _body: (200, {**shipment(1), "manifest": manifest}, {})
    html = " ".join((await page("/office/shipments/1/ship")).split())
    (asked,) = pi.requests
    assert (asked[0], asked[3]) == ("POST", {"with_extra": True})
    assert asked[1].endswith("/shipments/1/ship?preview=1")
    sections = re.findall("<h2>(.*?) <span.*?>([0-9]+)</span></h2>.*?<li>(.*?)</li>", html)
    said = [(title.strip()[:12], count, name.strip()[:2]) for title, count, name in sections]
    assert said == [
        ("Not clear: w", "1", "A3"),
        ("They leave", "2", "A1"),
        ("Extra ones: ", "1", "A2"),
        ("Planned and ", "1", "A4"),
    ]
    assert "clear on 2026-12-24" in html


async def test_why_a_shipment_cannot_leave_is_said_before_it_is_asked(pi: HttpPi) -> None:
    why = {"code": "wrong_state", "detail": "Shipment S-1 was cancelled."}
    pi.answer = lambda _path, _body: (409, why, {})
    assert "Shipment S-1 was cancelled." in await page("/office/shipments/1/ship")


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("s-2", "/office/shipments/2"),
        ("packer", "/office/shipments?q=packer"),
        ("V9", "/office/cattle/9"),
        ("S-1", "/office/cattle/8"),
    ],
)
async def test_the_search_finds_shipments_and_animals_before_them(text: str, to: str) -> None:
    rows: Any = {"shipments": [shipment(1), shipment(2)]}
    with filled(rows | {"cattle": [animal(9, visual_id="V9"), animal(8, visual_id="S-1")]}):
        answer = await signed_in().get("/office/find", {"q": text})
    assert (answer.status_code, answer["Location"]) == (302, to)


async def test_without_the_pi_the_counts_stay_and_that_is_said(herd: Mirror) -> None:
    html = await page("/office/shipments/1")
    assert "cannot be read now" in html
    assert "Planned" in html


@pytest.mark.parametrize(
    ("planned", "told"), [(True, "A1 is loaded."), (False, "A1 is loaded as an extra one")]
)
async def test_a_reader_that_types_loads_an_animal(pi: HttpPi, told: str, *, planned: bool) -> None:
    made = {"shipment": shipment(1), "cattle": animal(1, visual_id="V1"), "planned": planned}
    pi.answer = lambda _path, body: (200, made if body else {"data": ANIMALS}, {})
    browser = signed_in()
    answer = await browser.post("/office/shipments/1/load", {"key": "k1", "tag": "982000000000001"})
    assert (answer.status_code, answer["Location"]) == (302, "/office/shipments/1")
    method, path, headers, body = pi.requests[0]
    assert (method, path.rpartition("/")[2], body) == ("POST", "load", {"tag": "982000000000001"})
    assert headers["Idempotency-Key"] == "k1"
    assert told in (await browser.get("/office/shipments/1")).content.decode()


async def test_a_tag_that_is_refused_can_be_read_again(pi: HttpPi) -> None:
    why = {"code": "in_shipment", "detail": "It stands in S-2."}
    pi.answer = lambda _path, _body: (409, why, {})
    answer = await post("/office/shipments/1/load", tag="982000000000001")
    html = answer.content.decode()
    assert (answer.status_code, "It stands in S-2." in html) == (422, True)
    assert "data-scan-here" in html


async def test_each_form_sends_what_was_typed(pi: HttpPi) -> None:
    pi.answer = lambda _path, _body: (200, dict(shipment(1)), {})
    day = f"{timezone.localdate()}"
    typed: list[tuple[str, Row, Row]] = [
        ("1/plan", {"pen": "P1"}, {"pen_id": 1, "remove": False}),
        ("1/plan", {"batch": "LOT1", "remove": "on"}, {"batch_id": 1, "remove": True}),
        ("1/begin", {}, {}),
        ("1/ship", {"on": day, "with_extra": "on"}, {"on": day, "with_extra": True}),
        (
            "1/ship",
            {"on": day, "override": "kept alive"},
            {"on": day, "override": "kept alive"} | NO_EXTRA,
        ),
        ("1/cancel", {"reason": "no truck"}, {"reason": "no truck"}),
        ("1/reported", {"on": ""}, {"on": None}),
    ]
    for path, fields, body in typed:
        assert (await post(f"/office/shipments/{path}", **fields)).status_code == 302, path
        assert (pi.requests[-1][3] or {}) == body
    assert (await post("/office/shipments/1/plan")).status_code == 422
    assert (await post("/office/shipments/new", day=day, destination="North")).status_code == 302
    assert (pi.requests[-1][3] or {})["destination"] == "North"


async def test_the_manifest_is_shown_with_its_files(pi: HttpPi) -> None:
    rows = [
        animal(pk, visual_id=f"V{pk}", clear_on="2026-12-24", not_clear_reason="kept")
        | {"cattle_id": pk, "batch": "LOT1", "pen": "", "extra": True, "held": pk == 1}
        for pk in (1, 2)
    ]
    told = {"animals": rows[:1], "head": 1, "missing": rows[1:], "left_behind": []}
    told |= {"files": ["nlis"], "held_count": 1}
    pi.answer = lambda _path, _body: (200, shipment(1) | told, {})
    html = await page("/office/shipments/1/manifest")
    assert "/office/shipments/1/files/nlis" in markup_of(html).links
    assert "extra" in html
    shown = " ".join(html.split())
    assert "Planned and not loaded: 1 (A2). Loaded and left behind: 0." in shown
    assert "1 animal left before it was clear:</strong> A1 (2026-12-24, kept)</p>" in shown
    pi.answer = lambda _path, _body: (200, b"RFID\r\n982\r\n", {})
    answer = await signed_in().get("/office/shipments/1/files/nlis")
    assert answer.content == b"RFID\r\n982\r\n"
    assert answer["Content-Disposition"] == 'attachment; filename="shipment-1-nlis.csv"'


async def test_the_counts_are_kept_true(herd: Mirror) -> None:
    row = shipment(1, loaded_count=17)
    herd.apply([event(200, "shipment:updated", row)])
    assert here.mirror.tables["shipments"][1]["loaded_count"] == 17
    assert ">17<" in await page("/office/shipments/1")
