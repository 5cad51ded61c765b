"""Tag conflicts over REST: looked at, decided, left, taken back and decided again."""

import fcntl
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from herd import operations
from herd.models import (
    Animal,
    Batch,
    JournalEntry,
    Movement,
    Pen,
    ReversibleChange,
    WeightRecord,
)
from herd.unit_of_work import open_unit_of_work
from lora.models import LoRaPayload, Source
from lora.worker import Worker
from tests.herd.counting import recount
from tests.remote.api.rows import AT, ROOT, a_payload, an_animal

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


def sent(api: APIClient, method: str, path: str, body: Any) -> Any:
    return getattr(api, method)(ROOT + path, body, format="json")


@pytest.fixture
def conflict() -> LoRaPayload:
    for text in ("hxb:B1:LF1:U1", "hxb:B1:LF2:U2", "hxb:B1:LF1:U2"):
        row = a_payload(text)
        Worker().step()
    row.refresh_from_db()
    assert row.error_code == "tag_conflict"
    return row


def settled(row: LoRaPayload) -> str:
    Worker().step()
    row.refresh_from_db()
    return row.status


def test_a_conflict_shows_both_animals_and_the_tags(api: APIClient, conflict: LoRaPayload) -> None:
    told = api.get(f"{ROOT}payloads/{conflict.pk}/conflict").json()
    assert (told["lf_tag"], told["uhf_tag"]) == ("LF1", "U2")
    assert [one["lf_tag"] for one in told["cattle"]] == ["LF1", "LF2"]


@pytest.mark.parametrize("action", ["merge", "give"])
def test_a_decided_conflict_is_applied_and_can_be_taken_back(
    api: APIClient, conflict: LoRaPayload, action: str
) -> None:
    keep = Animal.objects.get(lf_tag="LF1")
    body = {"action": action, "cattle_id": keep.pk}
    path = f"payloads/{conflict.pk}/resolve"
    looked = sent(api, "post", path + "?preview=1", body).json()
    assert {one["id"]: one["uhf_tag"] for one in looked["cattle"]}[keep.pk] == "U2"
    assert settled(conflict) == "error"
    answer = sent(api, "post", path, body)
    assert answer.json()["payload"]["processed_at"] is None
    assert len(answer.json()["cattle"]) == (1 if action == "merge" else 2)
    assert settled(conflict) == "processed"
    assert Animal.objects.get(uhf_tag="U2").pk == keep.pk
    reads = LoRaPayload.objects.filter(animal=keep).count()
    assert reads == (3 if action == "merge" else 2)
    (change,) = answer.json()["change_ids"]
    undone = sent(api, "post", f"changes/{change}/undo", {})
    assert undone.json()["undone_by"]
    assert Animal.objects.get(uhf_tag="U2").lf_tag == "LF2"
    assert settled(conflict) == "error"
    assert (conflict.error_code, conflict.animal) == ("tag_conflict", None)
    assert Source.objects.get().errors == 1
    assert sent(api, "post", path, body).status_code == 200
    assert settled(conflict) == "processed"


def test_an_ignored_conflict_changes_no_animal(api: APIClient, conflict: LoRaPayload) -> None:
    path = f"payloads/{conflict.pk}/resolve"
    answer = sent(api, "post", path, {"action": "ignore", "reason": "two in the race"})
    assert answer.json()["payload"]["error_code"] == "conflict_ignored"
    assert settled(conflict) == "error"
    assert Animal.objects.get(uhf_tag="U2").lf_tag == "LF2"


