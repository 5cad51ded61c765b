"""Treatments in the office: who is held until when, the forms, and why one may leave before."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from remote.office import clocks
from remote.office.mirror.tables import Row
from remote.office.pages.history_text import sentence
from tests.office.filled import AT, animal, batch, filled, here, pen, product
from tests.office.rows import event
from tests.office.test_pages import page, signed_in
from tests.office.test_radio_log import a_pi_that_has

PERSON = {"username": "clerk", "display_name": "Clerk", "role": "manager", "data": []}


def in_days(days: int) -> str:
    return (clocks.today(here.mirror) + timedelta(days=days)).isoformat()


def herd(**more: Any) -> dict[Any, list[Row]]:
    """Four of a batch and a pen: held for 12 days and for 1, clear again, and never treated."""
    days = (in_days(12), in_days(1), in_days(0), None)
    return {
        "batches": [batch(1)],
        "pens": [pen(1)],
        "products": [product(1), product(2, active=False, name="Old one")],
        "cattle": [animal(pk, clear_on=day) for pk, day in enumerate(days, 1)],
        **more,
    }


async def test_the_list_says_in_how_many_days_each_is_clear_and_can_be_narrowed() -> None:
    with filled(herd()):
        html = await page("/office/cattle")
        assert [html.count(text) for text in ("clear in 12 days", "clear in 1 day<")] == [1, 1]
        assert html.count('class="chip held"') == 2
        held, others = [await page(f"/office/cattle?held={one}") for one in ("held", "clear")]
        ordered = await page("/office/cattle?sort=-clear")
    assert [name in held for name in (">A1<", ">A2<", ">A3<", ">A4<")] == [True, True, False, False]
    assert [name in others for name in (">A1<", ">A2<", ">A3<", ">A4<")] == [
        *(False, False, True, True),
    ]
    assert ordered.index(">A1<") < ordered.index(">A2<") < ordered.index(">A3<")


@pytest.mark.parametrize("place", ["batches", "pens"])
async def test_a_batch_and_a_pen_say_how_many_are_held_until_when(place: str) -> None:
    with filled(herd()):
        html = await page(f"/office/{place}/1")
    assert f"2 of 4 on feed are held until {in_days(12)}." in html


async def test_the_pens_board_says_how_many_are_held_and_stays_true() -> None:
    gone = animal(9, clear_on=in_days(30), status="exported")
    other = animal(8, clear_on=in_days(2), pen={"id": 2, "pen_number": "P2"})
    rows = herd(pens=[pen(1, head_count=40), pen(2, head_count=7), pen(3)])
    with filled({**rows, "cattle": [*rows["cattle"], other, gone]}) as mirror:
        html = await page("/office/pens")
        assert f"2 of 40 held until {in_days(12)}" in html
        assert f"1 of 7 held until {in_days(2)}" in html
        assert html.count(" held until ") == 2
        mirror.apply([event(101, "cattle:updated", animal(1))])
        assert f"1 of 40 held until {in_days(1)}" in await page("/office/pens")


async def test_a_chip_goes_with_the_treatment_that_is_void() -> None:
    with filled(herd()) as mirror:
        assert "clear in 12 days" in await page("/office/cattle/1")
        mirror.apply([event(101, "cattle:updated", animal(1))])
        html = await page("/office/cattle/1")
        assert "clear in" not in html
        assert "clear in 12 days" not in await page("/office/cattle?held=held")


async def test_who_left_too_early_is_told_until_somebody_says_why() -> None:
    gone = {"status": "exported", "left_on": in_days(0), "clear_on": in_days(3)}
    rows = [animal(1, **gone), animal(2, **gone, not_clear_reason="the buyer keeps it")]
    with filled(herd(cattle=rows)):
        one, other = [await page(f"/office/cattle/{pk}") for pk in (1, 2)]
    assert "Say what was done" in one
    assert "Say what was done" not in other
    assert "the buyer keeps it" in other


async def test_products_are_listed_with_their_days() -> None:
    with filled(herd()):
        html = await page("/office/products")
        found = await page("/office/products?q=old")
    assert html.index("Old one") < html.index("Oxytet 1")
    assert re.search(r"Oxytet 1.*?>28<.*?A113", html, re.DOTALL)
    assert "Oxytet 1" not in found


async def test_a_product_is_entered_and_what_was_seen_goes_with_an_edit() -> None:
    given = {"name": "Draxxin", "kind": "antibiotic", "withdrawal_days": "18", "active": "on"}
    assert await sent("/office/products/new", {**given, "ml_per_100kg": "2,5"}) == {
        "path": "products",
        "name": "Draxxin",
        "kind": "antibiotic",
        "withdrawal_days": 18,
        "active": True,
        "ml_per_100kg": "2.5",
    }
    shown = {"name": "Oxytet 1", "kind": "antibiotic", "withdrawal_days": "28", "active": "True"}
    shown |= {"dose": "", "route": "", "lot_no": "A113", "expires_on": "", "ml_per_100kg": "10.0"}
    form = {f"initial-{name}": value for name, value in shown.items()}
    changed = {**shown, "withdrawal_days": "30", "active": ""}
    assert await sent("/office/products/1/edit", {**changed, **form}) == {
        "path": "products/1",
        "withdrawal_days": 30,
        "active": False,
        "seen": {"withdrawal_days": "28", "active": "True"},
    }


async def sent(path: str, form: dict[str, Any]) -> Row:
    """Return what the Pi was asked by a form."""
    with filled(herd()), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, body: (200, {"warning": ""} if body else PERSON, {})
        answer = await signed_in(user="clerk").post(path, {"key": "k1", **form})
        assert answer.status_code == 302, answer.content
        asked, body = next((path, body) for _, path, _, body in pi.requests if body)
    assert body is not None
    return {"path": asked.rpartition("/remote/")[2], **body}


async def test_one_animal_is_treated() -> None:
    form = {"product_id": "1", "amount": "42,5", "unit": "ml", "reason": "foot rot"}
    assert await sent("/office/cattle/1/treat", form) == {
        "path": "cattle/1/treatments",
        "product_id": 1,
        "amount": "42.5",
        "unit": "ml",
        "reason": "foot rot",
    }
    assert await sent("/office/cattle/1/treat", {"product_id": "1"}) == {
        "path": "cattle/1/treatments",
        "product_id": 1,
    }


async def test_ticked_animals_are_treated_at_once() -> None:
    form = {"product_id": "1", "ids": "1 3"}
    asked = await sent("/office/cattle/treat", form)
    assert asked == {"path": "treatments", "product_id": 1, "cattle_ids": [1, 3]}


async def test_a_product_out_of_use_is_not_offered() -> None:
    with filled(herd()):
        html = await page("/office/cattle/1/treat")
    assert "Oxytet 1 (28 days)" in html
    assert "Old one" not in html


@pytest.mark.parametrize("path", ["cattle/1/leave", "cattle/leave"])
async def test_a_reason_to_leave_before_it_is_clear_is_sent_where_it_is_given(path: str) -> None:
    form = {"status": "exported", "on": in_days(0), "reason": "", "ids": "1"}
    assert "override" not in await sent(f"/office/{path}", form)
    asked = await sent(f"/office/{path}", {**form, "override": "the buyer keeps it"})
    assert asked["override"] == "the buyer keeps it"


def test_a_treatment_is_a_sentence_of_the_history() -> None:
    told = {"kind": "treatment", "at": AT, "id": 1, "product": "Oxytet", "amount": 42.5}
    told |= {"unit": "ml", "clear_on": "2026-12-09", "reason": "foot rot", "by": "office:ana"}
    stands = {**told, "voided_at": None, "voided_by": "", "void_reason": ""}
    text = "Treated with Oxytet, 42.5 ml, clear on 2026-12-09 by ana (office): foot rot"
    assert sentence(stands, "kg") == text
    void = {**told, "voided_at": AT, "voided_by": "office:bo", "void_reason": "<other> one"}
    assert sentence(void, "kg") == f"{text} (void by bo (office): &lt;other&gt; one)"


def test_days_count_down_by_the_farms_day() -> None:
    assert date.fromisoformat(in_days(1)) - date.fromisoformat(in_days(0)) == timedelta(days=1)
