"""Every act of a person is an operation: listed, told in a sentence, and taken back."""

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from herd import operations
from herd.commands import TagRead
from herd.local_time import localdate
from herd.models import (
    Animal,
    Batch,
    JournalEntry,
    Movement,
    Pen,
    Product,
    Pull,
    ReversibleChange,
    ScaleStep,
    Session,
    Shipment,
    ShipmentAnimal,
    TagPairing,
    Treatment,
    WeightRecord,
    WorkMark,
)
from herd.operations import sheet_import
from herd.rules.act_sentences import parts_of
from herd.unit_of_work import open_unit_of_work
from lora.models import LoRaPayload
from tests.herd.counting import recount
from tests.remote.api.rows import (
    AT,
    ROOT,
    a_batch,
    a_payload,
    a_pen,
    a_session,
    a_shipment,
    a_treatment,
    a_weight,
    an_animal,
)
from tests.remote.conftest import client_with

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

# What a change leaves behind it for good: when a row was written, and what is void.
PASSING = {"updated_at", "created_at", "last_read_at", "processed_at", "judged_to", "remark"}
Api = APIClient


def sent(api: Api, method: str, path: str, body: Any, status: int = 0) -> Any:
    answer = getattr(api, method)(ROOT + path, body, format="json")
    assert answer.status_code == status or (not status and answer.status_code < 300), answer.json()
    return answer.json()


def herd() -> dict[str, Any]:
    """Return all that the herd is: what is void, or ended, is history."""
    rows: dict[Any, Any] = {
        model: model._default_manager.all()
        for model in (Animal, Batch, Pen, Movement, Product, Session, LoRaPayload, ShipmentAnimal)
    }
    rows |= {
        WeightRecord: WeightRecord.objects.exclude(quality="void"),
        Treatment: Treatment.objects.filter(voided_at=None),
        TagPairing: TagPairing.objects.filter(to_at=None),
        ScaleStep: ScaleStep.objects.filter(undone_at=None),
        Pull: Pull.objects.filter(voided_at=None),
        Shipment: Shipment.objects.exclude(state="cancelled"),
        WorkMark: WorkMark.objects.filter(ended_at=None),
    }
    pairings = {"id", "from_at", "to_at", "reason", "recorded_by"}
    left_out = {TagPairing: pairings}
    return {
        model.__name__: [
            {
                name: value
                for name, value in row.items()
                if name not in PASSING | left_out.get(model, set())
            }
            for row in found.order_by("pk").values()
        ]
        for model, found in rows.items()
    }


def last() -> ReversibleChange:
    return ReversibleChange.objects.latest("pk")


# -- every act that the roles name --------------------------------------------------------------


def an_error() -> LoRaPayload:
    payload = a_payload("nonsense", "no such reading")
    LoRaPayload.objects.filter(pk=payload.pk).update(
        status="error", error_code="unreadable", error_message="no such reading"
    )
    return payload


def move(api: Api, animal: Animal) -> None:
    pen = a_pen("P2")
    BEFORE.append(herd())
    sent(api, "post", f"cattle/{animal.pk}/move", {"pen_id": pen.pk, "reason": "sorted"})


def move_batch(api: Api, animal: Animal) -> None:
    body = {"cattle_ids": [animal.pk], "batch_id": a_batch("B2").pk}
    BEFORE.append(herd())
    sent(api, "post", "cattle/move", body)


def move_out(api: Api, animal: Animal) -> None:
    sent(api, "post", f"cattle/{animal.pk}/move", {"pen_id": None})


def die(api: Api, animal: Animal) -> None:
    sent(api, "post", f"cattle/{animal.pk}/status", {"status": "dead", "reason": "bloat"})


def come_back(api: Api, animal: Animal) -> None:
    Animal.objects.filter(pk=animal.pk).update(
        status="sold", left_on=timezone.localdate(), left_reason="lot 7"
    )
    recount()
    BEFORE.append(herd())
    sent(api, "post", f"cattle/{animal.pk}/status", {"status": "active"})


def edit_animal(api: Api, animal: Animal) -> None:
    body = {"notes": "limps", "induction_date": "2026-02-01", "visual_id": "77"}
    sent(api, "patch", f"cattle/{animal.pk}", body)


def retag(api: Api, animal: Animal) -> None:
    sent(api, "post", f"cattle/{animal.pk}/tags", {"lf_tag": "LF9", "reason": "lost"})


