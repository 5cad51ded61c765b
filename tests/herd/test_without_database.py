"""Operations think on plain objects: the rows may come from memory as well."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db.models import Model

from herd import errors, operations
from herd.commands import Induction, TagRead
from herd.loader import Loader, R
from herd.models import Animal, Batch, Movement, Pen, TagPairing, WeightRecord
from herd.scales_table import ScaleStep
from herd.storage.row_numbers import RowNumbers
from herd.unit_of_work import UnitOfWork

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class RowsInMemory(Loader):
    def __init__(self, *rows: Model) -> None:
        self._rows = rows

    def named(self, names: Mapping[str, Collection[str]]) -> Iterator[Model]:
        for row in self._rows:
            if any(getattr(row, name, None) in values for name, values in names.items()):
                yield row

    def rows(self, model: type[R], attname: str, values: Collection[Any]) -> Iterator[R]:
        for row in self._rows:
            if isinstance(row, model) and getattr(row, attname) in values:
                yield row

    def scale_steps(self) -> Iterator[ScaleStep]:
        yield from self.rows(ScaleStep, "undone_at", [None])

    def weighings(self, animals: Collection[int]) -> Iterator[WeightRecord]:
        yield from self.rows(WeightRecord, "animal_id", animals)

    def recent_weighings(self, animals: Collection[int]) -> Iterator[WeightRecord]:
        yield from self.weighings(animals)


class Counted(RowNumbers):
    def __init__(self) -> None:
        super().__init__()
        self._next = count(100)

    def next(self, model: type[Model]) -> int:
        return next(self._next)


def a_unit(*rows: Model) -> UnitOfWork:
    return UnitOfWork("radio", loader=RowsInMemory(*rows), numbers=Counted())


def an_animal(pk: int = 1, **values: Any) -> Animal:
    return Animal(pk=pk, livestock_id=f"L{pk}", first_seen_at=NOW, last_seen_at=NOW, **values)


def test_a_read_of_an_unknown_tag_makes_animal_batch_and_pairing() -> None:
    unit = a_unit()
    animal = operations.record_read(unit, TagRead("LOT1", "LF1", "U1", "hxb"), NOW)
    (batch,) = unit.new_rows(Batch)
    assert (animal.batch_id, animal.lf_tag) == (batch.pk, "LF1")
    assert [one.tag for one in unit.new_rows(TagPairing)] == ["LF1", "U1"]


def test_a_read_of_a_known_tag_moves_the_animal_and_undone_it_stays() -> None:
    animal = an_animal(lf_tag="LF1", batch_id=7)
    unit = a_unit(animal, Batch(pk=7, batch_number="LOT7"), Batch(pk=8, batch_number="LOT8"))
    read = TagRead("LOT8", "LF1", "U1", "hxb")
    with suppress(errors.HerdError), unit.savepoint():
        operations.record_read(unit, read, NOW)
        raise errors.HerdError("no")
    assert (animal.batch_id, animal.uhf_tag, unit.new_rows(Movement)) == (7, None, [])
    operations.record_read(unit, read, NOW)
    assert (animal.batch_id, animal.uhf_tag) == (8, "U1")


def test_of_an_operation_that_fails_nothing_is_written() -> None:
    unit = a_unit()
    unit.note("cattle:updated", 1, NOW)
    with suppress(KeyError), unit.savepoint():
        unit.note("cattle:updated", 2, NOW)
        unit.end_pairing("lf", "LF1", NOW)
        unit.at_write(lambda: None)
        unit.at_write(lambda: None, shared=True)
        raise KeyError
    pending = unit._pending
    assert [one.object_id for one in pending.entries] == [1]
    assert (pending.ended, pending.acts, pending.shared_acts) == ([], [], [])
    unit.note("cattle:updated", 2, NOW)
    assert [one.object_id for one in pending.entries] == [1, 2]


def test_an_induction_brings_the_animal_that_was_sold_back_on_feed() -> None:
    animal = an_animal(status="sold", left_on=NOW.date())
    induction = Induction("", "L1", "LOT1", "P1", "Ana")
    assert operations.induct(a_unit(animal), induction, NOW) is animal
    assert (animal.status, animal.left_on) == ("active", None)


def test_weights_are_judged_together() -> None:
    animal = an_animal()
    unit = a_unit(animal)
    for kg, days in ((180, 0), (360, 10), (375, 20)):
        at = NOW + timedelta(days=days)
        found = unit.animal_no(1)
        operations.record_weight(unit, found, operations.Weighing(Decimal(kg), at, "radio"))
    assert [one.quality for one in unit.new_rows(WeightRecord)] == ["suspect", "ok", "ok"]
    assert (animal.last_weight_kg, animal.adg_kg) == (Decimal(375), 1.5)


@pytest.mark.parametrize("year", [1, 1970])
def test_a_weight_from_before_any_animal_is_suspect(year: int) -> None:
    unit = a_unit(animal := an_animal())
    for at in (NOW, datetime(year, 1, 1, tzinfo=UTC)):
        weighing = operations.Weighing(Decimal(300), at, "import", NOW)
        record = operations.record_weight(unit, unit.animal_no(1), weighing)
    assert (record.quality, record.reason) == ("suspect", "before the animal was here")
    assert (animal.last_weighed_at, animal.adg_kg) == (NOW, None)


def test_a_full_pen_takes_nobody() -> None:
    pen = Pen(pk=3, pen_number="P3", capacity=1)
    unit = a_unit(an_animal(1), an_animal(2), pen)
    with pytest.raises(errors.PenFull):
        operations.move_animals(unit, operations.Move([1, 2], 3, NOW))
    operations.move_animals(unit, operations.Move([1], 3, NOW))
    assert unit.head_in(pen) == 1
