"""A weight costs no more for the many that an animal has: the older ones are not loaded."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from herd import operations
from herd.models import Animal, WeightRecord
from herd.operations.weighings import recalculate_gain
from herd.unit_of_work import Prefetch, UnitOfWork, open_unit_of_work
from tests.herd.test_without_database import NOW

pytestmark = pytest.mark.django_db


def an_animal(days: int, first_ago: int, a_day: int = 4) -> Animal:
    """Return one that a scale weighed on so many days, of which the last is `first_ago - days`
    days ago; it gains 1.5 kg a day."""
    with open_unit_of_work("radio") as unit:
        animal = operations.animal_or_pending(unit, "L1", NOW)
    WeightRecord.objects.bulk_create(
        WeightRecord(
            animal=animal,
            weight_kg=Decimal(300 + day + day // 2),
            recorded_at=NOW - timedelta(days=first_ago - day, minutes=place),
            source="radio",
        )
        for day in range(days)
        for place in range(a_day)
    )
    return animal


def loaded(animal: Animal) -> tuple[int, bool]:
    unit = UnitOfWork("radio")
    unit.prepare(Prefetch(livestock_id=frozenset({"L1"}), weighed=frozenset({"L1"})))
    held, are_all = unit.recent_weighings(animal)
    return len(held), are_all


@pytest.mark.parametrize(
    ("days", "a_day", "held"),
    [(10, 1, (10, True)), (64, 1, (64, True)), (100, 4, (400, True)), (300, 4, (541, False))],
)
def test_the_weighings_of_some_months_are_loaded(
    days: int, a_day: int, held: tuple[int, bool]
) -> None:
    assert loaded(an_animal(days, days, a_day)) == held


def test_of_a_scale_that_weighs_seldom_the_latest_64_are_loaded() -> None:
    animal = an_animal(300, 700, a_day=1)
    WeightRecord.objects.filter(recorded_at__gte=NOW - timedelta(days=500)).delete()
    WeightRecord.objects.update(quality="ok")
    for ago in (300, 200, 100):
        WeightRecord.objects.create(
            animal=animal, weight_kg=700, recorded_at=NOW - timedelta(days=ago), source="radio"
        )
    assert loaded(animal) == (64, False)


def test_a_weight_reads_no_older_ones_and_comes_to_the_same() -> None:
    animal = an_animal(300, 300)
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        open_unit_of_work("radio") as unit,
    ):
        weighing = operations.Weighing(Decimal(750), NOW, "radio")
        operations.record_weight(unit, unit.animal_no(animal.pk), weighing)
        assert len(unit.recent_weighings(unit.animal_no(animal.pk))[0]) == 542
    assert sum("cattle_weight_history" in one["sql"] for one in queries.captured_queries) == 2
    by_recent = Animal.objects.values("adg_kg", "adg_confidence", "expected_kg").get()
    with open_unit_of_work("radio") as unit:
        assert len(unit.weighings(unit.animal_no(animal.pk))) == 1201
        recalculate_gain(unit, unit.animal_no(animal.pk), NOW)
    assert Animal.objects.values("adg_kg", "adg_confidence", "expected_kg").get() == by_recent
    assert by_recent["adg_confidence"] == "ok"


def test_the_older_ones_join_those_that_were_changed() -> None:
    animal = an_animal(300, 300)
    with open_unit_of_work("radio") as unit:
        held, _ = unit.recent_weighings(animal := unit.animal_no(animal.pk))
        unit.remove_weighing(held[3])
        weighing = operations.Weighing(Decimal(750), NOW, "radio")
        operations.record_weight(unit, animal, weighing)
        found = unit.weighings(animal)
        assert found is held
        assert len({one.pk for one in found}) == len(found) == 1200
        assert found == sorted(found, key=lambda one: (one.recorded_at, one.pk), reverse=True)
