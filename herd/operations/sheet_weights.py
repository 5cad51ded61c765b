"""The weights of a sheet's rows: stored one by one, and judged together by animal."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from herd.models import Animal, WeightRecord
from herd.operations.weighings import Weighing, judge_new, store_weight
from herd.sheets.rows import WeightRow
from herd.unit_of_work import UnitOfWork


class Stored(NamedTuple):
    row: WeightRow
    record: WeightRecord
    what: str  # what the row did, where its weight is not suspect


class SheetWeights:
    """Weights that are stored, and not judged yet; `at` is the moment of the import."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._stored: dict[int, list[Stored]] = {}

    def forget(self) -> None:
        """Forget the weights of a thinking that was given up."""
        self._stored.clear()

    def store(self, unit: UnitOfWork, animal: Animal, row: WeightRow, what: str) -> bool:
        """Store a weight; return False where the animal has it already."""
        if row.at is not None and _is_recorded(unit, animal, row.weight_kg, row.at):
            return False
        when = row.at or self._at
        source = WeightRecord.Source.IMPORT
        weighing = Weighing(row.weight_kg, when, source, self._at, row.scale)
        record = store_weight(unit, animal, weighing)
        self._stored.setdefault(animal.pk, []).append(Stored(row, record, what))
        return True

    def judged(self, unit: UnitOfWork) -> Iterator[tuple[Animal, Stored]]:
        """Yield each weight with its animal, once all of the animal's are judged."""
        for pk, stored in self._stored.items():
            animal = unit.animal_no(pk)
            judge_new(unit, animal, [one.record for one in stored], self._at)
            yield from ((animal, one) for one in stored)
        self._stored.clear()


def _is_recorded(unit: UnitOfWork, animal: Animal, kg: Decimal, at: datetime) -> bool:
    """Return whether the animal has this very weight of this moment already."""
    # In the zone of those that are held: of another one an hour that comes twice in a year never
    # compares as equal, and all others are compared in five times as long.
    at = at.astimezone(UTC)
    held = [one for one in unit.weighings(animal) if one.recorded_at == at]
    return any(kg in {one.weight_kg, one.read_kg} for one in held)
