"""Rows for tests, each with only what matters said."""

import time
from datetime import UTC, datetime
from typing import Any

from herd.models import (
    Animal,
    Batch,
    Pen,
    Product,
    Pull,
    Session,
    Shipment,
    Treatment,
    WeightRecord,
    WorkMark,
)
from herd.storage import journal
from lora.framing.frames import Frame
from lora.intake import Heard, store
from lora.models import LoRaPayload
from tests.herd.counting import recount

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROOT = "/api/remote/"


def a_batch(number: str = "B1", **more: Any) -> Batch:
    return Batch.objects.create(batch_number=number, **more)


def a_pen(number: str = "P1", **more: Any) -> Pen:
    return Pen.objects.create(pen_number=number, **more)


def an_animal(**more: Any) -> Animal:
    animal = Animal.objects.create(**({"first_seen_at": AT, "last_seen_at": AT} | more))
    recount()
    return animal


def a_weight(animal: Animal, kg: str = "350.00", **more: Any) -> WeightRecord:
    values = {"animal": animal, "weight_kg": kg, "recorded_at": AT, "source": "radio"}
    return WeightRecord.objects.create(**(values | more))


def a_mark(key: str = "suspect:1", **more: Any) -> WorkMark:
    made = {"kind": "dismissed", "key": key, "text": "A1", "reason": "noise", "made_at": AT}
    return WorkMark.objects.create(**(made | more))


def a_session(name: str = "Morning", **more: Any) -> Session:
    tasks = {"weigh": True, "pair_tags": False, "treat": [], "sort": None}
    return Session.objects.create(**({"name": name, "started_at": AT, "tasks": tasks} | more))


def a_treatment(animal: Animal, **more: Any) -> Treatment:
    product, _ = Product.objects.get_or_create(name="Oxytet", withdrawal_days=28)
    values = {"animal": animal, "product": product, "given_at": AT, "clear_on": AT.date()}
    return Treatment.objects.create(**({"source": "office"} | values | more))


def a_pull(animal: Animal, **more: Any) -> Pull:
    values = {"animal": animal, "cause": "respiratory", "pulled_at": AT, "source": "office"}
    return Pull.objects.create(**(values | more))


def a_shipment(number: str = "S-1", **more: Any) -> Shipment:
    values = {"shipment_number": number, "day": AT.date(), "planned_at": AT}
    return Shipment.objects.create(**(values | more))


def a_payload(text: str = "hxb:B1:LF1:U1", error: str | None = None) -> LoRaPayload:
    (row,) = store([Heard(Frame(text, "plain", error), "udp:10.0.0.1", time.monotonic_ns())])
    return row


def happened(kind: str, pk: int) -> None:
    """One more journal row."""
    with journal.writing():
        journal.record_many([journal.Entry(kind, pk, AT)])
