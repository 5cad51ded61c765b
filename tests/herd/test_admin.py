"""The admin: everything can be found; what is changed is journalled with the person's name."""

import fcntl
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from herd import operations
from herd.admin import previewed_action
from herd.commands import TagRead
from herd.models import Animal, Batch, JournalEntry, Pen, WeightRecord
from herd.storage.journal import BUSY, JournalBusy
from herd.unit_of_work import open_unit_of_work
from lora.framing.frames import Frame
from lora.intake import Heard, store
from lora.models import LoRaPayload
from lora.worker import Worker
from remote.api.roles import ensure_groups
from remote.throttle import login_throttle
from tests.herd.counting import recount

pytestmark = pytest.mark.django_db

MODELS = [
    "herd/batch",
    "herd/pen",
    "herd/session",
    "herd/animal",
    "herd/weightrecord",
    "herd/product",
    "herd/treatment",
    "herd/workmark",
    "herd/tagpairing",
    "herd/movement",
    "herd/journalentry",
    "lora/lorapayload",
    "lora/source",
    "lora/devicecounter",
]


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ana"))
    return client


@pytest.fixture
def animal() -> Animal:
    at = timezone.now()
    batch = Batch.objects.create(batch_number="B1")
    return Animal.objects.create(
        lf_tag="840003123456789", batch=batch, first_seen_at=at, last_seen_at=at
    )


@pytest.mark.parametrize("model", MODELS)
def test_every_table_can_be_listed(manager: Client, animal: Animal, model: str) -> None:
    store([Heard(Frame("<script>alert(1)</script>", "plain", error="binary"), "udp:x", 1)])
    page = manager.get(f"/admin/{model}/", secure=True)
    assert page.status_code == 200
    assert b"<script>alert(1)" not in page.content


@pytest.mark.parametrize("spelling", ["840 003 123456789", "A8D4345D004B0001", "123456789"])
def test_an_animal_is_found_by_any_spelling_of_its_tag(
    manager: Client, animal: Animal, spelling: str
) -> None:
    page = manager.get("/admin/herd/animal/", {"q": spelling}, secure=True)
    assert b"840003123456789" in page.content


def test_a_note_is_journalled_with_the_persons_name(manager: Client, animal: Animal) -> None:
    form = {
        "visual_id": "",
        "tag_color": "",
        "sex": "steer",
        "breed": "",
        "health": "",
        "notes": "limps",
    }
    for inline in ("pairings", "weights", "treatments", "movements"):
        form |= {f"{inline}-TOTAL_FORMS": "0", f"{inline}-INITIAL_FORMS": "0"}
    manager.post(f"/admin/herd/animal/{animal.pk}/change/", form, secure=True)
    animal.refresh_from_db()
    entry = JournalEntry.objects.get(kind="cattle:updated")
    assert (animal.notes, entry.actor, entry.detail) == (
        "limps",
        "admin:ana",
        "sex: – → steer; notes: – → limps",
    )


def test_what_others_changed_since_is_not_taken_back_by_an_older_form(
    manager: Client, animal: Animal
) -> None:
    path = f"/admin/herd/animal/{animal.pk}/change/"
    seen = manager.get(path, secure=True).content.decode()
    assert 'name="initial-notes"' in seen
    Animal.objects.update(notes="limps")
    form = {"notes": "", "initial-notes": "", "breed": "Angus", "initial-breed": ""}
    for inline in ("pairings", "weights", "treatments", "movements"):
        form |= {f"{inline}-TOTAL_FORMS": "0", f"{inline}-INITIAL_FORMS": "0"}
    manager.post(path, form, secure=True)
    animal.refresh_from_db()
    assert (animal.notes, animal.breed) == ("limps", "Angus")


@pytest.mark.parametrize("model", ["herd/weightrecord", "herd/tagpairing", "lora/lorapayload"])
def test_history_is_found_by_any_spelling_of_a_tag(manager: Client, model: str) -> None:
    (row,) = store([Heard(Frame("hxb:B1:840003123456789:", "plain"), "udp:x", 1)])
    with open_unit_of_work("") as unit:
        read = TagRead("B1", "840003123456789", "", "hxb")
        animal = operations.record_read(unit, read, timezone.now())
        weighing = operations.Weighing(Decimal(300), timezone.now(), "radio")
        operations.record_weight(unit, animal, weighing)
    LoRaPayload.objects.filter(pk=row.pk).update(animal=animal)
    page = manager.get(f"/admin/{model}/", {"q": "A8D4345D004B0001"}, secure=True)
    assert page.context["cl"].result_count == 1