def enter_animal(api: Api, _: Animal) -> None:
    sent(api, "post", "cattle", {"lf_tag": "LF7", "livestock_id": "NEW7"})


def weigh(api: Api, animal: Animal) -> None:
    sent(api, "post", f"cattle/{animal.pk}/weights", {"weight_kg": 402})


def void(api: Api, animal: Animal) -> None:
    record = weighed(animal)
    BEFORE.append(herd())
    sent(api, "post", f"weights/{record.pk}/void", {"reason": "two on the scale"})


def unvoid(api: Api, animal: Animal) -> None:
    record = weighed(animal)
    sent(api, "post", f"weights/{record.pk}/void", {"reason": "two on the scale"})
    BEFORE.append(herd())
    sent(api, "post", f"weights/{record.pk}/unvoid", {})


def accept(api: Api, animal: Animal) -> None:
    record = weighed(animal)
    BEFORE.append(herd())
    sent(api, "post", f"weights/{record.pk}/accept", {})


def replace(api: Api, animal: Animal) -> None:
    record = weighed(animal)
    BEFORE.append(herd())
    sent(api, "post", f"weights/{record.pk}/replace", {"weight_kg": 300, "reason": "typed wrong"})


def weighed(animal: Animal) -> WeightRecord:
    at = timezone.now() - timedelta(hours=1)
    with open_unit_of_work("radio") as unit:
        weighing = operations.Weighing(Decimal(410), at, "radio", at, "s1")
        return operations.record_weight(unit, unit.animal_no(animal.pk), weighing)


def treat(api: Api, animal: Animal) -> None:
    product = Product.objects.create(name="Draxxin", withdrawal_days=18)
    BEFORE.append(herd())
    sent(api, "post", f"cattle/{animal.pk}/treatments", {"product_id": product.pk, "amount": 5})


def void_treatment(api: Api, animal: Animal) -> None:
    day = timezone.localdate() + timedelta(days=9)
    treatment = a_treatment(animal, clear_on=day)
    Animal.objects.update(clear_on=day)
    BEFORE.append(herd())
    sent(api, "post", f"treatments/{treatment.pk}/void", {"reason": "another animal"})


def pull(api: Api, animal: Animal) -> None:
    pen = a_pen("HOSP")
    BEFORE.append(herd())
    body = {"cause": "respiratory", "pen_id": pen.pk, "note": "coughs"}
    sent(api, "post", f"cattle/{animal.pk}/pulls", body)


def send_back(api: Api, animal: Animal) -> None:
    pull(api, animal)
    BEFORE.append(herd())
    sent(api, "post", f"pulls/{Pull.objects.get().pk}/return", {})


def enter_batch(api: Api, _: Animal) -> None:
    sent(api, "post", "batches", {"batch_number": "LOT9", "funder": "Rio"})


def edit_batch(api: Api, animal: Animal) -> None:
    sent(api, "patch", f"batches/{animal.batch_id}", {"status": "closed", "notes": "all sold"})


def enter_pen(api: Api, _: Animal) -> None:
    sent(api, "post", "pens", {"pen_number": "P9", "capacity": 80})


def edit_pen(api: Api, animal: Animal) -> None:
    sent(api, "patch", f"pens/{animal.pen_id}", {"capacity": 90, "pen_number": "Q1"})


def delete_pen(api: Api, animal: Animal) -> None:
    pen = a_pen("P8", capacity=3)
    Animal.objects.filter(pk=animal.pk).update(status="dead", left_on=AT.date(), pen=pen)
    Movement.objects.create(animal=animal, to_pen=pen, moved_at=AT)
    BEFORE.append(herd())
    sent(api, "delete", f"pens/{pen.pk}", {})


def enter_product(api: Api, _: Animal) -> None:
    sent(api, "post", "products", {"name": "Draxxin", "withdrawal_days": 18})


def edit_product(api: Api, animal: Animal) -> None:
    product = Product.objects.create(name="Draxxin", withdrawal_days=18)
    BEFORE.append(herd())
    sent(api, "patch", f"products/{product.pk}", {"withdrawal_days": 21, "active": False})


def begin_session(api: Api, _: Animal) -> None:
    sent(api, "post", "sessions", {"name": "Morning"})


