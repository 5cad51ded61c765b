"""What is given to the animals of a session at the chute: the page without a browser, and what the
office asks of the Pi."""

from collections.abc import Iterator
from typing import Any

import pytest

from remote.office.mirror.mirror import Mirror
from remote.office.mirror.tables import Row
from remote.office.pages.chute import build
from tests.office.filled import AT, animal, filled, here, product, session
from tests.office.http_pi import HttpPi
from tests.office.scripts import Scripts
from tests.office.test_chute import RECORDED, asked, card, item, send
from tests.office.test_chute_machine import ANIMAL, LF, MODULES, OTHER, UHF, Chute
from tests.office.test_chute_session import begin
from tests.office.test_figures import asked as look_of
from tests.office.test_pages import page
from tests.office.test_radio_log import a_pi_that_has

PRODUCTS = [{"id": 3, "name": "Oxytet", "ml_per_100kg": 2}, {"id": 4, "name": "Implant"}]
SESSION = {"id": 7, "pen_id": None, "pen": "", "sort": None, "treat": PRODUCTS}
GIVEN = {"kind": "treat", "tag": LF, "animal_id": 1}


@pytest.fixture(scope="module")
def scripts() -> Scripts:
    return Scripts(*MODULES)


@pytest.fixture
def chute(scripts: Scripts) -> Chute:
    return Chute(scripts, SESSION)


def told(chute: Chute) -> list[tuple[str, str, str]]:
    return [(one["product"], one["amount"], one["told"]) for one in chute.show["doses"]]


def sent(chute: Chute) -> list[tuple[str, Any, str]]:
    """What was given and taken back, each with its product or with what it takes back."""
    return [
        (one["kind"], one.get("product_id") or one["of"], one["key"])
        for one in chute.sent
        if one["kind"] in {"treat", "untreat"}
    ]


# -- the page ---------------------------------------------------------------------------------


def test_the_card_says_what_is_given_and_the_next_scan_confirms_it(chute: Chute) -> None:
    chute.scan(LF, last_kg=300)
    assert told(chute) == [("Oxytet", "6.0", "planned"), ("Implant", "", "planned")]
    chute.line("387.5")
    assert told(chute)[0] == ("Oxytet", "7.8", "next")
    chute.line(OTHER)
    about = {"at": 4000, "tag": LF, "animal_id": 1}
    first = {"kind": "treat", "key": "k4-3", "product_id": 3, "product": "Oxytet", "amount": "7.8"}
    assert chute.sent[2:4] == [
        {**first, **about},
        {**first, **about, "key": "k4-4", "product_id": 4, "product": "Implant", "amount": ""},
    ]
    assert chute.sent[4]["kind"] == "card"


@pytest.mark.parametrize(
    ("kg", "ml"),
    [("425", "8.5"), ("387.5", "7.8"), ("2", "0.1"), ("1000 lb", "9.1"), ("352.49", "7.0")],
)
def test_the_dose_goes_by_the_weight_to_a_tenth(chute: Chute, kg: str, ml: str) -> None:
    assert told(chute.scan(LF, last_kg=300).line(kg))[0][1] == ml


def test_who_was_not_weighed_is_given_nothing_by_the_next_scan(chute: Chute) -> None:
    chute.scan(LF, last_kg=300).scan(OTHER, id=2)
    assert sent(chute) == []
    assert told(chute)[0] == ("Oxytet", "", "planned")
    assert "give" in chute.questions
    chute.press("give")
    assert sent(chute) == [("treat", 3, "k5-3"), ("treat", 4, "k5-4")]
    assert [one[2] for one in told(chute)] == ["given", "given"]
    assert not {"give", "treat_back"} & set(chute.questions)


def test_a_void_weight_gives_nothing_either(chute: Chute) -> None:
    chute.scan(LF).line("425").press("void").line(OTHER)
    assert sent(chute) == []


def test_one_touch_takes_back_what_was_given(chute: Chute) -> None:
    chute.scan(LF).line("425").press("give").press("dose", product_id=3)
    assert sent(chute)[2:] == [("untreat", "k4-3", "k5-0")]
    assert [one[2] for one in told(chute)] == ["left", "given"]
    chute.line(OTHER)
    assert len(sent(chute)) == 3  # and the next scan does not give it again


