"""The herd's formulas, as published in docs/formulas.md with their worked examples.

Weights in kg, gains in kg per day. A day is a calendar day of the datetimes as they are given.
"""

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from statistics import fmean, median, stdev
from typing import Final, Literal

SHORT_DAYS: Final = 14  # what the gut holds can hide the growth of two weeks
# From six weigh days on they come from a scale that nobody stands at: it needs a longer look.
MANY_WEIGH_DAYS, MANY_SHORT_DAYS = 6, 42
SLOWEST_GAIN, FASTEST_GAIN = -1.5, 4.0  # kg a day that an animal keeps up for weeks
UNSURE_KG_PER_DAY: Final = 0.5  # twice the standard error
SPREAD_OF_MAD: Final = 1.4826  # standard deviation / median absolute deviation, where it is normal
LEAST_SPREAD: Final = 0.01  # of the weight: no scale and no gut is steadier
START_DAYS, START_WEIGHTS = 10, 3  # a forecast starts from that many, where they lie so near
HERD_GAIN_KG_PER_DAY: Final = 0.8  # where no mates are known
LEAST_MATES: Final = 5
HERD_SPREAD: Final = 0.09  # of the gains of one herd's animals: (0.3 kg a day) squared
GUT_SPREAD: Final = 0.03  # of the weight, from one weighing to another
ESTIMATE_DAYS: Final = 90
TARGET_DAYS: Final = 730  # no animal stays on feed for longer
NEAR_PERCENT: Final = 80
FULL_PERCENT: Final = 100


GoodDay = tuple[int, float]  # day as a number, as of `date.toordinal`, and kg


@dataclass(frozen=True, slots=True)
class Gain:
    """An animal's average daily gain, on how many weigh days it rests and over how many days, and
    its standard error."""

    adg_kg: float
    confidence: Literal["ok", "low"]
    points: int
    days: float
    error_kg: float


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How full a pen is: head / capacity, and in a word."""

    ratio: float
    state: Literal["available", "near", "full"]


def animal_gain(series: Sequence[GoodDay], steps: Collection[int] = ()) -> Gain | None:
    """Return the median of the slopes between any two of the good days, in order (Theil–Sen).

    `steps` are days on which the scale was adjusted: no two days across one are compared. None
    without a pair. Time grows with the square of the number of days.
    """
    # Not a least-squares line: one bad weight hardly moves a median.
    parts = _between(series, steps)
    slopes = [
        (kg - earlier_kg) / (day - earlier_day)
        for part in parts
        for (earlier_day, earlier_kg), (day, kg) in combinations(part, 2)
    ]
    if not slopes:
        return None
    adg = median(slopes)
    days = max(part[-1][0] - part[0][0] for part in parts)
    error = _standard_error(max(parts, key=len), adg)
    is_sure = len(parts) == 1 and _is_sure(adg, error, len(series), days)
    return Gain(adg, "ok" if is_sure else "low", len(series), float(days), error)


def _between(series: Sequence[GoodDay], steps: Collection[int]) -> list[Sequence[GoodDay]]:
    """Return the parts of a series between the days of these steps."""
    days = [day for day, _ in series]
    cuts = sorted({bisect_left(days, step) for step in steps} | {0, len(days)})
    return [series[start:end] for start, end in pairwise(cuts)]


def _is_sure(adg: float, error_kg: float, points: int, days: int) -> bool:
    if not SLOWEST_GAIN <= adg <= FASTEST_GAIN:
        return False
    if points < MANY_WEIGH_DAYS:
        return days >= SHORT_DAYS
    return days >= MANY_SHORT_DAYS and 2 * error_kg <= UNSURE_KG_PER_DAY


def _standard_error(series: Sequence[GoodDay], adg: float) -> float:
    """Return that of the gain, by how far the weights lie off its line."""
    first = series[0][0]
    off_kg = [kg - adg * (day - first) for day, kg in series]
    middle = median(off_kg)
    spread = SPREAD_OF_MAD * median(abs(one - middle) for one in off_kg)
    days = [day for day, _ in series]
    mean = fmean(days)
    squares = sum([(day - mean) ** 2 for day in days])
    least = LEAST_SPREAD * median(kg for _, kg in series)
    return max(spread, least) / math.sqrt(squares) if squares else math.inf


def forecast_start(series: Sequence[GoodDay], adg: float) -> float:
    """Return what a forecast takes for the weight of the last good day: the median of the last
    three, where they lie within ten days and the series has six, at that day."""
    (day, kg), last = series[-1], series[-START_WEIGHTS:]
    if len(series) < MANY_WEIGH_DAYS or day - last[0][0] > START_DAYS:
        return kg
    return median(one for _, one in last) + adg * (day - median(one for one, _ in last))


def gain_doubt(gain: Gain, last_kg: float) -> float:
    """Return how far the gain may be off what it will be: its error, and what the gut holds."""
    return math.hypot(gain.error_kg, GUT_SPREAD * last_kg / gain.days)


def mates_gain(gains: Collection[float]) -> float:
    """Return what mates gain, by those gains of theirs that are known with good confidence."""
    return median(gains) if len(gains) >= LEAST_MATES else HERD_GAIN_KG_PER_DAY


def forecast_gain(adg: float, doubt: float, mates: float) -> float:
    """Return the gain to forecast with: the animal's own, and the more that is in doubt, the more
    of its mates' gain."""
    own = HERD_SPREAD / (HERD_SPREAD + doubt**2)
    return own * adg + (1 - own) * mates


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
