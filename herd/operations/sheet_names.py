"""Animals as sheets name them: by a tag in any spelling, a livestock id, or else a visual id."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeVar

from herd.errors import BadValue
from herd.models import Animal
from herd.rules import tags
from herd.sheets.rows import TreatmentRow, WeightRow
from herd.storage import fast_rows
from herd.unit_of_work import NAMES, Prefetch, UnitOfWork

Row = TypeVar("Row", WeightRow, TreatmentRow)
AT_ONCE: Final = 500  # rows that are looked up together


class SheetNames:
    """The animals of some rows, looked up for all of them together."""

    def __init__(self) -> None:
        self._by_visual_id: Mapping[str, list[int]] = {}

    def prepare(self, unit: UnitOfWork, names: frozenset[str], wanted: Prefetch) -> None:
        """Load what is wanted, and the animals whose visual ids alone the names are."""
        unit.prepare(wanted)
        self._load_visual_ids(unit, [one for one in names if _bearer(unit, one) is None])

    def _load_visual_ids(self, unit: UnitOfWork, names: Sequence[str]) -> None:
        """Load the animals that have the names as visual ids: a farm's sheet may know no others."""
        found = defaultdict(list)
        if names:
            unit.conditions.append(lambda changed: "cattle" in changed)
            rows = Animal.objects.filter(visual_id__in=names).values_list("visual_id", "pk")
            for name, pk in rows:
                found[name].append(pk)
            unit.animals(pk for pks in found.values() for pk in pks)
        self._by_visual_id = dict(found)

    def is_of_several(self, name: str) -> bool:
        return len(self._by_visual_id.get(name, ())) > 1

    def animal(self, unit: UnitOfWork, name: str) -> Animal | None:
        """Return the animal of this name, None for none. Raise BadValue for several."""
        found = _bearer(unit, name)
        if found is not None:
            return found
        seen = self._by_visual_id.get(name, [])
        if self.is_of_several(name):
            raise BadValue(f"Several animals have visual id {name}.")
        return unit.animal_no(seen[0]) if seen else None


def spellings_of(names: frozenset[str]) -> frozenset[str]:
    """Return the names with all spellings that they may have as tags."""
    return names.union(*map(_spellings, names))


def not_surely_known(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows whose animal no tag and no livestock id names."""
    for first in range(0, len(rows), AT_ONCE):
        # Nearly all bear the name as it stands here: the other spellings are made of few.
        some = _unknown(rows[first : first + AT_ONCE], lambda name: (name,))
        yield from _unknown(some, _spellings)


def _unknown(rows: Sequence[Row], spellings: Callable[[str], tuple[str, ...]]) -> list[Row]:
    """Return the rows of which no animal has one of the spellings as a tag, or the name itself as
    livestock id."""
    keys = {row.tag: spellings(row.tag) for row in rows}
    wanted = frozenset().union(*keys.values())
    names = {"lf_tag": wanted, "uhf_tag": wanted, "livestock_id": keys}
    found = fast_rows.find(Animal, names, names=NAMES)
    known = {name for one in found for name in (one.lf_tag, one.uhf_tag, one.livestock_id)}
    return [row for row in rows if known.isdisjoint(keys[row.tag])]


@lru_cache(maxsize=2 * AT_ONCE)  # those of a slice are asked for three times
def _spellings(name: str) -> tuple[str, ...]:
    """Return the spellings under which the animal may bear the name as a tag."""
    return (name, *tags.search_keys(name))


def _bearer(unit: UnitOfWork, name: str) -> Animal | None:
    """Return the animal of this tag, in any spelling, or livestock id."""
    for key in _spellings(name):
        for found in (unit.animal_by_tag("lf", key), unit.animal_by_tag("uhf", key)):
            if found is not None:
                return found
    return unit.animal(name)
