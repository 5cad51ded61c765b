"""Which of an animal's weighings can be right: the best series that one animal can have had. Pure.

The weights of a day that are alike are one group; the series takes one group a day at most. A rule
between a weight and the one before it would believe whatever came first, and doubt everything after
a first weight that was wrong. Days are numbers, as of `date.toordinal`.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise, starmap
from operator import attrgetter
from statistics import median
from typing import Final, NamedTuple

# A steer's gut holds some 10 % of it; compensatory gain stays under 4 kg a day, and what a sick
# animal loses for weeks under 1.5.
GUT_FILL: Final = 0.12
FASTEST_GAIN_KG_PER_DAY: Final = 4.0
FASTEST_LOSS_KG_PER_DAY: Final = 1.5
USUAL_GAIN_KG_PER_DAY: Final = 1.5  # of the reference herd, rounded
LIGHTEST_KG, HEAVIEST_KG = 15.0, 1_500.0  # a weak calf, the heaviest of bulls
ALIKE: Final = 1.06  # a drink and a step aside move two readings of one day by 6 % at most
GROUPS_A_DAY: Final = 3
# Cattle of before wore no electronic tag, and a clock at 1970, 1980 or 1900 was never set.
FIRST_YEAR: Final = 1990
WINDOW_DAYS: Final = 120
WEIGH_DAYS: Final = 6  # that a window has at least, where the animal has as many
OLDEST_DAYS: Final = 730
ACCEPTED_SCORE: Final = 10_000.0  # more than all days of any window together


class DayGroup(NamedTuple):
    """Weights of one day that are alike: their median, how many, the lightest and heaviest."""

    day: int
    kg: float
    readings: int
    lightest: float
    heaviest: float
    is_accepted: bool = False  # a person said so: in every series, whatever came before it

    @property
    def score(self) -> float:
        """Return 1, and a quarter more for each of two more readings that agree."""
        if self.is_accepted:
            return ACCEPTED_SCORE
        return 0.75 + 0.25 * min(self.readings, 3)


WeighDay = Sequence[DayGroup]  # the groups of one day, the one that was read first before others


def can_be(kg: float) -> bool:
    """Return whether cattle of that weight exist."""
    return LIGHTEST_KG <= kg <= HEAVIEST_KG


def day_groups(day: int, weights: Sequence[float]) -> list[DayGroup]:
    """Return the three fullest groups of a day's weights, which are in order of time."""
    if len(weights) == 1 and can_be(kg := weights[0]):
        return [DayGroup(day, kg, 1, kg, kg)]
    alike: list[list[float]] = []
    for kg in sorted(filter(can_be, weights)):
        if not alike or kg > alike[-1][-1] * ALIKE:
            alike.append([])
        alike[-1].append(kg)
    groups = [DayGroup(day, median(kgs), len(kgs), kgs[0], kgs[-1]) for kgs in alike]
    fullest = sorted(groups, key=attrgetter("readings", "kg"), reverse=True)[:GROUPS_A_DAY]
    return sorted(fullest, key=lambda group: _first_read(group, weights))


def accepted_group(day: int, accepted: Sequence[float], weights: Sequence[float]) -> DayGroup:
    """Return the group of a day of which a person has accepted weights: they and their like."""
    lightest, heaviest = min(accepted) / ALIKE, max(accepted) * ALIKE
    kgs = sorted(kg for kg in weights if lightest <= kg <= heaviest)
    return DayGroup(day, median(kgs), len(kgs), kgs[0], kgs[-1], is_accepted=True)


def _first_read(group: DayGroup, weights: Sequence[float]) -> int:
    return next(n for n, kg in enumerate(weights) if group.lightest <= kg <= group.heaviest)


def can_follow(before: DayGroup, after: DayGroup) -> bool:
    """Return whether one animal can have had both weights, the second on a later day."""
    days = after.day - before.day
    least = before.kg * (1 - GUT_FILL) - FASTEST_LOSS_KG_PER_DAY * days
    most = before.kg * (1 + GUT_FILL) + FASTEST_GAIN_KG_PER_DAY * days
    return days > 0 and (after.is_accepted or least <= after.kg <= most)


