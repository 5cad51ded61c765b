"""The weight and the day that an animal is fed for, and how it stands to them."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Aim:
    """What a batch's animals are fed for: its own target, else the farm's weight."""

    kg: float
    by: date | None = None  # the day that the batch has set for it
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How one animal stands to its aim: what it lacks today, and when it is expected there."""

    aim: Aim
    missing_kg: float  # 0 where it has the weight
    on: date | None  # None where it never will, or its gain is not known
    days_late: int | None  # after the batch's own day, negative before it; None without one

    @property
    def is_reached(self) -> bool:
        return self.missing_kg == 0


def aim_of(own_kg: float | None, own_on: date | None, farm_kg: float) -> Aim:
    """Return a batch's aim: a day alone is for the farm's weight."""
    return Aim(own_kg or farm_kg, own_on, bool(own_kg or own_on))


def standing(aim: Aim, kg_today: float, on: date | None) -> Standing:
    """Return how an animal of this weight stands that is expected at its aim's weight on a day."""
    late = (on - aim.by).days if on and aim.by else None
    return Standing(aim, max(0.0, aim.kg - kg_today), on, late)