def end_session(api: Api, _: Animal) -> None:
    session = a_session()
    BEFORE.append(herd())
    sent(api, "post", f"sessions/{session.pk}/end", {})


def edit_session(api: Api, _: Animal) -> None:
    session = a_session()
    BEFORE.append(herd())
    sent(api, "patch", f"sessions/{session.pk}", {"notes": "hot", "tasks": {"weigh": False}})


def plan_shipment(api: Api, _: Animal) -> None:
    sent(api, "post", "shipments", {"shipment_number": "S1", "destination": "Rio"})


def a_truck(animal: Animal, state: str = "planned", **row: Any) -> str:
    """The path of a shipment that holds the animal, where `row` says how."""
    shipment = a_shipment("S1", state=state, destination="Rio")
    if row:
        ShipmentAnimal.objects.create(shipment=shipment, animal=animal, **row)
    BEFORE.append(herd())
    return f"shipments/{shipment.pk}"


def edit_shipment(api: Api, animal: Animal) -> None:
    sent(api, "patch", a_truck(animal), {"carrier": "Ana"})


def plan(api: Api, animal: Animal) -> None:
    sent(api, "post", f"{a_truck(animal)}/animals", {"cattle_ids": [animal.pk]})


def plan_extra(api: Api, animal: Animal) -> None:
    path = a_truck(animal, "loading", planned=False, loaded_at=AT)
    sent(api, "post", f"{path}/animals", {"cattle_ids": [animal.pk]})


def unplan(api: Api, animal: Animal) -> None:
    path = a_truck(animal, planned=True)
    sent(api, "post", f"{path}/animals", {"cattle_ids": [animal.pk], "remove": True})


def unplan_loaded(api: Api, animal: Animal) -> None:
    path = a_truck(animal, "loading", planned=True, loaded_at=AT)
    sent(api, "post", f"{path}/animals", {"cattle_ids": [animal.pk], "remove": True})


def begin_loading(api: Api, animal: Animal) -> None:
    sent(api, "post", f"{a_truck(animal, planned=True)}/begin", {})


def load(api: Api, animal: Animal) -> None:
    path = a_truck(animal, "loading", planned=True)
    sent(api, "post", f"{path}/load", {"cattle_id": animal.pk})


def load_extra(api: Api, animal: Animal) -> None:
    sent(api, "post", f"{a_truck(animal, 'loading')}/load", {"cattle_id": animal.pk})


def unload(api: Api, animal: Animal) -> None:
    path = a_truck(animal, "loading", planned=True, loaded_at=AT, loaded_by="ana")
    sent(api, "post", f"{path}/unload", {"cattle_id": animal.pk})


def unload_extra(api: Api, animal: Animal) -> None:
    path = a_truck(animal, "loading", planned=False, loaded_at=AT, loaded_by="ana")
    sent(api, "post", f"{path}/unload", {"cattle_id": animal.pk})


def cancel(api: Api, animal: Animal) -> None:
    sent(api, "post", f"{a_truck(animal, planned=True)}/cancel", {"reason": "no truck"})


def ship(api: Api, animal: Animal) -> None:
    sent(api, "post", f"{a_truck(animal, 'loading', planned=True, loaded_at=AT)}/ship", {})


def report(api: Api, animal: Animal) -> None:
    day = timezone.localdate()
    sent(api, "post", f"{a_truck(animal, 'shipped')}/reported", {"on": day.isoformat()})


def deny_step(api: Api, _: Animal) -> None:
    step = ScaleStep.objects.create(scale="s1", day=AT.date(), factor=1.1, found_at=AT)
    BEFORE.append(herd())
    sent(api, "post", f"scale-steps/{step.pk}/undo", {})


def confirm_step(api: Api, animal: Animal) -> None:
    a_weight(animal, scale="s1")
    BEFORE.append(herd())
    sent(api, "post", "scale-steps", {"scale": "s1", "day": AT.date().isoformat()})


def retry(api: Api, _: Animal) -> None:
    payload = an_error()
    BEFORE.append(herd())
    sent(api, "post", f"payloads/{payload.pk}/retry", {"text": "hxb:B1:LF1:U1"})


def ignore(api: Api, _: Animal) -> None:
    payload = in_conflict()
    BEFORE.append(herd())
    sent(api, "post", f"payloads/{payload.pk}/resolve", {"action": "ignore"})


