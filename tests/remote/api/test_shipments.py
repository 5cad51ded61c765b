"""Shipments over REST: planned, loaded live, shipped, taken back, reported."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from rest_framework.test import APIClient

from herd.models import Animal, JournalEntry, ReversibleChange, Shipment, ShipmentAnimal
from herd.operations import Merge, merge, undo
from herd.unit_of_work import open_unit_of_work
from remote.api.events import read_messages
from remote.api.roles import ensure_groups
from remote.wire import START
from tests.herd.counting import head
from tests.remote.api.rows import AT, ROOT, a_batch, a_pen, a_shipment, an_animal
from tests.remote.api.test_changes import sent

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])
S1 = {
    "shipment_number": "S-1",
    "destination": "Packer North",
    "premises_from": "QABC1234",
    "premises_to": "QXYZ5678",
    "planned_head": 40,
}


def cattle(count: int, **more: Any) -> list[Animal]:
    return [
        an_animal(lf_tag=f"98200000000{number:04}", visual_id=f"{number}", **more)
        for number in range(1, count + 1)
    ]


def counts(row: dict[str, Any]) -> list[int]:
    return [row[f"{name}_count"] for name in ("planned", "loaded", "missing", "extra", "shipped")]


def made(api: APIClient, *animals: Animal, **more: Any) -> str:
    """The path of a new shipment with these animals planned."""
    path = f"shipments/{sent(api, 'post', 'shipments', S1 | more).json()['id']}"
    if animals:
        ids = [one.pk for one in animals]
        assert sent(api, "post", f"{path}/animals", {"cattle_ids": ids}).status_code == 200
    return path


def loading(api: APIClient, *animals: Animal, **more: Any) -> str:
    path = made(api, *animals, **more)
    assert sent(api, "post", f"{path}/begin", {}).json()["state"] == "loading"
    return path


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_truck_is_loaded_live_shipped_and_taken_back(api: APIClient) -> None:
    pen = a_pen("P7")
    *herd, stranger = cattle(41, pen=pen, batch=a_batch("LOT7"))
    path = made(api)
    planned = sent(api, "post", f"{path}/animals", {"pen_id": pen.pk}).json()
    assert counts(planned) == [41, 0, 41, 0, 0]
    body = {"cattle_ids": [stranger.pk], "remove": True}
    assert counts(sent(api, "post", f"{path}/animals", body).json()) == [40, 0, 40, 0, 0]
    assert code(sent(api, "post", f"{path}/load", {"cattle_id": stranger.pk})) == (
        409,
        "wrong_state",
    )
    sent(api, "post", f"{path}/begin", {})
    for one in herd[:38]:
        read = sent(api, "post", f"{path}/load", {"tag": one.lf_tag}).json()
        assert (read["planned"], read["cattle"]["id"]) == (True, one.pk)
    for _ in range(2):  # a reader reads an ear twice
        extra = sent(api, "post", f"{path}/load", {"cattle_id": stranger.pk}).json()
        assert extra["planned"] is False
    assert ReversibleChange.objects.filter(summary__contains=" loaded on ").count() == 39
    assert counts(extra["shipment"]) == [40, 39, 2, 1, 0]
    rows = api.get(f"{ROOT}{path}/animals").json()["data"]
    states = [row["state"] for row in rows]
    assert [states.count(one) for one in ("loaded", "missing", "extra")] == [38, 2, 1]

    shipped = sent(api, "post", f"{path}/ship", {}).json()
    assert (shipped["state"], counts(shipped)) == ("shipped", [40, 39, 2, 1, 38])
    assert Animal.objects.filter(status="exported", left_reason="shipment S-1").count() == 38
    assert Animal.objects.get(pk=stranger.pk).status == "active"
    pen.refresh_from_db()
    assert pen.head_count == head(pen) == 3
    manifest = api.get(f"{ROOT}{path}/manifest").json()
    assert (manifest["head"], len(manifest["missing"])) == (38, 2)
    assert [one["cattle_id"] for one in manifest["left_behind"]] == [stranger.pk]
    assert manifest["animals"][0]["pen"] == "P7"

    back = sent(api, "post", f"changes/{shipped['change_id']}/undo", {})
    assert back.status_code == 200
    now = api.get(ROOT + path).json()
    assert (now["state"], counts(now)) == ("loading", [40, 39, 2, 1, 0])
    assert not Animal.objects.exclude(status="active", left_on=None, left_reason="").exists()
    assert code(api.get(f"{ROOT}{path}/manifest")) == (409, "wrong_state")
    again = sent(api, "post", f"{path}/ship", {"with_extra": [stranger.pk]}).json()
    assert counts(again) == [40, 39, 2, 1, 39]
    assert sent(api, "post", f"{path}/ship", {}).json() == again
    kinds = JournalEntry.objects.filter(kind__startswith="shipment:").values_list("kind", flat=True)
    assert set(kinds) == {
        *("shipment:created", "shipment:updated", "shipment:loading", "shipment:shipped"),
    }


def test_a_held_animal_is_named_and_leaves_only_with_an_override(api: APIClient) -> None:
    *herd, held = cattle(3)
    today = timezone.localdate()
    Animal.objects.filter(pk=held.pk).update(clear_on=today + timedelta(days=5))
    path = made(api, *herd, held, day=f"{today + timedelta(days=5)}")
    assert not any(row["held"] for row in api.get(f"{ROOT}{path}/animals").json()["data"])
    sent(api, "post", f"{path}/begin", {})  # earlier than planned: today is the day
    said = [sent(api, "post", f"{path}/load", {"cattle_id": one.pk}) for one in (*herd, held)]
    assert [answer.json()["held"] for answer in said] == [False, False, True]
    rows = api.get(f"{ROOT}{path}/animals").json()["data"]
    assert [row["held"] for row in rows] == [False, False, True]
    assert code(sent(api, "post", f"{path}/ship", {})) == (409, "not_clear")
    assert not Animal.objects.filter(status="exported").exists()

    ensure_groups()
    User.objects.create_user("ana").groups.add(Group.objects.get(name="manager"))
    api.credentials(HTTP_X_OFFICE_USER="ana")
    shipped = sent(api, "post", f"{path}/ship", {"override": "kept for a month"}).json()
    manifest = api.get(f"{ROOT}{path}/manifest").json()
    assert manifest["held_count"] == 1
    told = [(one["held"], one["not_clear_reason"]) for one in manifest["animals"]]
    assert told == [(False, ""), (False, ""), (True, "kept for a month")]
    sent(api, "post", f"changes/{shipped['change_id']}/undo", {})
    back = Animal.objects.get(pk=held.pk)
    assert (back.status, back.left_on, back.not_clear_reason) == ("active", None, None)


def test_a_preview_says_who_would_leave_is_held_or_missing_and_writes_nothing(
    api: APIClient,
) -> None:
    *herd, extra, held, missing = cattle(5)
    day = timezone.localdate() + timedelta(days=5)
    Animal.objects.filter(pk=held.pk).update(clear_on=day)
    path = loading(api, *herd, held, missing)
    for one in (*herd, extra, held):
        sent(api, "post", f"{path}/load", {"cattle_id": one.pk})

    def state() -> list[Any]:
        rows = (Shipment, ShipmentAnimal, Animal, ReversibleChange, JournalEntry)
        return [list(model.objects.values()) for model in rows]

    before = state()
    would = sent(api, "post", f"{path}/ship?preview=1", {}).json()
    assert (would["preview"], would["state"], would["refused_code"]) == (
        True,
        "shipped",
        "not_clear",
    )
    assert f"{held} is clear on {day}" in would["refused"]
    manifest = would["manifest"]
    assert [one["cattle_id"] for one in manifest["animals"]] == [*(one.pk for one in herd), held.pk]
    told = [(one["held"], one["not_clear_reason"]) for one in manifest["animals"]]
    assert told == [(False, ""), (False, ""), (True, "")]
    assert [one["cattle_id"] for one in manifest["missing"]] == [missing.pk]
    assert [one["cattle_id"] for one in manifest["left_behind"]] == [extra.pk]
    assert state() == before
    sent(api, "post", f"{path}/unload", {"cattle_id": held.pk})
    would = sent(api, "post", f"{path}/ship?preview=1", {"with_extra": True}).json()
    assert (would["refused"], would["manifest"]["held_count"]) == ("", 0)
    assert [one["extra"] for one in would["manifest"]["animals"]] == [False, False, True]
    shipped = sent(api, "post", f"{path}/ship", {"with_extra": True}).json()
    assert "manifest" not in shipped
    now = api.get(f"{ROOT}{path}/manifest").json()
    assert now == would["manifest"]


def test_the_manifest_stays_as_it_was_when_the_truck_left(api: APIClient) -> None:
    (animal,) = cattle(1, breed="Angus")
    path = loading(api, animal)
    sent(api, "post", f"{path}/load", {"cattle_id": animal.pk})
    sent(api, "post", f"{path}/ship", {})
    before = api.get(f"{ROOT}{path}/manifest").json()
    sent(api, "patch", f"cattle/{animal.pk}", {"breed": "Hereford"})
    assert api.get(f"{ROOT}{path}/manifest").json() == before
    assert before["animals"][0]["breed"] == "Angus"
    assert code(sent(api, "patch", path, {"carrier": "Rio"})) == (409, "wrong_state")
    assert sent(api, "patch", path, {"notes": "late"}).json()["notes"] == "late"


def test_its_files_have_the_columns_of_the_setting(api: APIClient) -> None:
    (animal,) = cattle(1)
    path = loading(api, animal)
    sent(api, "post", f"{path}/load", {"cattle_id": animal.pk})
    assert api.get(f"{ROOT}{path}/files/nlis").status_code == 404
    sent(api, "post", f"{path}/ship", {})
    day = timezone.localdate()
    assert api.get(f"{ROOT}{path}/files/nlis").content.decode().splitlines() == [
        "RFID,From PIC,To PIC,NVD,Transfer date",
        f"{animal.lf_tag},QABC1234,QXYZ5678,S-1,{day:%d/%m/%Y}",
    ]
    lines = api.get(f"{ROOT}{path}/files/clts").content.decode().splitlines()
    assert lines[1] == f"{animal.lf_tag},QABC1234,QXYZ5678,{day}"
    assert api.get(f"{ROOT}{path}/manifest").json()["files"] == ["nlis", "clts"]
    assert api.get(f"{ROOT}{path}/files/other").status_code == 404


def test_it_is_reported_and_that_is_taken_back(api: APIClient) -> None:
    (animal,) = cattle(1)
    path, day = loading(api, animal), timezone.localdate()
    assert code(sent(api, "post", f"{path}/reported", {})) == (409, "wrong_state")
    sent(api, "post", f"{path}/load", {"cattle_id": animal.pk})
    shipped = sent(api, "post", f"{path}/ship", {}).json()
    assert shipped["report_by"] == str(day + timedelta(days=7))
    found = api.get(f"{ROOT}shipments?state=shipped&reported=false").json()["data"]
    assert [row["id"] for row in found] == [shipped["id"]]
    assert code(sent(api, "post", f"{path}/reported", {"on": "2020-01-01"})) == (400, "bad_value")
    assert sent(api, "post", f"{path}/reported", {}).json()["reported_on"] == str(day)
    undoing = f"changes/{shipped['change_id']}/undo"
    assert code(sent(api, "post", undoing, {})) == (409, "undo_impossible")
    assert sent(api, "post", f"{path}/reported", {"on": None}).json()["reported_on"] is None
    assert sent(api, "post", undoing, {}).status_code == 200


def test_an_animal_stands_in_one_shipment_that_has_not_left(api: APIClient) -> None:
    one, two = cattle(2)
    first = loading(api, one)
    second = loading(api, shipment_number="S-2")
    for step in ("animals", "load"):
        body = {"cattle_ids": [one.pk, two.pk]} if step == "animals" else {"cattle_id": one.pk}
        refused = sent(api, "post", f"{second}/{step}", body)
        assert code(refused) == (409, "in_shipment")
        assert "in S-1" in refused.json()["detail"]
    assert ShipmentAnimal.objects.count() == 1
    cancelled = sent(api, "post", f"{first}/cancel", {"reason": "no truck"}).json()
    assert cancelled["state"] == "cancelled"
    assert cancelled["cancelled_by"].startswith("key:test")
    assert sent(api, "post", f"{second}/load", {"cattle_id": one.pk}).status_code == 200


def test_what_has_left_before_is_neither_planned_nor_loaded(api: APIClient) -> None:
    gone = an_animal(status="dead", left_on=AT.date(), lf_tag="LF9")
    exported = an_animal(status="exported", left_on=AT.date())
    at_the_ramp = an_animal(status="exported", left_on=timezone.localdate())
    path = loading(api)
    assert code(sent(api, "post", f"{path}/animals", {"cattle_ids": [gone.pk]}))[1] == "not_on_feed"
    for animal in (gone, exported):
        refused = sent(api, "post", f"{path}/load", {"cattle_id": animal.pk})
        assert code(refused) == (409, "has_left")
    loaded = sent(api, "post", f"{path}/load", {"cattle_id": at_the_ramp.pk})
    assert counts(loaded.json()["shipment"]) == [0, 1, 0, 1, 0]
    off = sent(api, "post", f"{path}/unload", {"cattle_id": at_the_ramp.pk}).json()
    assert counts(off["shipment"]) == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("step", "body", "status", "code"),
    [
        ("load", {"tag": "982000001088420 982000001088421"}, 400, "bad_tag"),
        ("load", {"tag": "982000009999999"}, 404, "unknown_animal"),
        ("load", {"cattle_id": 99}, 404, "unknown_animal"),
        ("load", {}, 400, "invalid"),
        ("load", {"cattle_id": 1, "tag": "LF1"}, 400, "invalid"),
        ("animals", {}, 400, "invalid"),
        ("animals", {"pen_id": 99}, 404, "unknown_place"),
        ("animals", {"cattle_ids": [99]}, 404, "unknown_animal"),
        ("ship", {}, 400, "nothing_to_change"),
        ("ship", {"with_extra": [99]}, 400, "bad_value"),
        ("ship", {"with_extra": "some"}, 400, "invalid"),
        ("ship", {"with_extra": True}, 400, "nothing_to_change"),
        ("reported", {"on": "soon"}, 400, "invalid"),
    ],
)
def test_what_cannot_be_is_refused(
    api: APIClient, step: str, body: dict[str, Any], status: int, code: str
) -> None:
    path = loading(api)
    refused = sent(api, "post", f"{path}/{step}", body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    unknown = sent(api, "post", f"shipments/99/{step}", body)
    assert unknown.status_code in {400, 404}


def test_a_shipment_is_named_by_its_day_or_as_no_other(api: APIClient) -> None:
    day = timezone.localdate()
    names = [sent(api, "post", "shipments", {}).json()["shipment_number"] for _ in range(2)]
    assert names == [f"{day}", f"{day} (2)"]
    made(api)
    assert code(sent(api, "post", "shipments", S1)) == (409, "name_taken")
    assert code(sent(api, "post", "shipments", {"shipment_number": "s-1"})) == (409, "name_taken")
    assert Shipment.objects.count() == 3


def test_all_extra_ones_leave_where_that_is_said(api: APIClient) -> None:
    animals = cattle(3)
    path = loading(api, animals[0])
    for one in animals:
        sent(api, "post", f"{path}/load", {"cattle_id": one.pk})
    looked = sent(api, "post", f"{path}/ship?preview=1", {"with_extra": True}).json()
    assert (looked["preview"], looked["shipped_count"]) == (True, 3)
    assert not Animal.objects.filter(status="exported").exists()
    headers = {"Idempotency-Key": "a"}
    done = [sent(api, "post", f"{path}/ship", {"with_extra": True}, **headers) for _ in range(2)]
    assert done[0].json() == done[1].json()
    assert Animal.objects.filter(status="exported").count() == 3
    assert ReversibleChange.objects.filter(kind="shipment").count() == 1


def test_it_is_not_taken_back_over_what_was_done_since(api: APIClient) -> None:
    one, two = cattle(2)
    path = loading(api, one, two)
    sent(api, "post", f"{path}/load", {"cattle_id": one.pk})
    change = sent(api, "post", f"{path}/ship", {}).json()["change_id"]
    second = made(api, two, shipment_number="S-2")
    undoing = f"changes/{change}/undo"
    assert code(sent(api, "post", undoing, {})) == (409, "in_shipment")
    sent(api, "post", f"{second}/animals", {"cattle_ids": [two.pk], "remove": True})
    sent(api, "post", f"cattle/{one.pk}/status", {"status": "sold", "reason": "lot 7"})
    refused = sent(api, "post", undoing, {})
    assert code(refused) == (409, "undo_impossible")
    assert "is sold" in refused.json()["detail"]
    shown = api.get(f"{ROOT}changes/{change}?preview=1").json()
    assert (shown["refused_code"], shown["kind"]) == ("undo_impossible", "shipment")


def test_a_pen_without_room_refuses_the_undo_unless_forced(api: APIClient) -> None:
    (one,) = cattle(1, pen=a_pen("P7", capacity=1))
    path = loading(api, one)
    sent(api, "post", f"{path}/load", {"cattle_id": one.pk})
    change = sent(api, "post", f"{path}/ship", {}).json()["change_id"]
    an_animal(pen=one.pen)
    assert code(sent(api, "post", f"changes/{change}/undo", {})) == (409, "pen_full")
    forced = {"force": True, "reason": "until Friday"}
    assert sent(api, "post", f"changes/{change}/undo", forced).status_code == 200


def test_a_merge_takes_the_shipment_along_and_its_undo_gives_it_back(api: APIClient) -> None:
    kept, absorbed, both = cattle(3)
    path = loading(api, absorbed, both)
    sent(api, "post", f"{path}/load", {"cattle_id": kept.pk})
    sent(api, "post", f"{path}/load", {"cattle_id": absorbed.pk})

    def told() -> list[tuple[int, bool, bool]]:
        rows = api.get(f"{ROOT}{path}/animals").json()["data"]
        return [(row["cattle"]["id"], row["planned"], bool(row["loaded_at"])) for row in rows]

    before = told()
    assert counts(api.get(ROOT + path).json()) == [2, 2, 1, 1, 0]
    with open_unit_of_work("ana") as unit:
        change = merge(unit, Merge(kept.pk, absorbed.pk, timezone.now()))[1]
    assert told() == [(kept.pk, True, True), (both.pk, True, False)]
    assert counts(api.get(ROOT + path).json()) == [2, 1, 1, 0, 0]
    with open_unit_of_work("ana") as unit:
        undo(unit, change.pk, timezone.now())
    assert sorted(told()) == sorted(before)
    assert counts(api.get(ROOT + path).json()) == [2, 2, 1, 1, 0]


def test_the_feed_tells_of_shipments_with_their_counts(api: APIClient) -> None:
    made(api, *cattle(2))
    messages = read_messages(START, 50)
    assert {message.topic for message in messages} == {"cattle"}
    assert '"event":"shipment:updated"' in messages[-1].text
    assert '"planned_count":2' in messages[-1].text


def test_shipments_are_listed_and_filtered(api: APIClient) -> None:
    a_shipment("S-1", destination="Packer North", state="shipped")
    a_shipment("S-2", carrier="Rio")
    asked = {
        "": ["S-2", "S-1"],
        "?state=planned": ["S-2"],
        "?search=packer": ["S-1"],
        "?search=rio": ["S-2"],
        "?reported=true": [],
        "?since=2026-03-02": [],
        "?ordering=shipment_number": ["S-1", "S-2"],
    }
    for query, names in asked.items():
        found = api.get(f"{ROOT}shipments{query}").json()["data"]
        assert [row["shipment_number"] for row in found] == names, query
