"""The pages of an import, beside a Pi that answers as it is told."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remote.office.forms import importing
from remote.office.forms.import_choices import as_text, choices_in
from remote.office.link.client import Person
from remote.office.link.configuration import PiAddress
from remote.office.pages import PageRequest
from remote.office.pages.imports import build
from tests.office.filled import filled, here
from tests.office.http_pi import Answer, HttpPi, serving
from tests.office.rows import event
from tests.office.test_pages import signed_in

SHEET = {
    "kind": "weights",
    "headers": ["LID", "Weight"],
    "fields": ["tag", "weight"],
    "columns": {"tag": "LID", "weight": "Weight"},
    "unused": [],
    "row_count": 2,
    "rows": [],
    "understood": [],
    "unclear_date": "",
    "errors": [],
    "error_count": 0,
    **dict.fromkeys(("created", "updated", "recorded", "known", "suspect"), 0),
    "change_id": 8,
}
PERSON: Answer = (200, {"username": "ana", "display_name": "Ana", "role": "manager"}, {})


def run(state: str, **more: Any) -> dict[str, Any]:
    counts = dict.fromkeys(("rows", "rows_read", "rows_checked", "rows_written"), 0)
    told = {"id": 7, "state": state, "preview": False, "detail": "", "answer": None}
    return told | counts | {"ended_at": None} | more


@pytest.fixture
def pi() -> Iterator[HttpPi]:
    with serving(HttpPi()) as web, filled():
        here.client.use(PiAddress("127.0.0.1", web.port, "hxb_key-of-the-office", tls=False))
        yield web


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(importing, "_folder", lambda: tmp_path)
    name = "abc0" * 8
    (tmp_path / f"{name}.csv").write_text("LID,Weight\nL1,350\n")
    return name


def answering(pi: HttpPi, *answers: Answer) -> None:
    """Have the Pi answer what is asked of imports, one after the other."""
    left = list(answers)
    pi.answer = lambda path, _: left.pop(0) if "imports" in path else PERSON


async def test_a_sheet_is_checked_aside_and_its_page_shows_how_far_that_is(
    pi: HttpPi, token: str
) -> None:
    answering(pi, (202, run("waiting", preview=True), {}), (200, run("checking", rows=9), {}))
    browser = signed_in("manager")
    begun = await browser.get(f"/office/import/{token}?kind=weights&unit=kg")
    assert (begun.status_code, "run=7" in begun["Location"]) == (302, True)
    (path, headers) = next((p, h) for _, p, h, _ in pi.requests if "imports" in p)
    assert path == "/api/remote/imports?preview=1"
    assert headers["Prefer"] == "respond-async"
    shown = await browser.get(f"/office/import/{token}{begun['Location']}")
    assert "The sheet is being checked" in shown.content.decode()
    assert 'http-equiv="refresh"' in shown.content.decode()  # for browsers without JavaScript


async def test_what_is_wrong_with_a_sheet_is_said_in_spanish(pi: HttpPi, token: str) -> None:
    errors = [
        {"line": 3, "column": "Weight", "text": '"abc" is not a number; write it like 354.5.'}
    ]
    full = [{"text": "P1 would hold 90 of 80."}]
    remarks = ["Of the workbook, sheet “A” was read, and not “B”."]
    sheet = SHEET | {"errors": errors, "error_count": 1, "full_pens": full, "remarks": remarks}
    why = "One cell cannot be read, so nothing was changed."
    answering(pi, (200, run("refused", preview=True, answer=sheet, detail=why), {}))
    shown = await signed_in("manager").get(
        f"/office/import/{token}?run=7", headers={"accept-language": "es"}
    )
    text = html.unescape(shown.content.decode())
    assert "Una celda no se puede leer, así que no se cambió nada." in text
    assert "“abc” no es un número; escríbalo como 354.5." in text
    assert "P1 tendría 90 de 80." in text
    assert "Del libro se leyó la hoja “A”, y no “B”." in text


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (run("done", answer=SHEET), "/office/journal/8/undo"),
        (run("done", preview=True, answer=SHEET), "2 rows, all can be imported"),
        (run("cancelled", detail="Cancelled: nothing was changed."), "Cancelled: nothing was"),
        (run("taken_back", detail="Interrupted and taken back."), "Interrupted and taken back."),
        (run("kept", detail="200 of its 900 rows stay."), "200 of its 900 rows stay."),
    ],
)
async def test_how_it_ended_is_said(pi: HttpPi, token: str, told: Any, says: str) -> None:
    answering(pi, (200, told, {}))
    shown = await signed_in("manager").get(f"/office/import/{token}?run=7")
    assert says in shown.content.decode()


async def test_what_the_sheet_leaves_open_is_asked_and_sent_as_it_was_looked_at(
    pi: HttpPi, token: str
) -> None:
    lines = [{"line": 1, "text": "Session: 20 Oct"}, {"line": 2, "text": "LID | Weight"}]
    asks = {"days_unused": ["Session: 20 Oct"], "header_line": 2, "first_lines": lines}
    told = run("refused", preview=True, answer=SHEET | asks | {"remarks": ["Line 7 left out."]})
    answering(pi, (200, told, {}), (202, run("waiting"), {}))
    browser = signed_in("manager")
    page = (await browser.get(f"/office/import/{token}?run=7&unit=lb")).content.decode()
    for words in ("All were weighed on", "They were weighed now", "Line 7 left out.", "1: Session"):
        assert words in page
    posted = {"tag": "LID", "weight": "Weight", "weights_in": "lb", "weighed_on": "2026-10-20"}
    looked = as_text(choices_in(posted))
    await browser.post(
        f"/office/import/{token}?unit=lb", {**posted, "looked": looked, "apply": "1"}
    )
    _, path, _, sent = pi.requests[-1]
    assert sent is not None
    assert (path, sent["unit"], sent["weighed_on"]) == ("/api/remote/imports", "lb", "2026-10-20")
    assert sent["columns"] == {"tag": "LID", "weight": "Weight"}


async def test_a_sheet_that_was_looked_at_is_imported_without_a_second_look(
    pi: HttpPi, token: str
) -> None:
    animals = SHEET | {"kind": "animals", "fields": ["livestock_id"]}
    animals["columns"] = {"livestock_id": "LID"}
    answering(pi, (200, run("done", preview=True, answer=animals), {}), (202, run("waiting"), {}))
    browser = signed_in("manager")
    page = (await browser.get(f"/office/import/{token}?run=7&unit=lb")).content.decode()
    (looked,) = re.findall(r'name="looked" value="([^"]*)"', page)
    posted = {"livestock_id": "LID", "looked": html.unescape(looked), "apply": "1"}
    await browser.post(f"/office/import/{token}?unit=lb", posted)
    assert pi.requests[-1][1] == "/api/remote/imports"


async def test_the_good_rows_are_offered_and_what_was_left_out_is_said(
    pi: HttpPi, token: str
) -> None:
    error = {"line": 3, "column": "", "text": "No animal is known as L9."}
    full = {"pen": "P1", "would_hold": 9, "capacity": 8, "text": "P1 would hold 9 of 8."}
    refused = SHEET | {"errors": [error], "error_count": 1, "full_pens": [full]}
    left_out = refused | {"left_out": 1, "repeats": 2}
    answering(
        pi,
        (200, run("refused", preview=True, answer=refused, detail="One row cannot be taken."), {}),
        (200, run("done", preview=True, answer=left_out), {}),
        (200, run("done", answer=left_out), {}),
    )
    browser = signed_in("manager")
    pages = [
        (await browser.get(f"/office/import/{token}?run=7")).content.decode() for _ in range(3)
    ]
    for words in ("Import the good rows", "Even if full", "P1 would hold 9 of 8."):
        assert words in pages[0]
    assert "the good ones can be imported" in pages[1]
    for page in pages[1:]:
        assert "Rows left out: 1." in page
        assert "Repeats of rows above them: 2." in page


async def test_an_older_pi_answers_when_it_is_done(pi: HttpPi, token: str) -> None:
    answering(pi, (200, SHEET, {}))
    shown = await signed_in("manager").get(f"/office/import/{token}?kind=weights")
    assert "2 rows, all can be imported" in shown.content.decode()


async def test_a_pi_that_is_away_is_said_to_be(pi: HttpPi, token: str) -> None:
    browser = signed_in("manager")
    pi.go_away()
    shown = await browser.get(f"/office/import/{token}?run=7")
    assert "The Pi does not answer" in shown.content.decode()


def test_the_feed_moves_an_open_page_and_an_end_stays_told() -> None:
    with filled() as mirror:
        asked = PageRequest({"run": "7"}, Person("ana", "Ana", "manager"), "kg")
        mirror.note_import(run("checking", rows=9))
        seq = mirror.cursor.seq if mirror.cursor else 0
        writing = run("writing", rows=9, rows_written=5)
        mirror.apply([event(seq + 1, "import:progress", writing)])
        assert "5 / 9" in build(mirror, asked, "").rendered_regions()["import"]
        mirror.note_import(run("done", ended_at="2026-03-01T12:00:00Z"))
        mirror.note_import(writing)  # an answer that was on its way
        assert "data-go" in build(mirror, asked, "").rendered_regions()["import"]


@pytest.mark.parametrize("token", ["9" * 5000, "A" * 32, "0" * 31])
async def test_an_address_that_names_no_upload_is_not_there(token: str) -> None:
    browser = signed_in("manager")
    assert (await browser.get(f"/office/import/{token}")).status_code == 404
    assert (await browser.post(f"/office/import/{token}", {})).status_code == 404


async def test_treatments_are_shown_as_they_are_understood(pi: HttpPi, token: str) -> None:
    row = {"line": 2, "tag": "L1", "product": "Draxxin", "amount": 2.5, "unit": "ml"}
    row |= {"lot_no": "B7", "route": "", "reason": "foot rot", "at": "2025-11-20T00:00:00Z"}
    row |= {"animal": "A1"}
    sheet = SHEET | {"kind": "treatments", "understood": [row | {"what": "recorded"}]}
    sheet |= {"recorded": 1, "columns": {"tag": "LID"}, "fields": ["tag", "product", "lot_no"]}
    answering(pi, (200, run("done", preview=True, answer=sheet), {}))
    shown = await signed_in("manager").get(f"/office/import/{token}?kind=treatments&run=7")
    text = " ".join(shown.content.decode().split())
    assert "treatments that can be imported 1" in text
    for told in ("A1 (L1)", "Draxxin", "2.5 ml", "20 November 2025", "B7, foot rot", "Lot number"):
        assert told in text, told
