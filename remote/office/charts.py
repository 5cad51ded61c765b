"""Geometry of the pictures: what stands where, in the units of an SVG's view box. Pure.

The templates draw; beside each picture stands a table with the same figures.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 240
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 30
ARROW: Final = 8
LABELS: Final = 6  # under a histogram: a phone's letters are twice as wide
STEPS: Final = (1, 2, 2.5, 5, 10)
NAMED, VALUED, LINE = 165, 75, 34  # of bars with a name before and a value behind them


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid: where it is, and what is written beside it."""

    at: float
    label: str
    edge: str = ""  # first or last: the label begins or ends there, and is not cut


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    kind: str  # ok, suspect, void: the style
    label: str
    arrow: str = ""  # the corners of a triangle in place of the dot, where it lies off the scale
    number: str = ""  # written beside the triangle, on this line
    number_y: float = 0.0
    is_right: bool = False  # the number has to stand left of it


@dataclass(frozen=True, slots=True)
class LineChart:
    dots: list[Dot]
    line: str  # points of the polyline through the good dots
    across: list[Tick]
    up: list[Tick]
    curve: str = ""  # points of a dashed line: what was expected

    @property
    def goes_off(self) -> bool:
        return any(dot.arrow for dot in self.dots)


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class ComparedBar:
    """A bar that begins at NAMED, and where the value that was expected lies."""

    label: str
    y: float
    width: float
    value: float
    mark: float | None
    expected: float | None


@dataclass(frozen=True, slots=True)
class Histogram:
    bars: list[Bar]
    across: list[Tick]
    up: list[Tick]


