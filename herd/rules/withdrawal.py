"""When a treated animal is clear, and how much of a product it gets. Pure."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

LONGEST_DAYS: Final = 730  # beyond every label: two years are a slip of the pen
SYRINGE_ML: Final = Decimal("0.1")  # a syringe is read to a tenth of a millilitre
LEAVES: Final = frozenset({"exported", "sold"})  # statuses of what may be eaten; a dead animal not


def clear_day(given_on: date, withdrawal_days: int) -> date:
    """Return the first day on which the animal is clear."""
    return given_on + timedelta(days=withdrawal_days)


def days_until_clear(today: date, clear_on: date | None) -> int:
    """Return the days until an animal is clear, 0 where it is."""
    return 0 if clear_on is None else max(0, (clear_on - today).days)


def is_held(clear_on: date | None, on: date) -> bool:
    """Return whether an animal may not leave on that day."""
    return days_until_clear(on, clear_on) > 0


def dose_ml(weight_kg: Decimal, ml_per_100kg: Decimal) -> Decimal:
    """Return the dose for a weight, to a tenth of a millilitre, which is the least."""
    dose = (weight_kg * ml_per_100kg / 100).quantize(SYRINGE_ML, ROUND_HALF_UP)
    return max(dose, SYRINGE_ML)


def has_left_early(
    status: str, left_on: date | None, clear_on: date | None, reason: str | None
) -> bool:
    """Return whether an animal left before it was clear, and nobody has said why."""
    if status not in LEAVES or clear_on is None or reason:
        return False
    return left_on is None or left_on < clear_on
