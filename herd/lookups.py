"""What the operations of a unit of work look up: each animal, batch and pen is one object, loaded
once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeVar

from herd.counters import COLUMNS, Contribution
from herd.errors import UnknownAnimal, UnknownPlace, UnknownWeight
from herd.models import Animal, Batch, Pen, WeightRecord
from herd.storage import fast_rows

TagKind = Literal["lf", "uhf"]
TAG_FIELDS: dict[TagKind, str] = {"lf": "lf_tag", "uhf": "uhf_tag"}
NAMES = ("lf_tag", "uhf_tag", "livestock_id")  # by which an animal is found
Place = Batch | Pen
# What changes all the time and no operation decides by: it is added to, or the latest one counts.
PASSING = {*COLUMNS, "head_count", "last_read_at", "created_at", "updated_at"}


P = TypeVar("P", Batch, Pen)


@dataclass(frozen=True, slots=True)
class Prefetch:
    """What the coming operations will look up; tags in their normal form."""

    lf_tag: frozenset[str] = frozenset()
    uhf_tag: frozenset[str] = frozenset()
    livestock_id: frozenset[str] = frozenset()
    batches: frozenset[str] = frozenset()
    pens: frozenset[str] = frozenset()
    weighed: frozenset[str] = frozenset()  # any names of animals whose weighings are needed


class Lookups:
    """The rows of a unit of work; `_undo` holds what takes the changes back, the last one last."""

    def __init__(self) -> None:
        self.asked = 0  # look-ups that `prepare` had not foreseen
        self._undo: list[Callable[[], object]] = []
        # What else is to be thought again for: each is asked with the ids that others changed.
        self.conditions: list[Callable[[Mapping[str, set[int]]], bool]] = []
        self._claimed: set[str] = set()  # livestock ids without case, that no other may have
        self._as_loaded: dict[tuple[type[Place], int], tuple[Any, ...]] = {}
        self._heads_asked: dict[int, int] = {}  # of pens whose room was looked at, as loaded
        self._forget()

    def _forget(self) -> None:
        self._animals: dict[tuple[str, str], Animal | None] = {}
        self._by_id: dict[int, Animal] = {}  # each animal is one object: its figures must add up
        self._counted: dict[int, Contribution] = {}
        self._weighings: dict[int, list[WeightRecord]] = {}
        self._batches: dict[str, Batch | None] = {}
        self._pens: dict[str, Pen | None] = {}

    def _set_entry(self, held: dict[Any, Any], key: Any, value: Any) -> None:  # noqa: ANN401 - any of the unit's
        if key in held:
            self._undo.append(partial(held.__setitem__, key, held[key]))
        else:
            self._undo.append(partial(held.pop, key))
        held[key] = value

    def prepare(self, wanted: Prefetch) -> None:
        """Load what the coming operations need, in four queries for all of them."""
        for name in NAMES:
            for value in getattr(wanted, name):
                self._animals.setdefault((name, value), None)
        for animal in fast_rows.find(Animal, {name: getattr(wanted, name) for name in NAMES}):
            self._loaded(animal)
        new_batches, new_pens = (
            wanted.batches - self._batches.keys(),
            wanted.pens - self._pens.keys(),
        )
        for batch in fast_rows.find(Batch, {"batch_number": new_batches}):
            self._hold(batch)
        for pen in fast_rows.find(Pen, {"pen_number": new_pens}):
            self._hold(pen)
        for number in wanted.batches:
            self._batches.setdefault(number, None)
        for number in wanted.pens:
            self._pens.setdefault(number, None)
        found = (self._animals.get((name, one)) for name in NAMES for one in wanted.weighed)
        self._load_weighings({one.id for one in found if one is not None})

    def _load_weighings(self, animals: set[int]) -> None:
        missing = animals - self._weighings.keys()
        if not missing:
            return
        self._weighings |= {pk: [] for pk in missing}
        counted, newest_first = "quality <> 'void'", " ORDER BY recorded_at DESC, id DESC"
        for record in fast_rows.find(
            WeightRecord, {"animal_id": missing}, where=counted, order=newest_first
        ):
            self._weighings[record.animal_id].append(record)

    def weighings(self, animal: Animal) -> list[WeightRecord]:
        """Return the animal's weighings that are not void, the newest first."""
        if animal.id not in self._weighings:
            self.asked += 1
            self._load_weighings({animal.id})
        return self._weighings[animal.id]

    def weighing_no(self, pk: int) -> WeightRecord:
        """Return the one object of a weighing, void or not. Raise UnknownWeight."""
        record = WeightRecord.objects.filter(pk=pk).first()
        if record is None:
            raise UnknownWeight(f"Weight no. {pk} does not exist.")
        held = self.weighings(self.animal_no(record.animal_id))
        return next((one for one in held if one.id == pk), record)

    def remove_weighing(self, record: WeightRecord) -> None:
        """Leave out a weighing that is void from now on."""
        held = self._weighings[record.animal_id]
        place = held.index(record)
        self._undo.append(partial(held.insert, place, record))
        del held[place]

    def forget_weighings(self, animal: Animal) -> None:
        """Look them up anew, after their rows were changed in another way."""
        self._weighings.pop(animal.id, None)

    def _loaded(self, animal: Animal) -> Animal:
        """Return the animal's one object in this transaction."""
        held = self._by_id.get(animal.id)
        if held is None:
            held = self._by_id[animal.id] = animal
            self._counted[animal.id] = Contribution.of(animal)
            for name in NAMES:  # by the names that it has in the database: what changed is known
                value = getattr(animal, name)
                if value is not None:
                    self._animals[name, value] = animal
        return held

    def forget_places(self) -> None:
        """Look batches and pens up anew, after some were deleted."""
        self._batches.clear()
        self._pens.clear()

    def _rename(self, animal: Animal, name: str, before: str | None, now: str | None) -> None:
        """Let the animal be found by its new name, and no longer by the one before."""
        if before is not None and self._animals.get((name, before)) is animal:
            # None and not removed: the database still holds the name on the animal that lost it.
            self._set_entry(self._animals, (name, before), None)
        if now is not None:
            self._set_entry(self._animals, (name, now), animal)

    def animal_by_tag(self, kind: TagKind, tag: str) -> Animal | None:
        return self._animal(TAG_FIELDS[kind], tag) if tag else None

    def animal(self, livestock_id: str) -> Animal | None:
        return self._animal("livestock_id", livestock_id)

    def _animal(self, name: str, value: str) -> Animal | None:
        if (name, value) not in self._animals:
            self.asked += 1
            self._animals[name, value] = None
            found = Animal.objects.filter(**{name: value}).first()
            if found is not None and found.pk not in self._by_id:
                self._loaded(found)  # one that is held has lost this name by now
        return self._animals[name, value]

    def animals(self, ids: Iterable[int]) -> list[Animal]:
        """Return the animals in this order. Raise UnknownAnimal for a number that none has."""
        wanted = list(dict.fromkeys(ids))
        missing = [pk for pk in wanted if pk not in self._by_id]
        for animal in Animal.objects.in_bulk(missing).values():
            self._loaded(animal)
        for pk in wanted:
            if pk not in self._by_id:
                raise UnknownAnimal(f"Animal no. {pk} does not exist.")
        return [self._by_id[pk] for pk in wanted]

    def animal_no(self, pk: int) -> Animal:
        return self.animals([pk])[0]

    def batch_no(self, pk: int) -> Batch:
        held = next((one for one in self._batches.values() if one and one.id == pk), None)
        batch = held or Batch.objects.filter(pk=pk).first()
        if batch is None:
            raise UnknownPlace(f"Batch no. {pk} does not exist.")
        return self._hold(batch)

    def pen_no(self, pk: int) -> Pen:
        held = next((one for one in self._pens.values() if one and one.id == pk), None)
        pen = held or Pen.objects.filter(pk=pk).first()
        if pen is None:
            raise UnknownPlace(f"Pen no. {pk} does not exist.")
        return self._hold(pen)

    def batch(self, number: str) -> Batch | None:
        if number not in self._batches:
            self.asked += 1
            self._batches[number] = None
            for batch in Batch.objects.filter(batch_number=number):
                self._hold(batch)
        return self._batches[number]

    def pen(self, number: str) -> Pen | None:
        if number not in self._pens:
            self.asked += 1
            self._pens[number] = None
            for pen in Pen.objects.filter(pen_number=number):
                self._hold(pen)
        return self._pens[number]

    def _hold(self, place: P) -> P:
        self._as_loaded.setdefault((type(place), place.pk), _lasting(place))
        if isinstance(place, Batch):
            self._batches[place.batch_number] = place
        else:
            self._pens[place.pen_number] = place
        return place

    # -- what others changed ------------------------------------------------------------------

    def claim(self, livestock_id: str) -> None:
        """Note that no other animal may have this id, nor one that differs in case alone."""
        self._claimed.add(livestock_id.casefold())

    def has_any_animal(self, ids: set[int]) -> bool:
        return not ids.isdisjoint(self._by_id)

    def has_asked_for(self, name: str, value: str) -> bool:
        """Return whether an animal of this name would matter, where it was none when asked."""
        is_claimed = name == "livestock_id" and value.casefold() in self._claimed
        return is_claimed or (name, value) in self._animals

    def is_place_touched(self, model: type[Place], pk: int, now: Place | None) -> bool:
        """Return whether a batch or pen that others changed is not as it was looked up; `now` is
        None where it is gone."""
        was = self._as_loaded.get((model, pk))
        if was is None:
            held = self._batches if model is Batch else self._pens
            return now is not None and str(now) in held  # it was not there when it was asked for
        if now is None or _lasting(now) != was:
            return True
        return isinstance(now, Pen) and self._heads_asked.get(pk, now.head_count) != now.head_count


def _lasting(place: Place) -> tuple[Any, ...]:
    """Return what operations decide by."""
    return tuple(
        getattr(place, column.attname)
        for column in place._meta.concrete_fields  # noqa: SLF001 - Django's own
        if column.attname not in PASSING
    )
