"""Export reads of the radio tick their animals in the shipment that is loading."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from herd import operations
from herd.models import Animal, JournalEntry, Shipment, ShipmentAnimal
from herd.unit_of_work import UnitOfWork, open_unit_of_work
from lora.framing.frames import Frame
from lora.intake import Heard, store
from lora.simulation.truck import truck_that_is_loading
from lora.worker import BATCH_SIZE, Worker
from tests.lora.test_step_queries import MOST_STATEMENTS, NO_WORK, SECOND

pytestmark = pytest.mark.django_db


def heard(*texts: str) -> None:
    store(
        [
            Heard(Frame(text, "plain"), "udp:1", time.monotonic_ns() + n * SECOND)
            for n, text in enumerate(texts)
        ]
    )
    while Worker().step():
        pass


def changed(operate: Callable[..., Any], *given: Any) -> Any:
    with open_unit_of_work("ana") as unit:
        return operate(unit, *given)


def a_truck(*animals: Animal, begun: datetime | None = None, number: str = "S-1") -> Shipment:
    def plan(unit: UnitOfWork) -> Shipment:
        at = begun or timezone.now() - timedelta(hours=1)
        made = operations.create_shipment(unit, {"shipment_number": number}, at)
        operations.plan_animals(unit, made, [one.pk for one in animals], at)
        return operations.begin_loading(unit, made, at)

    return changed(plan)  # type: ignore[no-any-return]  # see above


def told() -> list[tuple[str | None, bool, bool]]:
    rows = ShipmentAnimal.objects.select_related("animal").order_by("animal_id", "pk")
    return [(row.animal.lf_tag, row.planned, row.loaded_at is not None) for row in rows]


@pytest.fixture
def animals() -> list[Animal]:
    heard("hxb:B1:LF1:", "hxb:B1:LF2:")
    return list(Animal.objects.order_by("pk"))


def test_planned_ones_are_ticked_and_others_are_extra(animals: list[Animal]) -> None:
    a_truck(*animals)
    heard("hxe:B1:LF1:", "hxe:B1:LF9:", "hxe:B1:LF1:", "hxb:B1:LF2:")
    assert told() == [("LF1", True, True), ("LF2", True, False), ("LF9", False, True)]
    assert Animal.objects.get(lf_tag="LF1").status == "exported"
    updates = JournalEntry.objects.filter(kind="shipment:updated", actor="radio")
    assert updates.count() == 1
    row = ShipmentAnimal.objects.get(animal__lf_tag="LF1")
    assert row.loaded_by == "radio"


def test_the_truck_leaves_with_what_the_radio_exported_and_is_taken_back(
    animals: list[Animal],
) -> None:
    truck = a_truck(*animals)
    heard("hxe:B1:LF1:")

    def ship(unit: UnitOfWork) -> Shipment:
        found = unit.by_number(Shipment, [truck.pk])[truck.pk]
        now = timezone.now()
        return operations.ship(unit, found, operations.Shipping(now, timezone.localdate(now)))

    shipped = changed(ship)
    assert (shipped.shipped_count, shipped.missing_count) == (1, 1)
    changed(operations.undo, shipped.change_id, timezone.now())
    one = Animal.objects.get(lf_tag="LF1")
    assert (one.status, one.left_reason) == ("exported", "")  # as the radio had left it


def test_what_was_read_before_loading_began_counts_for_none(animals: list[Animal]) -> None:
    a_truck(*animals, begun=timezone.now() + timedelta(hours=1))
    heard("hxe:B1:LF1:")
    assert told() == [("LF1", True, False), ("LF2", True, False)]


def test_of_two_trucks_only_the_planned_one_is_ticked(animals: list[Animal]) -> None:
    a_truck(animals[0])
    a_truck(animals[1], number="S-2")
    heard("hxe:B1:LF2:", "hxe:B1:LF9:")
    assert told() == [("LF1", True, False), ("LF2", True, True)]


def test_a_dead_animal_is_not_loaded(animals: list[Animal]) -> None:
    truck = a_truck(animals[0])
    Animal.objects.filter(pk=animals[0].pk).update(status="dead")
    heard("hxe:B1:LF1:")
    assert told() == [("LF1", True, False)]
    assert truck.state == "loading"


def test_a_full_step_of_export_reads_makes_few_statements() -> None:
    heard(*(f"hxb:B1:LF{n}:U{n}" for n in range(BATCH_SIZE)))
    a_truck(*Animal.objects.order_by("pk")[: BATCH_SIZE // 2])
    store(
        [
            Heard(Frame(f"hxe:B2:LF{n}:U{n}", "plain"), "udp:1", time.monotonic_ns())
            for n in range(BATCH_SIZE)
        ]
    )
    with CaptureQueriesContext(connection) as made:
        assert Worker().step() == BATCH_SIZE
    every = [one["sql"] for one in made.captured_queries]
    statements = [one for one in every if not one.startswith(NO_WORK)]
    assert len(statements) <= MOST_STATEMENTS, "\n".join(one[:120] for one in statements)
    assert ShipmentAnimal.objects.filter(loaded_at__isnull=False).count() == BATCH_SIZE


def test_a_step_without_export_reads_asks_nothing_of_shipments() -> None:
    a_truck()
    store([Heard(Frame("hxb:B1:LF1:U1", "plain"), "udp:1", time.monotonic_ns())])
    with CaptureQueriesContext(connection) as made:
        Worker().step()
    assert not [one for one in made.captured_queries if "shipment" in one["sql"]]


def test_the_simulated_ramp_loads_all_but_a_few_and_one_stranger() -> None:
    heard(*(f"hxb:B1:9820000000{number:05}:" for number in range(1, 42)))
    *herd, stranger = Animal.objects.order_by("pk")
    assert truck_that_is_loading() is None
    shipment = a_truck(*herd)
    truck = truck_that_is_loading()
    assert truck is not None
    payloads = [one.decode() for one in truck.payloads(seed=1)]
    assert payloads == [one.decode() for one in truck.payloads(seed=1)]
    assert len(set(payloads)) < len(payloads)  # an animal that stands in the gate is heard again
    heard(*payloads)
    counts = Shipment.objects.counted().get(pk=shipment.pk)
    assert (counts.loaded_count, counts.missing_count, counts.extra_count) == (39, 2, 1)
    extra = ShipmentAnimal.objects.get(planned=False)
    assert extra.animal == stranger


def test_the_simulated_ramp_needs_a_shipment_that_is_loading() -> None:
    with pytest.raises(CommandError, match="begin to load one"):
        call_command("simulate", "--truck", "--to=127.0.0.1:9")