def test_an_animal_of_another_conflict_cannot_be_chosen(
    api: APIClient, conflict: LoRaPayload
) -> None:
    other = an_animal(lf_tag="LF9")
    body = {"action": "merge", "cattle_id": other.pk}
    answer = sent(api, "post", f"payloads/{conflict.pk}/resolve", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_value")


def test_an_ignored_conflict_can_be_decided_later(api: APIClient, conflict: LoRaPayload) -> None:
    path, keep = f"payloads/{conflict.pk}/resolve", Animal.objects.get(lf_tag="LF1")
    sent(api, "post", path, {"action": "ignore"})
    sent(api, "post", path, {"action": "give", "cattle_id": keep.pk})
    assert settled(conflict) == "processed"
    assert Animal.objects.get(uhf_tag="U2").pk == keep.pk


def test_a_decision_taken_back_says_so_before_and_is_journalled(
    api: APIClient, conflict: LoRaPayload
) -> None:
    keep = Animal.objects.get(lf_tag="LF1")
    body = {"action": "give", "cattle_id": keep.pk}
    (change,) = sent(api, "post", f"payloads/{conflict.pk}/resolve", body).json()["change_ids"]
    assert settled(conflict) == "processed"
    told = api.get(f"{ROOT}changes/{change}").json()["undoing"]
    assert f"Payload no. {conflict.pk} is in conflict again and waits for a decision." in told
    assert f"Animal no. {keep.pk} wears LF LF1 and UHF U1 again." in told
    for _ in range(2):
        sent(api, "post", f"changes/{change}/undo", {})
    entries = JournalEntry.objects.filter(kind="payload:error", object_id=conflict.pk)
    assert entries.exclude(actor="radio").count() == 1


def test_the_weight_of_a_decision_taken_back_counts_for_nobody(api: APIClient) -> None:
    for text in ("hxb:B1:LF1:U1", "hxb:B1:LF2:U2", "event:hxbpai1|lf:LF1|epc:U2|lid:L1|weight:300"):
        row = a_payload(text)
        Worker().step()
    body = {"action": "give", "cattle_id": Animal.objects.get(lf_tag="LF1").pk}
    (change,) = sent(api, "post", f"payloads/{row.pk}/resolve", body).json()["change_ids"]
    assert settled(row) == "processed"
    assert WeightRecord.objects.get().quality == "ok"
    sent(api, "post", f"changes/{change}/undo", {})
    assert WeightRecord.objects.get().quality == "void"


def test_a_tag_given_without_a_conflict_opens_no_payload(api: APIClient) -> None:
    row, animal = a_payload(), an_animal(lf_tag="LF7")
    Worker().step()
    with open_unit_of_work("office:ana") as unit:
        operations.retag(unit, operations.Retag(animal.pk, AT, lf="LF8"))
    change = ReversibleChange.objects.get()
    assert sent(api, "post", f"changes/{change.pk}/undo", {}).status_code == 200
    assert settled(row) == "processed"


def test_whether_a_decision_can_be_taken_back_is_tried_while_others_write(
    api: APIClient, conflict: LoRaPayload, settings: Settings
) -> None:
    body = {"action": "merge", "cattle_id": Animal.objects.get(lf_tag="LF1").pk}
    (change,) = sent(api, "post", f"payloads/{conflict.pk}/resolve", body).json()["change_ids"]
    with (settings.HEXABRAND_STATE_DIR / "writers.lock").open("a") as line:
        fcntl.flock(line, fcntl.LOCK_EX)
        told = api.get(f"{ROOT}changes/{change}?preview=1").json()
    assert (told["refused"], len(told["undoing"])) == ("", 3)
    assert Animal.objects.count() == 1


# -- merges that are taken back -----------------------------------------------------------------


def animals() -> list[Any]:
    return list(Animal.objects.order_by("pk").values())


def left(animal: Animal, status: str) -> None:
    with open_unit_of_work("office:ana") as unit:
        leaving = operations.Leaving([animal.pk], status, AT.date(), AT, "bloat")
        Animal.objects.update(induction_date=AT.date())
        operations.leave(unit, leaving)


def decided(api: APIClient, row: LoRaPayload, **more: Any) -> int:
    body = {"action": "merge", "cattle_id": Animal.objects.get(lf_tag="LF1").pk, **more}
    answer = sent(api, "post", f"payloads/{row.pk}/resolve", body)
    assert answer.status_code == 200, answer.json()
    (change,) = answer.json()["change_ids"]
    assert settled(row) == "processed"
    return int(change)


def test_both_records_are_as_before_the_decision_and_what_was_read_then(
    api: APIClient, conflict: LoRaPayload
) -> None:
    Animal.objects.filter(lf_tag="LF1").update(status="pending")
    Animal.objects.filter(lf_tag="LF2").update(status="pending")
    LoRaPayload.objects.filter(pk=conflict.pk).update(raw_payload="hxb:B2:LF1:U2")
    before, moves = animals(), Movement.objects.count()
    change = decided(api, conflict)
    animal = Animal.objects.get()
    assert (animal.status, str(animal.batch)) == ("active", "B2")
    assert sent(api, "post", f"changes/{change}/undo", {}).status_code == 200
    assert (animals(), Movement.objects.count()) == (before, moves)
    assert settled(conflict) == "error"


def test_what_was_read_after_the_decision_stays(api: APIClient, conflict: LoRaPayload) -> None:
    change = decided(api, conflict)
    a_payload("hxb:B3:LF1:U2")
    Worker().step()
    sent(api, "post", f"changes/{change}/undo", {})
    assert str(Animal.objects.get(lf_tag="LF1").batch) == "B3"
    assert str(Animal.objects.get(lf_tag="LF2").batch) == "B1"


@pytest.mark.parametrize("gone", ["LF1", "LF2"])
def test_a_dead_and_a_living_record_are_merged_by_word_alone(
    api: APIClient, conflict: LoRaPayload, gone: str
) -> None:
    kept, other = Animal.objects.get(lf_tag="LF1"), Animal.objects.get(lf_tag="LF2")
    left(kept if gone == "LF1" else other, "dead")
    before, path = animals(), f"payloads/{conflict.pk}/resolve"
    body = {"action": "merge", "cattle_id": kept.pk}
    answer = sent(api, "post", path, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "status_differs")
    assert "Say whose status counts." in answer.json()["detail"]
    assert animals() == before
    stranger = sent(api, "post", path, {**body, "status_from": 10**9})
    assert (stranger.status_code, [*stranger.json()["fields"]]) == (400, ["status_from"])
    for one in (other, kept):
        change = decided(api, conflict, status_from=one.pk)
        assert Animal.objects.get().status == ("dead" if one.lf_tag == gone else "active")
        sent(api, "post", f"changes/{change}/undo", {})
        assert animals() == before


def test_an_undo_into_a_full_pen_is_refused_until_a_reason_is_given(
    api: APIClient, conflict: LoRaPayload
) -> None:
    full = Pen.objects.create(pen_number="P1", capacity=1, head_count=1)
    roomy = Pen.objects.create(pen_number="P2", head_count=1)
    Animal.objects.filter(lf_tag="LF1").update(pen=roomy)
    Animal.objects.filter(lf_tag="LF2").update(pen=full)
    change = decided(api, conflict)
    path = f"cattle/{an_animal(lf_tag='LF7').pk}/move"
    assert sent(api, "post", path, {"pen_id": full.pk}).status_code == 200
    path = f"changes/{change}"
    told = api.get(f"{ROOT}{path}?preview=1").json()
    assert (told["refused_code"], told["undoing"]) == ("pen_full", [told["refused"]])
    answer = sent(api, "post", f"{path}/undo", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "pen_full")
    assert sent(api, "post", f"{path}/undo", {"force": True}).json()["code"] == "reason_needed"
    forced = {"force": True, "reason": "until Friday"}
    assert sent(api, "post", f"{path}/undo", forced).status_code == 200
    assert Pen.objects.get(pen_number="P1").head_count == 2


# -- tags given, which are taken back -----------------------------------------------------------

READINGS = {
    "a move into a new batch": "hxb:B2:LF1:U2",
    "a move into a batch that is there": "hxb:B0:LF1:U2",
    "an export": "hxe:B2:LF1:U2",
    "a name": "event:hxbpai1|lf:LF1|epc:U2|lid:L1",
    "a name and a weight": "event:hxbpai1|lf:LF1|epc:U2|lid:L1|weight:300",
}


def batches() -> list[Any]:
    columns = ("batch_number", "head_count", "on_feed_count", "weighed_count", "weight_sum_kg")
    return list(Batch.objects.order_by("pk").values_list(*columns))


@pytest.mark.parametrize("status", ["pending", "active"])
@pytest.mark.parametrize("action", ["give", "merge"])
@pytest.mark.parametrize("text", READINGS.values(), ids=READINGS)
def test_all_that_a_reading_did_is_taken_back_with_its_decision(
    api: APIClient, conflict: LoRaPayload, text: str, action: str, status: str
) -> None:
    a_payload("hxb:B0:LF7:U7")
    Worker().step()
    Animal.objects.filter(lf_tag__in=("LF1", "LF2")).update(status=status)
    recount()
    LoRaPayload.objects.filter(pk=conflict.pk).update(raw_payload=text)
    before, moves, founded = animals(), list(Movement.objects.values()), batches()
    change = decided(api, conflict, action=action)
    assert animals() != before
    told = sent(api, "post", f"changes/{change}/undo", {})
    assert told.status_code == 200, told.json()
    assert animals() == before
    assert (list(Movement.objects.values()), batches()) == (moves, founded)
    assert settled(conflict) == "error"
    assert decided(api, conflict, action=action) > change


def test_a_move_that_somebody_has_followed_stays_when_tags_go_back(
    api: APIClient, conflict: LoRaPayload
) -> None:
    LoRaPayload.objects.filter(pk=conflict.pk).update(raw_payload="hxb:B2:LF1:U2")
    change = decided(api, conflict, action="give")
    a_payload("hxb:B2:LF5:U5")
    Worker().step()
    sent(api, "post", f"changes/{change}/undo", {})
    assert {str(one.batch) for one in Animal.objects.filter(lf_tag__in=("LF1", "LF2"))} == {"B1"}
    assert str(Animal.objects.get(lf_tag="LF5").batch) == "B2"


def test_a_late_reading_is_taken_back_with_its_decision(
    api: APIClient, conflict: LoRaPayload
) -> None:
    reported = conflict.received_at - timedelta(hours=1)
    Animal.objects.update(last_seen_at=reported - timedelta(days=1))
    LoRaPayload.objects.filter(pk=conflict.pk).update(
        raw_payload="hxb:B2:LF1:U2", reported_at=reported, late=True
    )
    before = animals()
    change = decided(api, conflict, action="give")
    sent(api, "post", f"changes/{change}/undo", {})
    assert animals() == before
