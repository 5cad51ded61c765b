"""Which of an animal's weighings can be right: the longest series that a steer can have had. Pure.

A single rule between a weight and the one before it would believe whatever came first, and doubt
everything after a first weight that was wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

REREAD_WITHIN: Final = timedelta(minutes=10)
# A steer's gut holds some 10 % of it; compensatory gain stays under 4 kg a day, and what a sick
# animal loses for weeks under 1.5.
GUT_FILL: Final = 0.12
FASTEST_GAIN_KG_PER_DAY: Final = 4.0
FASTEST_LOSS_KG_PER_DAY: Final = 1.5
USUAL_GAIN_KG_PER_DAY: Final = 1.5  # of the reference herd, rounded
LIGHTEST_KG, HEAVIEST_KG = 15.0, 1_500.0  # a weak calf, the heaviest of bulls


class Weighed(NamedTuple):
    at: datetime
    kg: float


def can_be(kg: float) -> bool:
    """Return whether cattle of that weight exist."""
    return LIGHTEST_KG <= kg <= HEAVIEST_KG


def can_follow(before: Weighed, after: Weighed) -> bool:
    """Return whether one animal can have had both weights, the second later than the first."""
    apart = after.at - before.at
    if apart < REREAD_WITHIN:
        return False  # weighed again at once: one of the two takes the other's place
    days = apart / timedelta(days=1)
    least = before.kg * (1 - GUT_FILL) - FASTEST_LOSS_KG_PER_DAY * days
    most = before.kg * (1 + GUT_FILL) + FASTEST_GAIN_KG_PER_DAY * days
    return least <= after.kg <= most


@dataclass(slots=True)
class _Chain:
    """The best series that ends here: how many weighings, how far off the usual growth in all,
    and the last but one."""

    length: int
    off_kg: float
    before: int | None = None

    def is_better(self, other: "_Chain", kg: float) -> bool:
        """Return True for a longer one, or one as long and clearly nearer to the usual growth."""
        if self.length != other.length:
            return self.length > other.length
        return self.off_kg < other.off_kg - GUT_FILL * kg  # a gut's fill proves nothing


def _best_to(weighed: Weighed, series: Sequence[Weighed], chains: Sequence[_Chain]) -> _Chain:
    if not can_be(weighed.kg):
        return _Chain(0, 0.0)
    best = _Chain(1, 0.0)
    for place, chain in enumerate(chains):
        earlier = series[place]
        if chain.length and can_follow(earlier, weighed):
            days = (weighed.at - earlier.at) / timedelta(days=1)
            off_kg = abs(weighed.kg - earlier.kg - USUAL_GAIN_KG_PER_DAY * days)
            longer = _Chain(chain.length + 1, chain.off_kg + off_kg, place)
            if longer.is_better(best, weighed.kg):
                best = longer
    return best


def consistent_series(series: Sequence[Weighed]) -> list[bool]:
    """Return which weighings, in order of time, belong to the longest series one animal can have.

    Of two as long, the one nearer to the usual growth, or else the one that began earlier. Time
    grows with the square.
    """
    chains: list[_Chain] = []
    for weighed in series:
        chains.append(_best_to(weighed, series, chains))
    believed = [False] * len(series)
    end: int | None = None
    for place, chain in enumerate(chains):
        if chain.length and (end is None or chain.is_better(chains[end], series[place].kg)):
            end = place
    while end is not None:
        believed[end], end = True, chains[end].before
    return believed


def outlier_reason(series: Sequence[Weighed], believed: Sequence[bool], place: int) -> str:
    """Return why the weighing at this place is not believed, as a sentence for its row."""
    weighed = series[place]
    if not can_be(weighed.kg):
        return f"{weighed.kg:g} kg: no animal weighs that"
    good = [one for one, fits in zip(series, believed, strict=True) if fits]
    nearest = min(good, key=lambda one: abs(one.at - weighed.at))
    apart = abs(nearest.at - weighed.at)
    if apart < REREAD_WITHIN:
        return "weighed again within 10 minutes"
    first, last = sorted((nearest, weighed))
    days = apart / timedelta(days=1)
    return f"{last.kg - first.kg:+.0f} kg in {days:.0f} days: too fast to be right"
