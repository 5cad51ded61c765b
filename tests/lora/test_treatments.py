"""Treatments that a barn device tells: how they are spelt, and what becomes of them."""

import time
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from herd.commands import CheckIn, TreatmentGiven
from herd.models import Animal, JournalEntry, Product, Treatment
from lora.framing.frames import Frame
from lora.intake import Heard, store
from lora.models import LoRaPayload
from lora.payloads import InvalidPayload, parse
from lora.retry import retry
from lora.worker import BATCH_SIZE, Worker
from tests.lora.test_step_queries import MOST_STATEMENTS, NO_WORK, SECOND
from tests.lora.test_worker import Barn

HEAD = "event:hxbtrt1|lid:L1|product:Oxytet 200"


@pytest.fixture
def barn() -> Barn:
    return Barn()


@pytest.fixture
def product() -> Product:
    return Product.objects.create(name="Oxytet 200", withdrawal_days=12, ml_per_100kg="10")


@pytest.mark.parametrize(
    ("told", "amount", "unit"),
    [
        ("", None, ""),
        ("|amount:42.5", "42.5", ""),
        ("|amount:42,5 ml", "42.5", "ml"),
        ("|amount:42.5ml", "42.5", "ml"),
        ("|dose:2 tablets", "2", "tablets"),
        ("|amount:2|unit:boluses", "2", "boluses"),
        ("|amount:2 ML|unit:ml", "2", "ML"),
        ("|amount:n/a", None, ""),
        ("|AMOUNT: 7 ", "7", ""),
    ],
)
def test_an_amount_may_have_its_unit(told: str, amount: str | None, unit: str) -> None:
    parsed = parse(HEAD + told)
    given = None if amount is None else Decimal(amount)
    assert parsed == TreatmentGiven("hxbtrt1", "L1", "Oxytet 200", given, unit)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD + "|amount:0", "bad_amount"),
        (HEAD + "|amount:-3", "bad_amount"),
        (HEAD + "|amount:1,250", "bad_amount"),
        (HEAD + "|amount:much", "bad_amount"),
        (HEAD + "|amount:4 5", "bad_amount"),
        (HEAD + "|amount:999999", "bad_amount"),
        (HEAD + "|amount:2 ml|unit:g", "bad_amount"),
        (HEAD + "|unit:" + "m" * 21, "field_too_long"),
        (HEAD + "|product:Draxxin", "ambiguous_field"),
        ("event:hxbtrt1|lid:L1", "missing_field"),
        ("event:hxbtrt1|product:Oxytet 200", "missing_field"),
        ("event:hxbtrt1|lid:L1|product:n/a", "missing_field"),
    ],
)
def test_what_tells_no_treatment_says_why(text: str, code: str) -> None:
    parsed = parse(text)
    assert isinstance(parsed, InvalidPayload)
    assert parsed.code == code


def test_the_id_of_a_treatment_counts_beside_other_fields() -> None:
    parsed = parse(HEAD + "|weight:425|pen:P1")
    assert isinstance(parsed, TreatmentGiven)
    assert parsed.extra == (("weight_kg", "425"), ("pen_number", "P1"))
    weighed = parse("event:hxbchi1|lid:L1|weight:425|product:Oxytet 200")
    assert isinstance(weighed, CheckIn)
    assert isinstance(parse("event:hxbxyz1|lid:L1|product:Oxytet 200"), TreatmentGiven)


@pytest.mark.django_db
def test_a_treatment_holds_its_animal_and_is_journalled(barn: Barn, product: Product) -> None:
    barn.hear("event:hxbchi1|lid:L1|weight:425")
    row = barn.hear(HEAD.replace("Oxytet", "OXYTET") + "|lot_no:B7|reason:foot rot")
    assert (row.status, row.error_code) == ("processed", "")
    treatment = Treatment.objects.get()
    assert (treatment.product, treatment.amount, treatment.unit) == (product, Decimal("42.5"), "ml")
    assert (treatment.lot_no, treatment.reason, treatment.source) == ("B7", "foot rot", "radio")
    assert (treatment.given_at, treatment.recorded_by) == (row.received_at, "radio")
    animal = Animal.objects.get()
    assert (animal.clear_on, row.animal_id) == (treatment.clear_on, animal.pk)
    assert JournalEntry.objects.filter(kind="treatment:recorded").count() == 1


@pytest.mark.django_db
def test_an_unknown_product_is_never_invented_and_is_tried_again(barn: Barn) -> None:
    row = barn.hear(HEAD)
    assert (row.status, row.error_code) == ("error", "unknown_product")
    assert not Product.objects.exists()
    assert not Animal.objects.exists()
    Product.objects.create(name="Oxytet 200", withdrawal_days=12)
    retry(row.pk, actor="office:ana")
    barn.worker.step()
    row.refresh_from_db()
    assert row.status == "processed"
    assert Treatment.objects.get().animal.livestock_id == "L1"


@pytest.mark.django_db
def test_the_same_event_treats_once_and_another_text_is_refused(
    barn: Barn, product: Product
) -> None:
    barn.hear(HEAD)
    assert barn.hear(HEAD, after=3600).status == "duplicate"
    assert barn.hear(HEAD + "|amount:3").error_code == "event_id_reused"
    assert Treatment.objects.count() == 1


@pytest.mark.django_db
def test_the_animal_may_be_named_by_its_tag_and_one_that_has_left_is_an_error(
    barn: Barn, product: Product
) -> None:
    barn.hear("hxb:B1:982000001088420:")
    barn.hear("event:hxbtrt1|lid:982 000001088420|product:oxytet 200")
    assert Animal.objects.get().clear_on is not None
    barn.hear("hxe:B1:982000001088420:", after=86400 * 40)
    Animal.objects.update(left_on="2020-01-01")
    row = barn.hear("event:hxbtrt2|lid:982000001088420|product:Oxytet 200", after=86400)
    assert (row.status, row.error_code) == ("error", "not_on_feed")


@pytest.mark.django_db
def test_a_late_treatment_is_of_its_own_time(product: Product) -> None:
    told = Frame(HEAD, "tts", reported_at=time.time() - 3 * 86400)
    store([Heard(told, "http:1", time.monotonic_ns())])
    Worker().step()
    row = LoRaPayload.objects.get()
    assert (row.status, row.late) == ("processed", True)
    assert Treatment.objects.get().given_at == row.read_at < row.received_at


@pytest.mark.django_db
def test_a_step_of_treatments_makes_few_statements(product: Product) -> None:
    def told(n: int) -> str:
        kind = ("hxb:B1:LF{n}:U{n}", "event:hxbchi{n}|lid:L{n}|weight:400", "{trt}")[n % 3]
        return kind.format(n=n % 60, trt=f"event:hxbtrt{n}|lid:L{n % 60}|product:Oxytet 200")

    frame, worker = Frame("", "plain"), Worker()
    for start in (0, BATCH_SIZE):
        numbers = range(start, start + BATCH_SIZE)
        store([Heard(replace(frame, text=told(n)), "udp:1", n * 60 * SECOND) for n in numbers])
        with CaptureQueriesContext(connection) as made:
            assert worker.step() == BATCH_SIZE
        every = [one["sql"] for one in made.captured_queries]
        statements = [one for one in every if not one.startswith(NO_WORK)]
        assert len(statements) <= MOST_STATEMENTS, "\n".join(one[:120] for one in statements)
    assert Treatment.objects.count() > BATCH_SIZE / 2
