"""Products and treatments over REST: one, many, by pen and batch, by weight, voided, followed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from herd import operations
from herd.local_time import localdate
from herd.models import Animal, JournalEntry, Product, Treatment
from herd.unit_of_work import open_unit_of_work
from remote.api import snapshot
from remote.api.events import read_messages
from remote.wire import START
from tests.remote.api.rows import ROOT, a_batch, a_pen, an_animal

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


def sent(api: APIClient, path: str, body: Any, method: str = "post", **more: Any) -> Any:
    return getattr(api, method)(ROOT + path, body, format="json", **more)


def a_product(**more: Any) -> Product:
    values = {"name": "Oxytet 200", "kind": "antibiotic", "withdrawal_days": 28, "lot_no": "A113"}
    return Product.objects.create(**(values | more))


def today() -> date:
    return timezone.localdate()


# -- products -------------------------------------------------------------------------------------


def test_a_product_is_entered_changed_and_taken_out_of_use(api: APIClient) -> None:
    body = {"name": "Oxytet 200", "kind": "antibiotic", "withdrawal_days": 28, "ml_per_100kg": 10}
    made = sent(api, "products", body)
    assert made.status_code == 201
    product = made.json()
    assert (product["ml_per_100kg"], product["active"], product["expires_on"]) == (10, True, None)
    changes = {"withdrawal_days": 30, "active": False, "seen": {"withdrawal_days": "28"}}
    changed = sent(api, f"products/{product['id']}", changes, "patch").json()
    assert (changed["withdrawal_days"], changed["active"]) == (30, False)
    older = {"withdrawal_days": 29, "seen": {"withdrawal_days": "28"}}
    answer = sent(api, f"products/{product['id']}", older, "patch")
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_since")
    assert api.get(f"{ROOT}products?active=false").json()["total"] == 1
    assert api.get(f"{ROOT}products?active=true").json()["total"] == 0
    told = JournalEntry.objects.filter(kind__startswith="product").values_list("kind", flat=True)
    assert list(told.order_by("seq")) == ["product:created", "product:updated"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "X", "withdrawal_days": -1}, "withdrawal_days"),
        ({"name": "X", "withdrawal_days": 731}, "withdrawal_days"),
        ({"name": "X", "kind": "magic"}, "kind"),
        ({"name": "X", "ml_per_100kg": 0}, "ml_per_100kg"),
        ({"name": "X", "expires_on": "soon"}, "expires_on"),
        ({"name": "X", "dosage": "1"}, "dosage"),
    ],
)
def test_what_no_product_can_be_is_refused(
    api: APIClient, body: dict[str, Any], field: str
) -> None:
    answer = sent(api, "products", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_a_name_in_other_capitals_is_taken(api: APIClient) -> None:
    a_product()
    for name in ("Oxytet 200", "OXYTET 200"):
        assert sent(api, "products", {"name": name}).json()["code"] == "name_taken"


# -- one animal -----------------------------------------------------------------------------------


def test_a_treatment_holds_its_animal_until_the_farms_day(api: APIClient) -> None:
    animal, product = an_animal(livestock_id="L1"), a_product()
    with override_settings(TIME_ZONE="Europe/Madrid"):
        given = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)  # 00:30 of the 27th
        with open_unit_of_work("office:ana") as unit:
            dose = operations.Dose(product.pk, given)
            asked = operations.Treating([animal.pk], dose, given, "office")
            operations.treat(unit, asked)
    animal.refresh_from_db()
    assert animal.clear_on == date(2026, 12, 25)


@pytest.mark.parametrize(
    ("kg", "per_100kg", "body", "amount", "unit"),
    [
        ("425.00", 10, {}, 42.5, "ml"),
        ("425.00", 10, {"amount": 40}, 40, "ml"),
        ("425.00", None, {"amount": 2, "unit": "tablets"}, 2, "tablets"),
        ("425.00", None, {}, None, ""),
        (None, 10, {}, None, ""),
    ],
)
def test_the_dose_is_by_the_last_good_weight_where_nobody_says_it(
    api: APIClient,
    kg: str | None,
    per_100kg: int | None,
    body: dict[str, Any],
    amount: Any,
    unit: str,
) -> None:
    animal = an_animal(last_weight_kg=kg and Decimal(kg))
    product = a_product(ml_per_100kg=per_100kg)
    path = f"cattle/{animal.pk}/treatments"
    looked = sent(api, path + "?preview=1", {"product_id": product.pk, **body}).json()
    assert not Treatment.objects.exists()
    made = sent(api, path, {"product_id": product.pk, "reason": "foot rot", **body}).json()
    for one in (looked, made):
        assert (one["amount"], one["unit"], one["lot_no"]) == (amount, unit, "A113")
    assert made["clear_on"] == (today() + timedelta(days=28)).isoformat()
    assert made["warning"] == ""
    (listed,) = api.get(ROOT + path).json()["data"]
    assert listed == {name: made[name] for name in listed}
    assert api.get(f"{ROOT}cattle/{animal.pk}").json()["clear_on"] == made["clear_on"]
    (entry,) = api.get(f"{ROOT}cattle/{animal.pk}/history").json()["data"]
    assert (entry["kind"], entry["product"], entry["reason"]) == (
        "treatment",
        "Oxytet 200",
        "foot rot",
    )


def test_a_repeated_request_treats_once(api: APIClient) -> None:
    animal, product = an_animal(), a_product()
    path, body = f"cattle/{animal.pk}/treatments", {"product_id": product.pk}
    answers = [sent(api, path, body, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert Treatment.objects.count() == 1
    assert answers[0].json() == answers[1].json()


def test_an_expired_lot_is_told(api: APIClient) -> None:
    animal, product = an_animal(), a_product(expires_on=today() - timedelta(days=1))
    path = f"cattle/{animal.pk}/treatments"
    assert "A113 expired" in sent(api, path, {"product_id": product.pk}).json()["warning"]
    other = {"product_id": product.pk, "lot_no": "B7"}
    assert sent(api, path, other).json()["warning"] == ""
    Product.objects.update(expires_on=today())  # its last day
    assert sent(api, path, {"product_id": product.pk}).json()["warning"] == ""


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"product_id": 999}, 404, "unknown_product"),
        ({"amount": -1}, 400, "invalid"),
        ({"given_at": "2100-01-01T00:00:00Z"}, 400, "bad_value"),
        ({"product_no": 1}, 400, "invalid"),
    ],
)
def test_what_no_treatment_can_be_is_refused(
    api: APIClient, body: dict[str, Any], status: int, code: str
) -> None:
    animal, product = an_animal(), a_product()
    answer = sent(api, f"cattle/{animal.pk}/treatments", {"product_id": product.pk, **body})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Treatment.objects.exists()


def test_a_product_out_of_use_and_one_that_has_left_are_refused(api: APIClient) -> None:
    gone = an_animal(status="exported", left_on=today() - timedelta(days=1))
    product = a_product()
    answer = sent(api, f"cattle/{gone.pk}/treatments", {"product_id": product.pk}).json()
    assert answer["code"] == "not_on_feed"
    Product.objects.update(active=False)
    answer = sent(api, f"cattle/{an_animal().pk}/treatments", {"product_id": product.pk}).json()
    assert (answer["code"], list(answer["fields"])) == ("bad_value", ["product_id"])


def test_the_latest_of_those_that_stand_counts(api: APIClient) -> None:
    animal, short, long = an_animal(), a_product(withdrawal_days=3), a_product(name="Long")
    path = f"cattle/{animal.pk}/treatments"
    for product in (long, short):
        sent(api, path, {"product_id": product.pk})
    animal.refresh_from_db()
    assert animal.clear_on == today() + timedelta(days=28)
    treatment = Treatment.objects.get(product=long)
    void = f"treatments/{treatment.pk}/void"
    assert sent(api, void, {"reason": ""}).status_code == 400
    for _ in range(2):
        told = sent(api, void, {"reason": "another one"}).json()
    assert (told["void_reason"], told["voided_by"][:4]) == ("another one", "key:")
    animal.refresh_from_db()
    assert animal.clear_on == today() + timedelta(days=3)
    assert JournalEntry.objects.filter(kind="treatment:voided").count() == 1
    assert api.get(f"{ROOT}treatments?void=true").json()["total"] == 1
    sent(api, f"treatments/{Treatment.objects.get(product=short).pk}/void", {"reason": "too"})
    assert Animal.objects.get(pk=animal.pk).clear_on is None
    assert sent(api, "treatments/999/void", {"reason": "x"}).json()["code"] == "unknown_treatment"


# -- many -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["cattle_ids", "pen_id", "batch_id"])
def test_many_are_treated_at_once(api: APIClient, by: str) -> None:
    pen, batch, product = a_pen(), a_batch(), a_product()
    here = [an_animal(pen=pen, batch=batch) for _ in range(3)]
    an_animal(pen=pen, batch=batch, status="dead", left_on=today() - timedelta(days=9))
    an_animal()
    ids = [one.pk for one in here]
    among = {"cattle_ids": ids, "pen_id": pen.pk, "batch_id": batch.pk}
    answer = sent(api, "treatments", {by: among[by], "product_id": product.pk})
    told = answer.json()
    assert (answer.status_code, told["count"], sorted(told["cattle_ids"])) == (201, 3, ids)
    assert api.get(f"{ROOT}cattle?held=true").json()["total"] == 3
    assert api.get(f"{ROOT}cattle?held=false").json()["total"] == 1  # the dead one is neither
    for name, value in {"pen": pen.pk, "cattle": ids[0], "product": product.pk}.items():
        found = api.get(f"{ROOT}treatments?{name}={value}").json()["total"]
        assert found == (1 if name == "cattle" else 3)


@pytest.mark.parametrize(
    "body", [{}, {"cattle_ids": [], "pen_id": None}, {"cattle_ids": [1], "pen_id": 1}]
)
def test_whom_is_said_in_one_way(api: APIClient, body: dict[str, Any]) -> None:
    answer = sent(api, "treatments", {"product_id": a_product().pk, **body})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_none_is_treated_where_one_cannot_be(api: APIClient) -> None:
    gone = an_animal(status="sold", left_on=today() - timedelta(days=1))
    body = {"cattle_ids": [an_animal().pk, gone.pk], "product_id": a_product().pk}
    assert sent(api, "treatments", body).json()["code"] == "not_on_feed"
    assert not Treatment.objects.exists()
    empty = {"pen_id": a_pen().pk, "product_id": Product.objects.get().pk}
    assert sent(api, "treatments", empty).json()["fields"].keys() == {"pen_id"}


# -- followed -------------------------------------------------------------------------------------


def test_feed_and_snapshot_tell_products_and_treatments(api: APIClient) -> None:
    animal, product = an_animal(), a_product(ml_per_100kg=Decimal("2.50"))
    made = sent(api, f"cattle/{animal.pk}/treatments", {"product_id": product.pk}).json()
    told = [message for message in read_messages(START, 99) if '"treatment:' in message.text]
    assert [message.topic for message in told] == ["cattle"]
    lines = list(snapshot.lines())
    (row,) = [line for line in lines if '"topic":"treatments"' in line]
    assert f'"clear_on":"{made["clear_on"]}"' in row
    (row,) = [line for line in lines if '"topic":"products"' in line]
    assert '"ml_per_100kg":2.5' in row
    assert '"active":true' in row


def test_a_corrected_clock_moves_a_treatment_and_its_clear_day() -> None:
    animal, product = an_animal(), a_product()
    at = timezone.now() - timedelta(days=40)
    with open_unit_of_work("radio") as unit:
        dose = operations.Dose(product.pk, at)
        operations.treat(unit, operations.Treating([animal.pk], dose, at, "radio"))
    after = at + timedelta(days=10)
    with open_unit_of_work("radio") as unit:
        operations.retime(unit, operations.Retiming(animal.pk, at, after))
    assert Treatment.objects.get().given_at == after
    stands = Animal.objects.get(pk=animal.pk)
    assert stands.clear_on == localdate(after) + timedelta(days=28)