def in_conflict() -> LoRaPayload:
    other = an_animal(lf_tag="LF5")
    TagPairing.objects.create(animal=other, kind="lf", tag="LF5", from_at=AT)
    payload = a_payload("hxb:B1:LF5:U1")
    LoRaPayload.objects.filter(pk=payload.pk).update(status="error", error_code="tag_conflict")
    return payload


def give(api: Api, animal: Animal) -> None:
    payload = in_conflict()
    BEFORE.append(herd())
    body = {"action": "give", "cattle_id": animal.pk}
    sent(api, "post", f"payloads/{payload.pk}/resolve", body)


def merge(api: Api, animal: Animal) -> None:
    payload = in_conflict()
    BEFORE.append(herd())
    body = {"action": "merge", "cattle_id": animal.pk}
    sent(api, "post", f"payloads/{payload.pk}/resolve", body)


def correct_weights(api: Api, animal: Animal) -> None:
    day = localdate(weighed(animal).recorded_at).isoformat()
    BEFORE.append(herd())
    body = {"scale": "s1", "first": day, "last": day, "factor": 0.5, "reason": "in pounds"}
    sent(api, "post", "weights/correct", body)


def dismiss(api: Api, _: Animal) -> None:
    items = [{"key": "suspect:7", "text": "A17: got 402 kg"}]
    sent(api, "post", "work-marks", {"kind": "dismissed", "items": items, "reason": "noise"})


def import_weights(api: Api, _: Animal) -> None:
    body = {"kind": "weights", "name": "bigw.csv", "data": "dGFnLHdlaWdodApMRjEsMzUxLjUK"}
    sent(api, "post", "imports", body)


def import_animals(api: Api, _: Animal) -> None:
    body = {"kind": "animals", "name": "new.csv", "data": b64("Livestock id,Sex\nN1,steer\n")}
    sent(api, "post", "imports", body)


def import_changes(api: Api, _: Animal) -> None:
    body = {"kind": "animals", "name": "more.csv", "data": b64("Livestock id,Breed\nL1,Angus\n")}
    sent(api, "post", "imports", body)


def import_treatments(api: Api, _: Animal) -> None:
    Product.objects.create(name="Draxxin", withdrawal_days=18)
    BEFORE.append(herd())
    text = f"EID,Product,Date\nLF1,Draxxin,{timezone.localdate()}\n"
    sent(api, "post", "imports", {"kind": "treatments", "name": "t.csv", "data": b64(text)})


def b64(text: str) -> str:
    return b64encode(text.encode()).decode()


def treat_pen(api: Api, animal: Animal) -> None:
    product = Product.objects.create(name="Draxxin", withdrawal_days=18)
    BEFORE.append(herd())
    sent(api, "post", "treatments", {"pen_id": animal.pen_id, "product_id": product.pk})


def void_pull(api: Api, animal: Animal) -> None:
    pull(api, animal)
    BEFORE.append(herd())
    sent(api, "post", f"pulls/{Pull.objects.get().pk}/void", {"reason": "another animal"})


def resume_session(api: Api, animal: Animal) -> None:
    end_session(api, animal)
    BEFORE.append(herd())
    sent(api, "post", f"sessions/{Session.objects.get().pk}/resume", {})


def bring_back(api: Api, animal: Animal) -> None:
    dismiss(api, animal)
    BEFORE.append(herd())
    sent(api, "post", f"work-marks/{WorkMark.objects.get().pk}/end", {})


def remind(api: Api, _: Animal) -> None:
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    items = [{"key": "suspect:7", "text": "A17: got 402 kg"}]
    sent(api, "post", "work-marks", {"kind": "reminder", "items": items, "until": day})


def report_no_more(api: Api, animal: Animal) -> None:
    report(api, animal)
    BEFORE.append(herd())
    sent(api, "post", f"shipments/{Shipment.objects.get().pk}/reported", {"on": None})


