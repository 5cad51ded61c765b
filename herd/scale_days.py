"""What the herd's weights of a day say of their scale: that it was adjusted, or weighs wrong."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from herd.local_time import localdates, midnight
from herd.models import WeightRecord
from herd.rules.scale_faults import BEFORE_DAYS, Compared, is_scale_fault, scale_step
from herd.rules.weight_outliers import OLDEST_DAYS, can_be, day_groups
from herd.scales_table import ScaleStep

Quality = WeightRecord.Quality


class Step(NamedTuple):
    """How much the scale reads of what it read before, by so many animals."""

    factor: float
    animals: int


class Fault(NamedTuple):
    animals: int
    weights: int
    suspect: int


class ScaleDay(NamedTuple):
    scale: str
    day: date
    step: Step | None
    fault: Fault | None


class _Weight(NamedTuple):
    animal: int
    day: int
    kg: float
    is_good: bool


def weighed_by(scale: str) -> Q:
    """Return the test of the weights of a scale, or of a source that names none."""
    return Q(scale=scale) | Q(scale=None, source=scale)


def look_at(scale: str, day: date) -> ScaleDay:
    """Look at all that a scale weighed on a day, and in the week before."""
    weights = list(_weights(scale, day))
    today = [one for one in weights if one.day == day.toordinal()]
    compared = list(_compared(today, weights, _last_step(scale, day)))
    part = scale_step(compared)
    step = None if part is None else Step(round(1 + part, 3), len(compared))
    animals = {one.animal for one in today}
    suspect = sum(not one.is_good for one in today)
    fault = None
    if is_scale_fault(animals, len(today), suspect):
        fault = Fault(len(animals), len(today), suspect)
    return ScaleDay(scale, day, step, fault)


def _weights(scale: str, day: date) -> Iterator[_Weight]:
    within = midnight(day - timedelta(days=BEFORE_DAYS)), midnight(day + timedelta(days=1))
    found = WeightRecord.objects.filter(
        weighed_by(scale), recorded_at__gte=within[0], recorded_at__lt=within[1]
    ).exclude(quality=Quality.VOID)
    rows = list(found.values_list("animal_id", "recorded_at", "weight_kg", "quality"))
    days = localdates(at for _, at, _, _ in rows)
    for (animal, _, kg, quality), on in zip(rows, days, strict=True):
        yield _Weight(animal, on.toordinal(), float(kg), quality == Quality.OK)


def _last_step(scale: str, day: date) -> int:
    """Return the day of the last step of before, also of one that a person does not believe: the
    weights since then are not compared with those before it once more."""
    last = ScaleStep.objects.filter(scale=scale, day__lt=day).order_by("-day").first()
    return last.day.toordinal() if last else 0


def _compared(today: list[_Weight], weights: list[_Weight], since: int) -> Iterator[Compared]:
    kgs: dict[int, list[float]] = defaultdict(list)
    for one in today:
        if can_be(one.kg):
            kgs[one.animal].append(one.kg)
    before: dict[int, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in weights:
        if one.is_good and one.animal in kgs and since <= one.day < today[0].day:
            before[one.animal][one.day].append(one.kg)
    for animal, good in before.items():
        fullest = max(day_groups(today[0].day, kgs[animal]), key=lambda one: (one.readings, one.kg))
        last = max(good)
        yield Compared(fullest.kg, median(good[last]), today[0].day - last)


def has_weighed(scale: str, day: date) -> bool:
    """Return whether the scale weighed anybody within a month of the day."""
    # Not ever: no index finds a scale's weights among a farm's years of them.
    month = timedelta(days=31)
    near = WeightRecord.objects.filter(
        recorded_at__gte=midnight(day) - month, recorded_at__lt=midnight(day) + month
    )
    return near.filter(weighed_by(scale)).exists()


def weights_between(scale: str, first: date, last: date, most: int) -> list[int]:
    """Return the numbers of the scale's weights of these days that are not void."""
    found = WeightRecord.objects.filter(
        weighed_by(scale),
        recorded_at__gte=midnight(first),
        recorded_at__lt=midnight(last + timedelta(days=1)),
    ).exclude(quality=Quality.VOID)
    return list(found.order_by("animal", "recorded_at", "id").values_list("pk", flat=True)[:most])


def animals_across(step: ScaleStep, most: int) -> list[int]:
    """Return animals that the scale weighed before the step and since, those whose turn it is."""
    of_scale, start = weighed_by(step.scale), midnight(step.day)
    before = WeightRecord.objects.filter(
        of_scale,
        animal=OuterRef("animal"),
        recorded_at__lt=start,
        recorded_at__gte=start - timedelta(days=OLDEST_DAYS),
    )
    since = WeightRecord.objects.filter(
        of_scale, Exists(before), recorded_at__gte=start, animal__gt=step.judged_to
    )
    return list(since.order_by("animal").values_list("animal", flat=True).distinct()[:most])
