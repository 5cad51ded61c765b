import random
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd.rules.growth import (
    Occupancy,
    animal_gain,
    coefficient_of_variation,
    days_on_feed,
    estimate_today,
    group_gain,
    head_days,
    occupancy,
    shrink_percent,
    target_date,
)

START = datetime(2025, 1, 1, 8, 0, tzinfo=UTC)
Weighings = list[tuple[datetime, float]]


def weighed(*points: tuple[float, float]) -> Weighings:
    """Pairs of days after the start and kg."""
    return [(START + timedelta(days=day), kg) for day, kg in points]


def test_two_weighings_give_the_gain_between_them() -> None:
    gain = animal_gain(weighed((0, 354), (167, 619)))
    assert gain is not None
    assert gain.adg_kg == pytest.approx(1.587, abs=0.001)
    assert (gain.confidence, gain.points, gain.days) == ("ok", 2, 167)


def test_one_misread_weight_does_not_move_the_gain() -> None:
    gain = animal_gain(weighed((0, 300), (20, 330), (40, 360), (50, 520), (60, 390)))
    assert gain is not None
    assert gain.adg_kg == pytest.approx(1.5)
    assert gain.points == 5


@pytest.mark.parametrize(("days", "confidence"), [(13, "low"), (14, "ok"), (15, "ok")])
def test_less_than_a_fortnight_is_of_low_confidence(days: int, confidence: str) -> None:
    gain = animal_gain(weighed((0, 300), (days, 320)))
    assert gain is not None
    assert gain.confidence == confidence


@pytest.mark.parametrize("weighings", [weighed(), weighed((0, 300)), weighed((0, 300), (0.4, 310))])
def test_one_day_gives_no_gain(weighings: Weighings) -> None:
    assert animal_gain(weighings) is None


def test_weighings_of_one_day_are_not_compared_with_one_another() -> None:
    gain = animal_gain(weighed((0, 300), (0.01, 330), (100, 450), (100.01, 480)))
    assert gain is not None
    assert gain.adg_kg == pytest.approx(1.5)


def test_a_night_counts_as_a_day_so_that_minutes_make_no_huge_gain() -> None:
    gain = animal_gain(weighed((0.66, 300), (0.67, 301)))  # 23:50 and 00:05
    assert gain is not None
    assert gain.adg_kg == pytest.approx(1)
    assert (gain.confidence, gain.days) == ("low", 1)


def test_an_animal_may_lose_weight() -> None:
    gain = animal_gain(weighed((0, 400), (20, 380)))
    assert gain is not None
    assert gain.adg_kg == pytest.approx(-1)


@given(st.lists(st.tuples(st.integers(0, 400), st.floats(1, 2000)), max_size=12), st.randoms())
def test_the_order_of_weighings_does_not_matter(
    points: list[tuple[int, float]], order: random.Random
) -> None:
    shuffled = points.copy()
    order.shuffle(shuffled)
    assert animal_gain(weighed(*shuffled)) == animal_gain(weighed(*points))


@given(st.floats(-3, 3), st.sets(st.integers(0, 300), min_size=2, max_size=12))
def test_steady_growth_is_found_exactly(adg: float, days: set[int]) -> None:
    gain = animal_gain(weighed(*((day, 300 + adg * day) for day in days)))
    assert gain is not None
    assert gain.adg_kg == pytest.approx(adg, abs=1e-9)
    assert gain.days == max(days) - min(days)


def test_a_group_gains_the_mean_of_its_animals_and_says_how_many() -> None:
    mean, animals = group_gain(iter([1.4, 1.6, 1.8])) or (0, 0)
    assert mean == pytest.approx(1.6)
    assert animals == 3
    assert group_gain([]) is None


@pytest.mark.parametrize(
    ("today", "kg"),
    [
        (date(2025, 5, 1), 400),
        (date(2025, 5, 31), 445),
        (date(2025, 7, 30), 535),
        (date(2025, 7, 31), None),  # the 91st day
        (date(2025, 4, 30), None),
    ],
)
def test_the_weight_today_is_estimated_for_ninety_days(today: date, kg: float | None) -> None:
    assert estimate_today(400, date(2025, 5, 1), 1.5, today) == kg
    at = datetime(2025, 5, 1, 23, 0, tzinfo=timezone(timedelta(hours=-6)))
    assert estimate_today(400, at, 1.5, datetime.combine(today, at.timetz())) == kg