ACTS: dict[Callable[[Api, Animal], None], tuple[str, str]] = {
    move: ("move", "L1 moved P1 → P2"),
    move_batch: ("move", "L1 moved B1 → B2"),
    move_out: ("move", "L1 moved P1 → –"),
    die: ("leaving", "L1 died on {today}"),
    come_back: ("leaving", "L1 back on feed"),
    edit_animal: ("edit", "Animal L1: visual id: – → 77; "),
    retag: ("retag", "LF9 given to L1"),
    enter_animal: ("create", "Animal NEW7 entered"),
    weigh: ("weight", "402 kg of L1"),
    void: ("void", "Weight of 410 kg of L1 void"),
    unvoid: ("unvoid", "Weight of 410 kg of L1 void no more"),
    accept: ("accept", "Weight of 410 kg of L1 accepted"),
    replace: ("replace", "Weight of L1: 410 kg → 300 kg"),
    treat: ("treatment", "L1 treated with Draxxin"),
    void_treatment: ("treatment_void", "Treatment of L1 with Oxytet void"),
    pull: ("pull", "L1 pulled: "),
    send_back: ("pull", "L1 sent back to the pen"),
    enter_batch: ("create", "Batch LOT9 entered"),
    edit_batch: ("edit", "Batch B1: status: open → closed; notes: – → all sold"),
    enter_pen: ("create", "Pen P9 entered"),
    edit_pen: ("edit", "Pen Q1: "),
    delete_pen: ("delete", "Pen P8 deleted"),
    enter_product: ("create", "Product Draxxin entered"),
    edit_product: ("edit", "Product Draxxin: "),
    begin_session: ("session", "Session Morning begun"),
    end_session: ("session", "Session Morning ended"),
    edit_session: ("session", "Session Morning "),
    plan_shipment: ("loading", "Shipment S1 to Rio planned"),
    edit_shipment: ("edit", "Shipment S1: carrier: – → Ana"),
    plan: ("loading", "L1 planned for shipment S1 to Rio"),
    plan_extra: ("loading", "L1 planned for shipment S1 to Rio"),
    unplan: ("loading", "L1 taken out of the plan of shipment S1 to Rio"),
    unplan_loaded: ("loading", "L1 taken out of the plan of shipment S1 to Rio"),
    begin_loading: ("loading", "Shipment S1 to Rio is being loaded"),
    load: ("loading", "L1 loaded on shipment S1 to Rio"),
    load_extra: ("loading", "L1 loaded on shipment S1 to Rio"),
    unload: ("loading", "L1 taken off shipment S1 to Rio"),
    unload_extra: ("loading", "L1 taken off shipment S1 to Rio"),
    cancel: ("loading", "Shipment S1 to Rio cancelled"),
    ship: ("shipment", "1 head left on shipment S1 to Rio"),
    report: ("loading", "Shipment S1 to Rio reported on {today}"),
    deny_step: ("scale_step", "Scale s1 not adjusted on 2026-03-01"),
    confirm_step: ("scale_step", "Scale s1 adjusted on 2026-03-01"),
    retry: ("message", "Radio message no. "),
    ignore: ("message", "Radio message no. "),
    give: ("retag", "LF5 and U1 given to L1"),
    merge: ("merge", "No. "),
    correct_weights: ("scale", "1 weight of the scale s1"),
    dismiss: ("work", "Work dismissed: A17: got 402 kg"),
    import_weights: ("import", "bigw.csv: 1 weight"),
    import_animals: ("import", "new.csv: 1 animal"),
    import_changes: ("import", "more.csv: 0 animals new, 1 changed"),
    import_treatments: ("import", "t.csv: 1 treatment"),
    treat_pen: ("treatment", "L1 treated with Draxxin"),
    void_pull: ("pull", "L1 not pulled after all"),
    resume_session: ("session", "Session Morning resumed"),
    bring_back: ("work", "Work dismissed: A17: got 402 kg (ended)"),
    remind: ("work", "Work reminder: A17: got 402 kg"),
    report_no_more: ("loading", "Shipment S1 to Rio not reported"),
}
BEFORE: list[dict[str, Any]] = []


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_every_act_of_the_roles_is_told_and_taken_back(
    api: Api, animal: Animal, act: Callable[[Api, Animal], None]
) -> None:
    TagPairing.objects.create(animal=animal, kind="lf", tag="LF1", from_at=AT)
    TagPairing.objects.create(animal=animal, kind="uhf", tag="U1", from_at=AT)
    BEFORE.clear()
    BEFORE.append(herd())
    act(api, animal)
    kind, summary = ACTS[act]
    done = last()
    assert (done.kind, done.made_by.partition(" ")[0]) == (kind, "key:test")
    assert done.summary.startswith(summary.format(today=timezone.localdate()))
    assert parts_of(kind, done.summary), "herd/rules/act_sentences.py: SENTENCES"
    assert done.count == 1 or kind in {"retag", "merge"}
    own = JournalEntry.objects.exclude(actor="radio").exclude(actor="")
    assert set(own.filter(seq__gt=0).values_list("operation_id", flat=True)) >= {done.pk}
    assert not own.filter(operation=None).exists()
    before = BEFORE[-1]
    assert herd() != before or kind == "scale_step"
    asked = api.get(f"{ROOT}operations/{done.pk}?preview=1").json()
    assert (asked["refused"], asked["remainder"]) == ("", None)
    sent(api, "post", f"operations/{done.pk}/undo?preview=1", {})
    undone = sent(api, "post", f"operations/{done.pk}/undo", {})
    assert (undone["undone_by"], undone["remainder"]) == (done.made_by, None)
    now = herd()
    if kind in {"retag", "merge"}:  # what has asked for it waits to be applied
        del before["LoRaPayload"]
    if kind == "import":
        assert now["Animal"][0].pop("last_seen_at") >= before["Animal"][0].pop("last_seen_at")
    for table, rows in before.items():
        assert now[table] == rows, table
    assert (last().kind, last().summary) == ("undo", f"Taken back: {done.summary}")
    assert parts_of("undo", last().summary)
    again = api.get(f"{ROOT}operations/{last().pk}?preview=1").json()
    assert again["refused_code"] == "undo_impossible"


