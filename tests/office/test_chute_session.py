"""The session at the top of the chute's page: chosen, begun with where animals go, ended."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from pytest_django import Settings

from remote.office.forms.sort_rules import limits_of
from remote.office.mirror.mirror import Mirror
from remote.office.mirror.tables import Row
from tests.office.filled import AT, animal, batch, filled, payload, pen, weight
from tests.office.http_pi import HttpPi
from tests.office.test_chute import asked, card, item, send
from tests.office.test_pages import page, signed_in
from tests.office.test_radio_log import a_pi_that_has

LF = "840003000000001"
KEYS = ("w1", "w2", "p1", "p2")
BEGUN = {"id": 7, "cattle_id": 1, "quality": "ok", "reason": ""}
NO_TASKS = {"weigh": True, "pair_tags": False, "treat": [], "sort": None}


def session(pk: int, **fields: Any) -> Row:
    made = {"id": pk, "name": f"S{pk}", "batch_id": None, "pen_id": None, "tasks": NO_TASKS}
    told = {"source": "", "started_at": AT, "started_by": "ana", "ended_at": None}
    return {**made, **told, "ended_by": "", "notes": "", **fields}


@pytest.fixture
def herd() -> Iterator[Mirror]:
    now = timezone.now().isoformat()
    rows = [weight(1, session_id=7, recorded_at=now), weight(2, session_id=8, cattle_id=2)]
    herd: dict[Any, list[Row]] = {
        "cattle": [animal(1), animal(2), *(animal(pk, visual_id="755") for pk in (3, 4))],
        "pens": [pen(1), pen(2)],
        "batches": [batch(1)],
        "weights": [*rows, weight(3, session_id=7, cattle_id=2, quality="void")],
        "payloads": [payload(1, cattle_id=1), payload(2, cattle_id=2, source="udp:other")],
        "sessions": [session(7, pen_id=1, source="udp:10.0.0.9"), session(8, ended_at=AT)],
    }
    with filled(herd) as mirror:
        yield mirror


@pytest.fixture
def pi(herd: Mirror) -> Iterator[HttpPi]:
    with a_pi_that_has([]) as pi:
        person = {"username": "ana", "display_name": "Ana", "role": "manager"}
        pi.answer = lambda _path, body: (201, dict(BEGUN), {}) if body else (200, person, {})
        yield pi


async def test_open_sessions_are_offered_and_one_is_gone_on_with(herd: Mirror) -> None:
    html = await page("/office/chute")
    assert 'href="/office/chute?session=7">S7' in html
    assert "session=8" not in html
    html = await page("/office/chute?session=7")
    assert "1 head weighed" in html
    assert '"pen_id": 1, "batch_id": null, "pen": "P1"' in html
    assert "Go on with it" in await page("/office/chute?session=8")


async def test_the_dashboard_leads_to_the_chute_and_its_open_sessions(herd: Mirror) -> None:
    html = await page("/office/")
    assert '<a class="button main" href="/office/chute">Chute</a>' in html
    assert '<a class="button" href="/office/chute?session=7">S7</a>' in html
    assert "session=8" not in html
    answer = await signed_in("viewer").get("/office/")
    assert 'class="button main" href="/office/chute"' not in answer.content.decode()


async def test_only_what_its_source_brings_comes_onto_the_card(herd: Mirror) -> None:
    html = await page("/office/chute")
    assert [key for key in KEYS if f'"{key}"' in html] == [*KEYS]
    html = await page("/office/chute?session=7")
    assert [key for key in KEYS if f'"{key}"' in html] == ["w1", "p1"]


async def test_an_animal_that_was_weighed_in_the_session_comes_again(herd: Mirror) -> None:
    assert (await card(LF))["card"]["again"] is None
    assert (await card(LF, session=7))["card"]["again"]["text"].startswith("351.0 kg · ")
    assert (await card("A2", session=7))["card"]["again"] is None  # that weight is void
    assert (await card(LF, session=99))["card"]["again"] is None


async def test_a_weight_and_a_move_name_their_session(pi: HttpPi) -> None:
    await send(item(session_id=7))
    await send({**item(session_id=7), "kind": "move", "pen_id": 2})
    await send({**item(), "kind": "move", "pen_id": None})
    (_, weighed, _), moved, taken_out = asked(pi)
    assert weighed["session_id"] == 7
    reason = "sorted at the chute"
    assert moved[:2] == ("cattle/1/move", {"pen_id": 2, "reason": reason, "session_id": 7})
    assert taken_out[1] == {"pen_id": None, "reason": reason}


async def test_a_move_that_was_kept_tells_when_it_was(herd: Mirror, pi: HttpPi) -> None:
    at = herd.time.now() - timedelta(minutes=7)
    kept = {**item(), "kind": "move", "at": at.timestamp() * 1000, "pen_id": 0}
    await send(kept)
    ((_, moved, _),) = asked(pi)
    told = datetime.fromisoformat(moved["moved_at"])
    assert abs(at - timedelta(seconds=1) - told) < timedelta(milliseconds=2)
    assert moved["pen_id"] is None  # it stood in none before


async def begin(**form: Any) -> tuple[int, str, str]:
    blank = dict.fromkeys(("name", "pen", "batch", "sort_by", "rules", "listed", "source"), "")
    answer = await signed_in().post("/office/chute/begin", {"key": "k", **blank, **form})
    return answer.status_code, answer.headers.get("Location", ""), answer.content.decode()


async def test_a_session_is_begun_with_where_animals_go(pi: HttpPi) -> None:
    rules = "400 = P1\n450,5 = p2\n P1 "
    status, to, _ = await begin(name="Fall", pen="p1", batch="LOT1", sort_by="weight", rules=rules)
    assert (status, to) == (302, "/office/chute?session=7")
    path, body, _ = asked(pi)[0]
    sort = {
        "by": "weight",
        "rules": [{"below": 400.0, "pen_id": 1}, {"below": 450.5, "pen_id": 2}, {"pen_id": 1}],
    }
    assert (path, body["tasks"]) == (
        "sessions",
        {"weigh": True, "pair_tags": False, "sort": sort, "treat": []},
    )
    assert (body["name"], body["pen_id"], body["batch_id"]) == ("Fall", 1, 1)


async def test_a_session_that_pairs_tags_says_so_to_the_page_and_the_card_what_is_missing(
    pi: HttpPi,
) -> None:
    await begin(name="Fall", pair="on")
    assert asked(pi)[0][1]["tasks"]["pair_tags"] is True
    pairing = session(7, tasks={**NO_TASKS, "pair_tags": True})
    known = animal(1, lf_tag=LF, uhf_tag=None)
    with filled({"cattle": [known], "sessions": [pairing]}):
        assert '"pair": true' in await page("/office/chute?session=7")
        assert (await card(LF))["card"]["lacks"] == ["uhf"]
        unknown = await card("E280 1160 6000 0000 0000 0001")
    assert (unknown["found"], unknown["tag_kind"]) == ("none", "uhf")


async def test_animals_are_sorted_by_the_day_of_their_target_weight(pi: HttpPi) -> None:
    assert (await begin(sort_by="target", rules="2027-03-01 = P1\nP2"))[0] == 302
    rules = asked(pi)[0][1]["tasks"]["sort"]["rules"]
    assert rules == [{"below": "2027-03-01", "pen_id": 1}, {"pen_id": 2}]


async def test_animals_are_sorted_by_a_pasted_list(pi: HttpPi) -> None:
    listed = f"840 003 000000001, a2;\n900000000000009\t{LF}\n"
    assert (await begin(sort_by="list", rules="list = P1\nP2", listed=listed))[0] == 302
    assert asked(pi)[0][1]["tasks"]["sort"] == {
        "by": "list",
        "rules": [{"is": "list", "pen_id": 1}, {"pen_id": 2}],
        "names": [LF, "A2", "900000000000009"],
    }


async def test_a_card_tells_what_the_session_sorts_by(herd: Mirror, settings: Settings) -> None:
    settings.TARGET_WEIGHT_KG = 620.0
    names = {"lf_tag": LF, "uhf_tag": None, "visual_id": "12 b", "livestock_id": "a 1"}
    known = {"last_weight_kg": 400.0, "adg_kg": 1.5, "last_weighed_at": timezone.now().isoformat()}
    today = timezone.localdate()
    with filled({"cattle": [animal(1, **names, **known)]}):
        shown = (await card(LF))["card"]
    assert shown["names"] == ["A 1", "12 B", LF]
    day = (today + timedelta(days=147)).isoformat()  # (620 - 400) / 1.5 = 146.7
    told = {"kg": 620.0, "gain_kg": 1.5, "on": day, "today": today.isoformat()}
    assert shown["target"] == told
    with filled({"cattle": [animal(1, adg_kg=None)]}):
        assert (await card(LF))["card"]["target"] is None


async def test_animals_are_sorted_by_sex(pi: HttpPi) -> None:
    assert (await begin(sort_by="sex", rules="Heifer=P2\nP1"))[0] == 302
    rules = asked(pi)[0][1]["tasks"]["sort"]["rules"]
    assert rules == [{"is": "heifer", "pen_id": 2}, {"pen_id": 1}]


SEXES_TYPED = [
    ("vaquilla", ["heifer"]),
    ("Novillos", ["steer"]),
    ("MACHO", ["male", "steer", "bull"]),
    ("hembras", ["female", "heifer", "cow"]),
    ("Färse", ["heifer"]),
    ("females", ["female", "heifer", "cow"]),
]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("typed", "meant"), SEXES_TYPED)
async def test_a_sex_is_understood_in_any_language(
    pi: HttpPi, typed: str, meant: list[str], language: str
) -> None:
    rules = f"{typed} = P2\nP1"
    with translation.override(language):
        assert (await begin(sort_by="sex", rules=rules))[0] == 302
    *some, last = asked(pi)[0][1]["tasks"]["sort"]["rules"]
    assert some == [{"is": sex, "pen_id": 2} for sex in meant]
    assert last == {"pen_id": 1}


@pytest.mark.parametrize("typed", ["list", "Lista", "LISTA"])
async def test_the_list_is_known_by_either_word(pi: HttpPi, typed: str) -> None:
    assert (await begin(sort_by="list", rules=f"{typed} = P1\nP2", listed=LF))[0] == 302
    assert asked(pi)[0][1]["tasks"]["sort"]["rules"][0] == {"is": "list", "pen_id": 1}


@pytest.mark.parametrize("typed", ["2027-03-01", "1.3.2027", "1 de marzo de 2027", "Mar 1, 2027"])
async def test_a_day_is_understood_as_a_sheets(pi: HttpPi, typed: str) -> None:
    assert (await begin(sort_by="target", rules=f"{typed} = P1"))[0] == 302
    assert asked(pi)[0][1]["tasks"]["sort"]["rules"] == [{"below": "2027-03-01", "pen_id": 1}]


def test_a_day_in_numbers_is_one_where_people_read_spanish() -> None:
    with translation.override("es"):
        assert limits_of("target", "1/3/2027", "kg") == [{"below": "2027-03-01"}]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"pen": "P9"}, "Nobody knows “P9”."),
        ({"batch": "P1"}, "Nobody knows “P1”."),
        ({"sort_by": "weight"}, "Say where they go."),
        ({"sort_by": "weight", "rules": "400 = P9"}, "Nobody knows “P9”."),
        ({"sort_by": "weight", "rules": "much = P1"}, "“much” is no number."),
        ({"sort_by": "weight", "rules": "1,250 = P1"}, "“1,250” is no number."),
        ({"sort_by": "weight", "rules": "NaN = P1"}, "“NaN” is no number."),
        ({"sort_by": "weight", "rules": "1e400 = P1"}, "is no number."),
        ({"sort_by": "weight", "rules": "400 ="}, "Say the pen of “400 =”."),
        ({"sort_by": "sex", "rules": "tall = P1"}, "“tall” is no sex."),
        ({"sort_by": "target", "rules": "1/3/2027 = P1"}, "“1/3/2027” is no day"),
        ({"sort_by": "list", "rules": "P1"}, "Paste the list"),
        ({"sort_by": "list", "rules": "lost = P1", "listed": LF}, "Write “list = P4”"),
        ({"sort_by": "list", "rules": "P1", "listed": "9.82E+14"}, "its last digits are lost"),
        ({"sort_by": "list", "rules": "P1", "listed": "755"}, "“755” has more than one animal"),
        ({"sort_by": "list", "rules": "P1", "listed": "\n".join(map(str, range(701)))}, "At most"),
        ({"sort_by": "list", "rules": "P1", "listed": "7" * 20_001}, "at most 20000 characters"),
        ({"sort_by": "list", "listed": LF}, "Say where they go."),
        ({"sort_by": "weight", "rules": "P1\n" * 13}, "At most 12 lines."),
    ],
    ids=str,
)
async def test_what_cannot_be_meant_is_said_at_its_field(
    pi: HttpPi, form: dict[str, str], said: str
) -> None:
    status, _, html = await begin(**form)
    assert (status, said in html, asked(pi)) == (422, True, [])


async def test_a_session_is_ended_and_gone_on_with(pi: HttpPi) -> None:
    for verb, to in (("end", 7), ("resume", 8)):
        answer = await signed_in().post(f"/office/chute/{to}/{verb}", {"key": f"k{to}"})
        assert answer["Location"] == f"/office/chute?session={to}"
    sent = [path for _, path, _, _ in pi.requests if "/sessions/" in path]
    assert sent == ["/api/remote/sessions/7/end", "/api/remote/sessions/8/resume"]
