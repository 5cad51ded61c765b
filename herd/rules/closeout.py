"""The figures of a batch's closeout: gain between weighings, its expected curve, shrink. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean
from typing import Final

from herd.rules.growth import shrink_percent

Weighing = tuple[date, int, float]  # day, animal, kilograms
SHRINK_WITHIN: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class WeighDay:
    """`gain_kg` is what those weighed on this day put on, per day, since each one's weighing
    before."""

    day: date
    head: int
    mean_kg: float
    gain_kg: float | None


def weigh_days(weighings: Iterable[Weighing]) -> list[WeighDay]:
    """Return the days of the good weighings, the oldest first; of several on a day the mean."""
    days: dict[date, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for day, animal, kg in weighings:
        days[day][animal].append(kg)
    last: dict[int, tuple[date, float]] = {}
    found = []
    for day in sorted(days):
        means = {animal: fmean(kgs) for animal, kgs in days[day].items()}
        before = {animal: last[animal] for animal in means if animal in last}
        gained = sum(means[animal] - kg for animal, (_, kg) in before.items())
        fed = sum((day - since).days for since, _ in before.values())
        found.append(
            WeighDay(day, len(means), fmean(means.values()), gained / fed if fed else None)
        )
        last |= {animal: (day, kg) for animal, kg in means.items()}
    return found


def expected_gain(
    first: WeighDay, target_kg: float | None, target_on: date | None, herd_gain_kg: float | None
) -> float | None:
    """Return the gain that a batch's own target asks for, else that of the herd."""
    if target_kg is not None and target_on is not None and target_on > first.day:
        return (target_kg - first.mean_kg) / (target_on - first.day).days
    return herd_gain_kg


def expected_on(first: WeighDay, gain_kg: float | None, day: date) -> float | None:
    """Return what the batch is expected to weigh on a day, by its first weighing."""
    return None if gain_kg is None else first.mean_kg + gain_kg * (day - first.day).days


def loading_shrink(
    weighings: Iterable[Weighing], left: Mapping[int, date]
) -> tuple[int, float] | None:
    """Return how many of those that left were weighed less within three days of leaving than
    shortly before, and how many per cent they lost together."""
    by_animal: dict[int, dict[date, float]] = defaultdict(dict)
    for day, animal, kg in weighings:
        if animal in left:
            by_animal[animal][day] = kg
    pairs = [pair for animal, days in by_animal.items() if (pair := _loaded(days, left[animal]))]
    if not pairs:
        return None
    before, after = (sum(kgs) for kgs in zip(*pairs, strict=True))
    percent = shrink_percent(before, after)
    return None if percent is None else (len(pairs), percent)


def _loaded(days: Mapping[date, float], left_on: date) -> Sequence[float]:
    """Return the last two weights, where both were taken around leaving and the second is less."""
    *_, before, after = (date.min, date.min, *sorted(days))
    if date.min in {before, after} or after - before > SHRINK_WITHIN:
        return ()
    if abs(left_on - after) > SHRINK_WITHIN or days[after] >= days[before]:
        return ()
    return days[before], days[after]