# -- where something has been built on it ---------------------------------------------------------


def herd_of(count: int, **more: Any) -> list[Animal]:
    told = {"first_seen_at": AT, "last_seen_at": AT, "status": "active", **more}
    made = [Animal(livestock_id=f"H{n:03}", lf_tag=f"T{n:03}", **told) for n in range(count)]
    Animal.objects.bulk_create(made)
    recount()
    return made


def heard(animals: list[Animal]) -> None:
    with open_unit_of_work("radio") as unit:
        for one in animals:
            read = TagRead("B1", one.lf_tag or "", "", "hxb")
            operations.record_read(unit, read, timezone.now())


def test_a_move_of_200_of_which_25_were_read_since_takes_back_175_and_names_25(api: Api) -> None:
    batch, old, new = a_batch(), a_pen("Y11"), a_pen("Y01")
    animals = herd_of(200, pen=old, batch=batch)
    ids = [one.pk for one in animals]
    sent(api, "post", "cattle/move", {"cattle_ids": ids, "pen_id": new.pk})
    done = last()
    assert (done.summary, done.count) == ("200 head moved Y11 → Y01", 200)
    read = animals[40:65]
    heard(read)
    asked = api.get(f"{ROOT}operations/{done.pk}?preview=1").json()
    assert [one["name"] for one in asked["remainder"]] == [str(one) for one in read]
    assert "25 stay as they are:" in asked["undoing"]
    undone = sent(api, "post", f"operations/{done.pk}/undo", {})
    named = [(one["cattle_id"], one["name"], one["why"]) for one in undone["remainder"]]
    why = "{} was read, weighed or treated since."
    assert named == [(one.pk, str(one), why.format(one)) for one in read]
    assert set(Animal.objects.filter(pen=new)) == set(read)
    assert Animal.objects.filter(pen=old).count() == 175
    assert Movement.objects.count() == 25
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.head_count, new.head_count) == (175, 25)
    assert sent(api, "post", f"operations/{done.pk}/undo", {}) == undone  # twice is as once


def test_a_move_whose_animals_were_all_read_since_cannot_be_taken_back(
    api: Api, animal: Animal
) -> None:
    move(api, animal)
    done = last()
    heard([animal])
    asked = api.get(f"{ROOT}operations/{done.pk}?preview=1").json()
    assert asked["refused_code"] == "undo_impossible"
    assert asked["undoing"] == ["L1 was read, weighed or treated since."]
    refused = sent(api, "post", f"operations/{done.pk}/undo", {}, 409)
    assert refused["detail"] == "L1 was read, weighed or treated since."
    done.refresh_from_db()
    assert done.undone_at is None


