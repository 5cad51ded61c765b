"""Pulls and deaths in the office: the forms, the animal's page, the report and its sheet."""

from typing import Any

import pytest

from remote.office.mirror.tables import Row
from remote.office.pages.history_text import sentence
from remote.office.sample import ROWS
from tests.office.filled import AT, animal, batch, filled, pen, pull
from tests.office.rows import event
from tests.office.test_pages import page, signed_in
from tests.office.test_radio_log import a_pi_that_has

PERSON = {"username": "clerk", "display_name": "Clerk", "role": "manager", "data": []}


def herd(**more: Any) -> dict[Any, list[Row]]:
    return {
        "batches": [batch(1)],
        "pens": [pen(1), pen(2, pen_number="H1")],
        "cattle": [animal(1), animal(2)],
        **more,
    }


async def sent(path: str, form: dict[str, Any], **rows: Any) -> Row:
    """Return what the Pi was asked by a form."""
    with filled(herd(**rows)), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, body: (200, {"warning": ""} if body else PERSON, {})
        answer = await signed_in(user="clerk").post(path, {"key": "k1", **form})
        assert answer.status_code == 302, answer.content
        asked, body = next((path, body) for _, path, _, body in pi.requests if body)
    assert body is not None
    return {"path": asked.rpartition("/remote/")[2], **body}


async def test_an_animal_is_pulled_to_a_pen_or_where_it_is() -> None:
    form = {"cause": "foot_rot", "pen": "H1", "note": "left hind"}
    assert await sent("/office/cattle/1/pull", form) == {
        "path": "cattle/1/pulls",
        "cause": "foot_rot",
        "note": "left hind",
        "pen_id": 2,
    }
    asked = await sent("/office/cattle/pull", {"cause": "heat", "ids": "1 2"})
    assert asked == {"path": "pulls", "cause": "heat", "cattle_ids": [1, 2]}


async def test_a_pulled_animal_says_so_until_it_is_back() -> None:
    with filled(herd(pulls=[pull(1, note="40.6 C")])) as mirror:
        html = await page("/office/cattle/1")
        assert "Respiratory disease (BRD)" in html
        assert "40.6 C" in html
        assert "/office/pulls/1/return" in html
        assert "/office/pulls/1/return" not in await page("/office/cattle/2")
        mirror.apply([event(101, "pull:returned", pull(1, returned_at=AT))])
        assert "/office/pulls/1/return" not in await page("/office/cattle/1")


async def test_it_is_sent_back_or_was_not_pulled() -> None:
    pulls = [pull(1)]
    assert await sent("/office/pulls/1/return", {"pen": "P1", "force": "on"}, pulls=pulls) == {
        "path": "pulls/1/return",
        "pen_id": 1,
        "force": True,
    }
    assert await sent("/office/pulls/1/void", {"reason": "another one"}, pulls=pulls) == {
        "path": "pulls/1/void",
        "reason": "another one",
        "force": False,
    }
    with filled(herd(pulls=pulls)):
        assert "Leave empty for pen P1" in await page("/office/pulls/1/return")


async def test_a_death_has_a_cause_in_place_of_a_reason() -> None:
    form = {"status": "dead", "on": "2026-11-20", "cause": "bloat", "ids": "1"}
    for path in ("cattle/1/leave", "cattle/leave"):
        asked = await sent(f"/office/{path}", form)
        assert (asked["cause"], asked["reason"]) == ("bloat", "")
        asked = await sent(f"/office/{path}", {**form, "cause": "", "reason": "found"})
        assert "cause" not in asked


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"status": "sold", "reason": "old", "cause": "bloat"}, "Only a dead animal has a cause"),
        ({"status": "dead"}, "Say why or how"),
    ],
)
async def test_a_cause_is_of_the_dead_alone(given: dict[str, str], sentence: str) -> None:
    with filled(herd()):
        form = {"key": "k1", "on": "2026-11-20", **given}
        answer = await signed_in(user="clerk").post("/office/cattle/1/leave", form)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


async def test_the_report_is_asked_of_the_pi_until_there_are_others() -> None:
    with filled(herd()) as mirror, a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, PERSON | ROWS["deaths"], {})
        query = "?first=2026-10-22&last=2026-11-20"
        html = await page(f"/office/deaths{query}")
        await page(f"/office/deaths{query}")
        await page(f"/office/deaths{query}&kind=death")
        asked = [path for _, path, *_ in pi.requests if "reports/deaths" in path]
        assert [path.partition("?")[2] for path in asked] == [query[1:]]
        mirror.apply([event(101, "pull:recorded", pull(9, cattle_id=2))])
        await page(f"/office/deaths{query}")
        assert len([1 for _, path, *_ in pi.requests if "reports/deaths" in path]) == 2
    assert html.index("LOT1") < html.index(">A1<") < html.index(">A2<")
    assert "2.5 %" in html
    assert "Oxytet 1 2026-11-19" in " ".join(html.split())


async def test_deaths_alone_are_listed_where_they_are_asked_for() -> None:
    with filled(herd()), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, PERSON | ROWS["deaths"], {})
        html = await page("/office/deaths?kind=death&first=soon")
        assert not [path for _, path, *_ in pi.requests if "soon" in path]
    assert ">A2<" in html
    assert ">A1<" not in html


async def test_the_report_is_a_sheet() -> None:
    with filled(herd()), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, PERSON | ROWS["deaths"], {})
        answer: Any = await signed_in().get("/office/deaths?format=csv")
        told = b"".join([part async for part in answer]).decode("utf-8-sig")
    header, first, second = told.splitlines()
    assert header.split(",")[:4] == ["day", "kind", "cattle_id", "name"]
    assert first.startswith("2026-11-20,pull,1,A1,")
    assert ",bloat,,P1,,,110,0,,,410.00" in second


async def test_without_the_pi_the_page_says_why() -> None:
    with filled(herd()):
        assert "cannot be read now" in await page("/office/deaths")


def test_a_pull_is_a_sentence_of_the_history() -> None:
    told = {"kind": "pull", "at": AT, "id": 1, "cause": "heat", "to": "H1", "by": "office:ana"}
    told |= {"reason": "open mouth", "returned_at": None, "voided_at": None}
    assert sentence(told, "kg") == "Pulled to H1: Heat by ana (office): open mouth"
    void = {**told, "to": "", "voided_at": AT, "voided_by": "office:bo", "void_reason": "<other>"}
    text = "Pulled: Heat by ana (office): open mouth (void by bo (office): &lt;other&gt;)"
    assert sentence(void, "kg") == text
