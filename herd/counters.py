"""What an animal adds to the counts and sums of its batch and its pen.

Kept by differences, so that one weight costs the same with 1 or 100,000 animals in the batch.
"""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from django.db import connection

from herd.models import ON_FEED, Animal

WEIGHTS, GAINS = ("weighed_count", "weight_sum_kg"), ("gaining_count", "gain_sum_kg")
COLUMNS = ("head_count", "on_feed_count", *WEIGHTS, *GAINS)


class Contribution(NamedTuple):
    """Where an animal is and what it weighs, as its batch and pen count it."""

    batch_id: int | None = None
    pen_id: int | None = None
    on_feed: bool = False
    weight_kg: float | None = None
    adg_kg: float | None = None

    @classmethod
    def of(cls, animal: Animal) -> "Contribution":
        weight = animal.last_weight_kg
        return cls(
            animal.batch_id,
            animal.pen_id,
            animal.status in ON_FEED,
            None if weight is None else float(weight),
            animal.adg_kg,
        )

    def in_batch(self) -> tuple[float, ...]:
        """Return what the animal adds to each of `COLUMNS`."""
        weighed, gaining = self.weight_kg is not None, self.adg_kg is not None
        return (1, self.on_feed, weighed, self.weight_kg or 0.0, gaining, self.adg_kg or 0.0)


NOWHERE = Contribution()


class Figures:
    """Differences that wait to be added, by batch and by pen."""

    def __init__(self) -> None:
        self._batches: dict[int, tuple[float, ...]] = {}
        self._pens: Counter[int] = Counter()

    def move(self, before: Contribution, now: Contribution) -> Callable[[], None]:
        """Count a contribution elsewhere; return what takes that back exactly: sums of floats that
        are added and subtracted again need not be what they were."""
        both = (before, now)
        batches = {
            one.batch_id: self._batches.get(one.batch_id)
            for one in both
            if one.batch_id is not None
        }
        pens = {one.pen_id: self._pens[one.pen_id] for one in both if one.pen_id is not None}
        self._add(before, -1)
        self._add(now, +1)

        def take_back() -> None:
            for pk, held in batches.items():
                if held is None:
                    self._batches.pop(pk, None)
                else:
                    self._batches[pk] = held
            for pk, count in pens.items():
                self._pens[pk] = count

        return take_back

    def in_pen(self, pen_id: int) -> int:
        """Return the head to be added to what the pen's row says."""
        return self._pens[pen_id]

    def _add(self, contribution: Contribution, sign: int) -> None:
        if contribution.batch_id is not None:
            held = self._batches.get(contribution.batch_id, (0.0,) * len(COLUMNS))
            self._batches[contribution.batch_id] = tuple(
                one + sign * other for one, other in zip(held, contribution.in_batch(), strict=True)
            )
        if contribution.pen_id is not None and contribution.on_feed:
            self._pens[contribution.pen_id] += sign

    def write(self) -> None:
        # One UPDATE for each batch and pen: saved rows would undo what others have added since.
        batches = [(*added, pk) for pk, added in self._batches.items() if any(added)]
        pens = [(added, pk) for pk, added in self._pens.items() if added]
        with connection.cursor() as cursor:
            if batches:
                cursor.executemany(_ADD_TO_BATCH, batches)
            if pens:
                cursor.executemany(_ADD_TO_PEN, pens)
        self._batches.clear()
        self._pens.clear()


_ADDED = ", ".join(f"{column} = {column} + %s" for column in COLUMNS)
_ADD_TO_BATCH = f"UPDATE batches SET {_ADDED} WHERE id = %s"  # noqa: S608 - names of ours alone
_ADD_TO_PEN = "UPDATE pens SET head_count = head_count + %s WHERE id = %s"
