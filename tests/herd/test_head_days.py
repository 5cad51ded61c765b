"""Head-days of a batch, by the movements of its animals: the worked example of docs/formulas.md."""

from datetime import UTC, date, datetime

import pytest

from herd import operations
from herd.commands import TagRead
from herd.head_days import head_days_of
from herd.models import Animal, Batch
from herd.unit_of_work import open_unit_of_work

pytestmark = pytest.mark.django_db

THROUGH = date(2026, 3, 20)


def at(day: int) -> datetime:
    return datetime(2026, 3, day, 12, 0, tzinfo=UTC)


@pytest.fixture
def batches() -> list[Batch]:
    return [Batch.objects.create(batch_number=name) for name in "AB"]


def two_in(batch: Batch) -> list[int]:
    with open_unit_of_work("radio") as unit:
        reads = [TagRead(batch.batch_number, f"LF{one}", "", "hxb") for one in (1, 2)]
        return [operations.record_read(unit, read, at(1)).pk for read in reads]


def move(animal: int, batch: Batch, day: int) -> None:
    with open_unit_of_work("ana") as unit:
        operations.change_batch(unit, [animal], unit.batch_no(batch.pk), at(day))


def counted(batches: list[Batch]) -> list[int]:
    return [head_days_of(batch, THROUGH) for batch in batches]


def test_an_animal_that_moves_leaves_its_head_days_behind(batches: list[Batch]) -> None:
    _, moves = two_in(batches[0])
    assert counted(batches) == [40, 0]
    move(moves, batches[1], 11)
    assert counted(batches) == [30, 10]


def test_an_animal_that_comes_back_counts_for_both_stays(batches: list[Batch]) -> None:
    _, moves = two_in(batches[0])
    move(moves, batches[1], 11)
    move(moves, batches[0], 16)
    assert counted(batches) == [35, 5]


def test_the_induction_counts_before_the_first_sight_and_who_left_counts_until_then(
    batches: list[Batch],
) -> None:
    stayed, moved = two_in(batches[0])
    Animal.objects.update(induction_date=date(2026, 2, 27))
    move(moved, batches[1], 11)
    with open_unit_of_work("ana") as unit:
        leaving = operations.Leaving([stayed, moved], "exported", date(2026, 3, 15), at(20))
        operations.leave(unit, leaving)
    assert counted(batches) == [16 + 12, 4]


def test_no_stay_is_shorter_than_nothing(batches: list[Batch]) -> None:
    animals = two_in(batches[0])
    Animal.objects.filter(pk=animals[0]).update(left_on=date(2026, 2, 1), status="sold")
    assert counted(batches) == [20, 0]