@dataclass(frozen=True, slots=True)
class Point:
    """A measurement: good ones are joined by the line."""

    at: datetime
    value: float
    kind: str = "ok"


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers that cover the range: 320, 340, 360 and so on."""
    span = (high - low) or 1.0
    size = 10.0 ** math.floor(math.log10(span / most))
    step = next(size * one for one in STEPS if span / (size * one) <= most)
    first = math.floor(low / step)
    last = math.ceil(high / step)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def whole_ticks(most: int, lines: int = 4) -> list[int]:
    """Return round numbers for a count from 0 on: there is no half animal."""
    step = max(1, round(ticks(0, most, lines)[1]))
    return list(range(0, most + step, step))


@dataclass(frozen=True, slots=True)
class _Paper:
    """Where moments and values lie between the margins."""

    first: datetime
    last: datetime
    low: float
    high: float

    def x(self, at: datetime) -> float:
        part = (at - self.first) / (self.last - self.first)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * part, 1)

    def y(self, value: float) -> float:
        """Return the height of a value; a wild one sits at the edge."""
        part = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part, 1)

    def dot(self, point: Point, written: str) -> Dot:
        label = f"{written}, {point.at:%Y-%m-%d}"
        x, y = self.x(point.at), self.y(point.value)
        if self.low <= point.value <= self.high:
            return Dot(x, y, point.kind, label)
        tip = -ARROW if point.value > self.high else ARROW
        arrow = f"{x:g},{y + tip:g} {x - ARROW:g},{y - tip / 2:g} {x + ARROW:g},{y - tip / 2:g}"
        line = y + ARROW if point.value > self.high else y
        return Dot(x, y, point.kind, label, arrow, written, line, x > WIDTH / 2)


def line_chart(points: Sequence[Point], written: Callable[[float], str]) -> LineChart | None:
    """Draw values over time, the oldest left; None where there are not two moments."""
    ordered = sorted(points, key=lambda point: point.at)
    good = [point for point in ordered if point.kind == "ok"]
    if len({point.at for point in good}) < 2:
        return None
    first, last = ordered[0].at, ordered[-1].at
    grid = ticks(min(point.value for point in good), max(point.value for point in good))
    paper = _Paper(first, last, grid[0], grid[-1])
    dots = [paper.dot(point, written(point.value)) for point in ordered]
    days = [first + (last - first) * part / 3 for part in range(4)]
    return LineChart(
        dots,
        " ".join(f"{dot.x},{dot.y}" for dot in dots if dot.kind == "ok"),
        _dated([(paper.x(day), day) for day in days]),
        [Tick(paper.y(value), written(value)) for value in grid],
    )


def _dated(moments: Sequence[tuple[float, datetime]]) -> list[Tick]:
    """Return ticks for moments. A day is written once: within one day the times say more."""
    first, last = moments[0][1].date(), moments[-1][1].date()
    form = "%H:%M" if first == last else "%Y-%m-%d"
    labels = [f"{at:{form}}" for _, at in moments]
    if first == last:
        labels[0] = f"{first:%Y-%m-%d} {labels[0]}"
    return [
        Tick(place, label if label not in labels[:number] else "")
        for number, ((place, _), label) in enumerate(zip(moments, labels, strict=True))
    ]


def curve_chart(
    points: Sequence[Point], expected: Sequence[Point], written: Callable[[float], str]
) -> LineChart | None:
    """Draw values over time beside the curve that was expected of them, which may go on further."""
    both = sorted([*points, *expected], key=lambda point: point.at)
    if len({point.at for point in both}) < 2:
        return None
    first, last = both[0].at, both[-1].at
    grid = ticks(min(point.value for point in both), max(point.value for point in both))
    paper = _Paper(first, last, grid[0], grid[-1])
    days = [first + (last - first) * part / 3 for part in range(4)]
    return LineChart(
        [paper.dot(point, written(point.value)) for point in points],
        " ".join(f"{paper.x(one.at)},{paper.y(one.value)}" for one in points),
        _dated([(paper.x(day), day) for day in days]),
        [Tick(paper.y(value), written(value)) for value in grid],
        " ".join(f"{paper.x(one.at)},{paper.y(one.value)}" for one in expected),
    )


def day_line(days: Sequence[tuple[date, float]], written: Callable[[float], str]) -> LineChart:
    """Draw a figure of each day as a line without dots, from 0 up."""
    moments = [datetime.combine(day, time(), UTC) for day, _ in days]
    grid = ticks(0, max(1.0, *(value for _, value in days)))
    paper = _Paper(moments[0], moments[-1], grid[0], grid[-1])
    places = [(paper.x(at), at) for at in moments]
    line = zip(places, days, strict=True)
    return LineChart(
        [],
        " ".join(f"{x},{paper.y(value)}" for (x, _), (_, value) in line),
        _dated([places[round((len(places) - 1) * part / 3)] for part in range(4)]),
        [Tick(paper.y(value), written(value)) for value in grid],
    )


def columns(counts: Sequence[tuple[str, int]], labels: int = LABELS) -> Histogram:
    """Draw a column for each count; a count of 0 is as high as the picture, for the style of a
    gap."""
    grid = whole_ticks(max(1, *(count for _, count in counts)))
    width, whole = (WIDTH - LEFT - RIGHT) / len(counts), HEIGHT - TOP - BOTTOM
    bars = []
    for place, (label, count) in enumerate(counts):
        height = round(whole * count / grid[-1], 1) if count else whole
        x, y = round(LEFT + place * width + 1, 1), HEIGHT - BOTTOM - height
        bars.append(Bar(x, y, round(width - 2, 1), height, label, count))
    across = [Tick(bar.x, bar.label, "first") for bar in bars[:: -(-len(bars) // labels)]]
    up = [Tick(HEIGHT - BOTTOM - round(whole * n / grid[-1], 1), f"{n:g}") for n in grid]
    return Histogram(bars, across, up)


def beside_expected(rows: Sequence[tuple[str, float, float | None]]) -> list[ComparedBar]:
    """Draw a bar for each value, and a mark where its expected one is."""
    most = max([0.1, *(max(value, expected or 0) for _, value, expected in rows)])

    def x(value: float) -> float:
        return round(NAMED + (WIDTH - NAMED - VALUED) * max(value, 0) / most, 1)

    return [
        ComparedBar(
            label,
            place * LINE,
            round(x(value) - NAMED, 1),
            value,
            None if expected is None else x(expected),
            expected,
        )
        for place, (label, value, expected) in enumerate(rows)
    ]


def histogram(values: Sequence[float], written: Callable[[float], str]) -> Histogram | None:
    """Count the values in each of some ten steps; None for fewer than two values."""
    if len(values) < 2:
        return None
    edges, counts = _counted(values)
    grid = whole_ticks(max(counts))
    width = (WIDTH - LEFT - RIGHT) / len(counts)

    def height(count: float) -> float:
        return round((HEIGHT - TOP - BOTTOM) * count / grid[-1], 1)

    bars = []
    for place, count in enumerate(counts):
        x, y = LEFT + place * width + 1, HEIGHT - BOTTOM - height(count)
        label = f"{written(edges[place])}–{written(edges[place + 1])}"
        bars.append(Bar(round(x, 1), y, round(width - 2, 1), height(count), label, count))
    sides = {0: "first", len(counts): "last"}
    across = [
        Tick(round(LEFT + place * width, 1), written(edges[place]), sides.get(place, ""))
        for place in range(0, len(edges), -(-len(edges) // LABELS))
    ]
    up = [Tick(HEIGHT - BOTTOM - height(count), f"{count:g}") for count in grid]
    return Histogram(bars, across, up)


def _counted(values: Sequence[float]) -> tuple[list[float], list[int]]:
    edges = ticks(min(values), max(values), 12)
    counts = [0] * (len(edges) - 1)
    for value in values:
        place = int((value - edges[0]) / (edges[1] - edges[0]))
        counts[min(place, len(counts) - 1)] += 1
    return edges, counts
