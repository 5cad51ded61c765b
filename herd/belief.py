"""Which of an animal's weighings can be right: the longest series that a steer can have had. Pure.

A single rule between a weight and the one before it would believe whatever came first, and doubt
everything after a first weight that was wrong.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

REREAD_WITHIN: Final = timedelta(minutes=10)
# A steer's gut holds some 10 % of it, and compensatory gain stays under 4 kg a day.
GUT_FILL: Final = 0.12
FASTEST_KG_PER_DAY: Final = 4.0
LIGHTEST_KG, HEAVIEST_KG = 15.0, 1_500.0  # a weak calf, the heaviest of bulls


class Weighed(NamedTuple):
    at: datetime
    kg: float


def can_be(kg: float) -> bool:
    """Whether cattle of that weight exist."""
    return LIGHTEST_KG <= kg <= HEAVIEST_KG


def can_follow(before: Weighed, after: Weighed) -> bool:
    """Whether one animal can have had both weights, the second later than the first."""
    apart = after.at - before.at
    if apart < REREAD_WITHIN:
        return False
    change = FASTEST_KG_PER_DAY * (apart / timedelta(days=1))
    return before.kg * (1 - GUT_FILL) - change <= after.kg <= before.kg * (1 + GUT_FILL) + change


def believable(series: Sequence[Weighed]) -> list[bool]:
    """For weighings in the order of their times: which belong to the longest series that one
    animal can have had. Of two as long, the one that began earlier. Time grows with the square.
    """
    longest = [1 if can_be(one.kg) else 0 for one in series]
    before: list[int | None] = [None] * len(series)
    for this, weighed in enumerate(series):
        if not longest[this]:
            continue
        for other in range(this):
            if longest[other] >= longest[this] and can_follow(series[other], weighed):
                longest[this], before[this] = longest[other] + 1, other
    believed = [False] * len(series)
    place = longest.index(max(longest)) if any(longest) else None
    while place is not None:
        believed[place], place = True, before[place]
    return believed


def doubt(series: Sequence[Weighed], believed: Sequence[bool], place: int) -> str:
    """Why the weighing at this place is not believed, as a sentence for its row."""
    weighed = series[place]
    if not can_be(weighed.kg):
        return f"{weighed.kg:g} kg: no cattle weigh that"
    good = [one for one, fits in zip(series, believed, strict=True) if fits]
    nearest = min(good, key=lambda one: abs(one.at - weighed.at))
    apart = abs(nearest.at - weighed.at)
    if apart < REREAD_WITHIN:
        return "weighed again within 10 minutes"
    first, last = sorted((nearest, weighed))
    days = apart / timedelta(days=1)
    return f"{last.kg - first.kg:+.0f} kg in {days:.0f} days: no steer can do that"
