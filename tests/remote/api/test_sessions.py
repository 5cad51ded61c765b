"""Sessions over REST: begun, changed, ended and resumed; weights and moves that name theirs."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from herd.models import Animal, JournalEntry, Movement, Session, WeightRecord
from herd.operations import delete_pen
from herd.unit_of_work import open_unit_of_work
from remote.api.events import read_messages
from remote.wire import START
from tests.remote.api.rows import ROOT, a_batch, a_pen, a_session
from tests.remote.api.test_changes import sent

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


def kinds(word: str) -> list[str]:
    rows = JournalEntry.objects.filter(kind__startswith=f"{word}:").order_by("seq")
    return list(rows.values_list("kind", flat=True))


def test_a_session_is_begun_changed_ended_and_resumed(api: APIClient) -> None:
    body = {"name": "Autumn", "source": "gateway:aa", "tasks": {"treat": [3]}}
    made = sent(api, "post", "sessions", body)
    assert made.status_code == 201
    begun = made.json()
    tasks = {"weigh": True, "pair_tags": False, "treat": [3], "sort": None}
    assert (begun["name"], begun["tasks"], begun["ended_at"]) == ("Autumn", tasks, None)
    path = f"sessions/{begun['id']}"
    sort = {"by": "weight", "bands": [{"to": 350, "pen_id": 1}]}
    changed = sent(api, "patch", path, {"notes": "rain", "tasks": {"sort": sort}}).json()
    assert (changed["notes"], changed["tasks"]) == ("rain", tasks | {"sort": sort})
    ended = [sent(api, "post", f"{path}/end", {}).json() for _ in range(2)]
    assert ended[0] == ended[1]
    assert ended[0]["ended_at"]
    assert sent(api, "post", f"{path}/resume", {}).json()["ended_at"] is None
    assert api.get(ROOT + path).json() == sent(api, "post", f"{path}/resume", {}).json()
    assert kinds("session") == [
        "session:begun",
        "session:updated",
        "session:ended",
        "session:resumed",
    ]


def test_a_session_without_a_name_is_called_by_its_place_and_day(api: APIClient) -> None:
    day, pen, batch = timezone.localdate(), a_pen("P12"), a_batch("LOT7")
    bodies: list[dict[str, Any]] = [
        {"pen_id": pen.pk, "batch_id": batch.pk},
        {"pen_id": pen.pk, "name": " "},
        {"batch_id": batch.pk},
        {},
    ]
    names = [sent(api, "post", "sessions", body).json()["name"] for body in bodies]
    assert names == [f"P12 {day}", f"P12 {day} (2)", f"LOT7 {day}", f"Session {day}"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"pen_id": 99}, 404, "unknown_place"),
        ({"batch_id": 99}, 404, "unknown_place"),
        ({"source": "gateway:aa"}, 409, "source_in_use"),
        ({"source": "x" * 121}, 400, "invalid"),
        ({"tasks": {"weight": True}}, 400, "invalid"),
        ({"tasks": {"treat": ["ivermectin"]}}, 400, "invalid"),
        ({"tasks": {"sort": {"by": "\x00"}}}, 400, "invalid"),
        ({"tasks": {"sort": {"list": ["9" * 100] * 300}}}, 400, "invalid"),
        ({"tasks": "all"}, 400, "invalid"),
        ({"started_at": "2026-03-01"}, 400, "invalid"),
    ],
)
def test_what_cannot_be_is_refused(
    api: APIClient, body: dict[str, Any], status: int, code: str
) -> None:
    a_session("Here", source="gateway:aa")
    refused = sent(api, "post", "sessions", body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert Session.objects.count() == 1


def test_an_ended_session_frees_its_source_and_is_resumed_only_while_it_is_free(
    api: APIClient,
) -> None:
    first = sent(api, "post", "sessions", {"source": "gateway:aa"}).json()["id"]
    sent(api, "post", f"sessions/{first}/end", {})
    second = sent(api, "post", "sessions", {"source": "gateway:aa"}).json()["id"]
    refused = sent(api, "post", f"sessions/{first}/resume", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "source_in_use")
    assert "source" in refused.json()["fields"]
    sent(api, "patch", f"sessions/{second}", {"source": ""})
    assert sent(api, "post", f"sessions/{first}/resume", {}).status_code == 200


def test_an_edit_of_what_somebody_else_changed_is_refused(api: APIClient) -> None:
    session = a_session(notes="rain")
    body = {"notes": "sun", "seen": {"notes": ""}}
    refused = sent(api, "patch", f"sessions/{session.pk}", body)
    assert (refused.status_code, refused.json()["now"]) == (409, {"notes": "rain"})
    refused = sent(api, "patch", f"sessions/{session.pk}", {"name": ""})
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_value")


def test_sessions_are_listed_and_filtered(api: APIClient) -> None:
    pen = a_pen()
    a_session("One", pen=pen, source="gateway:aa", ended_at=timezone.now())
    a_session("Two")
    asked = {
        "": ["Two", "One"],
        "?open=true": ["Two"],
        "?open=0": ["One"],
        f"?pen={pen.pk}": ["One"],
        "?pen=none": ["Two"],
        "?source=gateway:aa": ["One"],
        "?search=tw": ["Two"],
    }
    for query, names in asked.items():
        found = api.get(f"{ROOT}sessions{query}").json()["data"]
        assert [row["name"] for row in found] == names, query
    assert api.get(f"{ROOT}sessions?open=perhaps").status_code == 400


def test_a_move_that_is_told_later_stands_at_its_time(api: APIClient, animal: Animal) -> None:
    path, (first, second) = f"cattle/{animal.pk}/move", (a_pen("P2"), a_pen("P3"))
    Animal.objects.update(first_seen_at=timezone.now() - timedelta(days=9))
    ago = [timezone.now() - timedelta(minutes=minutes) for minutes in (7, 9)]
    stood = animal.pen_id
    moved = sent(api, "post", path, {"pen_id": first.pk, "moved_at": ago[0].isoformat()}).json()
    assert (moved["pen"]["id"], moved["from_pen_id"]) == (first.pk, stood)
    sent(api, "post", path, {"pen_id": second.pk, "moved_at": ago[1].isoformat()})
    times = list(Movement.objects.order_by("pk").values_list("moved_at", flat=True))
    assert times[0] == ago[0]
    assert times[1] > ago[0]  # somebody has moved it since: it goes now
    for body, field in (
        ({"pen_id": first.pk, "moved_at": "2999-01-01T00:00Z"}, "moved_at"),
        ({"batch_id": animal.batch_id, "moved_at": ago[0].isoformat()}, "moved_at"),
    ):
        refused = sent(api, "post", path, body)
        assert (refused.status_code, [*refused.json()["fields"]]) == (400, [field])


def test_weights_and_moves_name_their_session(api: APIClient, animal: Animal) -> None:
    session, pen = a_session(ended_at=timezone.now()), a_pen("P2")
    path = f"cattle/{animal.pk}"
    body = {"weight_kg": 351.5, "session_id": session.pk}
    weighed = sent(api, "post", f"{path}/weights", body).json()
    assert weighed["session_id"] == session.pk
    sent(api, "post", f"{path}/weights", {"weight_kg": 352})
    sent(api, "post", f"{path}/move", {"pen_id": pen.pk, "session_id": session.pk})
    many = {"cattle_ids": [animal.pk], "pen_id": None, "session_id": session.pk}
    assert sent(api, "post", "cattle/move", many).status_code == 200
    assert list(WeightRecord.objects.values_list("session_id", flat=True)) == [None, session.pk]
    assert set(Movement.objects.values_list("session_id", flat=True)) == {session.pk}
    past = api.get(f"{ROOT}{path}/history").json()["data"]
    named = {row["kind"]: row["session_id"] for row in past if row["kind"] != "weight"}
    assert named == {"movement": session.pk}
    found = api.get(f"{ROOT}weights?session={session.pk}").json()["data"]
    assert [row["id"] for row in found] == [weighed["id"]]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("cattle/{}/weights", {"weight_kg": 350}),
        ("cattle/{}/move", {"pen_id": None}),
    ],
)
def test_a_session_that_is_not_there_is_named(
    api: APIClient, animal: Animal, path: str, body: dict[str, Any]
) -> None:
    refused = sent(api, "post", path.format(animal.pk), body | {"session_id": 99})
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_session")
    assert WeightRecord.objects.count() == Movement.objects.count() == 0


def test_the_feed_tells_of_sessions_with_the_topic_of_weights(api: APIClient) -> None:
    made = sent(api, "post", "sessions", {"name": "Autumn"}).json()
    (message,) = read_messages(START, 10)
    assert message.topic == "weights"
    assert '"event":"session:begun"' in message.text
    assert '"tasks":{"weigh":true' in message.text
    assert made["name"] == "Autumn"


def test_a_session_outlives_its_pen() -> None:
    pen = a_pen()
    session = a_session(pen=pen)
    with open_unit_of_work("ana") as unit:
        delete_pen(unit, unit.pen_no(pen.pk), timezone.now())
    session.refresh_from_db()
    assert session.pen is None
    assert kinds("session") == ["session:updated"]