def test_a_pi_that_is_busy_says_so_in_the_admin(
    manager: Client, animal: Animal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise JournalBusy("The Pi is busy storing; try again in a moment.")

    monkeypatch.setattr("herd.admin.previewed_action.carry_out", busy)
    page = acted(manager, "animal", [animal.pk], action="move_animals", apply="1")
    assert b"The Pi is busy storing" in page.content


def test_nothing_of_the_herd_is_deleted_or_added_by_hand(manager: Client, animal: Animal) -> None:
    assert (
        manager.get(f"/admin/herd/batch/{animal.batch_id}/delete/", secure=True).status_code == 403
    )
    for action in (f"{animal.pk}/delete/", "add/"):
        assert manager.get(f"/admin/herd/animal/{action}", secure=True).status_code == 403


def test_a_payload_in_error_is_tried_again(manager: Client) -> None:
    (row,) = store([Heard(Frame("hxb:B:L:U", "plain", error="binary"), "udp:x", 1)])
    form = {"action": "retry_payloads", "_selected_action": [str(row.pk)]}
    page = manager.post("/admin/lora/lorapayload/", {**form, "look": "1"}, secure=True)
    row.refresh_from_db()
    assert (row.status, b"1 payload will be tried again" in page.content) == ("error", True)
    manager.post("/admin/lora/lorapayload/", {**form, "apply": "1"}, secure=True)
    row.refresh_from_db()
    assert row.status == "received"
    assert JournalEntry.objects.latest("seq").actor == "admin:ana"


# -- a manager who is no superuser --------------------------------------------------------------


@pytest.fixture
def foreman(client: Client) -> Client:
    """In the group of managers; neither superuser nor staff."""
    ensure_groups()
    user = User.objects.create_user("fred", password="hay-and-corn-7")
    user.groups.add(Group.objects.get(name="manager"))
    assert client.login(username="fred", password="hay-and-corn-7")
    return client


def acted(client: Client, model: str, rows: list[int], app: str = "herd", **form: str) -> Any:
    body = {"_selected_action": [str(pk) for pk in rows], **form}
    return client.post(f"/admin/{app}/{model}/", body, secure=True, follow=True)


def test_a_manager_signs_in_to_the_admin_and_a_viewer_does_not(client: Client) -> None:
    ensure_groups()
    for name, role, status in (("fred", "manager", 302), ("vera", "viewer", 200)):
        user = User.objects.create_user(name, password="hay-and-corn-7")
        user.groups.add(Group.objects.get(name=role))
        body = {"username": name, "password": "hay-and-corn-7", "next": "/admin/"}
        answer = client.post("/admin/login/", body, secure=True)
        assert answer.status_code == status
    assert "not come in here" in answer.content.decode()


def test_wrong_passwords_slow_down_the_admins_sign_in_too(client: Client) -> None:
    ensure_groups()
    User.objects.create_superuser("ada", password="hay-and-corn-7")
    login_throttle.forget()
    try:
        for _ in range(6):
            body = {"username": "ada", "password": "guess", "next": "/admin/"}
            answer = client.post("/admin/login/", body, secure=True)
        assert "Too many wrong passwords" in answer.content.decode()
        body["password"] = "hay-and-corn-7"
        assert client.post("/admin/login/", body, secure=True).status_code == 200
    finally:
        login_throttle.forget()


@pytest.mark.parametrize("model", MODELS)
def test_a_manager_may_look_at_every_table(foreman: Client, animal: Animal, model: str) -> None:
    assert foreman.get(f"/admin/{model}/", secure=True).status_code == 200


@pytest.mark.parametrize("path", ["auth/user/", "remote/apikey/", "herd/pen/1/delete/"])
def test_people_keys_and_deleting_pens_are_for_administrators(foreman: Client, path: str) -> None:
    Pen.objects.create(pk=1, pen_number="P1")
    assert foreman.get(f"/admin/{path}", secure=True).status_code in {403, 404}


def test_a_manager_makes_a_batch_and_a_pen(foreman: Client) -> None:
    foreman.post("/admin/herd/pen/add/", {"pen_number": "P7", "capacity": "80"}, secure=True)
    body = {"batch_number": "LOT7", "source_type": "hxb", "status": "open"}
    foreman.post("/admin/herd/batch/add/", body, secure=True)
    entries = JournalEntry.objects.order_by("seq").values_list("kind", "actor")
    assert list(entries) == [("pen:created", "admin:fred"), ("batch:created", "admin:fred")]
    assert Pen.objects.get().capacity == 80


def test_animals_are_moved_after_a_look_at_what_it_would_do(
    foreman: Client, animal: Animal
) -> None:
    pen = Pen.objects.create(pen_number="P1", capacity=1)
    asked = {"action": "move_animals", "pen": str(pen.pk)}
    form = acted(foreman, "animal", [animal.pk], action="move_animals").content.decode()
    assert str(animal) in form
    assert "Move to a pen" in form
    looked = acted(foreman, "animal", [animal.pk], look="1", **asked).content.decode()
    assert "1 animal to pen P1, which then holds 1 of 1 head." in looked
    assert Animal.objects.get().pen is None
    acted(foreman, "animal", [animal.pk], apply="1", **asked)
    assert Animal.objects.get().pen == pen
    assert JournalEntry.objects.get(kind="cattle:moved").actor == "admin:fred"
    Pen.objects.filter(pk=pen.pk).update(capacity=1)
    other = Animal.objects.create(
        lf_tag="LF2", first_seen_at=timezone.now(), last_seen_at=timezone.now()
    )
    refused = acted(foreman, "animal", [other.pk], apply="1", **asked).content.decode()
    assert "1 too many" in refused
    assert "errornote" in refused


def test_a_look_and_a_refusal_take_no_turn_among_the_writers(
    foreman: Client, animal: Animal, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pen = Pen.objects.create(pen_number="P1", capacity=1)
    asked = {"action": "move_animals", "pen": str(pen.pk)}
    monkeypatch.setattr(previewed_action, "REQUEST_TIMEOUT", 0.1)
    with (settings.HEXABRAND_STATE_DIR / "writers.lock").open("a") as line:
        fcntl.flock(line, fcntl.LOCK_EX)
        looked = acted(foreman, "animal", [animal.pk], look="1", **asked).content.decode()
        kept = acted(foreman, "animal", [animal.pk], apply="1", **asked).content.decode()
        Pen.objects.filter(pk=pen.pk).update(head_count=1)
        refused = acted(foreman, "animal", [animal.pk], apply="1", **asked).content.decode()
    assert "which then holds 1 of 1 head." in looked
    assert BUSY in kept
    assert "1 too many" in refused


def test_animals_go_to_another_batch(foreman: Client, animal: Animal) -> None:
    other = Batch.objects.create(batch_number="B2")
    asked = {"action": "change_batch", "batch": str(other.pk), "reason": "sorted"}
    looked = acted(foreman, "animal", [animal.pk], look="1", **asked).content.decode()
    assert "1 animal to batch B2." in looked
    assert Animal.objects.get().batch != other
    acted(foreman, "animal", [animal.pk], apply="1", **asked)
    assert Animal.objects.get().batch == other


@pytest.mark.parametrize(
    ("filling", "found"), [("empty", {"P1", "P0"}), ("room", {"P0", "P1", "P2"}), ("full", {"P3"})]
)
def test_pens_are_found_by_how_full_they_are(
    foreman: Client, filling: str, found: set[str]
) -> None:
    for number, capacity, head in (("P0", 0, 0), ("P1", 5, 0), ("P2", 5, 4), ("P3", 5, 5)):
        Pen.objects.create(pen_number=number, capacity=capacity, head_count=head)
    page = foreman.get(f"/admin/herd/pen/?filling={filling}", secure=True)
    assert {pen.pen_number for pen in page.context["cl"].queryset} == found


def test_a_tag_conflict_is_decided_after_a_look(foreman: Client) -> None:
    store(
        [
            Heard(Frame(text, "plain"), "udp:x", 1)
            for text in ("hxb:B1:LF1:", "hxb:B1::U2", "hxb:B1:LF1:U2")
        ]
    )
    Worker().step()
    payload = LoRaPayload.objects.get(error_code="tag_conflict")
    kept = Animal.objects.get(lf_tag="LF1")
    asked = {"action": "decide_conflict", "decision": "merge", "animal": str(kept.pk)}
    looked = acted(foreman, "lorapayload", [payload.pk], "lora", look="1", **asked)
    assert f"no. {kept.pk}" in looked.content.decode()
    assert Animal.objects.count() == 2
    acted(foreman, "lorapayload", [payload.pk], "lora", apply="1", **asked)
    assert Animal.objects.get() == kept
    again = acted(foreman, "lorapayload", [payload.pk], "lora", apply="1", **asked)
    assert "is not in conflict (any more)" in again.content.decode()


def test_animals_are_marked_and_batches_closed(foreman: Client, animal: Animal) -> None:
    on = timezone.localdate().isoformat()
    marked = {"action": "mark_animals", "status": "dead", "on": on, "reason": "bloat"}
    acted(foreman, "animal", [animal.pk], apply="1", **marked)
    assert Animal.objects.get().left_reason == "bloat"
    acted(foreman, "batch", [animal.batch_id or 0], apply="1", action="close_batches")
    assert Batch.objects.get().status == "closed"


def test_new_tags_are_given_to_one_animal(foreman: Client, animal: Animal) -> None:
    asked = {"action": "give_tags", "lf_tag": "982 000001088420", "reason": "lost"}
    acted(foreman, "animal", [animal.pk], apply="1", **asked)
    assert Animal.objects.get().lf_tag == "982000001088420"
    page = acted(foreman, "animal", [animal.pk], look="1", action="give_tags", lf_tag="9.82E+14")
    assert "spreadsheet" in page.content.decode()


def test_a_weight_from_before_any_cattle_is_suspect(foreman: Client, animal: Animal) -> None:
    form = {"animal": str(animal.pk), "weight_kg": "351.5", "recorded_at_1": "08:00"}
    for day in ("1970-01-01", "0001-01-02"):
        body = {**form, "recorded_at_0": day}
        foreman.post("/admin/herd/weightrecord/add/", body, secure=True)
    found = WeightRecord.objects.values_list("quality", "reason")
    assert list(found) == [("suspect", "before the animal was here")] * 2
    assert foreman.get("/admin/herd/weightrecord/", secure=True).status_code == 200


def test_a_weight_is_added_and_made_void(foreman: Client, animal: Animal) -> None:
    form = {
        "animal": str(animal.pk),
        "weight_kg": "351.5",
        "recorded_at_0": "2026-11-01",
        "recorded_at_1": "08:00",
    }
    foreman.post("/admin/herd/weightrecord/add/", form, secure=True)
    weight = WeightRecord.objects.get()
    assert (weight.source, weight.recorded_by, weight.quality) == ("admin", "admin:fred", "ok")
    acted(foreman, "weightrecord", [weight.pk], apply="1", action="void_weights", reason="wrong")
    weight.refresh_from_db()
    assert (weight.quality, weight.reason) == ("void", "wrong")
    for action in ("unvoid_weights", "accept_weights"):
        acted(foreman, "weightrecord", [weight.pk], apply="1", action=action)
    weight.refresh_from_db()
    assert (weight.quality, weight.accepted_by) == ("ok", "admin:fred")


def test_a_weight_of_an_animal_that_has_left_is_added_with_a_warning(
    foreman: Client, animal: Animal
) -> None:
    Animal.objects.update(status="sold", left_on="2026-10-01")
    form = {
        "animal": str(animal.pk),
        "weight_kg": "351.5",
        "recorded_at_0": "2026-11-01",
        "recorded_at_1": "08:00",
    }
    page = foreman.post("/admin/herd/weightrecord/add/", form, secure=True, follow=True)
    assert "is sold since 2026-10-01" in page.content.decode()
    assert WeightRecord.objects.count() == 1


def test_a_weight_from_the_future_is_refused_with_a_sentence(
    foreman: Client, animal: Animal
) -> None:
    form = {
        "animal": str(animal.pk),
        "weight_kg": "351.5",
        "recorded_at_0": "2999-11-01",
        "recorded_at_1": "08:00",
    }
    page = foreman.post("/admin/herd/weightrecord/add/", form, secure=True, follow=True)
    assert "cannot be from the future" in page.content.decode()
    assert not WeightRecord.objects.exists()


def test_an_edit_in_the_admin_leaves_the_counts_right(foreman: Client, animal: Animal) -> None:
    recount()
    form = {"notes": "limps"}
    for inline in ("pairings", "weights", "treatments", "movements"):
        form |= {f"{inline}-TOTAL_FORMS": "0", f"{inline}-INITIAL_FORMS": "0"}
    foreman.post(f"/admin/herd/animal/{animal.pk}/change/", form, secure=True)
    assert Animal.objects.get().notes == "limps"
    assert Batch.objects.get().head_count == 1


def test_a_change_is_taken_back_in_the_admin(foreman: Client) -> None:
    with open_unit_of_work("office:ana") as unit:
        read = TagRead("B1", "LF1", "U1", "hxb")
        animal = operations.record_read(unit, read, timezone.now())
        change = operations.retag(unit, operations.Retag(animal.pk, timezone.now(), lf="LF9"))[1]
    assert change is not None
    acted(foreman, "reversiblechange", [change.pk], action="take_back", apply="1")
    assert Animal.objects.get().lf_tag == "LF1"


def test_a_payload_is_corrected_and_tried_again(foreman: Client) -> None:
    (row,) = store([Heard(Frame("hxb:B:L:U", "plain", error="binary"), "udp:x", 1)])
    path = f"/admin/lora/lorapayload/{row.pk}/change/"
    foreman.post(path, {"raw_payload": "hxb:B1:LF1:U1"}, secure=True)
    row.refresh_from_db()
    assert (row.status, row.raw_payload) == ("received", "hxb:B1:LF1:U1")
    assert foreman.post(path, {"raw_payload": "other"}, secure=True).status_code == 403
