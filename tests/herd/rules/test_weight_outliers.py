"""Which weighings of an animal are believed: the examples of docs/formulas.md, and others."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd.rules.weight_outliers import (
    DayGroup,
    best_series,
    can_follow,
    day_groups,
    outlier_reason,
    window_start,
)
from tests.herd.rules.weigh_days import Weighed, chosen_groups, series_of, walk_over, weigh_days

START = date(2026, 1, 1).toordinal()


def series(*pairs: tuple[int, float]) -> list[DayGroup]:
    """From pairs of day and kg, each day's in order of time."""
    weighed: Weighed = {}
    for day, kg in pairs:
        weighed.setdefault(day, []).append(kg)
    return chosen_groups(weigh_days(weighed))


def believed(*pairs: tuple[int, float]) -> list[float]:
    return [group.kg for group in series(*pairs)]


def test_the_example_of_groups_of_a_day() -> None:
    groups = day_groups(START, [402, 400, 398, 195, 610, 403, 201])
    assert sorted((one.kg, one.readings) for one in groups) == [(198, 2), (401, 4), (610, 1)]


def test_the_three_fullest_groups_of_a_day_are_kept_and_of_as_full_ones_the_heavier() -> None:
    assert sorted(one.kg for one in day_groups(START, [100, 200, 300, 400, 400])) == [200, 300, 400]


def test_the_example_of_half_an_animal() -> None:
    good = series((0, 352), (28, 180))
    assert [one.kg for one in good] == [352]
    assert outlier_reason(28, 180, good) == "-172 kg in 28 days: too fast to be right"


def test_the_example_of_a_wrong_first_weight() -> None:
    assert believed((0, 180), (10, 360), (20, 375)) == [360, 375]


def test_the_example_of_a_part_weighing_that_could_be_true() -> None:
    good = series((0, 350), (70, 220), (70, 455))
    assert [one.kg for one in good] == [350, 455]
    assert outlier_reason(70, 220, good) == "-235 kg on one day: too fast to be right"


def test_the_example_of_a_walk_over_scale() -> None:
    good = series_of(walk_over())
    assert (len(good), good[-1]) == (26, (60, 367))


def test_the_example_of_a_scale_that_read_17_kg_for_some_days() -> None:
    dead = {key: [17.0, 16, 18, 17, 16] for key in (22, 24, 26, 28)}
    assert len(series_of(walk_over() | dead)) == 23
    last = {key: [17.0, 16, 18] for key in (62, 63, 64, 65)}
    assert series_of(walk_over() | last)[-1] == (60, 367)


def test_of_two_that_contradict_each_other_the_first_counts() -> None:
    assert believed((0, 350), (10, 700)) == [350]


def test_readings_of_one_day_that_are_alike_are_one_weight() -> None:
    assert believed((0, 350), (0, 352), (0, 354), (20, 380)) == [352, 380]


def test_of_two_groups_of_a_day_the_one_that_was_read_more_often_counts() -> None:
    assert believed((0, 300), (0, 600), (0, 604)) == [602]


@pytest.mark.parametrize("kg", [5.0, 3540.0])
def test_what_no_cattle_weigh_is_never_believed(kg: float) -> None:
    assert believed((0, kg), (10, kg)) == []
    assert "no animal weighs that" in outlier_reason(0, kg, [])


def test_a_loss_on_the_way_is_believed() -> None:
    assert can_follow(*series((0, 600), (1, 576)))
    [before], [after] = day_groups(0, [600]), day_groups(1, [500])
    assert not can_follow(before, after)
    assert not can_follow(after, before)


def test_nothing_is_nothing() -> None:
    assert best_series([]) == []
    assert chosen_groups([]) == []


def test_a_series_is_found_through_many_wild_values() -> None:
    good = [(day, 350 + 1.5 * day) for day in range(0, 200, 20)]
    wild = [(day + 5, 170.0) for day in range(0, 200, 40)]
    assert believed(*sorted(good + wild)) == [kg for _, kg in good]


def test_a_window_is_120_days_or_the_last_six_weigh_days_of_two_years() -> None:
    daily = list(range(300))
    assert window_start(daily, 299) == 299 - 120
    assert window_start([0, 100, 200, 300, 400, 500, 600], 6) == 1
    assert window_start([0, 100, 800, 831], 3) == 2  # the second day is 731 days ago


weights = st.sampled_from([17.0, 150.0, 180.0, 300.0, 305.0, 340.0, 380.0, 600.0, 2000.0])
histories = st.dictionaries(st.integers(0, 900), st.lists(weights, min_size=1, max_size=4))


@given(histories)
def test_a_history_is_judged_as_if_each_day_had_been_judged_on_its_own(weighed: Weighed) -> None:
    days = weigh_days(weighed)
    chosen: dict[int, DayGroup] = {}
    numbers = [day[0].day for day in days]
    for end in range(len(days)):
        window = numbers[window_start(numbers, end) : end + 1]
        good = best_series([day for day in days if day[0].day in window])
        chosen = {day: one for day, one in chosen.items() if day not in window}
        chosen |= {one.day: one for one in good}
    assert list(chosen.values()) == chosen_groups(days)


@given(histories)
def test_no_other_series_has_a_higher_score(weighed: Weighed) -> None:
    days = weigh_days(dict(list(weighed.items())[:7]))
    found = best_series(days)
    assert all(can_follow(one, other) for one, other in pairwise(found))
    possible: list[list[DayGroup]] = [[]]
    for day in days:
        possible += [
            [*one, group]
            for one in possible
            for group in day
            if not one or can_follow(one[-1], group)
        ]
    assert sum(one.score for one in found) == max(
        sum(group.score for group in one) for one in possible
    )
