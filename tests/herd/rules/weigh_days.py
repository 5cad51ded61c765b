"""Weights by day for the tests of the rules, and the walk-over scale of docs/formulas.md."""

from herd.rules.growth import GoodDay
from herd.rules.weight_outliers import DayGroup, WeighDay, day_groups, judged_windows

Weighed = dict[int, list[float]]  # the weights of each day in order of time


def weigh_days(weighed: Weighed) -> list[WeighDay]:
    groups = [day_groups(day, weights) for day, weights in sorted(weighed.items())]
    return [one for one in groups if one]


def chosen_groups(days: list[WeighDay]) -> list[DayGroup]:
    """Return the groups that count."""
    return [
        group
        for series, first, last in judged_windows(days)
        for group in series
        if first <= group.day <= last
    ]


def series_of(weighed: Weighed) -> list[GoodDay]:
    return [(group.day, group.kg) for group in chosen_groups(weigh_days(weighed))]


def walk_over(through: int = 60) -> Weighed:
    """Return every second day's weights of an animal that gains 1.2 kg a day: often half of it
    stands on the scale, and every sixth time that alone."""
    weighed: Weighed = {}
    for place in range(through // 2 + 1):
        kg = 300 + 2.4 * place + (6 if place % 2 else -6)
        half = float(round(kg / 2))
        good = [kg, kg + 2] if place % 2 else [kg, kg + 2, half]
        weighed[2 * place] = [half] if place % 6 == 5 else good
    return weighed