def test_one_touch_takes_back_what_the_animal_before_was_given(chute: Chute) -> None:
    chute.scan(LF).line("425").scan(OTHER, id=2)
    assert {"name": "treat_back", "text": "A1"} in chute.ask
    chute.press("treat_back")
    assert sent(chute)[2:] == [("untreat", "k4-3", "k6-0"), ("untreat", "k4-4", "k6-1")]
    assert "treat_back" not in chute.questions


def test_a_product_may_be_left_out_and_given_all_the_same(chute: Chute) -> None:
    chute.scan(LF).line("425").press("dose", product_id=3)
    assert told(chute)[0] == ("Oxytet", "8.5", "left")
    chute.press("dose", product_id=4).press("dose", product_id=4).line(OTHER)
    assert [one[1] for one in sent(chute)] == [4]


def test_an_animal_is_given_each_product_once(chute: Chute) -> None:
    chute.scan(LF).line("425").scan(OTHER, id=2).line("300")
    chute.scan(LF).line("426")
    assert [one[2] for one in told(chute)] == ["given", "given"]
    chute.press("next")
    assert len(sent(chute)) == 4
    # What the office knows of the session counts too: another page gave it, or took it back.
    known = [{"id": 9, "product_id": 3, "amount": "5.0", "isVoid": False}]
    voided = [{"id": 10, "product_id": 4, "amount": "", "isVoid": True}]
    chute.scan("A7", id=7, treated=known + voided).line("250")
    assert told(chute) == [("Oxytet", "5.0", "given"), ("Implant", "", "left")]
    # And what it knows now: meanwhile the other page took it back, and gave it anew.
    anew = {**known[0], "id": 11}
    chute.scan(OTHER, id=2).scan("A7", id=7, treated=[{**known[0], "isVoid": True}])
    assert told(chute)[0] == ("Oxytet", "", "left")
    chute.scan(OTHER, id=2).scan("A7", id=7, treated=[anew]).press("dose", product_id=3)
    assert chute.sent[-1]["treatment_id"] == 11
    # What was taken back here counts before the office knows it.
    assert told(chute.scan(OTHER, id=2).scan("A7", id=7, treated=[anew]))[0][2] == "left"


def test_the_other_tag_of_the_ear_gives_nothing_twice(chute: Chute) -> None:
    chute.scan(LF).line("425").press("dose", product_id=4).scan(UHF).line(OTHER)
    assert [one[1] for one in sent(chute)] == [3]


def test_a_held_animal_is_given_what_a_person_touches(chute: Chute) -> None:
    chute.scan(LF, hold="Clear in 12 days, on 2026-12-09").line("425")
    assert [one[2] for one in told(chute)] == ["left", "left"]
    chute.press("dose", product_id=3).line(OTHER)
    assert [one[1] for one in sent(chute)] == [3]


def test_what_waits_in_the_browser_is_not_given_again(scripts: Scripts) -> None:
    chute = Chute(scripts, SESSION)
    waiting = [{**GIVEN, "key": "w", "product_id": 3, "amount": "8.5", "isVoid": False}]
    chute._state = scripts.call("start", "kg", SESSION, waiting)
    assert told(chute.line(LF).take("no_card", q=LF)) == [
        ("Oxytet", "8.5", "given"),
        ("Implant", "", "planned"),
    ]
    chute.line("425").press("dose", product_id=3)
    assert sent(chute) == [("untreat", "w", "k4-0")]


def test_what_the_pi_refuses_was_not_given(chute: Chute) -> None:
    chute.scan(LF).line("425").press("give")
    chute.take("sent", key="k4-3", outcome="refused", code="unknown_animal")
    chute.take("sent", key="k4-4", outcome="refused", code="not_on_feed", reason="It is dead.")
    assert [one[2] for one in told(chute)] == ["given", "left"]
    chute.take("sent", key="k4-3", outcome="done", treatment_id=5, reason="The lot expired.")
    assert chute.show["notice"] == {"code": "treated", "text": "The lot expired."}