@pytest.mark.parametrize(
    ("adg", "target", "day"),
    [
        (1.5, 620, date(2025, 9, 25)),
        (1.5, 403, date(2025, 5, 3)),
        (1.5, 403.1, date(2025, 5, 4)),
        (1.5, 400, date(2025, 5, 1)),
        (-1, 390, date(2025, 5, 1)),
        (0, 620, None),
        (-1, 620, None),
        (1e-300, 620, None),
    ],
)
def test_the_target_date_is_the_first_day_at_that_weight(
    adg: float, target: float, day: date | None
) -> None:
    assert target_date(400, date(2025, 5, 1), adg, target) == day


def test_days_on_feed_count_from_induction() -> None:
    assert days_on_feed(date(2025, 1, 1), date(2025, 6, 17)) == 167
    assert days_on_feed(START, START) == 0
    assert days_on_feed(date(2025, 1, 2), date(2025, 1, 1)) == 0


def test_the_worked_example_has_1020_head_days() -> None:
    intakes = [(date(2025, 1, 1), 5), (date(2025, 3, 1), 20)]
    assert head_days(intakes, [(date(2025, 3, 30), 25)]) == 1020


def test_the_day_of_arrival_counts_and_the_day_of_sale_or_death_does_not() -> None:
    first, next_day = date(2025, 1, 1), date(2025, 1, 2)
    assert head_days([(first, 1)], [(next_day, 1)]) == 1
    assert head_days([(first, 1)], [(first, 1)]) == 0
    assert head_days([], []) == 0


def test_head_days_are_never_less_than_none() -> None:
    day = date(2025, 1, 10)
    assert head_days([(day, 1)], [(date(2025, 1, 1), 1)], through=day) == 0
    assert head_days([(day, 1)], [(date(2025, 1, 1), 1)]) == 0


def test_head_days_of_animals_still_on_feed_are_counted_through_a_day() -> None:
    intakes, outs = [(date(2025, 1, 1), 10)], [(date(2025, 1, 5), 4)]
    assert head_days(intakes, outs, through=date(2025, 1, 4)) == 40
    assert head_days(intakes, outs, through=date(2025, 1, 6)) == 52
    with pytest.raises(ValueError, match="still on feed"):
        head_days(intakes, outs)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9), st.integers(0, 40)), max_size=8))
def test_head_days_are_the_head_at_the_end_of_each_day(lots: list[tuple[int, int, int]]) -> None:
    day = date(2024, 2, 1).toordinal()
    intakes = [(date.fromordinal(day + first), head) for first, head, _ in lots]
    outs = [(date.fromordinal(day + first + stay), head) for first, head, stay in lots]
    at_end_of = [
        sum(head for first, head, stay in lots if first <= at < first + stay) for at in range(101)
    ]
    assert head_days(intakes, outs) == sum(at_end_of)
    assert head_days(intakes, outs, date.fromordinal(day + 30)) == sum(at_end_of[:31])


@pytest.mark.parametrize(
    ("head", "state"),
    [(0, "available"), (79, "available"), (80, "near"), (99, "near"), (100, "full"), (120, "full")],
)
def test_a_pen_is_near_from_80_percent_and_full_from_100(head: int, state: str) -> None:
    found = occupancy(head, 100)
    assert found is not None
    assert (found.ratio, found.state) == (head / 100, state)


def test_a_pen_is_near_at_exactly_four_fifths_whatever_its_size() -> None:
    assert all(occupancy(4 * n, 5 * n) == Occupancy(0.8, "near") for n in range(1, 500))


def test_a_pen_of_unknown_capacity_has_no_occupancy() -> None:
    assert occupancy(5, 0) is None


def test_shrink_is_the_weight_lost_on_the_way() -> None:
    assert shrink_percent(600, 576) == pytest.approx(4)
    assert shrink_percent(600, 606) == pytest.approx(-1)
    assert shrink_percent(0, 576) is None


def test_the_coefficient_of_variation_is_the_sd_over_the_mean() -> None:
    assert coefficient_of_variation([360, 400, 440]) == pytest.approx(0.1)
    assert coefficient_of_variation([400]) is None
    assert coefficient_of_variation([]) is None
