"""The herd's formulas, as published in docs/formulas.md with their worked examples.

Weights in kg, gains in kg per day. A day is a calendar day of the datetimes as they are given.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from statistics import fmean, median, stdev
from typing import Final, Literal

SHORT_DAYS: Final = 14  # what the gut holds can hide the growth of two weeks
ESTIMATE_DAYS: Final = 90
TARGET_DAYS: Final = 730  # no animal stays on feed for longer
NEAR_PERCENT: Final = 80
FULL_PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Gain:
    """An animal's average daily gain, how many weighings it rests on and over how many days."""

    adg_kg: float
    confidence: Literal["ok", "low"]
    points: int
    days: float


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How full a pen is: head / capacity, and in a word."""

    ratio: float
    state: Literal["available", "near", "full"]


def animal_gain(weighings: Sequence[tuple[datetime, float]]) -> Gain | None:
    """Return the median of the slopes between any two weighings of different days (Theil–Sen).

    In any order; None without two days. Time grows with the square of the number of weighings.
    """
    # Not a least-squares line: one bad weight hardly moves a median.
    points = [(at.date().toordinal(), kg) for at, kg in weighings]
    slopes = [
        (kg - earlier_kg) / (day - earlier_day)
        for (earlier_day, earlier_kg), (day, kg) in combinations(points, 2)
        if day != earlier_day
    ]
    if not slopes:
        return None
    days = max(points)[0] - min(points)[0]
    return Gain(median(slopes), "low" if days < SHORT_DAYS else "ok", len(points), float(days))


def group_gain(gains: Iterable[float]) -> tuple[float, int] | None:
    """Return the mean of the animals' gains and how many there are; None for none."""
    known = list(gains)
    return (fmean(known), len(known)) if known else None


def estimate_today(last_kg: float, last_at: date, adg: float, today: date) -> float | None:
    """Return what an animal weighs by now; None more than 90 days on, or before the weighing."""
    days = (_day(today) - _day(last_at)).days
    return last_kg + adg * days if 0 <= days <= ESTIMATE_DAYS else None


def target_date(last_kg: float, last_at: date, adg: float, target_kg: float) -> date | None:
    """Return the first day on which the animal has its target weight; None if that is never.

    An animal that has reached it gets the day of its last weighing.
    """
    missing = target_kg - last_kg
    if missing <= 0:
        return _day(last_at)
    if adg <= 0 or missing > adg * TARGET_DAYS:
        return None
    return _day(last_at) + timedelta(days=math.ceil(missing / adg))


def days_on_feed(inducted: date, today: date) -> int:
    return max((_day(today) - _day(inducted)).days, 0)


def head_days(
    intakes: Iterable[tuple[date, int]],
    outs: Iterable[tuple[date, int]],
    through: date | None = None,
) -> int:
    """Add up the head at the end of each day, from pairs of day and head that came or left.

    The day of arrival counts, the day of sale or death does not. `through` is the last day that
    counts; without it all must have left, and ValueError says that they have not.
    """
    changes = [(_day(day), head) for day, head in intakes]
    changes += [(_day(day), -head) for day, head in outs]
    if through is None:
        if sum(head for _, head in changes) != 0:
            raise ValueError("Animals are still on feed: say through which day to count.")
        through = max((day for day, _ in changes), default=date.min)
    ends = _day(through) + timedelta(days=1)
    here, counted, before = 0, 0, date.min
    for day, head in sorted(change for change in changes if change[0] < ends):
        counted += max(here, 0) * (day - before).days  # no day has less than none
        here, before = here + head, day
    return counted + max(here, 0) * (ends - before).days


def occupancy(head: int, capacity: int) -> Occupancy | None:
    """Return how full a pen is; None where the capacity is not known, which is written as 0."""
    if capacity <= 0:
        return None
    percent = 100 * head / capacity
    state: Literal["available", "near", "full"] = "available"
    if percent >= NEAR_PERCENT:
        state = "full" if percent >= FULL_PERCENT else "near"
    return Occupancy(head / capacity, state)


def shrink_percent(before_kg: float, after_kg: float) -> float | None:
    """Return the weight lost on the way, per cent of that before; negative where it was gained."""
    return 100 * (before_kg - after_kg) / before_kg if before_kg > 0 else None


def coefficient_of_variation(weights: Iterable[float]) -> float | None:
    """Return sample standard deviation (n - 1) / mean: 0.1 is 10 %. None for fewer than two."""
    known = list(weights)
    if len(known) < 2 or fmean(known) == 0:
        return None
    return stdev(known) / fmean(known)


def _day(moment: date) -> date:
    """Return the calendar day of a date or a datetime."""
    return moment.date() if isinstance(moment, datetime) else moment
