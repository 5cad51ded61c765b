"""A walk-over scale that is not there, at a water trough: what it says of animals whose growth is
known, the same for the same seed. Pure.

Each animal comes by several times on most days; often half of it stands on the scale, or the same
weight is told twice. On a day the scale is adjusted, and for some days it is dead.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Final, NamedTuple

HEAD: Final = 60
START_KG, DAILY_GAIN_KG = (300.0, 25.0), (1.2, 0.2)  # mean and spread
COMES, VISITS_A_DAY = 0.85, (1, 4)
GUT_KG, SCALE_KG = 6.0, 2.0  # spread of a day's fill, and of one reading
PART, TWICE = 0.25, 0.1  # of the visits
DEAD_KG: Final = 17.0


@dataclass(frozen=True, slots=True)
class Walker:
    number: int
    start_kg: float
    gain_kg: float  # a day


class Reading(NamedTuple):
    """What the scale said, so many days after the start, and whether that is right."""

    walker: Walker
    at_days: float
    kg: float
    is_right: bool


@dataclass(slots=True)
class WalkOverScale:
    """`adjusted_on` a day it reads `factor` times the weight from then on; `dead_on` are the days
    on which it weighs nobody."""

    seed: int
    adjusted_on: int = 100
    factor: float = 1.15
    dead_on: range = range(30, 33)
    growing: bool = True  # else all weigh what they weighed at the start
    walkers: list[Walker] = field(default_factory=list)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)  # noqa: S311 - a simulation, repeatable on purpose
        first = 10_000 + chance.randrange(10**6) * 100
        self.walkers = [
            Walker(first + n, chance.gauss(*START_KG), chance.gauss(*DAILY_GAIN_KG))
            for n in range(HEAD)
        ]

    def readings(self, day: int) -> Iterator[Reading]:
        """Yield those of a day in order of time."""
        chance = random.Random(f"{self.seed} {day}")  # noqa: S311 - a simulation
        found = [one for walker in self.walkers for one in self._of(walker, day, chance)]
        return iter(sorted(found, key=lambda one: one.at_days))

    def _of(self, walker: Walker, day: int, chance: random.Random) -> Iterator[Reading]:
        if chance.random() > COMES:
            return
        true_kg = walker.start_kg + walker.gain_kg * day * self.growing + chance.gauss(0, GUT_KG)
        for _ in range(chance.randint(*VISITS_A_DAY)):
            at = day + chance.uniform(0.3, 0.8)
            kg, is_right = self._reads(true_kg, day, chance)
            yield Reading(walker, at, kg, is_right)
            if chance.random() < TWICE:
                yield Reading(walker, at + 0.0005, kg, is_right)

    def _reads(self, true_kg: float, day: int, chance: random.Random) -> tuple[float, bool]:
        if day in self.dead_on:
            return round(DEAD_KG + chance.uniform(-1, 1), 1), False
        is_part = chance.random() < PART
        kg = true_kg * (chance.uniform(0.4, 0.6) if is_part else 1) + chance.gauss(0, SCALE_KG)
        is_adjusted = day >= self.adjusted_on
        kg *= self.factor if is_adjusted else 1
        return round(kg, 1), not (is_part or is_adjusted)

    def payloads(self) -> Iterator[bytes]:
        """Yield the check-ins of one day after the other, without end."""
        event = self.walkers[0].number
        for day in count():
            for one in self.readings(day):
                event += 1
                text = f"event:hxbchi{event:06d}|weight:{one.kg:.1f}|lid:{one.walker.number}"
                yield text.encode()
