"""Animals that leave the feedlot, what is put right of it afterwards, and on which day it was."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import override_settings

from herd import errors, operations
from herd.commands import Induction, Source, TagRead
from herd.models import Animal, Batch, JournalEntry, Movement
from herd.unit_of_work import open_unit_of_work

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # 09:00 of the 21st in Auckland
TODAY = NOW.date()


@pytest.fixture
def animal() -> Animal:
    return read("hxb")


@pytest.fixture
def auckland() -> object:
    with override_settings(TIME_ZONE="Pacific/Auckland"):
        yield


def read(source: Source) -> Animal:
    with open_unit_of_work("radio") as unit:
        return operations.record_read(unit, TagRead("LOT1", "LF1", "", source), NOW)


def leave(animal: Animal, status: str, on: date = TODAY, reason: str = "") -> Animal:
    with open_unit_of_work("office:ana") as unit:
        operations.leave(unit, operations.Leaving([animal.pk], status, on, NOW, reason))
    return Animal.objects.get(pk=animal.pk)


def told() -> list[tuple[str, str]]:
    rows = JournalEntry.objects.filter(actor="office:ana", kind__startswith="cattle")
    return list(rows.order_by("seq").values_list("kind", "detail"))


def test_a_wrong_day_or_reason_is_put_right_and_told_once(animal: Animal) -> None:
    Animal.objects.update(induction_date=TODAY - timedelta(days=9))
    leave(animal, "dead", TODAY, "bloat")
    yesterday = TODAY - timedelta(days=1)
    for _ in range(2):
        again = leave(animal, "dead", yesterday, "pneumonia")
    assert (again.left_on, again.left_reason) == (yesterday, "pneumonia")
    assert told() == [
        ("cattle:updated", "dead on 2026-11-20: bloat"),
        ("cattle:updated", "dead on 2026-11-19: pneumonia; was dead since 2026-11-20: bloat"),
    ]


def leave_all(animals: list[Animal], *, again: bool = False) -> None:
    ids = [one.pk for one in animals]
    with open_unit_of_work("office:ana") as unit:
        operations.leave(unit, operations.Leaving(ids, "sold", TODAY, NOW, "lot 7", again))


def herd_of(count: int) -> list[Animal]:
    return [
        Animal.objects.create(livestock_id=f"L{one}", first_seen_at=NOW, last_seen_at=NOW)
        for one in range(count)
    ]


def test_among_many_those_that_have_left_in_another_way_are_named_and_none_is_changed() -> None:
    animals = herd_of(9)
    for one in animals[:7]:
        leave(one, "dead", reason="bloat")
    with pytest.raises(errors.HasLeft) as refused:
        leave_all(animals)
    assert str(refused.value) == (
        "7 of 9 have left already: L0 is dead since 2026-11-20, L1 is dead since 2026-11-20, L2 is"
        " dead since 2026-11-20, L3 is dead since 2026-11-20, L4 is dead since 2026-11-20, 2 more."
        " Take them out of the choice."
    )
    assert not Animal.objects.filter(status="sold").exists()


def test_many_are_marked_again_the_same_and_in_another_way_where_that_is_said() -> None:
    animals = herd_of(2)
    leave_all(animals)
    leave_all(animals)
    Animal.objects.filter(pk=animals[0].pk).update(status="dead", left_reason="bloat")
    leave_all(animals, again=True)
    assert set(Animal.objects.values_list("status", "left_reason")) == {("sold", "lot 7")}
    assert told()[-1][1] == "sold on 2026-11-20: lot 7; was dead since 2026-11-20: bloat"


def test_no_animal_leaves_before_it_came(animal: Animal) -> None:
    before = TODAY - timedelta(days=1)
    with pytest.raises(errors.BadValue, match=r"LF1 was first seen on 2026-11-20: .* 2026-11-19"):
        leave(animal, "exported", before)
    Animal.objects.update(induction_date=before)
    assert leave(animal, "exported", before).left_on == before
    with pytest.raises(errors.BadValue, match="was inducted on 2026-11-19: it cannot leave on"):
        leave(animal, "exported", before - timedelta(days=1))


def edit(animal: Animal, **changes: object) -> None:
    with open_unit_of_work("office:ana") as unit:
        found = unit.animal_no(animal.pk)
        operations.edit_animal(unit, found, changes, NOW)


def test_no_animal_is_inducted_after_it_left_or_in_the_future(animal: Animal) -> None:
    with pytest.raises(errors.BadValue, match="future: 2026-11-21"):
        edit(animal, induction_date=TODAY + timedelta(days=1))
    Animal.objects.update(status="sold", left_on=TODAY - timedelta(days=3))
    with pytest.raises(errors.BadValue, match="cannot leave on 2026-11-17"):
        edit(animal, induction_date=TODAY)
    edit(animal, induction_date=TODAY - timedelta(days=3))


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
    with open_unit_of_work("radio") as unit:
        inducted = operations.induct(unit, Induction("", "L1", "LOT2", "P1", "F"), NOW)
        batch = operations.create_batch(unit, {"batch_number": "LOT3"}, NOW)
    assert inducted.induction_date == batch.induction_date == date(2026, 11, 21)


def test_a_gain_counts_the_farms_days(auckland: object, animal: Animal) -> None:
    """Noon of the 2nd and two on the 11th there: nine days, though ten by UTC."""
    for kg, at in (
        (300, datetime(2026, 11, 1, 23, 0, tzinfo=UTC)),
        (318, datetime(2026, 11, 11, 1, 0, tzinfo=UTC)),
    ):
        with open_unit_of_work("office:ana") as unit:
            weighing = operations.Weighing(Decimal(kg), at, "office", NOW)
            operations.record_weight(unit, unit.animal_no(animal.pk), weighing)
    assert Animal.objects.get().adg_kg == pytest.approx(2.0)


def test_another_batch_is_in_the_history_with_reason_and_person(animal: Animal) -> None:
    with open_unit_of_work("office:ana") as unit:
        batch = operations.create_batch(unit, {"batch_number": "LOT2"}, NOW)
        for _ in range(2):
            operations.change_batch(unit, [animal.pk], batch, NOW, "sorted by weight")
    move = Movement.objects.get(to_batch=batch)
    assert (move.came_from, move.reason, move.recorded_by) == (
        "LOT1",
        "sorted by weight",
        "office:ana",
    )
    assert told() == [("cattle:moved", "sorted by weight")]
    assert [one.head_count for one in Batch.objects.order_by("pk")] == [0, 1]
