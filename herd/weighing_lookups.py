"""What a unit of work knows of weighings, and of the days on which a scale was adjusted."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import chain

from django.db.models import Model

from herd.errors import UnknownWeight
from herd.loader import NAMES, RECENT, RECENT_DAYS, Loader
from herd.lookups import Lookups, Prefetch, Row
from herd.models import Animal, WeightRecord
from herd.scales_table import ScaleStep


class WeighingLookups(Lookups):
    """Look-ups of weighings: an animal's newest are loaded, and the older ones where they count."""

    def __init__(self, loader: Loader | None = None) -> None:
        super().__init__(loader)
        self._weighings: dict[int, list[WeightRecord]] = {}
        # Of animals with more weighings than were loaded: time and id of the oldest that was.
        self._older: dict[int, tuple[datetime, int]] = {}
        self._are_steps_loaded = False

    def prepare(self, wanted: Prefetch) -> None:
        super().prepare(wanted)
        found = (self._named.get((name, one)) for name in NAMES for one in wanted.weighed)
        self._load_recent({one.id for one in found if one is not None})

    def _held(self, model: type[Model]) -> Iterable[Row]:
        weighings = chain(*self._weighings.values()) if model is WeightRecord else ()
        return chain(weighings, super()._held(model))

    def _load_recent(self, animals: set[int]) -> None:
        missing = animals - self._weighings.keys()
        if not missing:
            return
        self._weighings |= {pk: [] for pk in missing}
        gone = self._deleted[WeightRecord]
        for record in self._loader.recent_weighings(missing):
            if record.id not in gone:
                # Past the foreign key's descriptor, which takes as long as all else here.
                self._weighings[record.__dict__["animal_id"]].append(record)
        for pk in missing:
            held = self._weighings[pk]
            if len(held) > RECENT and _lies_apart(held):
                held.pop()
                self._older[pk] = held[-1].recorded_at, held[-1].id

    def _load_weighings(self, animals: set[int]) -> None:
        self._load_recent(animals)
        partly = animals & self._older.keys()
        for record in self._loader.weighings(partly) if partly else ():
            key = record.recorded_at, record.id
            # Those that were loaded are held, or were taken out of the list since.
            if key < self._older[record.animal_id] and record.id not in self._deleted[WeightRecord]:
                self._weighings[record.animal_id].append(record)
        for pk in partly:
            self._weighings[pk].sort(key=lambda one: (one.recorded_at, one.id), reverse=True)
            del self._older[pk]

    def weighings(self, animal: Animal) -> list[WeightRecord]:
        """Return the animal's weighings that are not void, the newest first."""
        if animal.id not in self._weighings or animal.id in self._older:
            self.asked += 1
            self._load_weighings({animal.id})
        return self._weighings[animal.id]

    def recent_weighings(self, animal: Animal) -> tuple[list[WeightRecord], bool]:
        """Return the newest of its `weighings`, a few months of them, and whether that is all."""
        if animal.id not in self._weighings:
            self.asked += 1
            self._load_recent({animal.id})
        return self._weighings[animal.id], animal.id not in self._older

    def scale_steps(self) -> list[ScaleStep]:
        """Return the days on which a scale was adjusted."""
        if not self._are_steps_loaded:
            self._are_steps_loaded = True
            for step in self._loader.scale_steps():
                self._loaded(step)
        return [one for one in self._rows[ScaleStep].values() if one.undone_at is None]

    def weighing_no(self, pk: int) -> WeightRecord:
        """Return the one object of a weighing, void or not. Raise UnknownWeight."""
        found = self.weighings_by_number([pk])
        if not found:
            raise UnknownWeight(f"Weight no. {pk} does not exist.")
        return found[0]

    def weighings_by_number(self, pks: Collection[int]) -> list[WeightRecord]:
        """Return those of these weighings that there are, void or not, each its one object."""
        wanted, held = list(dict.fromkeys(pks)), self._rows[WeightRecord]
        gone = self._deleted[WeightRecord]
        missing = {pk for pk in wanted if pk not in held and pk not in gone}
        if missing:
            rows = {one.id: one for one in self._loader.rows(WeightRecord, "id", missing)}
            self._load_weighings({one.animal_id for one in rows.values()})
            known = {one.id: one for one in chain(*self._weighings.values()) if one.id in missing}
            held.update(rows | known)
        return [held[pk] for pk in wanted if pk in held]

    def remove_weighing(self, record: WeightRecord) -> None:
        """Leave out a weighing that is void from now on."""
        held = self._weighings[record.animal_id]
        place = held.index(record)
        self._undo.append((held.insert, place, record))
        del held[place]

    def _add_weighing(self, record: WeightRecord) -> None:
        held = self._weighings.setdefault(record.animal_id, [])
        key = record.recorded_at, record.id
        place = next(
            (n for n, one in enumerate(held) if (one.recorded_at, one.id) < key), len(held)
        )
        held.insert(place, record)
        self._undo.append((held.remove, record))


def _lies_apart(held: list[WeightRecord]) -> bool:
    """Return whether there may be others between the oldest weighing and those that were loaded
    with it."""
    limit = held[0].recorded_at - timedelta(days=RECENT_DAYS)
    return held[-1].recorded_at < min(limit, held[RECENT - 1].recorded_at)
