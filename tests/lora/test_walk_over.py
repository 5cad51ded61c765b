"""A walk-over scale whose animals' growth is known: what of it the rule of weights finds."""

from collections import defaultdict
from statistics import fmean

import pytest

from herd.rules.growth import Gain, animal_gain
from herd.rules.scale_faults import Compared, is_scale_fault, scale_step
from herd.rules.weight_outliers import DayGroup, can_be, day_groups, judged_windows
from lora.simulation.walk_over import Reading, WalkOverScale

DAYS = 120
Found = dict[int, tuple[list[Reading], list[DayGroup]]]  # by animal


def judged(scale: WalkOverScale, days: int = DAYS) -> Found:
    """Return each animal's readings, and the groups of its days that count."""
    read: dict[int, list[Reading]] = defaultdict(list)
    for day in range(days):
        for one in scale.readings(day):
            read[one.walker.number].append(one)
    return {number: (readings, series(readings)) for number, readings in read.items()}


def series(readings: list[Reading]) -> list[DayGroup]:
    by_day: dict[int, list[float]] = defaultdict(list)
    for one in readings:
        by_day[int(one.at_days)].append(one.kg)
    groups = [day_groups(day, kgs) for day, kgs in by_day.items() if any(map(can_be, kgs))]
    *_, last = judged_windows(groups)
    return last.series


def gains(found: Found, steps: tuple[int, ...] = ()) -> dict[int, Gain]:
    known = {
        number: animal_gain([(one.day, one.kg) for one in good], steps)
        for number, (_, good) in found.items()
    }
    return {number: gain for number, gain in known.items() if gain and gain.confidence == "ok"}


@pytest.fixture(scope="module")
def through_a_dead_scale() -> tuple[WalkOverScale, Found]:
    scale = WalkOverScale(seed=7, adjusted_on=DAYS)
    return scale, judged(scale)


def test_the_true_gain_is_found(through_a_dead_scale: tuple[WalkOverScale, Found]) -> None:
    scale, found = through_a_dead_scale
    known = gains(found)
    true = {one.number: one.gain_kg for one in scale.walkers if one.number in known}
    assert len(known) > 0.9 * len(scale.walkers)
    near = [
        number for number in true if known[number].adg_kg == pytest.approx(true[number], rel=0.05)
    ]
    assert len(near) > 0.9 * len(known)
    assert fmean(one.adg_kg for one in known.values()) == pytest.approx(
        fmean(true.values()), rel=0.02
    )


def test_hardly_a_gain_is_implausible_after_any_number_of_days() -> None:
    scale = WalkOverScale(seed=8, adjusted_on=DAYS)
    told = [one.adg_kg for days in (20, 45, 60, 90) for one in gains(judged(scale, days)).values()]
    assert len(told) > 100
    assert sum(not 0 <= one <= 2.5 for one in told) <= 0.02 * len(told)


def test_few_good_weights_are_doubted_and_none_of_a_dead_scale_counts(
    through_a_dead_scale: tuple[WalkOverScale, Found],
) -> None:
    right = doubted = 0
    for readings, good in through_a_dead_scale[1].values():
        counts = {one.day: one for one in good}
        for one in readings:
            group = counts.get(int(one.at_days))
            is_good = group is not None and group.lightest <= one.kg <= group.heaviest
            right += one.is_right
            doubted += one.is_right and not is_good
            assert one.kg > 20 or not is_good
    assert doubted <= right / 20


def step_on(scale: WalkOverScale, day: int) -> float | None:
    before = judged(scale, day)
    today: dict[int, list[float]] = defaultdict(list)
    for one in scale.readings(day):
        today[one.walker.number].append(one.kg)
    compared = []
    for number, kgs in today.items():
        fullest = max(day_groups(day, kgs), key=lambda group: (group.readings, group.kg))
        last = before[number][1][-1]
        compared.append(Compared(fullest.kg, last.kg, day - last.day))
    return scale_step(compared)


def test_an_adjusted_scale_is_found_on_its_first_day_and_no_other_day_is() -> None:
    scale = WalkOverScale(seed=9, adjusted_on=50)
    assert step_on(scale, 50) == pytest.approx(0.15, abs=0.02)
    for day in (15, 29, 40, 49):
        assert step_on(scale, day) is None


def test_no_gain_is_sure_while_an_adjusted_scale_is_in_the_window() -> None:
    scale = WalkOverScale(seed=9, adjusted_on=50, dead_on=range(0))
    found = judged(scale, 95)
    assert gains(found, (50,)) == {}


def test_a_dead_scale_is_a_fault() -> None:
    assert is_scale_fault(range(8), weights=20, suspect=11)
    assert not is_scale_fault(range(8), weights=20, suspect=10)
    assert not is_scale_fault(range(7), weights=20, suspect=20)


def test_a_step_needs_eight_animals_weighed_within_seven_days() -> None:
    assert scale_step([Compared(345, 300, 1)] * 8) == pytest.approx(0.147, abs=0.001)
    assert scale_step([Compared(345, 300, 1)] * 7) is None
    assert scale_step([Compared(345, 300, 8)] * 20) is None
    assert scale_step([Compared(316, 300, 2)] * 20) is None  # full of water, and two days older


def test_the_payloads_are_check_ins_and_the_same_for_a_seed() -> None:
    first, second = (WalkOverScale(3, growing=False).payloads() for _ in range(2))
    told = [next(first) for _ in range(50)]
    assert told == [next(second) for _ in range(50)]
    assert all(one.startswith(b"event:hxbchi") for one in told)
