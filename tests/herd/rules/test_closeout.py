"""The examples of docs/formulas.md's closeout, worked."""

from datetime import date

import pytest

from herd.rules.closeout import WeighDay, expected_gain, expected_on, loading_shrink, weigh_days

MAY, LATER, JUNE = date(2026, 5, 1), date(2026, 5, 31), date(2026, 6, 10)
WEIGHED = [(MAY, 1, 300.0), (MAY, 2, 320.0), (LATER, 1, 345.0), (JUNE, 1, 361.0), (JUNE, 2, 370.0)]


def test_a_gain_is_that_of_each_since_its_weighing_before() -> None:
    first, second, third = weigh_days(WEIGHED)
    assert first == WeighDay(MAY, 2, 310.0, None)
    assert second.gain_kg == pytest.approx(1.5)
    assert third.gain_kg == pytest.approx(1.32)
    assert (third.head, third.mean_kg) == (2, 365.5)


def test_several_weights_of_a_day_are_their_mean() -> None:
    assert weigh_days([(MAY, 1, 300.0), (MAY, 1, 304.0)]) == [WeighDay(MAY, 1, 302.0, None)]


def test_the_expected_curve_leads_to_the_own_target() -> None:
    first = weigh_days(WEIGHED)[0]
    gain = expected_gain(first, 610.0, date(2026, 12, 26), herd_gain_kg=9.0)
    assert gain == pytest.approx(1.255, abs=0.001)
    assert expected_on(first, gain, JUNE) == pytest.approx(360.2, abs=0.05)


@pytest.mark.parametrize(("kg", "on"), [(None, JUNE), (610.0, None), (610.0, MAY)])
def test_without_an_own_target_it_is_the_herds(kg: float | None, on: date | None) -> None:
    assert expected_gain(weigh_days(WEIGHED)[0], kg, on, herd_gain_kg=1.4) == 1.4


def test_without_any_gain_there_is_no_curve() -> None:
    assert expected_on(weigh_days(WEIGHED)[0], None, JUNE) is None


def test_shrink_is_of_those_that_lost_weight_at_loading() -> None:
    pen, loading = date(2026, 6, 8), date(2026, 6, 10)
    weighed = [(pen, 1, 600.0), (pen, 2, 500.0), (pen, 3, 550.0)]
    weighed += [(loading, 1, 576.0), (loading, 2, 490.0), (loading, 3, 555.0)]
    left = dict.fromkeys((1, 2, 3), loading)
    head, percent = loading_shrink(weighed, left) or (0, 0.0)
    assert (head, round(percent, 1)) == (2, 3.1)


@pytest.mark.parametrize("left", [{}, {1: date(2026, 7, 1)}, {3: JUNE}])
def test_no_shrink_where_nobody_was_weighed_around_leaving(left: dict[int, date]) -> None:
    weighed = [(date(2026, 6, 8), 1, 600.0), (JUNE, 1, 576.0), (MAY, 3, 300.0), (JUNE, 3, 290.0)]
    assert loading_shrink(weighed, left) is None
