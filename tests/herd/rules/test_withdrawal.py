"""Clear-on days and doses: the worked examples of docs/formulas.md, and their edges."""

from datetime import date
from decimal import Decimal

import pytest

from herd.rules.withdrawal import clear_day, days_until_clear, dose_ml, has_left_early

GIVEN = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("days", "clear"),
    [(0, GIVEN), (1, date(2026, 11, 28)), (12, date(2026, 12, 9)), (28, date(2026, 12, 25))],
)
def test_an_animal_is_clear_so_many_days_after_the_day_of_its_treatment(
    days: int, clear: date
) -> None:
    assert clear_day(GIVEN, days) == clear


@pytest.mark.parametrize(
    ("today", "left"),
    [(GIVEN, 12), (date(2026, 12, 8), 1), (date(2026, 12, 9), 0), (date(2027, 1, 1), 0)],
)
def test_days_count_down_and_end_by_themselves(today: date, left: int) -> None:
    assert days_until_clear(today, date(2026, 12, 9)) == left
    assert days_until_clear(today, None) == 0


@pytest.mark.parametrize(
    ("kg", "per_100kg", "ml"),
    [
        ("425", "10", "42.5"),
        ("387.5", "2", "7.8"),  # 7.75: half a tenth is rounded up
        ("240", "1.5", "3.6"),
        ("38", "0.1", "0.1"),  # 0.038: a syringe shows no less
    ],
)
def test_a_dose_is_by_weight_to_a_tenth_of_a_millilitre(kg: str, per_100kg: str, ml: str) -> None:
    assert dose_ml(Decimal(kg), Decimal(per_100kg)) == Decimal(ml)


@pytest.mark.parametrize(
    ("status", "left_on", "reason", "early"),
    [
        ("exported", date(2026, 12, 8), "", True),
        ("sold", date(2026, 12, 8), None, True),
        ("exported", date(2026, 12, 9), "", False),
        ("exported", None, "", True),
        ("exported", date(2026, 12, 8), "the buyer keeps it", False),
        ("dead", date(2026, 12, 8), "", False),
        ("active", None, "", False),
    ],
)
def test_what_may_be_eaten_leaves_when_it_is_clear(
    status: str, left_on: date | None, reason: str | None, *, early: bool
) -> None:
    assert has_left_early(status, left_on, date(2026, 12, 9), reason) == early
    assert not has_left_early(status, left_on, None, reason)
