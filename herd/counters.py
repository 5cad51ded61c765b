"""What an animal adds to the counts and sums of its batch and its pen.

Kept by differences, so that one weight costs the same with 1 or 100,000 animals in the batch.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from herd.models import ON_FEED, Animal, Batch, Pen
from herd.rules.withdrawal import has_left_early
from herd.storage import bulk_write
from herd.storage.bulk_write import Added

WEIGHTS, GAINS = ("weighed_count", "weight_sum_kg"), ("gaining_count", "gain_sum_kg")
COLUMNS = ("head_count", "on_feed_count", *WEIGHTS, *GAINS)


class Contribution(NamedTuple):
    """Where an animal is and what it weighs, as its batch and pen count it."""

    batch_id: int | None = None
    pen_id: int | None = None
    on_feed: bool = False
    weight_kg: float | None = None
    adg_kg: float | None = None
    left_early: bool = False  # before it was clear, and nobody has said why

    @classmethod
    def of(cls, animal: Animal) -> "Contribution":
        # Not by attributes: those of foreign keys pass by descriptors, a third of the time here.
        row = animal.__dict__
        weight = row["last_weight_kg"]
        return cls(
            row["batch_id"],
            row["pen_id"],
            row["status"] in ON_FEED,
            None if weight is None else float(weight),
            row["adg_kg"],
            is_early(animal),
        )


def is_early(animal: Animal) -> bool:
    """Return whether the animal left before it was clear, and nobody has said why."""
    left = animal.status, animal.left_on
    return has_left_early(*left, animal.clear_on, animal.not_clear_reason)


NOWHERE = Contribution()


class Figures:
    """Differences that wait to be added, by batch (in the order of `COLUMNS`) and by pen."""

    def __init__(self) -> None:
        self._batches: dict[int, list[float]] = {}
        self._pens: Counter[int] = Counter()

    def move(self, before: Contribution, now: Contribution) -> Callable[[], None]:
        """Count a contribution elsewhere; return what takes that back exactly: sums of floats that
        are added and subtracted again need not be what they were."""
        batches = {pk: self._batches.get(pk, [])[:] for pk in (before.batch_id, now.batch_id) if pk}
        pens = {pk: self._pens[pk] for pk in (before.pen_id, now.pen_id) if pk}
        self._add(before, -1)
        self._add(now, +1)

        def take_back() -> None:
            self._batches.update(batches)
            for pk, count in pens.items():
                self._pens[pk] = count

        return take_back

    def add_to(self, place: Batch | Pen) -> None:
        """Add what waits to the figures of a row in memory."""
        if isinstance(place, Pen):
            place.head_count += self._pens[place.id]
            return
        for column, added in zip(COLUMNS, self._batches.get(place.id) or (), strict=False):
            setattr(place, column, getattr(place, column) + added)

    def in_pen(self, pen_id: int) -> int:
        """Return the head to be added to what the pen's row says."""
        return self._pens[pen_id]

    def _add(self, of: Contribution, sign: int) -> None:
        if of.batch_id is not None:
            held = self._batches.get(of.batch_id)
            if not held:
                held = self._batches[of.batch_id] = [0.0] * len(COLUMNS)
            held[0] += sign
            held[1] += sign * of.on_feed
            if of.weight_kg is not None:
                held[2] += sign
                held[3] += sign * of.weight_kg
            if of.adg_kg is not None:
                held[4] += sign
                held[5] += sign * of.adg_kg
        if of.pen_id is not None and of.on_feed:
            self._pens[of.pen_id] += sign

    def write(self, heard: Mapping[int, datetime]) -> None:
        """Add what waits to batches and pens, and note when batches were heard."""
        batches = {pk: added for pk, added in self._batches.items() if any(added)}
        rows = (
            Added(pk, batches.get(pk, _NOTHING), heard.get(pk))
            for pk in dict.fromkeys((*heard, *batches))
        )
        bulk_write.add(Batch, COLUMNS, rows, latest="last_read_at")
        pens = (Added(pk, [added]) for pk, added in self._pens.items() if added)
        bulk_write.add(Pen, ["head_count"], pens)
        self._batches.clear()
        self._pens.clear()


_NOTHING = [0.0] * len(COLUMNS)
