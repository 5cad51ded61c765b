"""Which weighings of an animal are believed: the examples of docs/formulas.md, and others."""

from datetime import UTC, datetime, timedelta

import pytest

from herd.rules.weight_outliers import Weighed, can_follow, consistent_series, outlier_reason

START = datetime(2026, 1, 1, tzinfo=UTC)


def series(*pairs: tuple[float, float]) -> list[Weighed]:
    """From pairs of day and kg."""
    return [Weighed(START + timedelta(days=day), kg) for day, kg in pairs]


def believed(*pairs: tuple[float, float]) -> list[float]:
    given = series(*pairs)
    return [one.kg for one, fits in zip(given, consistent_series(given), strict=True) if fits]


def test_the_example_of_half_an_animal() -> None:
    given = series((0, 352), (28, 180))
    assert consistent_series(given) == [True, False]
    assert outlier_reason(given, [True, False], 1) == "-172 kg in 28 days: too fast to be right"


def test_the_example_of_a_wrong_first_weight() -> None:
    assert believed((0, 180), (10, 360), (20, 375)) == [360, 375]


def test_the_example_of_a_part_weighing_that_could_be_true() -> None:
    assert believed((0, 350), (70, 220), (70.001, 455)) == [350, 455]


def test_of_two_that_contradict_each_other_the_first_counts() -> None:
    assert believed((0, 350), (10, 700)) == [350]


def test_a_reread_within_ten_minutes_is_not_a_second_weighing() -> None:
    given = series((0, 350), (0.004, 352), (20, 380))
    assert consistent_series(given) == [True, False, True]
    assert outlier_reason(given, consistent_series(given), 1) == "weighed again within 10 minutes"


@pytest.mark.parametrize("kg", [5.0, 3540.0])
def test_what_no_cattle_weigh_is_never_believed(kg: float) -> None:
    assert believed((0, kg), (10, kg)) == []
    assert "no animal weighs that" in outlier_reason(series((0, kg)), [False], 0)


def test_a_loss_on_the_way_is_believed() -> None:
    assert can_follow(*series((0, 600), (1, 576)))
    assert not can_follow(*series((0, 600), (1, 500)))


def test_nothing_is_nothing() -> None:
    assert consistent_series([]) == []


def test_a_series_is_found_through_many_wild_values() -> None:
    good = [(day, 350 + 1.5 * day) for day in range(0, 200, 20)]
    wild = [(day + 5, 170.0) for day in range(0, 200, 40)]
    assert believed(*sorted(good + wild)) == [kg for _, kg in good]
