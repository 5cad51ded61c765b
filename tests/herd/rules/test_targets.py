"""A batch's own target weight and day, and how an animal stands to them."""

from datetime import date

import pytest

from herd.rules.targets import Aim, aim_of, standing

DAY = date(2027, 3, 1)


@pytest.mark.parametrize(
    ("kg", "on", "aim"),
    [
        (None, None, Aim(619)),
        (610.0, DAY, Aim(610, DAY, is_own=True)),
        (610.0, None, Aim(610, is_own=True)),
        (None, DAY, Aim(619, DAY, is_own=True)),
    ],
)
def test_a_batchs_own_target_comes_before_the_farms(
    kg: float | None, on: date | None, aim: Aim
) -> None:
    assert aim_of(kg, on, 619) == aim


@pytest.mark.parametrize(
    ("kg", "on", "missing", "late"),
    [
        (500.0, date(2027, 3, 13), 110, 12),
        (500.0, date(2027, 2, 19), 110, -10),
        (500.0, None, 110, None),  # it never will, at its gain
        (612.5, date(2027, 2, 1), 0, -28),
    ],
)
def test_an_animal_lacks_so_much_and_comes_so_late(
    kg: float, on: date | None, missing: float, late: int | None
) -> None:
    found = standing(Aim(610, DAY, is_own=True), kg, on)
    assert (found.missing_kg, found.days_late) == (missing, late)
    assert found.is_reached == (missing == 0)
    assert standing(Aim(610), kg, on).days_late is None