class _Chain(NamedTuple):
    """The best series that ends with a group: its score, how far off the usual growth it is in
    all, and the place of the last group but one (-1: none)."""

    score: float
    off_kg: float
    before: int = -1


def best_series(days: Sequence[WeighDay]) -> list[DayGroup]:
    """Return the series of the highest score that one animal can have had, of days in order.

    Of two, the one nearer to the usual growth, or else the one that began earlier.
    """
    groups = [group for day in days for group in day]
    if len(groups) == len(days) and all(starmap(can_follow, pairwise(groups))):
        return groups  # the everyday case: none can have a higher score
    chains: list[_Chain] = []
    highest = [0.0]  # of the chains up to each place
    for group in groups:
        chain = _best_to(group, groups, chains, highest)
        chains.append(chain)
        highest.append(max(highest[-1], chain.score))
    # In order, so that of two that are alike the earlier one is taken.
    place = min(range(len(chains)), key=lambda n: (-chains[n].score, chains[n].off_kg), default=-1)
    series = []
    while place >= 0:
        series.append(groups[place])
        place = chains[place].before
    return series[::-1]


def _best_to(
    group: DayGroup,
    groups: Sequence[DayGroup],
    chains: Sequence[_Chain],
    highest: Sequence[float],
) -> _Chain:
    """Return the best chain that ends with the group."""
    best = _Chain(group.score, 0.0)
    for place in range(len(chains) - 1, -1, -1):
        # Nearly at once in a series without doubt: a dense scale costs no more for its many days.
        if highest[place + 1] + group.score < best.score:
            break
        earlier, chain = groups[place], chains[place]
        if chain.score + group.score >= best.score and can_follow(earlier, group):
            usual_kg = earlier.kg + USUAL_GAIN_KG_PER_DAY * (group.day - earlier.day)
            off_kg = chain.off_kg + abs(group.kg - usual_kg)
            longer = _Chain(chain.score + group.score, off_kg, place)
            if (longer.score, -longer.off_kg) >= (best.score, -best.off_kg):
                best = longer
    return best


def window_start(days: Sequence[int], end: int) -> int:
    """Return the place of the first of the days, which are in order, that is judged with the one
    at `end`: 120 days, or the last six weigh days where those are fewer."""
    recent = bisect_left(days, days[end] - WINDOW_DAYS)
    oldest = bisect_left(days, days[end] - OLDEST_DAYS)
    return min(recent, max(oldest, end - WEIGH_DAYS + 1))


def windows(days: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield start and end of each window that is the last one of some days, and the place behind
    these: they are judged by it for good."""
    starts = [window_start(days, end) for end in range(len(days))]
    for end, start in enumerate(starts):
        settled = starts[end + 1] if end + 1 < len(days) else len(days)
        if settled > start:
            yield start, end + 1, settled


class Judged(NamedTuple):
    """A window's series, and the first and last of the days that it is the last window of."""

    series: list[DayGroup]
    first: int
    last: int


def judged_windows(days: Sequence[WeighDay], *, newest_only: bool = False) -> Iterator[Judged]:
    """Yield the windows of a history in order, or the last one alone with all of its days.

    Each day is judged by the last window that it is in: so a history comes out as if each day had
    been judged on its own.
    """
    numbers = [day[0].day for day in days]
    found = windows(numbers)
    if newest_only and numbers:
        end = len(days)
        found = iter([(window_start(numbers, end - 1), end, end)])
    for start, end, settled in found:
        yield Judged(best_series(days[start:end]), numbers[start], numbers[settled - 1])


def outlier_reason(day: int, kg: float, series: Sequence[DayGroup]) -> str:
    """Return why a weight is not in the series, as a sentence for its row."""
    if not can_be(kg) or not series:
        return f"{kg:g} kg: no animal weighs that"
    nearest = min(series, key=lambda one: abs(one.day - day))
    if nearest.day == day:
        return f"{kg - nearest.kg:+.0f} kg on one day: too fast to be right"
    change = kg - nearest.kg if nearest.day < day else nearest.kg - kg
    days = abs(nearest.day - day)
    return f"{change:+.0f} kg in {days} {'day' if days == 1 else 'days'}: too fast to be right"