@pytest.mark.parametrize(
    ("act", "then", "why"),
    [
        (move, move_out, "L1 was moved since."),
        (edit_animal, retag, ""),
        (die, come_back, "Animal L1 was changed since (status, left on, left reason)."),
        (void, None, ""),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_was_done_since_is_named(
    api: Api, animal: Animal, act: Any, then: Any, why: str
) -> None:
    act(api, animal)
    done = last()
    if then is not None:
        then(api, animal)
    asked = api.get(f"{ROOT}operations/{done.pk}?preview=1").json()
    assert asked["refused"].removeprefix("Animal ") == why.removeprefix("Animal ")


def test_animals_that_come_back_into_a_full_pen_need_a_reason(api: Api, animal: Animal) -> None:
    die(api, animal)
    done, other = last(), an_animal(livestock_id="L2")
    sent(api, "post", f"cattle/{other.pk}/move", {"pen_id": animal.pen_id})
    refused = sent(api, "post", f"operations/{done.pk}/undo", {}, 409)
    assert refused["code"] == "pen_full"
    body = {"force": True, "reason": "until Friday"}
    sent(api, "post", f"operations/{done.pk}/undo", body)
    assert last().reason == "until Friday"


# -- the list -----------------------------------------------------------------------------------


def listed(api: Api, asked: str) -> list[str]:
    return [one["summary"] for one in api.get(f"{ROOT}operations?{asked}").json()["data"]]


def test_operations_are_found_by_person_day_kind_animal_batch_and_pen(
    api: Api, animal: Animal
) -> None:
    pen, other = animal.pen_id, an_animal(livestock_id="L2")
    move(api, animal)
    edit_animal(api, other)
    heard([animal])
    moved = ["L1 moved P1 → P2"]
    assert listed(api, "kind=move") == moved
    assert listed(api, f"cattle={animal.pk}") == moved
    assert listed(api, f"pen={pen}") == moved
    assert listed(api, f"batch={90_000}") == []
    assert len(listed(api, "person=test%20(" + last().made_by.partition("(")[2])) == 2
    assert len(listed(api, f"person={last().made_by.removeprefix('key:').partition(' (')[0]}")) == 2
    assert listed(api, "person=nobody") == []
    tomorrow = (timezone.now() + timedelta(days=1)).date()
    assert len(listed(api, f"until={tomorrow}T00:00Z")) == 2
    assert listed(api, f"since={tomorrow}T00:00Z") == []
    answer: Any = api.get(f"{ROOT}operations.csv?kind=move")
    lines = b"".join(answer.streaming_content).decode()
    assert lines.splitlines()[0].startswith("id,kind,summary,reason,count,made_at,made_by")
    assert [line.split(",")[2:5] for line in lines.splitlines()[1:]] == [[*moved, "sorted", "1"]]


@pytest.mark.parametrize(
    ("path", "field", "more"),
    [
        ("", "induction_date", {}),
        ("/status", "on", {"status": "dead", "cause": "bloat", "reason": "found"}),
        ("/pulls", "pulled_at", {"cause": "bloat"}),
        ("/treatments", "given_at", {"amount": 5}),
    ],
)
def test_a_year_of_two_digits_is_refused(
    api: Api, animal: Animal, path: str, field: str, more: dict[str, Any]
) -> None:
    if path == "/treatments":
        more = more | {"product_id": Product.objects.create(name="Oxytet").pk}
    day = "0026-11-05T12:00:00Z" if field.endswith("_at") else "0026-11-05"
    ask = api.post if path else api.patch
    answer = ask(f"{ROOT}cattle/{animal.pk}{path}", more | {field: day}, format="json")
    told = answer.json()
    assert (answer.status_code, told["detail"]) == (400, "0026-11-05 is before 1990."), told
    assert list(told["fields"]) == [field]


@pytest.mark.parametrize(
    ("rows", "field", "named"),
    [
        ("batches", "induction_date", {"batch_number": "LOT26"}),
        ("products", "expires_on", {"name": "Oxytet"}),
        ("shipments", "day", {}),
        ("cattle", "induction_date", {"visual_id": "5135"}),
    ],
)
def test_a_year_of_two_digits_is_refused_of_what_is_entered_and_edited(
    api: Api, rows: str, field: str, named: dict[str, Any]
) -> None:
    wrong = {field: "0026-11-05"}
    asked = [api.post(f"{ROOT}{rows}", named | wrong, format="json")]
    entered = api.post(f"{ROOT}{rows}", named, format="json")
    assert entered.status_code == 201, entered.json()
    asked.append(api.patch(f"{ROOT}{rows}/{entered.json()['id']}", wrong, format="json"))
    for answer in asked:
        told = answer.json()
        assert (answer.status_code, told["detail"]) == (400, "0026-11-05 is before 1990."), told
        assert list(told["fields"]) == [field]


def test_a_file_that_cannot_be_asked_for_is_refused_before_it_begins(api: Api) -> None:
    answer = api.get(f"{ROOT}operations.csv?since=0001-01-01T00:00:00%2B14:00")
    assert (answer.status_code, answer.json()["code"]) == (400, "out_of_range")


def test_no_cell_of_the_file_is_a_formula(api: Api, animal: Animal) -> None:
    edit_animal(api, animal)
    ReversibleChange.objects.update(summary="=1+1", reason="@SUM(A1)")
    answer: Any = api.get(f"{ROOT}operations.csv")
    assert "'=1+1,'@SUM(A1)" in b"".join(answer.streaming_content).decode()


def test_the_radio_has_no_operation(api: Api, animal: Animal) -> None:
    heard([animal])
    assert not ReversibleChange.objects.exists()
    assert set(JournalEntry.objects.values_list("operation", flat=True)) == {None}


def test_an_operation_names_its_animals_and_viewers_may_not_undo(api: Api, animal: Animal) -> None:
    die(api, animal)
    path = f"operations/{last().pk}"
    assert api.get(ROOT + path).json()["cattle"] == [{"id": animal.pk, "name": "L1"}]
    reader = client_with("read")
    assert reader.get(ROOT + path).status_code == 200
    assert sent(reader, "post", f"{path}/undo", {}, 403)


def test_a_sheet_in_slices_is_one_operation(
    api: Api, monkeypatch: pytest.MonkeyPatch, animal: Animal
) -> None:
    monkeypatch.setattr(sheet_import, "WRITTEN_AT_ONCE", 2)
    lines = "".join(f"N{n},{300 + n}\n" for n in range(7))
    data = b64encode(f"livestock id,weight\n{lines}".encode()).decode()
    body = {"kind": "animals", "name": "new.csv", "data": data, "weighed_now": True}
    sent(api, "post", "imports", body)
    (done,) = ReversibleChange.objects.all()
    assert (done.kind, done.count) == ("import", 7)
    own = JournalEntry.objects.filter(kind="cattle:created")
    assert list(own.values_list("operation_id", flat=True)) == [done.pk] * 7
    assert animal.pk not in {
        one["id"] for one in api.get(f"{ROOT}operations/{done.pk}").json()["cattle"]
    }


def test_an_import_of_which_one_animal_was_read_since_takes_back_the_rest(
    api: Api, animal: Animal
) -> None:
    lines = "".join(f"N{n},TAG{n},Angus\n" for n in range(4)) + "L1,LF1,Angus\n"
    data = b64encode(f"livestock id,lf tag,breed\n{lines}".encode()).decode()
    sent(api, "post", "imports", {"kind": "animals", "name": "new.csv", "data": data})
    done = last()
    assert (done.summary, done.count) == ("new.csv: 4 animals new, 1 changed", 5)
    heard([Animal.objects.get(livestock_id="N2")])
    asked = api.get(f"{ROOT}operations/{done.pk}?preview=1").json()
    undone = sent(api, "post", f"operations/{done.pk}/undo", {})
    assert asked["remainder"] == undone["remainder"]
    assert [one["name"] for one in undone["remainder"]] == ["N2"]
    assert set(Animal.objects.values_list("livestock_id", "breed")) == {("N2", "Angus"), ("L1", "")}


def test_an_import_taken_back_leaves_what_a_person_has_changed_since(
    api: Api, animal: Animal
) -> None:
    other = an_animal(livestock_id="L2", lf_tag="LF2")
    text = "livestock id,breed\nL1,Angus\nL2,Angus\n"
    sent(api, "post", "imports", {"kind": "animals", "name": "b.csv", "data": b64(text)})
    done = last()
    sent(api, "patch", f"cattle/{animal.pk}", {"breed": "Hereford"})
    undone = sent(api, "post", f"operations/{done.pk}/undo", {})
    told = [(one["name"], one["why"]) for one in undone["remainder"]]
    assert told == [("L1", "Animal L1 was changed since this import.")]
    for one in (animal, other):
        one.refresh_from_db()
    assert (animal.breed, other.breed) == ("Hereford", "")
