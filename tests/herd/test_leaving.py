"""Animals that leave the feedlot, what is put right of it afterwards, and on which day it was."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from herd import errors, operations
from herd.models import Animal, Batch, JournalEntry, Movement
from herd.register import open_register

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # 09:00 of the 21st in Auckland
TODAY = NOW.date()


@pytest.fixture
def animal() -> Animal:
    return read("hxb")


@pytest.fixture
def auckland() -> object:
    with timezone.override("Pacific/Auckland"):
        yield


def read(source: str) -> Animal:
    with open_register("radio") as register:
        return operations.record_read(register, operations.Read("LOT1", "LF1", "", source, NOW))


def leave(animal: Animal, status: str, on: date = TODAY, reason: str = "") -> Animal:
    with open_register("office:ana") as register:
        operations.leave(register, operations.Leaving([animal.pk], status, on, NOW, reason))
    return Animal.objects.get(pk=animal.pk)


def told() -> list[tuple[str, str]]:
    rows = JournalEntry.objects.filter(actor="office:ana", kind__startswith="cattle")
    return list(rows.order_by("seq").values_list("kind", "detail"))


def test_a_wrong_day_or_reason_is_put_right_and_told_once(animal: Animal) -> None:
    leave(animal, "dead", TODAY, "bloat")
    yesterday = TODAY - timedelta(days=1)
    for _ in range(2):
        again = leave(animal, "dead", yesterday, "pneumonia")
    assert (again.left_on, again.left_reason) == (yesterday, "pneumonia")
    assert told() == [
        ("cattle:updated", "dead on 2026-11-20: bloat"),
        ("cattle:updated", "dead on 2026-11-19: pneumonia"),
    ]


def test_an_export_that_is_put_right_is_no_second_export(animal: Animal) -> None:
    leave(animal, "exported")
    leave(animal, "exported", reason="buyer 7")
    assert [kind for kind, _ in told()] == ["cattle:exported", "cattle:updated"]


@pytest.mark.parametrize("status", ["dead", "sold"])
def test_dead_and_sold_need_a_reason_and_the_others_do_not(animal: Animal, status: str) -> None:
    with pytest.raises(errors.ReasonNeeded, match=status):
        leave(animal, status, reason=" ")
    assert leave(animal, "exported").status == "exported"
    assert leave(animal, "active").left_on is None


def test_the_day_is_the_farms_own(auckland: object, animal: Animal) -> None:
    local = date(2026, 11, 21)
    assert leave(animal, "exported", local).left_on == local
    with pytest.raises(errors.BadValue, match="future"):
        leave(animal, "exported", local + timedelta(days=1))
    assert Batch.objects.get().induction_date == local


def test_an_export_read_an_induction_and_a_new_batch_bear_the_farms_day(auckland: object) -> None:
    assert read("hxe").left_on == date(2026, 11, 21)
    with open_register("radio") as register:
        inducted = operations.induct(register, operations.Induction("L1", "LOT2", "P1", "F", NOW))
        batch = operations.create_batch(register, {"batch_number": "LOT3"}, NOW)
    assert inducted.induction_date == batch.induction_date == date(2026, 11, 21)


def test_a_gain_counts_the_farms_days(auckland: object, animal: Animal) -> None:
    """Noon of the 2nd and two on the 11th there: nine days, though ten by UTC."""
    for kg, at in ((300, datetime(2026, 11, 1, 23, 0, tzinfo=UTC)),
                   (318, datetime(2026, 11, 11, 1, 0, tzinfo=UTC))):  # fmt: skip
        with open_register("office:ana") as register:
            weighing = operations.Weighing(Decimal(kg), at, "office", NOW)
            operations.record_weight(register, register.animal_no(animal.pk), weighing)
    assert Animal.objects.get().adg_kg == pytest.approx(2.0)


def test_another_batch_is_in_the_history_with_reason_and_person(animal: Animal) -> None:
    with open_register("office:ana") as register:
        batch = operations.create_batch(register, {"batch_number": "LOT2"}, NOW)
        for _ in range(2):
            operations.change_batch(register, [animal.pk], batch, NOW, "sorted by weight")
    move = Movement.objects.get(to_batch=batch)
    assert (move.came_from, move.reason, move.recorded_by) == (
        "LOT1", "sorted by weight", "office:ana",
    )  # fmt: skip
    assert told() == [("cattle:moved", "sorted by weight")]
    assert [one.head_count for one in Batch.objects.order_by("pk")] == [0, 1]
