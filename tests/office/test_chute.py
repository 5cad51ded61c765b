"""The chute's two questions to the office: which animal it is, and to do what was confirmed."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import AsyncClient
from django.utils import timezone

from remote.office.link.client import Person
from remote.office.mirror.mirror import Mirror
from remote.office.mirror.tables import Row
from tests.office.filled import AT, animal, filled, here, payload, pen, weight
from tests.office.http_pi import HttpPi
from tests.office.test_pages import page, signed_in
from tests.office.test_radio_log import a_pi_that_has

LF = "840003000000001"
RECORDED = {"id": 55, "quality": "ok", "reason": "", "warning": "", "cattle_id": 1}


def now_ms(**ago: float) -> float:
    return (timezone.now() - timedelta(**ago)).timestamp() * 1000


def item(**fields: Any) -> Row:
    made = {"kind": "weight", "key": "k1", "by": "ana", "at": now_ms(), "tag": LF}
    return {**made, "animal_id": 1, "weight": "425.5", "unit": "kg", **fields}


@pytest.fixture
def herd() -> Iterator[Mirror]:
    two = [animal(pk, visual_id="755") for pk in (2, 3)]
    with filled({"cattle": [animal(1, visual_id="12"), *two], "pens": [pen(1)]}) as mirror:
        yield mirror


@pytest.fixture
def pi(herd: Mirror) -> Iterator[HttpPi]:
    with a_pi_that_has([]) as pi:
        person = {"username": "ana", "display_name": "Ana", "role": "manager"}
        pi.answer = lambda _path, body: (201, dict(RECORDED), {}) if body else (200, person, {})
        yield pi


async def card(name: str, **more: Any) -> Row:
    answer = await signed_in().get("/office/chute/card", {"q": name, **more})
    return dict(json.loads(answer.content))


async def send(body: Any, client: AsyncClient | None = None, **headers: Any) -> tuple[int, Row]:
    client = client or signed_in()
    content = body if isinstance(body, str) else json.dumps(body)
    answer = await client.post("/office/chute/send", content, "application/json", headers=headers)
    return answer.status_code, dict(json.loads(answer.content)) if answer.content else {}


def asked(pi: HttpPi) -> list[tuple[str, Row, str]]:
    """Each change that the Pi was asked for: its path, its body, its key."""
    return [
        (path.removeprefix("/api/remote/"), body, headers.get("Idempotency-Key", ""))
        for _, path, headers, body in pi.requests
        if body
    ]


# -- which animal -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [LF, "840 003 000000001", "12", "A1", "0000001"])
async def test_any_spelling_of_a_tag_or_id_finds_the_animal(herd: Mirror, name: str) -> None:
    answer = await card(name)
    assert (answer["found"], answer["card"]["name"], answer["card"]["hold"]) == ("one", "A1", "")


async def test_a_card_tells_what_a_crew_wants_to_know(herd: Mirror) -> None:
    shown = (await card(LF))["card"]
    assert (shown["visual_id"], shown["tag"], shown["pen"]) == ("12 yellow", "…000001", "P1")
    assert (shown["batch"], shown["last"], shown["gain"]) == ("LOT1", "354.2", "1.50")
    assert shown["last_day"] == "2026-11-20"


async def test_several_animals_of_one_number_are_offered(herd: Mirror) -> None:
    answer = await card("755")
    assert answer["found"] == "several"
    assert [one["name"] for one in answer["choices"]] == ["A3", "A2"]
    assert (await card("755", id=2))["card"]["name"] == "A2"


async def test_a_tag_that_nobody_knows_is_said_to_be_new(herd: Mirror) -> None:
    answer = await card("982 000123456789")
    assert (answer["found"], answer["tag"], answer["tag_kind"]) == ("none", "982000123456789", "lf")
    assert answer["is_tag"] is True


@pytest.mark.parametrize(
    "typed", ["402", "12345", "982000123456789982000123456780", "98200012345678"]
)
async def test_what_is_no_tag_and_nobodys_number_is_no_new_animal(herd: Mirror, typed: str) -> None:
    answer = await card(typed)
    assert (answer["found"], answer["is_tag"]) == ("none", False)


async def test_without_a_copy_the_animal_is_not_said_to_be_unknown() -> None:
    assert (await card(LF))["found"] == "kept"


@pytest.mark.parametrize("status", ["dead", "sold", "exported"])
async def test_an_animal_that_has_left_is_held(status: str) -> None:
    with filled({"cattle": [animal(1, status=status, left_on="2026-11-01")]}):
        assert (await card(LF))["card"]["hold"] == f"{status} since 2026-11-01"


async def test_a_treated_animal_is_held_until_it_is_clear() -> None:
    today = timezone.localdate()
    for days, hold in ((12, "Clear in 12 days, on"), (1, "Clear in 1 day, on"), (0, "")):
        day = str(today + timedelta(days=days))
        with filled({"cattle": [animal(1, clear_on=day)]}):
            assert (await card(LF))["card"]["hold"] == (hold and f"{hold} {day}")


async def test_an_animal_whose_tags_are_in_conflict_is_held() -> None:
    refused = payload(1, status="error", error_code="tag_conflict", raw_payload=f"hxb:L:{LF}:U9")
    with filled({"cattle": [animal(1), animal(2)], "payloads": [refused]}):
        assert "a person must decide" in (await card(LF))["card"]["hold"]
        assert (await card("A2"))["card"]["hold"] == ""


async def test_a_weight_of_the_last_minutes_may_be_replaced() -> None:
    at = timezone.now().isoformat()
    rows = [weight(7, recorded_at=at), weight(8, recorded_at=at, quality="void")]
    with filled({"cattle": [animal(1)], "weights": rows}):
        recent = (await card(LF))["card"]["recent"]
    assert (recent["id"], recent["weight"]) == (7, "357.0")
    with filled({"cattle": [animal(1)], "weights": [weight(7, recorded_at=AT)]}):
        assert (await card(LF))["card"]["recent"] is None


# -- what was confirmed -----------------------------------------------------------------------


async def test_a_weight_is_asked_of_the_pi_with_its_own_key_and_time(pi: HttpPi) -> None:
    status, answer = await send(item(at=1_790_000_000_500, again=True))
    judged = [{"id": 55, "quality": "ok", "reason": ""}]
    told = {"outcome": "done", "tag": LF, "weight_id": 55, "judged": judged, "reason": ""}
    assert (status, answer) == (200, told)
    body = {"weight_kg": "425.50", "recorded_at": "2026-09-21T14:13:19.500000+00:00"}
    assert asked(pi) == [("cattle/1/weights", body, "k1")]


async def test_a_weight_is_in_the_unit_in_which_it_was_confirmed(pi: HttpPi) -> None:
    await send(item(unit="lb", weight="1000"))
    assert asked(pi)[0][1]["weight_kg"] == "453.59"


async def test_a_tag_that_was_kept_finds_its_animal_when_it_is_sent(pi: HttpPi) -> None:
    await send(item(animal_id=None, tag="840 003 000000001"))
    assert asked(pi)[0][0] == "cattle/1/weights"


@pytest.mark.parametrize(
    ("tag", "code"), [("900000000000009", "unknown_animal"), ("755", "several_animals")]
)
async def test_a_kept_weight_falls_on_nobody_by_a_part_of_a_name(
    pi: HttpPi, tag: str, code: str
) -> None:
    _, answer = await send(item(animal_id=None, tag=tag))
    assert (answer["outcome"], answer["code"], asked(pi)) == ("refused", code, [])
    _, answer = await send(item(animal_id=None, tag="00001"))
    assert answer["code"] == "unknown_animal"


async def test_a_void_says_why(pi: HttpPi) -> None:
    await send({**item(), "kind": "void", "weight_id": 9, "instead": "435"})
    await send({**item(), "kind": "void", "weight_id": 9, "instead": ""})
    assert [(path, body["reason"]) for path, body, _ in asked(pi)] == [
        ("weights/9/void", "replaced by 435 at the chute"),
        ("weights/9/void", "voided at the chute"),
    ]


async def test_a_suspect_weight_is_accepted_and_a_void_taken_back(pi: HttpPi) -> None:
    pi.answer = lambda _path, _body: (200, dict(RECORDED), {})
    for verb in ("accept", "unvoid"):
        await send({**item(), "kind": verb, "weight_id": 9})
    assert [(path, body) for _, path, _, body in pi.requests][-2:] == [
        ("/api/remote/weights/9/accept", {}),
        ("/api/remote/weights/9/unvoid", {}),
    ]


async def test_a_void_tells_how_the_others_are_judged_now(pi: HttpPi) -> None:
    answered = {"id": 9, "quality": "void", "reason": "typed wrong", "cattle_id": 1}
    pi.answer = lambda _path, _body: (200, answered, {})
    here.mirror.held.put("weights", weight(10, cattle_id=1))
    _, answer = await send({**item(), "kind": "void", "weight_id": 9})
    assert {one["id"]: one["quality"] for one in answer["judged"]} == {9: "void", 10: "ok"}


async def test_a_new_animal_is_entered_where_the_session_s_animals_come(pi: HttpPi) -> None:
    told = {"visual_id": "755", "sex": "steer", "pen_id": 3, "batch_id": None}
    await send({**item(tag="982 000123456789"), "kind": "animal", **told})
    body = {"lf_tag": "982000123456789", "visual_id": "755", "sex": "steer", "pen_id": 3}
    assert asked(pi)[0][:2] == ("cattle", body)


async def test_tags_go_on_and_the_answer_brings_the_card(pi: HttpPi) -> None:
    pi.answer = lambda _path, _body: (200, {"id": 1}, {})
    _, answer = await send({**item(tag="982 000123456789"), "kind": "put"})
    await send({**item(), "kind": "tags", "lf_tag": "", "uhf_tag": "e28011606000000000000077"})
    assert answer["card"]["name"] == "A1"
    assert [(path, body) for path, body, _ in asked(pi)] == [
        ("cattle/1/tags", {"lf_tag": "982000123456789"}),
        ("cattle/1/tags", {"lf_tag": "", "uhf_tag": "E28011606000000000000077"}),
    ]


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500, 503])
async def test_what_the_pi_cannot_take_now_waits(pi: HttpPi, status: int) -> None:
    pi.answer = lambda _path, _body: (status, {"code": "x", "detail": "Later."}, {})
    assert (await send(item()))[1]["outcome"] == "waits"


async def test_a_time_that_the_pis_clock_has_yet_to_reach_waits_a_little(pi: HttpPi) -> None:
    told = {"code": "bad_value", "detail": "From the future.", "fields": {"recorded_at": ["No."]}}
    pi.answer = lambda _path, _body: (400, told, {})
    assert (await send(item()))[1]["outcome"] == "waits"
    assert (await send(item(at=now_ms(days=-1))))[1]["outcome"] == "refused"


async def test_what_nobody_answers_waits(pi: HttpPi) -> None:
    pi.go_away()
    assert (await send(item()))[1]["outcome"] == "waits"


@pytest.mark.parametrize("status", [400, 404, 409, 422])
async def test_what_the_pi_refuses_is_named(pi: HttpPi, status: int) -> None:
    told = {"code": "bad_value", "detail": "453.59 kg is too much."}
    pi.answer = lambda _path, _body: (status, told, {})
    here.office.units.choose(Person("pounds", "", ""), "lb")
    _, answer = await send(item(by="pounds"), signed_in(user="pounds"))
    assert answer == {"outcome": "refused", "code": "bad_value", "reason": "1000 lb is too much."}


async def test_what_somebody_else_confirmed_does_not_go_under_this_name(pi: HttpPi) -> None:
    _, answer = await send(item(by="ben"))
    assert (answer["code"], asked(pi)) == ("person", [])


async def test_a_viewer_confirms_nothing(pi: HttpPi) -> None:
    status, _ = await send(item(), signed_in("viewer"))
    assert (status, asked(pi)) == (403, [])


async def test_another_sites_page_confirms_nothing(pi: HttpPi) -> None:
    client = here.browser(enforce_csrf_checks=True)
    client.cookies = signed_in().cookies
    answer = await client.post("/office/chute/send", json.dumps(item()), "application/json")
    assert (answer.status_code, asked(pi)) == (403, [])


async def test_a_key_that_the_pi_may_have_forgotten_is_not_sent_unasked(pi: HttpPi) -> None:
    _, answer = await send(item(at=now_ms(days=6.1)))
    assert (answer["code"], asked(pi)) == ("too_old", [])
    await send(item(at=now_ms(days=6.1), again=True))
    assert len(asked(pi)) == 1


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        "null",
        {},
        item(kind="drop"),
        item(kind=["weight"]),
        item(key=""),
        item(key="x" * 101),
        item(key=7),
        item(at=None),
        item(at="soon"),
        item(at=1e300),
        item(weight="much"),
        item(weight="1e999999"),
        item(weight="NaN"),
        item(weight=None),
        item(animal_id="1/../2"),
        item(animal_id=-1),
        {**item(), "kind": "void", "weight_id": None},
        {**item(), "kind": "void", "weight_id": True},
        {**item(), "kind": "put", "tag": "9.8E+14"},
    ],
)
async def test_what_cannot_be_read_is_refused_and_asked_of_nobody(pi: HttpPi, bad: Any) -> None:
    status, answer = await send(bad)
    assert (status, answer["outcome"], asked(pi)) == (200, "refused", [])


# -- the page ---------------------------------------------------------------------------------


async def test_the_page_brings_what_radios_brought(herd: Mirror) -> None:
    read = payload(4, cattle_id=1)
    with filled({"cattle": [animal(1)], "weights": [weight(3)], "payloads": [read]}):
        html = await page("/office/chute")
    assert 'data-key="w3" data-id="1" data-name="A1"' in html
    assert 'data-key="p4" data-id="1"' in html
    assert "data-scan-box autofocus" in html


async def test_a_viewer_has_no_chute(herd: Mirror) -> None:
    assert (await signed_in("viewer").get("/office/chute")).status_code == 403
