"""The admin: everything can be found; what is changed is journalled with the person's name."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from herd.models import Animal, Batch, JournalEntry
from lora.framing import Frame
from lora.intake import Heard, store

pytestmark = pytest.mark.django_db

MODELS = [
    "herd/batch", "herd/pen", "herd/animal", "herd/weightrecord", "herd/tagpairing",
    "herd/movement", "herd/journalentry", "lora/lorapayload", "lora/source",
]  # fmt: skip


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
    form = {"visual_id": "", "tag_color": "", "sex": "steer", "breed": "", "health": "",
            "notes": "limps"}  # fmt: skip
    for inline in ("pairings", "weights", "movements"):
        form |= {f"{inline}-TOTAL_FORMS": "0", f"{inline}-INITIAL_FORMS": "0"}
    manager.post(f"/admin/herd/animal/{animal.pk}/change/", form, secure=True)
    animal.refresh_from_db()
    entry = JournalEntry.objects.get(kind="cattle:updated")
    assert (animal.notes, entry.actor, entry.detail) == (
        "limps", "admin:ana", "sex: – → steer; notes: – → limps",
    )  # fmt: skip


def test_nothing_of_the_herd_is_deleted_or_added_by_hand(manager: Client, animal: Animal) -> None:
    for action in (f"{animal.pk}/delete/", "add/"):
        assert manager.get(f"/admin/herd/animal/{action}", secure=True).status_code == 403


def test_a_payload_in_error_is_tried_again(manager: Client) -> None:
    (row,) = store([Heard(Frame("hxb:B:L:U", "plain", error="binary"), "udp:x", 1)])
    form = {"action": "retry_payloads", "_selected_action": [str(row.pk)]}
    manager.post("/admin/lora/lorapayload/", form, secure=True)
    row.refresh_from_db()
    assert row.status == "received"
    assert JournalEntry.objects.latest("seq").actor == "admin:ana"
