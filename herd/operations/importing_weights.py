"""The weights of a sheet, as the scale's own session or an export has them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from herd.errors import UnknownAnimal
from herd.models import Animal
from herd.operations import sheet_import
from herd.operations.placing import new_animal
from herd.operations.sheet_import import Imported, SheetImport
from herd.operations.sheet_names import SheetNames, not_surely_known, spellings_of
from herd.operations.sheet_slices import together
from herd.rules import tags
from herd.rules.counts import counted
from herd.sheets.rows import WeightRow
from herd.storage import fast_rows
from herd.unit_of_work import Prefetch, UnitOfWork

LONGEST_ID: Final = 50  # characters; a tag may have more


def import_weights(
    unit: UnitOfWork, rows: Iterable[WeightRow], name: str, at: datetime, *, pending: bool = False
) -> Imported:
    """Import weights, but those that were imported before; raise RowsRefused.

    A row without a time was weighed now. With `pending` an animal that nobody knows becomes a
    pending one.
    """
    return WeightImport(rows, name, at, pending=pending).write_whole(unit)


class WeightImport(SheetImport[WeightRow]):
    """Weights of animals that are known, or become pending ones."""

    def __init__(
        self, rows: Iterable[WeightRow], name: str, at: datetime, *, pending: bool = False
    ) -> None:
        # Those of one animal together: they are judged together, once for each slice.
        super().__init__(sorted(rows, key=_tag_and_when), name, at)
        self._pending = pending
        self._names = SheetNames()

    def summary(self) -> str:
        text = f"{self.name}: {counted(self.outcome.recorded, 'weight')}"
        if self.outcome.created:
            text += f", {counted(self.outcome.created, 'animal')} new and pending"
        return text

    def slices(self) -> list[Sequence[WeightRow]]:
        """Return the rows in slices, one at least; what makes an animal is all in one."""
        if not self._pending:
            return super().slices()
        return together(self.rows, _tag, sheet_import.WRITTEN_AT_ONCE)

    def to_check(self, *, fully: bool) -> Sequence[WeightRow]:
        """Return the rows, those of one animal together; not `fully`, those alone whose animal is
        not surely known."""
        if fully:
            return self.rows
        of_the_future = [row for row in self.rows if row.at and row.at > self.at]
        return [*of_the_future, *not_surely_known(self.rows)]

    def prepare(self, unit: UnitOfWork, rows: Sequence[WeightRow]) -> None:
        names = frozenset(row.tag for row in rows)
        keys = spellings_of(names)
        wanted = Prefetch(lf_tag=keys, uhf_tag=keys, livestock_id=names, weighed=keys)
        self._names.prepare(unit, names, wanted)

    def take(self, unit: UnitOfWork, row: WeightRow) -> None:
        when = row.at or self.at
        animal, what = self._animal(unit, row, when)
        if row.repeat_of:
            self.outcome.repeats += 1
            self.tell(row.line, animal, "repeat")
            return
        if not self.weights.store(unit, animal, row, what):
            self.outcome.known += 1
            self.tell(row.line, animal, "known")

    def _animal(self, unit: UnitOfWork, row: WeightRow, when: datetime) -> tuple[Animal, str]:
        """Return the animal, and what the row does to it."""
        found = self._names.animal(unit, row.tag)
        if found is not None:
            return found, "recorded"
        if not self._pending:
            raise UnknownAnimal(f"No animal is known as {row.tag}.")
        return self._new_pending(unit, row.tag, when), "pending"

    def _new_pending(self, unit: UnitOfWork, name: str, when: datetime) -> Animal:
        """Make a pending animal; what is no tag is its livestock id."""
        animal = fast_rows.new(Animal, status=Animal.Status.PENDING)
        if tags.eid(name):
            animal.lf_tag = name
        elif tags.epc_urn(name):
            animal.uhf_tag = name
        elif len(name) > LONGEST_ID:
            raise UnknownAnimal(f"No animal is known as {name}.")
        else:
            animal.livestock_id = name
            self.outcome.ids.claim(unit, animal)
        new_animal(unit, animal, when)
        self.outcome.created += 1
        self.outcome.steps["animals"].append(animal.pk)
        return animal


def _when(row: WeightRow) -> tuple[bool, datetime]:
    return row.at is None, row.at or datetime.min  # noqa: DTZ901 - naive on both sides


def _tag(row: WeightRow) -> str:
    return row.tag


def _tag_and_when(row: WeightRow) -> tuple[str, tuple[bool, datetime]]:
    return row.tag, _when(row)
