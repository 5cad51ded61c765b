"""No way lets an animal leave before it is clear, unless a named person says why.

Each door is tried three times: it is closed; it would be open without the rule; and what a manager
says opens it, in the journal's sight.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from herd import counters, operations
from herd.counters import is_early
from herd.models import Animal, JournalEntry, Product, ReversibleChange, Treatment
from herd.operations import moves, undo_merge
from herd.unit_of_work import open_unit_of_work
from lora.models import LoRaPayload
from lora.worker import Worker
from remote.api.roles import ensure_groups
from remote.attention import pi_items
from tests.remote.api.rows import ROOT, a_payload
from tests.remote.api.test_imports import an_import

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

WITHDRAWAL = 12
WHY = "the buyer keeps it for a month"


def ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def an_animal(name: str, **more: Any) -> Animal:
    seen = timezone.now() - timedelta(days=60)
    values = {"livestock_id": name, "lf_tag": f"LF{name}", "uhf_tag": f"U{name}"}
    return Animal.objects.create(first_seen_at=seen, last_seen_at=seen, **values, **more)


def treat(animal: Animal, days_ago: int = 0) -> Treatment:
    product, _ = Product.objects.get_or_create(name="Oxytet", withdrawal_days=WITHDRAWAL)
    now = timezone.now()
    dose = operations.Dose(product.pk, now - timedelta(days=days_ago))
    with open_unit_of_work("office:ana") as unit:
        asked = operations.Treating([animal.pk], dose, now, Treatment.Source.OFFICE)
        return operations.treat(unit, asked)[0]


def leave(animal: Animal, status: str, on: date) -> None:
    with open_unit_of_work("office:ana") as unit:
        asked = operations.Leaving([animal.pk], status, on, timezone.now(), "by truck")
        operations.leave(unit, asked)


@dataclass
class Farm:
    """A held animal, L1, and who asks: an office for Ana, and Ana in the admin."""

    office: APIClient
    admin: Client
    held: Animal

    def post(self, path: str, body: dict[str, Any]) -> str:
        answer = self.office.post(ROOT + path, body, format="json")
        return str(answer.content.decode())


@pytest.fixture
def farm(api: APIClient, client: Client) -> Farm:
    ensure_groups()
    ana = User.objects.create_user("ana")
    ana.groups.add(Group.objects.get(name="manager"))
    client.force_login(ana)
    api.credentials(HTTP_X_OFFICE_USER="ana")
    held = an_animal("L1")
    treat(held)
    return Farm(api, client, held)


Door = Callable[[Farm, dict[str, Any]], str]  # tries it, and returns what was answered


def one_over_rest(status: str, farm: Farm, more: dict[str, Any]) -> str:
    body = {"status": status, "reason": "lot 7", **more}
    return farm.post(f"cattle/{farm.held.pk}/status", body)


def many_over_rest(farm: Farm, more: dict[str, Any]) -> str:
    ids = [an_animal("L2").pk, farm.held.pk]
    return farm.post("cattle/status", {"cattle_ids": ids, "status": "exported", **more})


def an_earlier_day(farm: Farm, more: dict[str, Any]) -> str:
    """One that left when it was clear is marked as gone some days before."""
    Treatment.objects.all().delete()
    Animal.objects.filter(pk=farm.held.pk).update(clear_on=None)
    treat(farm.held, WITHDRAWAL + 1)
    leave(farm.held, "exported", ago(0))
    body = {"status": "exported", "on": ago(3).isoformat(), **more}
    return farm.post(f"cattle/{farm.held.pk}/status", body)


def not_dead_but_sold(farm: Farm, more: dict[str, Any]) -> str:
    leave(farm.held, "dead", ago(0))
    return one_over_rest("sold", farm, more)


def page_in_admin(farm: Farm, more: dict[str, Any]) -> str:
    form = {"status": "sold", "on": ago(0), "reason": "lot 7", "apply": "1", **more}
    page = f"/admin/herd/animal/{farm.held.pk}/do/mark_animals/"
    return farm.admin.post(page, form, secure=True).content.decode()


def list_in_admin(farm: Farm, more: dict[str, Any]) -> str:
    chosen = {"action": "mark_animals", "_selected_action": [farm.held.pk, an_animal("L2").pk]}
    form = {"status": "exported", "on": ago(0), "reason": "", "apply": "1", **chosen, **more}
    return farm.admin.post("/admin/herd/animal/", form, secure=True).content.decode()


def a_sheet(status: str, farm: Farm, _more: dict[str, Any]) -> str:
    text = f"Livestock id,Status,Left on\nL1,{status},{ago(0)}\n"
    return farm.post("imports", an_import("animals", text))


def conflict_of(farm: Farm) -> tuple[LoRaPayload, Animal]:
    """The tags of the held animal, and of one that has left, are read as one."""
    gone = an_animal("L2")
    leave(gone, "exported", ago(1))
    row = a_payload("hxb:B1:LFL1:UL2")
    Worker().step()
    row.refresh_from_db()
    assert row.error_code == "tag_conflict"
    return row, gone


def merge_over_rest(farm: Farm, more: dict[str, Any]) -> str:
    row, gone = conflict_of(farm)
    decided = {"action": "merge", "cattle_id": farm.held.pk, "status_from": gone.pk}
    return farm.post(f"payloads/{row.pk}/resolve", {**decided, **more})


def merge_into_the_one_that_left(farm: Farm, more: dict[str, Any]) -> str:
    row, gone = conflict_of(farm)
    decided = {"action": "merge", "cattle_id": gone.pk, "status_from": gone.pk}
    answer = farm.post(f"payloads/{row.pk}/resolve", {**decided, **more})
    if not Animal.objects.filter(pk=farm.held.pk).exists():
        farm.held = gone
    return answer


def merge_in_admin(farm: Farm, more: dict[str, Any]) -> str:
    row, gone = conflict_of(farm)
    form = {"decision": "merge", "animal": farm.held.pk, "status_from": gone.pk, "apply": "1"}
    page = f"/admin/lora/lorapayload/{row.pk}/do/decide_conflict/"
    return farm.admin.post(page, {**form, **more}, secure=True).content.decode()


def a_merge_to_undo(farm: Farm) -> ReversibleChange:
    """One that has left is kept in a merge as one on feed, and treated since."""
    gone = an_animal("L3")
    leave(gone, "exported", ago(1))
    other = an_animal("L4")
    with open_unit_of_work("office:ana") as unit:
        asked = operations.Merge(gone.pk, other.pk, timezone.now(), status_from=other.pk)
        _, change = operations.merge(unit, asked)
    treat(gone, 2)
    farm.held = gone
    return change


def undo_of_a_merge(farm: Farm, more: dict[str, Any]) -> str:
    return farm.post(f"changes/{a_merge_to_undo(farm).pk}/undo", more)


def undo_in_admin(farm: Farm, more: dict[str, Any]) -> str:
    page = f"/admin/herd/reversiblechange/{a_merge_to_undo(farm).pk}/do/take_back/"
    return farm.admin.post(page, {"apply": "1", **more}, secure=True).content.decode()


def undo_of_an_import(farm: Farm, more: dict[str, Any]) -> str:
    """A sheet has brought back one that had left, which was treated since."""
    farm.held = an_animal("L5")
    leave(farm.held, "exported", ago(1))
    farm.post("imports", an_import("animals", "Livestock id,Status\nL5,active\n"))
    treat(farm.held)
    made = ReversibleChange.objects.filter(kind="import").latest("pk")
    return farm.post(f"changes/{made.pk}/undo", more)


def undo_of_a_return(farm: Farm, more: dict[str, Any]) -> str:
    """One that had left was brought back, and was treated since."""
    Treatment.objects.all().delete()
    Animal.objects.filter(pk=farm.held.pk).update(clear_on=None)
    leave(farm.held, "exported", ago(1))
    farm.post(f"cattle/{farm.held.pk}/status", {"status": "active", "reason": "it is here"})
    back = ReversibleChange.objects.latest("pk")
    treat(farm.held)
    return farm.post(f"operations/{back.pk}/undo", more)


def undo_of_a_void(farm: Farm, more: dict[str, Any]) -> str:
    """It left because its treatment was void."""
    treatment = Treatment.objects.get()
    farm.post(f"treatments/{treatment.pk}/void", {"reason": "another one was in the chute"})
    void = ReversibleChange.objects.latest("pk")
    leave(farm.held, "exported", ago(0))
    return farm.post(f"operations/{void.pk}/undo", more)


def a_shipment(farm: Farm, more: dict[str, Any]) -> str:
    now = timezone.now()
    with open_unit_of_work("office:ana") as unit:
        truck = operations.create_shipment(unit, {"shipment_number": "S-1"}, now)
        operations.plan_animals(unit, truck, [an_animal("L2").pk], now)
        operations.begin_loading(unit, truck, now)
        for one in Animal.objects.all():  # of which the held one is extra
            operations.load(unit, truck, unit.animal_no(one.pk), now)
    return farm.post(f"shipments/{truck.pk}/ship", {"with_extra": True, **more})


DOORS: dict[str, Door] = {
    "exported over REST": partial(one_over_rest, "exported"),
    "sold over REST": partial(one_over_rest, "sold"),
    "many over REST": many_over_rest,
    "an earlier day over REST": an_earlier_day,
    "not dead but sold": not_dead_but_sold,
    "a row's page in the admin": page_in_admin,
    "a list in the admin": list_in_admin,
    "exported by a sheet": partial(a_sheet, "exported"),
    "sold by a sheet": partial(a_sheet, "sold"),
    "a merge over REST": merge_over_rest,
    "a merge into the one that left": merge_into_the_one_that_left,
    "a merge in the admin": merge_in_admin,
    "undo of a merge": undo_of_a_merge,
    "undo of a merge in the admin": undo_in_admin,
    "undo of an import": undo_of_an_import,
    "undo of a return": undo_of_a_return,
    "undo of a void": undo_of_a_void,
    "a shipment": a_shipment,
}
WITHOUT_OVERRIDE = {"exported by a sheet", "sold by a sheet"}
doors = pytest.mark.parametrize("name", DOORS)


def is_out(farm: Farm) -> bool:
    """Return whether the animal has left before it is clear."""
    held = Animal.objects.get(pk=farm.held.pk)
    is_gone = held.status in {"exported", "sold"}
    return is_gone and held.left_on is not None and held.left_on < (held.clear_on or date.min)


@doors
def test_no_door_lets_it_leave(farm: Farm, name: str) -> None:
    answer = DOORS[name](farm, {})
    assert not is_out(farm)
    assert "not clear" in answer, answer[:2000]


@doors
def test_every_door_would_be_open_without_the_rule(
    farm: Farm, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (counters, moves, undo_merge):
        monkeypatch.setattr(module, "has_left_early", lambda *_: False)
    answer = DOORS[name](farm, {})
    assert is_out(farm), answer[:2000]


@pytest.mark.parametrize("name", [one for one in DOORS if one not in WITHOUT_OVERRIDE])
def test_what_a_manager_says_opens_it_and_is_journalled(farm: Farm, name: str) -> None:
    answer = DOORS[name](farm, {"override": WHY})
    assert is_out(farm), answer[:2000]
    held = Animal.objects.get(pk=farm.held.pk)
    assert held.not_clear_reason == WHY
    told = JournalEntry.objects.filter(object_id=held.pk, detail__contains=WHY)
    (entry,) = told.exclude(kind__startswith="change")
    assert entry.actor in {"office:ana", "admin:ana"}
    assert f"not clear until {held.clear_on}" in entry.detail
    history = farm.office.get(f"{ROOT}cattle/{held.pk}/history").json()["data"]
    assert any(WHY in one.get("what", "") for one in history)


@pytest.mark.parametrize(("who", "status"), [("", 403), ("viewer", 403), ("manager", 200)])
def test_an_override_needs_a_person_who_is_a_manager(
    farm: Farm, api: APIClient, who: str, status: int
) -> None:
    api.credentials(**({"HTTP_X_OFFICE_USER": who} if who else {}))
    if who:
        User.objects.create_user(who).groups.add(Group.objects.get(name=who))
    body = {"status": "exported", "override": WHY}
    answer = api.post(f"{ROOT}cattle/{farm.held.pk}/status", body, format="json")
    assert answer.status_code == status
    assert is_out(farm) == (status == 200)


def test_the_refusal_names_animals_and_days_for_machines(farm: Farm) -> None:
    body = {"cattle_ids": [farm.held.pk, an_animal("L2").pk], "status": "exported"}
    answer = farm.office.post(f"{ROOT}cattle/status", body, format="json")
    told = answer.json()
    assert (answer.status_code, told["code"], told["not_clear_count"]) == (409, "not_clear", 1)
    clear_on = (timezone.localdate() + timedelta(days=WITHDRAWAL)).isoformat()
    named = {"id": farm.held.pk, "name": "L1", "days": WITHDRAWAL, "clear_on": clear_on}
    assert told["not_clear"] == [named]
    assert f"L1 is clear on {clear_on}, in 12 days" in told["detail"]


def test_one_may_die_and_leaves_when_it_is_clear(farm: Farm) -> None:
    leave(farm.held, "dead", ago(0))
    assert Animal.objects.get(pk=farm.held.pk).status == "dead"
    other = an_animal("L2")
    treat(other, WITHDRAWAL)
    leave(other, "sold", ago(0))
    assert Animal.objects.get(pk=other.pk).status == "sold"


def test_one_whose_treatment_is_void_may_leave(farm: Farm) -> None:
    treatment = Treatment.objects.get()
    farm.post(f"treatments/{treatment.pk}/void", {"reason": "another one was in the chute"})
    leave(farm.held, "sold", ago(0))
    assert not is_out(farm)


# -- what a radio tells is a fact -----------------------------------------------------------------


def read_for_export() -> LoRaPayload:
    row = a_payload("hxe:TRUCK:LFL1:UL1")
    Worker().step()
    row.refresh_from_db()
    return row


def items(farm: Farm) -> list[Any]:
    status = farm.office.get(f"{ROOT}status").json()
    return [one for one in pi_items(status) if one.key == f"left-early:{farm.held.pk}"]


def test_a_held_animal_that_is_read_leaving_is_exported_and_stands_until_answered(
    farm: Farm,
) -> None:
    row = read_for_export()
    held = Animal.objects.get(pk=farm.held.pk)
    assert (held.status, is_early(held), row.status) == ("exported", True, "processed")
    assert row.remark.endswith("Say what was done.")
    told = JournalEntry.objects.get(kind="cattle:exported", object_id=held.pk).detail
    assert told == f"exported, although it is not clear until {held.clear_on}"
    (item,) = items(farm)
    assert item.grave
    assert str(held.clear_on) in item.text
    farm.post(f"cattle/{held.pk}/status", {"status": "exported", "reason": "truck"})
    assert items(farm)  # another reason for leaving is no answer
    body = {"status": "exported", "override": "called back by the buyer"}
    farm.post(f"cattle/{held.pk}/status", body)
    assert not items(farm)


@pytest.mark.parametrize("answer", ["active", "dead", "void"])
def test_the_item_ends_with_what_makes_it_untrue(farm: Farm, answer: str) -> None:
    read_for_export()
    if answer == "void":
        farm.post(f"treatments/{Treatment.objects.get().pk}/void", {"reason": "not this one"})
    else:
        farm.post(f"cattle/{farm.held.pk}/status", {"status": answer, "reason": "it is here"})
    assert not items(farm)


def test_a_treatment_that_is_told_late_makes_an_item_too(farm: Farm) -> None:
    other = an_animal("L2")
    leave(other, "exported", ago(0))
    treat(other, 3)
    farm.held = other
    assert items(farm)


# -- merges and undo ------------------------------------------------------------------------------


def test_a_merge_keeps_both_treatments_and_the_later_day_and_is_undone_exactly(farm: Farm) -> None:
    other = an_animal("L2")
    treat(other, 5)
    before = dict(Animal.objects.values_list("livestock_id", "clear_on"))
    of = dict(Treatment.objects.values_list("pk", "animal_id"))
    with open_unit_of_work("office:ana") as unit:
        kept, change = operations.merge(
            unit, operations.Merge(other.pk, farm.held.pk, timezone.now())
        )
    assert kept.clear_on == max(filter(None, before.values())) == before["L1"]
    assert before["L1"] != before["L2"]
    assert set(Treatment.objects.values_list("animal_id", flat=True)) == {other.pk}
    farm.post(f"changes/{change.pk}/undo", {})
    assert dict(Animal.objects.values_list("livestock_id", "clear_on")) == before
    assert dict(Treatment.objects.values_list("pk", "animal_id")) == of


def test_a_treatment_voided_between_merge_and_undo_stays_void(farm: Farm) -> None:
    other = an_animal("L2")
    with open_unit_of_work("office:ana") as unit:
        merge = operations.Merge(other.pk, farm.held.pk, timezone.now())
        _, change = operations.merge(unit, merge)
    farm.post(f"treatments/{Treatment.objects.get().pk}/void", {"reason": "wrong one"})
    farm.post(f"changes/{change.pk}/undo", {})
    assert [one.clear_on for one in Animal.objects.all()] == [None, None]


def test_one_that_a_radio_exported_is_merged_and_parted_as_it_was(farm: Farm) -> None:
    read_for_export()
    other = an_animal("L2")
    with open_unit_of_work("office:ana") as unit:
        asked = operations.Merge(other.pk, farm.held.pk, timezone.now(), status_from=farm.held.pk)
        kept, change = operations.merge(unit, asked)
        assert is_early(kept)
    farm.post(f"changes/{change.pk}/undo", {})
    assert is_early(Animal.objects.get(pk=farm.held.pk))
    assert not is_early(Animal.objects.get(pk=other.pk))


def test_one_that_a_radio_exported_and_a_merge_brought_back_is_as_it_was(farm: Farm) -> None:
    read_for_export()
    other = an_animal("L2")
    with open_unit_of_work("office:ana") as unit:
        asked = operations.Merge(farm.held.pk, other.pk, timezone.now(), status_from=other.pk)
        kept, change = operations.merge(unit, asked)
        assert (kept.status, is_early(kept)) == ("active", False)
    farm.post(f"changes/{change.pk}/undo", {})  # a fact needs no reason
    assert is_early(Animal.objects.get(pk=farm.held.pk))
