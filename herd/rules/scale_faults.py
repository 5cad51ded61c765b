"""What the herd says of its scale: that it was adjusted, or weighs nobody right. Pure."""

from collections.abc import Collection, Iterable
from statistics import median
from typing import Final, NamedTuple

from herd.rules.growth import HERD_GAIN_KG_PER_DAY

LEAST_ANIMALS: Final = 8
BEFORE_DAYS: Final = 7
STEP: Final = 0.06  # what they drink and eat moves a whole herd by 3 to 5 %
# Nobody adjusts a scale by half: a dead one reads 17 kg, and one foot of it half of the animal.
LARGEST_STEP: Final = 0.4


class Compared(NamedTuple):
    """An animal's weight of the day, its last good one of before, and how many days before."""

    kg: float
    before_kg: float
    days: int


def scale_step(compared: Iterable[Compared]) -> float | None:
    """Return by which part the day's weights differ from those of before, where the scale was
    adjusted; one for each animal with a good day at most seven days before."""
    parts = [
        (kg - HERD_GAIN_KG_PER_DAY * days) / before_kg - 1
        for kg, before_kg, days in compared
        if 0 < days <= BEFORE_DAYS
    ]
    if len(parts) < LEAST_ANIMALS:
        return None
    part = median(parts)
    return part if STEP < abs(part) <= LARGEST_STEP else None


def is_scale_fault(animals: Collection[int], weights: int, suspect: int) -> bool:
    """Return whether more than half of the weights of a day, of eight animals at least, are
    suspect."""
    return len(animals) >= LEAST_ANIMALS and 2 * suspect > weights
