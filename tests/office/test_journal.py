"""The journal: one readable line for each act, filters in the address, a file, taking back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from remote.office.mirror.tables import Row
from remote.office.pages.history_text import folded
from tests.office.filled import animal, batch, filled, pen
from tests.office.test_pages import page, signed_in
from tests.office.test_radio_log import a_pi_that_has

NOW = timezone.now()
HERD: dict[Any, list[Row]] = {
    "cattle": [animal(7, livestock_id="L7")],
    "batches": [batch(3, batch_number="LOT3")],
    "pens": [pen(5, pen_number="Y01")],
}


def act(pk: int, summary: str, **more: Any) -> Row:
    told = {"kind": "move", "reason": "", "count": 1, "made_by": "office:ana"}
    open_ = {"undone_at": None, "undone_by": "", "remainder": None}
    return {"id": pk, "summary": summary, "made_at": NOW.isoformat(), **told, **open_, **more}


ACTS = [
    act(3, "200 head moved Y11 → Y01", reason="sorted"),
    act(2, "3 head died", kind="leaving", made_at=(NOW - timedelta(days=1)).isoformat()),
    act(1, "bigw.csv: 285 weights", made_at="2026-01-02T12:00:00Z", undone_at=NOW.isoformat()),
]


async def test_acts_stand_under_their_day_with_who_why_and_a_button() -> None:
    with filled(HERD), a_pi_that_has(ACTS):
        html = await page("/office/journal")
    assert html.index("Today") < html.index("200 head moved Y11 → Y01")
    assert html.index("200 head") < html.index("Yesterday") < html.index("3 head died")
    assert "(sorted)" in html
    assert "ana (" in html
    assert "/office/journal/3/undo" in html
    assert "/office/journal/1/undo" not in html


async def test_viewers_see_it_without_buttons() -> None:
    with filled(HERD), a_pi_that_has(ACTS):
        html = (await signed_in("viewer").get("/office/journal")).content.decode()
    assert "200 head moved" in html
    assert "/undo" not in html


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("person=ana&kind=move", {"person=ana", "kind=move"}),
        ("person=ana+(office)", {"person=office%3Aana"}),
        ("person=key+scale+(hxb_4f2a)", {"person=key%3Ascale+%28hxb_4f2a%29"}),
        ("animal=L7", {"cattle=7"}),
        ("animal=%2399", {"cattle=99"}),
        ("batch=lot3&pen=Y01", {"batch=3", "pen=5"}),
        ("since=2026-03-01&until=2026-03-01", {"since=2026-03-01T", "until=2026-03-02T"}),
        ("since=0001-01-01&until=9999-12-31", {"since=0001-01-02T", "until=9999-12-31T"}),
    ],
)
async def test_filters_are_in_the_address_and_asked_of_the_pi(query: str, asked: set[str]) -> None:
    with filled(HERD), a_pi_that_has(ACTS) as pi:
        html = await page(f"/office/journal?{query}")
        (path,) = [path for _, path, *_ in pi.requests if "operations" in path]
    assert all(one in path for one in asked), path
    assert "<details open>" in html


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("pen=Y99", "No pen has the number"),
        ("batch=Y99", "No batch has the number"),
        ("animal=Y99", "No animal is known as"),
        ("since=soon", "Enter a valid date."),
    ],
)
async def test_what_is_not_known_is_said(query: str, said: str) -> None:
    with filled(HERD), a_pi_that_has(ACTS) as pi:
        assert said in await page(f"/office/journal?{query}")
    assert not [path for _, path, *_ in pi.requests if "operations" in path]


async def test_the_list_is_a_file_too() -> None:
    with filled(HERD), a_pi_that_has(ACTS):
        answer: Any = await signed_in().get("/office/journal?kind=move&format=csv")
        text = b"".join([part async for part in answer.streaming_content]).decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0] == "made_at,made_by,kind,summary,reason,count,undone_at,undone_by"
    assert "200 head moved Y11 → Y01,sorted,1" in lines[1]
    assert len(lines) == 4


@pytest.mark.parametrize("asked", ["format=csv", "print=1"])
async def test_a_file_and_paper_have_the_acts_of_every_page(asked: str) -> None:
    def pages(path: str, _body: Any) -> tuple[int, Any, dict[str, str]]:
        is_last = "cursor=more" in path
        return 200, {"data": ACTS[1:] if is_last else ACTS[:1], "next": "more" * (not is_last)}, {}

    with filled(HERD), a_pi_that_has([]) as pi:
        pi.answer = pages
        answer: Any = await signed_in().get(f"/office/journal?{asked}")
        parts = [part async for part in answer] if answer.streaming else [answer.content]
    text = b"".join(parts).decode()
    assert all(one["summary"] in text for one in ACTS)


async def test_an_act_is_opened_for_its_animals_and_what_would_stay() -> None:
    kept = [{"cattle_id": 8, "name": "L8", "why": "L8 was moved since."}]
    opened = act(3, "200 head moved", remainder=kept, cattle=[{"id": 7, "name": "L7"}], refused="")
    with filled(HERD), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, opened, {})
        html = await page("/office/journal/3")
    assert '<a href="/office/cattle/7">L7</a>' in html
    assert "L8 was moved since." in html


@pytest.mark.parametrize(("code", "offered"), [("", 1), ("undo_impossible", 0), ("pen_full", 1)])
async def test_what_nothing_takes_back_is_not_offered(code: str, offered: int) -> None:
    why = "L7 was read since." if code else ""
    opened = act(3, "200 head moved", refused=why, refused_code=code, undoing=[], cattle=[])
    with filled(HERD), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, opened, {})
        assert (await page("/office/journal/3")).count("/office/journal/3/undo") == offered
        form = await page("/office/journal/3/undo")
    assert form.count(">Take it back</button>") == offered
    assert why in form


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ("", "<li>2 animales quedan como antes.</li><li>Uno se queda como está:</li>"),
        ("Pen P1 holds animals by now. Move them first.", "Corral P1 ya tiene animales."),
    ],
)
async def test_what_an_undo_would_do_is_told_in_spanish(refused: str, said: str) -> None:
    does = ["2 animals are as before.", "One stays as it is:"]
    opened = act(3, "200 head moved", refused=refused, refused_code="", undoing=does, cattle=[])
    with filled(HERD), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, opened, {})
        answer = await signed_in().get("/office/journal/3/undo", headers={"accept-language": "es"})
    assert said in answer.content.decode().replace("\n", "")


async def test_the_old_address_leads_here() -> None:
    with filled(HERD):
        for old, new in (("", ""), ("/4/undo", "/4/undo")):
            answer = await signed_in().get(f"/office/changes{old}")
            assert (answer.status_code, answer["Location"]) == (302, f"/office/journal{new}")


def test_reads_that_follow_each_other_are_one_line() -> None:
    def entry(kind: str, minute: int) -> Row:
        return {"kind": kind, "at": f"2026-03-01T12:{minute:02}:00Z", "text": kind}

    past = [entry("read", minute) for minute in range(40, 9, -1)]
    past += [entry("edit", 9), entry("read", 8)]
    lines = folded(past)
    assert [one["kind"] for one in lines] == ["read", "edit", "read"]
    assert lines[0]["text"].startswith("Read 31 times, last <time")
    assert len(lines[0]["reads"]) == 31
    assert lines[2]["text"] == "read"