def come_back(scripts: Scripts, chute: Chute, later: int = 1, **given: Any) -> Chute:
    """Open the page again, so many milliseconds after it was left."""
    left = scripts.call("toKeep", chute._state, 10_000)
    again = Chute(scripts, SESSION)
    return again.take("begin", left=left, at=10_000 + later, **given)


def test_who_was_not_confirmed_stands_there_when_the_page_is_opened_again(
    scripts: Scripts, chute: Chute
) -> None:
    chute.scan(LF).line("425").press("dose", product_id=4)
    again = come_back(scripts, chute, later=86_400_000)
    assert again.show["notice"] == {"code": "left", "name": "A1"}
    assert again.sent == [{"kind": "card", "q": LF, "id": None}]
    again.take("card", q=LF, found="one", card=ANIMAL)
    assert (again.show["word"], again.show["weight"], again.ask[0]["name"]) == ("ok", "425", "void")
    assert [one[1] for one in sent(again.line(OTHER))] == [3]


def test_who_was_confirmed_comes_back_for_a_while_and_is_given_nothing_twice(
    scripts: Scripts, chute: Chute
) -> None:
    chute.scan(LF).line("425").press("give")
    for later, word, kg in ((600_000, "ok", "425"), (600_001, "scan", "")):
        again = come_back(scripts, chute, later)
        assert (again.show["word"], again.show["weight"], again.show["notice"]) == (word, kg, None)
        assert sent(again.line(OTHER)) == []
    assert come_back(scripts, chute.press("next")).show["word"] == "scan"


def test_without_the_office_it_is_given_to_the_tag(chute: Chute) -> None:
    chute.line(LF).take("no_card", q=LF).line("425").line(OTHER)
    given = [one for one in chute.sent if one["kind"] == "treat"]
    assert [(one["tag"], one["animal_id"], one["amount"]) for one in given] == [
        (LF, None, "8.5"),
        (LF, None, ""),
    ]


# -- the office -------------------------------------------------------------------------------


def treatment(pk: int, **fields: Any) -> Row:
    made = {"id": pk, "cattle_id": 1, "product_id": 1, "amount": 8.5, "unit": "ml"}
    return {**made, "given_at": AT, "voided_at": None, "session_id": 7, **fields}


@pytest.fixture
def herd() -> Iterator[Mirror]:
    rows = [
        treatment(1, session_id=None, product_id=2),
        treatment(2),
        treatment(3, product_id=2, amount=None, voided_at=AT),
        treatment(4, cattle_id=2),
    ]
    tasks = {"treat": [1, 2, 3, 99]}
    herd: dict[Any, list[Row]] = {
        "cattle": [animal(1), animal(2)],
        "products": [product(1), product(2, ml_per_100kg=None), product(3, active=False)],
        "sessions": [session(7, tasks=tasks)],
        "treatments": rows,
    }
    with filled(herd) as mirror:
        yield mirror


@pytest.fixture
def pi(herd: Mirror) -> Iterator[HttpPi]:
    with a_pi_that_has([]) as pi:
        person = {"username": "ana", "display_name": "Ana", "role": "manager"}
        pi.answer = lambda _path, body: (
            (201, {**RECORDED, "id": 5}, {}) if body else (200, person, {})
        )
        yield pi


async def test_a_card_tells_what_was_given(herd: Mirror) -> None:
    shown = (await card(LF, session=7))["card"]
    assert shown["treated"] == [
        {"id": 2, "product_id": 1, "amount": "8.5", "isVoid": False},
        {"id": 3, "product_id": 2, "amount": "", "isVoid": True},
    ]
    assert (shown["treatments"], shown["last_kg"]) == (
        "Oxytet 1 2026-11-20 · Oxytet 2 2026-11-20",
        354.2,
    )


async def test_the_page_knows_the_products_that_are_in_use(herd: Mirror) -> None:
    html = await page("/office/chute?session=7")
    first = '{"id": 1, "name": "Oxytet 1", "ml_per_100kg": 10.0, "expired": ""}'
    second = '{"id": 2, "name": "Oxytet 2", "ml_per_100kg": null, "expired": ""}'
    assert f'"treat": [{first}, {second}]' in html


