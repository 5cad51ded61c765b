"""An animal's weights judged together, and what is worked out of the good ones.

Judged by their days and not by the order of arrival: the same weights come to the same, whether
they come one by one, late, or in one sheet (decision 38).
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from statistics import median
from typing import Any, Final

from herd.local_time import localdate, localdays
from herd.models import Animal, WeightRecord
from herd.rules.growth import (
    SHORT_DAYS,
    Gain,
    GoodDay,
    animal_gain,
    estimate_today,
    forecast_start,
    gain_doubt,
)
from herd.rules.weight_outliers import (
    FIRST_YEAR,
    WEIGH_DAYS,
    WINDOW_DAYS,
    DayGroup,
    accepted_group,
    day_groups,
    judged_windows,
    outlier_reason,
    window_start,
)
from herd.unit_of_work import UnitOfWork

OK, SUSPECT = WeightRecord.Quality.OK, WeightRecord.Quality.SUSPECT
TOO_EARLY: Final = "before the animal was here"
SURE_DAY: Final = date(FIRST_YEAR, 1, 3).toordinal()  # in every zone
CENT: Final = Decimal("0.01")


def judge(
    unit: UnitOfWork, animal: Animal, at: datetime, new: Collection[int] = (), since: int = 0
) -> None:
    """Judge an animal's weights anew, and work out its last weight and its gain.

    `new` are the numbers of weights that the caller notes in the journal; nothing was changed
    before the day `since`.
    """
    records, are_all = unit.recent_weighings(animal)
    judging = _Judging(unit, animal, records, new)
    if not are_all and not judging.is_enough(since):
        judging = _Judging(unit, animal, unit.weighings(animal), new)
    judging.judge(since)
    unit.change(animal, **judging.figures())
    for record in judging.changed.values():
        if record.id not in new:
            unit.note("weight:recorded", record.id, at, record.reason)
    unit.record_change("cattle:updated", animal, at)


def _first_sure_day(animal: Animal) -> int:
    """Return the day from which none `is_too_early`."""
    if animal.induction_date is None:
        return SURE_DAY
    return max(SURE_DAY, animal.induction_date.toordinal())


def is_too_early(animal: Animal, at: datetime) -> bool:
    """Return True for more than a day before its induction, where that is known."""
    if at.year < FIRST_YEAR:
        return True
    if animal.induction_date is None:
        return False  # when it was first seen says nothing of one that a sheet brought
    since = min(animal.induction_date, localdate(animal.first_seen_at))
    return localdate(at) < since - timedelta(days=1)


class _Judging:
    def __init__(
        self,
        unit: UnitOfWork,
        animal: Animal,
        records: Sequence[WeightRecord],
        new: Collection[int],
    ) -> None:
        self._unit, self._new = unit, new
        self.changed: dict[int, WeightRecord] = {}
        self._early: list[WeightRecord] = []
        self._by_day: dict[int, list[WeightRecord]] = defaultdict(list)
        self._good: dict[int, float] = {}
        self._sort_out(animal, records)
        self._days = list(self._by_day)
        self._steps = list(self._known_steps())
        self._series: list[DayGroup] = []  # of the last window

    def _sort_out(self, animal: Animal, records: Sequence[WeightRecord]) -> None:
        """Put the weights under their days, and note which days were good so far."""
        # In one go: of a sheet's animals all older weights pass here.
        good: dict[int, list[float]] = defaultdict(list)
        days, sure = localdays(one.recorded_at for one in records), _first_sure_day(animal)
        for record, day in zip(reversed(records), reversed(days), strict=True):
            if day < sure and is_too_early(animal, record.recorded_at):
                self._early.append(record)
                continue
            self._by_day[day].append(record)
            if record.quality == OK and record.id not in self._new:
                good[day].append(float(record.weight_kg))
        self._early.reverse()
        self._good = {day: median(kgs) if len(kgs) > 1 else kgs[0] for day, kgs in good.items()}
        for weighed in self._by_day.values():
            # Of one moment the heavier one first: its number says only which one was stored first.
            if len(weighed) > 1:
                weighed.sort(key=lambda one: (one.recorded_at, -one.weight_kg))

    def _known_steps(self) -> Iterable[tuple[int, list[int]]]:
        """Yield each day on which a scale of the animal's was adjusted, and the days on which that
        scale weighed it."""
        if not (steps := self._unit.scale_steps()):
            return
        weighed: dict[str, list[int]] = defaultdict(list)
        for day, records in self._by_day.items():
            for scale in {one.weighed_by for one in records}:
                weighed[scale].append(day)
        for step in steps:
            if step.scale in weighed:
                yield step.day.toordinal(), weighed[step.scale]

    def _steps_in(self, series: Sequence[GoodDay]) -> list[int]:
        """Return the days of a series on which a scale was adjusted that weighed the animal before
        and since."""
        if not self._steps or not series:
            return []
        first, last = series[0][0], series[-1][0]
        return [
            step
            for step, weighed in self._steps
            if first < step <= last
            and any(first <= day < step for day in weighed)
            and any(step <= day <= last for day in weighed)
        ]

    def _gain(self, series: tuple[GoodDay, ...]) -> Gain | None:
        return _gain(series, tuple(self._steps_in(series))) if len(series) > 1 else None

    def _forecast_kg(self, series: Sequence[GoodDay], gain: Gain) -> float:
        """Return what a forecast takes for the last weight, of the days since the last step."""
        since = max(self._steps_in(series), default=0)
        start = bisect_left(series, since, key=lambda one: one[0])
        return round(forecast_start(series[start:], gain.adg_kg), 2)

    def is_enough(self, since: int) -> bool:
        """Return whether what was changed on this day can be judged without older weights."""
        # The first day was not loaded whole, perhaps.
        weigh_days = self._days[1:]
        good = [day for day in self._good if weigh_days and weigh_days[0] <= day]
        past = good[: bisect_right(good, since - SHORT_DAYS)]
        return (
            bool(self._days)
            and since >= self._days[-1]
            and len(past) >= WEIGH_DAYS
            and weigh_days[0] <= past[-1] - WINDOW_DAYS
        )

    def judge(self, since: int) -> None:
        for record in self._early:
            self._set(record, quality=SUSPECT, reason=TOO_EARLY, expected_kg=None)
        was = self._good.copy()
        self._judge_windows(newest_only=since >= max(self._days, default=0))
        first = min([since, *(day for day, _ in was.items() ^ self._good.items())])
        good = sorted(self._good.items())
        for day in self._days[bisect_left(self._days, first) :]:  # no new one is older
            records = self._by_day[day]
            if day < first + SHORT_DAYS:
                records = [one for one in records if one.id in self._new]
            expected = self._expected_kg(good, day) if records else None
            for record in records:
                if record.expected_kg != expected:
                    self._set(record, expected_kg=expected)

    def _judge_windows(self, *, newest_only: bool) -> None:
        groups = []
        for day, records in self._by_day.items():
            if found := _groups_of(day, records):
                groups.append(found)
            else:
                self._judge_day(day, None, ())
        for series, first, last in judged_windows(groups, newest_only=newest_only):
            self._series = series
            good = {group.day: group for group in series}
            for day in self._days[bisect_left(self._days, first) : bisect_right(self._days, last)]:
                self._judge_day(day, good.get(day), series)

    def _judge_day(self, day: int, good: DayGroup | None, series: Sequence[DayGroup]) -> None:
        """Set which of the day's weights are in the group that counts, and why the others are
        not."""
        if good is None:
            self._good.pop(day, None)
        else:
            self._good[day] = good.kg
        for record in self._by_day[day]:
            kg, quality, reason = float(record.weight_kg), OK, ""
            if good is None or not good.lightest <= kg <= good.heaviest:
                quality, reason = SUSPECT, outlier_reason(day, kg, series)
            if record.quality != quality or record.reason != reason:
                self._set(record, quality=quality, reason=reason)

    def _set(self, record: WeightRecord, **values: Any) -> None:
        if any(getattr(record, name) != value for name, value in values.items()):
            self._unit.change(record, **values)
            self.changed[record.id] = record

    def figures(self) -> dict[str, Any]:
        """Return the animal's columns that follow from its weights."""
        series = tuple((group.day, group.kg) for group in self._series)
        last = None
        if series:
            day, kg = series[-1]
            last = [one for one in self._by_day[day] if one.quality == OK][-1]
        gain = self._gain(series)
        return {
            "last_weighed_at": last and last.recorded_at,
            "last_weight_kg": last and Decimal(kg).quantize(CENT),
            "expected_kg": last and last.expected_kg,
            "adg_kg": gain and gain.adg_kg,
            "adg_confidence": gain.confidence if gain else "",
            "forecast_kg": gain and self._forecast_kg(series, gain),
            "adg_doubt_kg": gain and round(gain_doubt(gain, series[-1][1]), 4),
        }

    def _expected_kg(self, good: Sequence[GoodDay], day: int) -> float | None:
        """Return what the good days of at least a fortnight ago let one expect; None where their
        gain is not to be trusted, or they are long past."""
        # Not those of yesterday: on a scale at a trough they would hide every loss.
        past = good[: bisect_right(good, day - SHORT_DAYS, key=lambda one: one[0])]
        if not past:
            return None
        series = tuple(past[window_start([one for one, _ in past], len(past) - 1) :])
        gain = self._gain(series)
        if gain is None or gain.confidence != "ok":
            return None
        days = date.fromordinal(series[-1][0]), date.fromordinal(day)
        return estimate_today(forecast_start(series, gain.adg_kg), days[0], gain.adg_kg, days[1])


def _groups_of(day: int, records: Sequence[WeightRecord]) -> list[DayGroup]:
    """Return the groups of a day's weights, of which there is none where no cattle weigh that."""
    kgs = [float(one.weight_kg) for one in records]
    if accepted := [float(one.weight_kg) for one in records if one.accepted_by]:
        return [accepted_group(day, accepted, kgs)]
    return day_groups(day, kgs)


# The gain of one day's weights is asked for as often as the animal is weighed on it.
_gain = lru_cache(maxsize=1024)(animal_gain)
