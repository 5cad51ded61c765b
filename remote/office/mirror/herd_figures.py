"""Counts and sums of the herd by day and by batch, moved on with each animal that changes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from remote.office.mirror.packed_rows import Row

HERE: Final = ("active", "pending")


class HerdDays:
    """How many animals came, left, and are clear of their treatments on which day."""

    # By what each row says now, so that no picture has to look at every animal.
    def __init__(self) -> None:
        self._change: Counter[str] = Counter()
        self._clear: Counter[str] = Counter()

    def move(self, before: Row | None, row: Row | None) -> None:
        """Count an animal as it is now, and no longer as it was."""
        for one, by in ((before, -1), (row, 1)):
            if one is None or not one.get("first_seen_at"):
                continue
            came = one.get("induction_date") or one["first_seen_at"][:10]
            self._change[came] += by
            if one.get("status") not in HERE:
                self._change[max(came, one.get("left_on") or one["last_seen_at"][:10])] -= by
            elif one.get("clear_on"):
                self._clear[one["clear_on"]] += by

    def heads(self, last: date, days: int) -> list[tuple[date, int]]:
        """Return the head at the end of each of these days."""
        first = last - timedelta(days=days - 1)
        head = sum(count for day, count in self._change.items() if day < first.isoformat())
        found = []
        for day in (first + timedelta(days=step) for step in range(days)):
            head += self._change.get(day.isoformat(), 0)
            found.append((day, head))
        return found

    def clear_on(self, day: date) -> int:
        """Return how many of those that are here are clear from this day on."""
        return self._clear.get(day.isoformat(), 0)


@dataclass(slots=True)
class BatchSums:
    """Of the animals of a batch that are here, whose gain is known."""

    head: int = 0
    kg: float = 0.0
    gain_kg: float = 0.0
    weighed_days: int = 0  # as ordinals

    def add(self, row: Row, by: int) -> None:
        self.head += by
        self.kg += by * row["last_weight_kg"]
        self.gain_kg += by * row["adg_kg"]
        self.weighed_days += by * date.fromisoformat(row["last_weighed_at"][:10]).toordinal()

    def day_of(self, target_kg: float) -> date | None:
        """Return when their mean weight reaches the target, at their mean gain; None without."""
        gain = self.gain_kg / self.head if self.head else 0.0
        if gain <= 0:
            return None
        days = (target_kg - self.kg / self.head) / gain + self.weighed_days / self.head
        return date.fromordinal(round(days)) if 1 <= days < date.max.toordinal() else None

    def gain_to(self, target_kg: float, on: date) -> float | None:
        """Return the gain that has their mean weight at the target on that day; None of a day that
        has passed when they were weighed."""
        if not self.head or (days := on.toordinal() - self.weighed_days / self.head) <= 0:
            return None
        return (target_kg - self.kg / self.head) / days


class GainsByBatch:
    def __init__(self) -> None:
        self._sums: dict[int, BatchSums] = {}

    def move(self, before: Row | None, row: Row | None) -> None:
        for one, by in ((before, -1), (row, 1)):
            if one is not None and (batch := _gaining_in(one)) is not None:
                self._sums.setdefault(batch, BatchSums()).add(one, by)

    def of(self, batches: Iterable[int]) -> dict[int, BatchSums]:
        known = ((batch, self._sums.get(batch)) for batch in batches)
        return {batch: sums for batch, sums in known if sums is not None and sums.head}


def _gaining_in(row: Row) -> int | None:
    """Return the batch of an animal that is here and has a weight and a gain, else None."""
    is_known = row["adg_kg"] is not None and row["last_weight_kg"] and row.get("last_weighed_at")
    if row.get("status") not in HERE or not is_known:
        return None
    return (row.get("batch") or {}).get("id")
