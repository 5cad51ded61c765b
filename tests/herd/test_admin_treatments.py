"""Products and treatments in the admin: entered, given to many after a look, voided."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from herd.models import Animal, JournalEntry, Product, Treatment
from tests.herd.counting import recount

pytestmark = pytest.mark.django_db


@pytest.fixture
def animal() -> Animal:
    at = timezone.now() - timedelta(days=9)
    made = Animal.objects.create(livestock_id="L1", first_seen_at=at, last_seen_at=at)
    recount()
    return made


@pytest.fixture
def product() -> Product:
    yesterday = timezone.localdate() - timedelta(days=1)
    return Product.objects.create(
        name="Oxytet", withdrawal_days=12, lot_no="A113", expires_on=yesterday
    )


def posted(manager: Client, path: str, form: dict[str, Any]) -> str:
    answer = manager.post(f"/admin/herd/{path}", form, secure=True, follow=True)
    return answer.content.decode()


def given() -> dict[str, str]:
    now = timezone.localtime()
    return {"given_at_0": f"{now:%Y-%m-%d}", "given_at_1": f"{now:%H:%M:%S}"}


def test_a_product_is_entered_and_changed_and_never_deleted(manager: Client) -> None:
    form = {"name": "Oxytet", "kind": "antibiotic", "withdrawal_days": "28", "active": "on"}
    posted(manager, "product/add/", form)
    product = Product.objects.get()
    seen = {f"initial-{name}": value for name, value in form.items()}
    changed = {**form, "withdrawal_days": "30", **seen}
    posted(manager, f"product/{product.pk}/change/", changed)
    product.refresh_from_db()
    assert product.withdrawal_days == 30
    entry = JournalEntry.objects.get(kind="product:updated")
    assert (entry.actor, entry.detail) == ("admin:fred", "withdrawal days: 28 → 30")
    page = manager.get(f"/admin/herd/product/{product.pk}/delete/", secure=True)
    assert page.status_code == 403


def test_ticked_animals_are_treated_after_a_look(
    manager: Client, animal: Animal, product: Product
) -> None:
    chosen = {"action": "treat", "_selected_action": [animal.pk]}
    form = {**chosen, "product": product.pk, "amount": "5", "unit": "ml", **given()}
    looked = posted(manager, "animal/", {**form, "look": "1"})
    assert "1 animal treated with Oxytet" in looked
    assert not Treatment.objects.exists()
    done = posted(manager, "animal/", {**form, "apply": "1"})
    assert "lot A113 expired" in done
    treatment = Treatment.objects.get()
    assert (treatment.source, treatment.recorded_by, treatment.unit) == (
        *("admin", "admin:fred", "ml"),
    )
    page = manager.get(f"/admin/herd/animal/{animal.pk}/change/", secure=True).content.decode()
    assert "Oxytet" in page


def test_a_treatment_is_added_shown_and_made_void(
    manager: Client, animal: Animal, product: Product
) -> None:
    form = {"animal": animal.pk, "product": product.pk, "reason": "foot rot", **given()}
    posted(manager, "treatment/add/", form)
    treatment = Treatment.objects.get()
    animal.refresh_from_db()
    assert animal.clear_on == treatment.clear_on
    page = manager.get(f"/admin/herd/treatment/{treatment.pk}/change/", secure=True)
    assert b"foot rot" in page.content
    posted(manager, f"treatment/{treatment.pk}/do/void_treatments/", {"reason": "x", "apply": "1"})
    assert Treatment.objects.get().void_reason == "x"
    assert Animal.objects.get().clear_on is None


def test_a_treatment_from_the_future_is_refused_with_a_sentence(
    manager: Client, animal: Animal, product: Product
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    form = {"animal": animal.pk, "product": product.pk, **given()}
    page = posted(manager, "treatment/add/", {**form, "given_at_0": tomorrow.isoformat()})
    assert "cannot be from the future" in page
    assert not Treatment.objects.exists()