async def test_a_treatment_is_asked_of_the_pi_with_what_the_card_said(pi: HttpPi) -> None:
    told = {"kind": "treat", "product_id": 1, "session_id": 7, "at": 1_790_000_000_500}
    _, answer = await send({**item(), **told, "amount": "42.5", "again": True})
    await send({**item(key="k2"), **told, "amount": "", "again": True})
    body = {"product_id": 1, "session_id": 7, "given_at": "2026-09-21T14:13:19.500000+00:00"}
    assert asked(pi) == [
        ("cattle/1/treatments", {**body, "amount": "42.5", "unit": "ml"}, "k1"),
        ("cattle/1/treatments", body, "k2"),
    ]
    assert (answer["outcome"], answer["treatment_id"]) == ("done", 5)


async def test_a_treatment_is_taken_back_with_a_reason(pi: HttpPi) -> None:
    await send({**item(), "kind": "untreat", "treatment_id": 5})
    assert asked(pi)[0][:2] == ("treatments/5/void", {"reason": "taken back at the chute"})


async def test_a_treatment_from_the_future_waits_for_the_pis_clock(pi: HttpPi) -> None:
    told = {"code": "bad_value", "detail": "From the future.", "fields": {"given_at": ["No."]}}
    pi.answer = lambda _path, _body: (400, told, {})
    assert (await send({**item(), "kind": "treat", "product_id": 1}))[1]["outcome"] == "waits"


@pytest.mark.parametrize("bad", [{"product_id": "1"}, {"amount": "1e3"}, {"amount": "-1.0"}])
async def test_what_cannot_be_given_is_refused(pi: HttpPi, bad: Row) -> None:
    _, answer = await send({**item(), "kind": "treat", "product_id": 1, **bad})
    assert (answer["outcome"], asked(pi)) == ("refused", [])


async def test_a_session_is_begun_with_what_its_animals_get(pi: HttpPi) -> None:
    pi.answer = lambda _path, _body: (201, {"id": 7, **RECORDED}, {})
    assert (await begin(treat=["1", "2"]))[0] == 302
    assert asked(pi)[0][1]["tasks"]["treat"] == [1, 2]
    assert (await begin(treat=["3"]))[0] == 422  # not in use
    assert "Treat with" in await page("/office/chute/begin")
    here.mirror.tables["products"].clear()
    assert "Treat with" not in await page("/office/chute/begin")


async def test_a_lot_that_has_expired_is_told_before_it_is_given() -> None:
    old = product(1, lot_no="L1", expires_on="2026-11-20")
    with filled({"products": [old], "sessions": [session(7, tasks={"treat": [1]})]}):
        assert '"expired": "lot L1 expired on 2026-11-20"' in await page("/office/chute?session=7")
        assert "Oxytet 1 (28 days) · lot L1 expired on 2026-11-20" in await page(
            "/office/chute/begin"
        )


def test_the_dose_names_a_lot_that_has_expired(scripts: Scripts) -> None:
    product = {"id": 3, "name": "Oxytet", "expired": "lot L1 expired on 2026-11-20"}
    chute = Chute(scripts, {"id": 7, "treat": [product]}).scan(LF)
    assert [one["expired"] for one in chute.show["doses"]] == ["lot L1 expired on 2026-11-20"]


def test_a_product_that_is_changed_meanwhile_is_the_new_one_for_who_stands_there(
    chute: Chute,
) -> None:
    chute.scan(LF, last_kg=300)
    old = {**PRODUCTS[0], "expired": "lot L1 expired on 2026-11-20"}
    chute.take("session", session={**SESSION, "treat": [old]})
    assert [(one["product"], one["expired"]) for one in chute.show["doses"]] == [
        ("Oxytet", "lot L1 expired on 2026-11-20")
    ]
    assert chute.show["word"] != "SCAN"


async def test_the_page_follows_products_and_pens() -> None:
    with filled(
        {"products": [product(1)], "sessions": [session(7, tasks={"treat": [1]})]}
    ) as mirror:
        look = look_of(session="7")
        made = build(mirror, look)
        assert made.topics >= {"products", "pens"}
        before = made.regions["told"]
        mirror.held.put("products", product(1, lot_no="L1", expires_on="2026-11-20"))
        assert build(mirror, look).regions["told"] != before
