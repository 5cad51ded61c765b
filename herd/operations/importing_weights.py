"""The weights of a sheet, as the scale's own session or an export has them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from django.db.models import Q

from herd.errors import BadValue, UnknownAnimal
from herd.models import Animal
from herd.operations import sheet_import
from herd.operations.placing import new_animal
from herd.operations.sheet_import import CHECKED_AT_ONCE, Imported, SheetImport
from herd.operations.sheet_slices import together
from herd.rules import tags
from herd.sheets.rows import WeightRow
from herd.storage import fast_rows
from herd.unit_of_work import NAMES, Prefetch, UnitOfWork

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
        self._by_visual_id: dict[str, list[int]] = {}

    def summary(self) -> str:
        text = f"{self.name}: {self.outcome.recorded} weights"
        if self.outcome.created:
            text += f", {self.outcome.created} animals new and pending"
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
        return [row for row in self.rows if row.at and row.at > self.at] + list(self._not_found())

    def _not_found(self) -> Iterator[WeightRow]:
        for first in range(0, len(self.rows), CHECKED_AT_ONCE):
            some = self.rows[first : first + CHECKED_AT_ONCE]
            keys = {row.tag: _keys(row.tag) for row in some}
            wanted = frozenset().union(*keys.values())
            names = [Q(**{f"{name}__in": wanted}) for name in NAMES[:2]]
            found = Animal.objects.filter(names[0] | names[1] | Q(livestock_id__in=keys))
            known = {name for row in found.values_list(*NAMES) for name in row if name}
            yield from (row for row in some if known.isdisjoint(keys[row.tag]))

    def prepare(self, unit: UnitOfWork, rows: Sequence[WeightRow]) -> None:
        names = frozenset(row.tag for row in rows)
        keys = names.union(*map(_keys, names))
        unit.prepare(Prefetch(lf_tag=keys, uhf_tag=keys, livestock_id=names, weighed=keys))
        self._load_visual_ids(unit, [one for one in names if _bearer(unit, one) is None])

    def _load_visual_ids(self, unit: UnitOfWork, names: Sequence[str]) -> None:
        """Load the animals that have the names as visual ids: a farm's sheet may know no others."""
        self._by_visual_id = defaultdict(list)
        if names:
            unit.conditions.append(lambda changed: "cattle" in changed)
            rows = Animal.objects.filter(visual_id__in=names).values_list("visual_id", "pk")
            for name, pk in rows:
                self._by_visual_id[name].append(pk)
            unit.animals(pk for pks in self._by_visual_id.values() for pk in pks)

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
        found = _bearer(unit, row.tag)
        if found is not None:
            return found, "recorded"
        seen = self._by_visual_id.get(row.tag, [])
        if len(seen) > 1:
            raise BadValue(f"Several animals have visual id {row.tag}.")
        if seen:
            return unit.animal_no(seen[0]), "recorded"
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


@lru_cache(maxsize=2 * CHECKED_AT_ONCE)  # those of a slice are asked for three times
def _keys(name: str) -> tuple[str, ...]:
    """Return the spellings under which the animal may bear the name as a tag."""
    return (name, *tags.search_keys(name))


def _bearer(unit: UnitOfWork, name: str) -> Animal | None:
    """Return the animal of this tag, in any spelling, or livestock id."""
    for key in _keys(name):
        for found in (unit.animal_by_tag("lf", key), unit.animal_by_tag("uhf", key)):
            if found is not None:
                return found
    return unit.animal(name)
