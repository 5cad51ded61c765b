"""What the herd's latest weights say of their scales: that one was adjusted, or weighs wrong."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from herd.local_time import localdate
from herd.models import WeightRecord
from herd.rules.scale_faults import BEFORE_DAYS, Compared, is_scale_fault, scale_step
from herd.rules.weight_outliers import can_be, day_groups
from remote.api.serializers import Shape

AMONG: Final = 3000  # weighings, the latest
SHOWN: Final = 10
Quality = WeightRecord.Quality


class _Weight(NamedTuple):
    source: str
    animal: int
    day: int
    kg: float
    is_good: bool


def scale_troubles() -> list[Shape]:
    """Return the days on which a scale was adjusted or at fault, the newest first: `source`, `day`,
    `trouble`, `detail`, `animals`, and of an adjusted one by which `part` it reads more."""
    columns = "source", "animal_id", "recorded_at", "weight_kg", "quality"
    newest = WeightRecord.objects.exclude(quality=Quality.VOID).order_by("-recorded_at", "-id")
    # Not all: whoever asks how the Pi is must not wait for years of weights.
    weights = [_weight(*row) for row in newest.values_list(*columns)[:AMONG]]
    good: dict[int, dict[int, float]] = defaultdict(dict)
    by_day: dict[tuple[int, str], list[_Weight]] = defaultdict(list)
    for one in reversed(weights):
        by_day[one.day, one.source].append(one)
        if one.is_good:
            good[one.animal][one.day] = one.kg
    found = [
        shape
        for (day, source), some in sorted(by_day.items(), reverse=True)
        for shape in _troubles(day, source, some, good)
    ]
    return found[:SHOWN]


def _weight(source: str, animal: int, at: datetime, kg: Decimal, quality: str) -> _Weight:
    return _Weight(source, animal, localdate(at).toordinal(), float(kg), quality == Quality.OK)


def _troubles(
    day: int, source: str, weights: list[_Weight], good: dict[int, dict[int, float]]
) -> Iterator[Shape]:
    animals = {one.animal for one in weights}
    told = {"source": source, "day": date.fromordinal(day).isoformat(), "animals": len(animals)}
    name = f"The scale ({source}) on {told['day']}"
    part = scale_step(_compared(day, weights, good))
    if part is not None:
        more = f"{abs(part):.0%} {'more' if part > 0 else 'less'}".replace("%", " %")
        detail = f"{name} read {more} than in the days before: was it adjusted?"
        yield {**told, "trouble": "adjusted", "part": round(part, 3), "detail": detail}
    suspect = sum(not one.is_good for one in weights)
    if is_scale_fault(animals, len(weights), suspect):
        detail = f"{name}: {suspect} of {len(weights)} weights are suspect and not counted."
        yield {**told, "trouble": "fault", "part": None, "detail": detail}


def _compared(
    day: int, weights: list[_Weight], good: dict[int, dict[int, float]]
) -> Iterable[Compared]:
    by_animal: dict[int, list[float]] = defaultdict(list)
    for one in weights:
        if can_be(one.kg):
            by_animal[one.animal].append(one.kg)
    for animal, kgs in by_animal.items():
        fullest = max(day_groups(day, kgs), key=lambda group: (group.readings, group.kg))
        before = max((on for on in good[animal] if day - BEFORE_DAYS <= on < day), default=None)
        if before is not None:
            yield Compared(fullest.kg, good[animal][before], day - before)
