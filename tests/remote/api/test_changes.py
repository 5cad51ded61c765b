"""Changes over REST: each operation, who may ask for it, asking twice, looking before."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from herd import operations
from herd.commands import TagRead
from herd.models import Animal, JournalEntry, Pen, WeightRecord
from herd.unit_of_work import open_unit_of_work
from tests.remote.api.rows import AT, ROOT, a_batch, a_pen, an_animal
from tests.remote.conftest import client_with

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


def sent(api: APIClient, method: str, path: str, body: Any, **headers: str) -> Any:
    return getattr(api, method)(ROOT + path, body, format="json", headers=headers)


def test_a_batch_is_made_edited_and_closed(api: APIClient) -> None:
    made = sent(api, "post", "batches", {"batch_number": "LOT9", "funder": "Rio"})
    assert (made.status_code, made.json()["funder"]) == (201, "Rio")
    path = f"batches/{made.json()['id']}"
    closed = sent(api, "patch", path, {"status": "closed"})
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")
    assert closed.json() == api.get(ROOT + path).json()
    assert closed["X-Herd-Cursor"].startswith(f"{JournalEntry.objects.latest('seq').seq}-")


def test_a_pen_is_made_edited_and_deleted(api: APIClient) -> None:
    made = sent(api, "post", "pens", {"pen_number": "P9", "capacity": 80}).json()
    path = f"pens/{made['id']}"
    assert sent(api, "patch", path, {"capacity": 90}).json()["capacity"] == 90
    assert sent(api, "delete", path, {}).json() == {"id": made["id"], "pen_number": "P9"}
    assert api.get(ROOT + path).status_code == 404


def test_the_dead_are_sold_among_many_only_where_that_is_said(
    api: APIClient, animal: Animal
) -> None:
    path = f"cattle/{animal.pk}"
    sent(api, "post", f"{path}/status", {"status": "dead", "on": "2026-03-02", "reason": "bloat"})
    body = {"cattle_ids": [animal.pk], "status": "sold", "on": "2026-03-03", "reason": "lot 7"}
    refused = sent(api, "post", "cattle/status", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "has_left")
    assert sent(api, "post", "cattle/status", {**body, "again": True}).status_code == 200
    edit = api.get(f"{ROOT}{path}/history").json()["data"][0]
    assert edit["what"] == "sold on 2026-03-03: lot 7; was dead since 2026-03-02: bloat"
    del body["cattle_ids"]
    again = sent(api, "post", f"{path}/status", {**body, "status": "exported"})
    assert again.json()["status"] == "exported"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("batches", {"batch_number": "B1"}, 409, "name_taken"),
        ("batches", {"batch_number": ""}, 400, "invalid"),
        ("batches", {"batch_number": "a\x07b"}, 400, "invalid"),
        ("batches", {"batch_number": "B2", "wings": 2}, 400, "invalid"),
        ("pens", {"pen_number": "P2", "capacity": -1}, 400, "invalid"),
        ("cattle/999/move", {"pen_id": 1}, 404, "unknown_animal"),
        ("cattle/1/move", {"pen_id": 999}, 404, "unknown_place"),
        ("cattle/1/move", {}, 400, "invalid"),
        ("cattle/1/status", {"status": "lost"}, 400, "invalid"),
        ("cattle/1/status", {"status": "sold", "on": "2999-01-01"}, 400, "bad_value"),
        ("cattle/1/status", {"status": "dead", "reason": " "}, 400, "reason_needed"),
        ("cattle/1/status", {"status": "exported", "on": "2026-02-01"}, 400, "bad_value"),
        ("cattle/1/weights", {"weight_kg": 0}, 400, "bad_value"),
        ("cattle/1/weights", {"weight_kg": "NaN"}, 400, "invalid"),
        ("cattle/1/weights", {"weight_kg": "1e30"}, 400, "invalid"),
        (
            "cattle/1/weights",
            {"weight_kg": 300, "recorded_at": "2999-01-01T00:00Z"},
            400,
            "bad_value",
        ),
        ("cattle/1/tags", {"lf_tag": "9.82E+14"}, 400, "bad_tag"),
        ("cattle/1/tags", {"reason": "none"}, 400, "nothing_to_change"),
        ("weights/999/void", {"reason": "x"}, 404, "unknown_weight"),
        ("weights/999/void", {}, 400, "invalid"),
        ("changes/999/undo", {}, 404, "unknown_change"),
        ("payloads/999/resolve", {"action": "ignore"}, 404, "unknown_payload"),
        ("imports", {"kind": "weights", "data": "@@"}, 400, "invalid"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    api: APIClient, animal: Animal, path: str, body: Any, status: int, code: str
) -> None:
    path = path.replace("/1/", f"/{animal.pk}/")
    before = JournalEntry.objects.count()
    answer = sent(api, "post", path, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    assert answer.json()["detail"]
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("cattle/1/weights", {"weight_kg": 0}, "weight_kg"),
        ("cattle/1/weights", {"weight_kg": -1}, "weight_kg"),
        ("cattle/1/weights", {"weight_kg": 9, "recorded_at": "2999-01-01T00:00Z"}, "recorded_at"),
        ("cattle/1/tags", {"lf_tag": "9.82E+14"}, "lf_tag"),
        ("cattle/1/tags", {"uhf_tag": "9.82E+14"}, "uhf_tag"),
        ("cattle/1/tags", {}, "lf_tag"),
        ("cattle/1/move", {"pen": 2}, "pen"),
        ("cattle/1/move", {"force": True}, "pen_id"),
        ("cattle/1/status", {"status": "sold", "on": "2999-01-01", "reason": "x"}, "on"),
        ("batches", {"batch_number": "B1"}, "batch_number"),
        ("batches", {"batch_numbr": "B1"}, "batch_numbr"),
        ("pens", {"pen_number": "P1"}, "pen_number"),
        ("payloads", {"payloud": "x"}, "payload"),
        ("payloads/1/retry", {"txt": "x"}, "txt"),
        ("auth/login", {"name": "x"}, "name"),
    ],
)
def test_a_refusal_names_the_field(
    api: APIClient, animal: Animal, path: str, body: Any, field: str
) -> None:
    answer = sent(api, "post", path.replace("/1/", f"/{animal.pk}/"), body)
    assert answer.status_code in {400, 409}
    assert list(answer.json()["fields"]) == [field], answer.json()


def test_a_livestock_id_that_another_bears_is_named(api: APIClient, animal: Animal) -> None:
    other = an_animal(lf_tag="LF2")
    answer = sent(api, "patch", f"cattle/{other.pk}", {"livestock_id": "L1"})
    assert (answer.status_code, list(answer.json()["fields"])) == (409, ["livestock_id"])


def test_half_a_character_is_refused(api: APIClient) -> None:
    body = '{"batch_number": "\\ud800"}'
    answer = api.post(ROOT + "batches", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_full_pen_is_a_conflict_and_force_needs_a_reason(api: APIClient, animal: Animal) -> None:
    other = an_animal(lf_tag="LF2")
    path, pen = f"cattle/{other.pk}/move", animal.pen_id
    full = sent(api, "post", path, {"pen_id": pen})
    assert (full.status_code, full.json()["code"]) == (409, "pen_full")
    asked = sent(api, "post", path, {"pen_id": pen, "force": True}).json()
    assert (asked["code"], list(asked["fields"])) == ("reason_needed", ["reason"])
    moved = sent(api, "post", path, {"pen_id": pen, "force": True, "reason": "storm"})
    assert moved.json()["pen"]["id"] == pen
    assert Pen.objects.get().head_count == 2


def test_many_are_moved_all_or_none(api: APIClient, animal: Animal) -> None:
    pen = a_pen("P2")
    path = "cattle/move"
    ids = [animal.pk, 999]
    assert sent(api, "post", path, {"cattle_ids": ids, "pen_id": pen.pk}).status_code == 404
    assert Animal.objects.get().pen_id == animal.pen_id
    answer = sent(api, "post", path, {"cattle_ids": [animal.pk], "pen_id": pen.pk})
    assert answer.json() == {"cattle_ids": [animal.pk], "count": 1}
    assert Animal.objects.get().pen_id == pen.pk


def test_many_go_to_a_batch_and_a_pen_at_once(api: APIClient, animal: Animal) -> None:
    pen, batch = a_pen("P2"), a_batch("B2")
    body = {"cattle_ids": [animal.pk], "pen_id": pen.pk, "batch_id": batch.pk, "reason": "sorted"}
    assert sent(api, "post", "cattle/move", body).status_code == 200
    row = api.get(f"{ROOT}cattle/{animal.pk}").json()
    assert (row["pen"]["id"], row["batch"]["id"]) == (pen.pk, batch.pk)
    moves = api.get(f"{ROOT}cattle/{animal.pk}/history").json()["data"]
    assert {(one["what"], one["to"], one["reason"]) for one in moves} == {
        ("pen", "P2", "sorted"),
        ("batch", "B2", "sorted"),
    }


def test_many_leave_at_once(api: APIClient, animal: Animal) -> None:
    body = {"cattle_ids": [animal.pk], "status": "sold", "on": "2026-03-02", "reason": "lot 7"}
    assert sent(api, "post", "cattle/status", body).status_code == 200
    row = api.get(f"{ROOT}cattle/{animal.pk}").json()
    assert (row["status"], row["left_on"], row["left_reason"]) == ("sold", "2026-03-02", "lot 7")


def test_a_weight_sent_twice_with_its_key_is_recorded_once(api: APIClient, animal: Animal) -> None:
    path, key = f"cattle/{animal.pk}/weights", {"Idempotency-Key": "k1"}
    body = {"weight_kg": 351.5, "recorded_at": "2026-03-01T12:00:00Z"}
    first, again = (sent(api, "post", path, body, **key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert WeightRecord.objects.count() == 1
    other = sent(api, "post", path, {"weight_kg": 400}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    sent(api, "post", path, {**body, "recorded_at": "2026-03-02T12:00:00Z"})
    assert WeightRecord.objects.count() == 2


def test_a_weight_may_name_its_scale(api: APIClient, animal: Animal) -> None:
    path = f"cattle/{animal.pk}/weights"
    told = [sent(api, "post", path, {"weight_kg": 350, "scale": one}) for one in ("gate", "")]
    assert [one.json()["scale"] for one in told] == ["gate", None]


def test_a_weight_of_an_animal_that_has_left_is_kept_with_a_warning(
    api: APIClient, animal: Animal
) -> None:
    path = f"cattle/{animal.pk}"
    assert sent(api, "post", f"{path}/weights", {"weight_kg": 351.5}).json()["warning"] == ""
    body = {"status": "sold", "on": "2026-03-02", "reason": "lot 7"}
    sent(api, "post", f"{path}/status", body)
    told = sent(api, "post", f"{path}/weights", {"weight_kg": 352}).json()["warning"]
    assert told == "The weight is kept, but L1 is sold since 2026-03-02."
    before = {"weight_kg": 300, "recorded_at": "2026-03-01T12:00:00Z"}
    assert sent(api, "post", f"{path}/weights", before).json()["warning"] == ""
    assert WeightRecord.objects.count() == 3


def test_a_preview_tells_what_would_be_and_changes_nothing(api: APIClient, animal: Animal) -> None:
    pen, before = a_pen("P2"), JournalEntry.objects.count()
    answer = sent(api, "post", f"cattle/{animal.pk}/move?preview=1", {"pen_id": pen.pk})
    assert answer.json()["pen"]["pen_number"] == "P2"
    assert answer.json()["preview"] is True
    assert Animal.objects.get().pen_id == animal.pen_id
    assert JournalEntry.objects.count() == before


def test_an_edit_is_in_the_animals_history_with_the_person(api: APIClient, animal: Animal) -> None:
    answer = sent(api, "patch", f"cattle/{animal.pk}", {"health": "lame", "livestock_id": ""})
    assert (answer.json()["health"], answer.json()["livestock_id"]) == ("lame", None)
    (edit,) = [
        one
        for one in api.get(f"{ROOT}cattle/{animal.pk}/history").json()["data"]
        if one["kind"] == "edit"
    ]
    assert edit["what"] == "livestock id: L1 → –; health: – → lame"
    assert edit["by"].startswith("key:test")


def test_what_somebody_else_wrote_meanwhile_is_told_and_not_lost(
    api: APIClient, animal: Animal
) -> None:
    path = f"cattle/{animal.pk}"
    sent(api, "patch", path, {"notes": "limps\r\nleft hind", "health": "lame"})
    late = {"notes": "fine", "breed": "Angus", "seen": {"notes": "", "breed": ""}}
    refused = sent(api, "patch", path, late)
    assert (refused.status_code, refused.json()["code"]) == (409, "changed_since")
    assert refused.json()["now"] == {"notes": "limps\r\nleft hind"}
    assert Animal.objects.get().breed == ""
    done = sent(api, "patch", path, late | {"seen": {"notes": "limps\nleft hind"}})
    assert (done.json()["notes"], done.json()["health"]) == ("fine", "lame")


def test_who_made_a_weight_void_is_in_the_animals_history(api: APIClient, animal: Animal) -> None:
    made = sent(api, "post", f"cattle/{animal.pk}/weights", {"weight_kg": 351.5}).json()
    sent(api, "post", f"weights/{made['id']}/void", {"reason": "another animal"})
    past = api.get(f"{ROOT}cattle/{animal.pk}/history").json()["data"]
    void, weight = (one for one in past if one["kind"] in {"void", "weight"})
    assert (void["reason"], void["weight_kg"]) == ("another animal", 351.5)
    assert void["by"] == weight["voided_by"]
    assert void["by"].startswith("key:test")


@pytest.mark.parametrize("kind", ["batches", "pens"])
def test_batches_and_pens_are_edited_as_carefully(
    api: APIClient, animal: Animal, kind: str
) -> None:
    name, pk = {"batches": ("notes", animal.batch_id), "pens": ("location", animal.pen_id)}[kind]
    path = f"{kind}/{pk}"
    sent(api, "patch", path, {name: "north"})
    answer = sent(api, "patch", path, {name: "south", "seen": {name: ""}})
    assert (answer.status_code, answer.json()["now"]) == (409, {name: "north"})
    assert sent(api, "patch", path, {name: "north", "seen": {name: ""}}).status_code == 200


def by_tag(api: APIClient, tag: str) -> list[int]:
    return [row["id"] for row in api.get(f"{ROOT}cattle", {"tag": tag}).json()["data"]]


def read(lf: str) -> int:
    with open_unit_of_work("radio") as unit:
        asked = TagRead("B1", lf, "", "hxb")
        return operations.record_read(unit, asked, timezone.now()).pk


def test_a_tag_that_nobody_bears_now_finds_who_bore_it(api: APIClient) -> None:
    first, second = read("840003123456789"), read("LF2")
    sent(api, "post", f"cattle/{first}/tags", {"lf_tag": "LF3"})
    assert by_tag(api, "840 003 123456789") == [first]
    with open_unit_of_work("ana") as unit:
        operations.merge(unit, operations.Merge(first, second, timezone.now()))
    assert by_tag(api, "lf2") == [first]
    third = read("LF2")
    assert by_tag(api, "LF2") == [third]
    assert by_tag(api, "LF4") == []


def test_a_batch_tells_how_it_grew(api: APIClient, animal: Animal) -> None:
    path = f"cattle/{animal.pk}/weights"
    for kg, day in ((340, 1), (342, 1), (355, 11)):
        body = {"weight_kg": kg, "recorded_at": f"2026-03-{day:02}T{kg % 24:02}:00:00Z"}
        assert sent(api, "post", path, body).json()["quality"] == "ok"
    grown = api.get(f"{ROOT}batches/{animal.batch_id}/growth").json()
    assert grown["head_days"] == (timezone.localdate() - AT.date()).days + 1
    assert grown["data"] == [
        {"day": "2026-03-01", "head": 1, "mean_weight_kg": 341.0},
        {"day": "2026-03-11", "head": 1, "mean_weight_kg": 355.0},
    ]


def test_a_key_for_reading_changes_nothing(animal: Animal) -> None:
    answer = sent(client_with("read"), "post", f"cattle/{animal.pk}/move", {"pen_id": None})
    assert answer.status_code == 403
