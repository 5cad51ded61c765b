from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd.rules.growth import (
    Gain,
    GoodDay,
    Occupancy,
    animal_gain,
    coefficient_of_variation,
    days_on_feed,
    estimate_today,
    forecast_gain,
    forecast_start,
    gain_doubt,
    group_gain,
    head_days,
    mates_gain,
    occupancy,
    shrink_percent,
    target_date,
)
from tests.herd.rules.weigh_days import series_of, walk_over

START = datetime(2025, 1, 1, 8, 0, tzinfo=UTC)


def adjusted(day: int = 40) -> list[GoodDay]:
    """Return what a scale says of 1.2 kg a day, that reads 10 % more from a day on."""
    days = range(0, 85, 2)
    good = [(at, 300 + 1.2 * at + (3 if at % 4 else -3)) for at in days]
    return [(at, kg * 1.1 if at >= day else kg) for at, kg in good]


def gain_of(*series: GoodDay) -> Gain:
    gain = animal_gain(series)
    assert gain is not None
    return gain


def test_two_weighings_give_the_gain_between_them() -> None:
    gain = gain_of((0, 354), (167, 619))
    assert gain.adg_kg == pytest.approx(1.587, abs=0.001)
    assert (gain.confidence, gain.points, gain.days) == ("ok", 2, 167)


def test_one_misread_weight_does_not_move_the_gain() -> None:
    gain = gain_of((0, 300), (20, 330), (40, 360), (50, 520), (60, 390))
    assert gain.adg_kg == pytest.approx(1.5)
    assert gain.points == 5


@pytest.mark.parametrize(("days", "confidence"), [(13, "low"), (14, "ok"), (15, "ok")])
def test_less_than_a_fortnight_is_of_low_confidence(days: int, confidence: str) -> None:
    assert gain_of((0, 300), (days, 320)).confidence == confidence


@pytest.mark.parametrize(("through", "confidence"), [(30, "low"), (40, "low"), (42, "ok")])
def test_a_walk_over_scale_is_looked_at_for_six_weeks(through: int, confidence: str) -> None:
    assert gain_of(*series_of(walk_over(through))).confidence == confidence


def test_the_example_of_a_walk_over_scale() -> None:
    gain = gain_of(*series_of(walk_over()))
    assert gain.adg_kg == pytest.approx(1.2)
    assert (gain.confidence, gain.points, gain.days) == ("ok", 26, 60)


def test_the_example_of_a_dead_scale() -> None:
    dead = {key: [17.0, 16, 18, 17, 16] for key in (22, 24, 26, 28)}
    gain = gain_of(*series_of(walk_over() | dead))
    assert gain.adg_kg == pytest.approx(1.2)
    assert (gain.confidence, gain.points) == ("ok", 23)


def test_the_example_of_an_adjusted_scale() -> None:
    assert gain_of(*adjusted()).adg_kg == pytest.approx(1.80, abs=0.005)
    gain = animal_gain(adjusted(), [40])
    assert gain is not None
    assert gain.adg_kg == pytest.approx(1.32)
    assert (gain.confidence, gain.days) == ("low", 44)


def test_a_step_before_the_series_is_none_of_it() -> None:
    assert animal_gain(adjusted(day=0), [-5, 0, 900]) == animal_gain(adjusted(day=0))


@pytest.mark.parametrize("day_kg", [(14, 360), (20, 269)])
def test_what_no_animal_gains_or_loses_for_weeks_is_of_low_confidence(
    day_kg: tuple[int, float],
) -> None:
    assert gain_of((0, 300), day_kg).confidence == "low"


def test_weights_far_off_their_line_are_of_low_confidence() -> None:
    wide = [(day, 300.0 + (40 if day % 2 else -40)) for day in range(0, 50, 7)]
    assert gain_of(*wide).confidence == "low"


@pytest.mark.parametrize("series", [[], [(0, 300.0)]])
def test_one_day_gives_no_gain(series: list[GoodDay]) -> None:
    assert animal_gain(series) is None


def test_an_animal_may_lose_weight() -> None:
    assert gain_of((0, 400), (20, 380)).adg_kg == pytest.approx(-1)


@given(st.floats(-1.5, 3.9), st.sets(st.integers(0, 300), min_size=2, max_size=12))
def test_steady_growth_is_found_exactly(adg: float, days: set[int]) -> None:
    gain = gain_of(*((day, 500 + adg * day) for day in sorted(days)))
    assert gain.adg_kg == pytest.approx(adg, abs=1e-9)
    assert gain.days == max(days) - min(days)


def test_a_forecast_starts_from_three_weights_that_lie_near_and_else_from_the_last() -> None:
    daily: list[GoodDay] = [(day, 300.0 + day) for day in range(5)]
    assert forecast_start([*daily, (5, 340.0)], 1.0) == pytest.approx(305)  # the median's 304 is
    assert forecast_start(daily, 1.0) == 304  # of the day before
    assert forecast_start([*daily, (15, 340.0)], 1.0) == 340


def test_three_rough_weights_are_brought_to_the_last_day() -> None:
    series = [(40, 386.0), (44, 390.0), (48, 394.0), (50, 396.0), (52, 404.0), (54, 398.0)]
    assert forecast_start(series, 1.0) == 400


@pytest.mark.parametrize(
    ("error", "days", "forecast"), [(0.3, 14.0, 1.279), (0.02, 120.0, 1.917), (9.0, 14.0, 1.201)]
)
def test_the_less_sure_a_gain_the_more_its_mates_count(
    error: float, days: float, forecast: float
) -> None:
    doubt = gain_doubt(Gain(2.0, "low", 2, days, error), 400)
    assert forecast_gain(2.0, doubt, mates_gain([1.0, 1.1, 1.2, 1.3, 4.0])) == pytest.approx(
        forecast, abs=0.001
    )


def test_mates_are_five_at_least() -> None:
    assert mates_gain([1.5] * 4) == 0.8
    assert mates_gain([1.5] * 5) == 1.5


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
