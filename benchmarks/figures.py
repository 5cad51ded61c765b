"""A figure beside its floor and its goal, and the table of all that were measured."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound that the figure must keep."""

    bound: float
    is_upper: bool

    def keeps(self, value: float) -> bool:
        return value <= self.bound if self.is_upper else value >= self.bound


def at_most(bound: float) -> Goal:
    return Goal(bound, is_upper=True)


def at_least(bound: float) -> Goal:
    return Goal(bound, is_upper=False)


@dataclass(frozen=True, slots=True)
class Figure:
    """`floor` is what the machine itself does at best, in the same unit and the same run."""

    name: str
    now: float
    unit: str = ""
    floor: float | None = None
    goal: Goal | None = None

    def cells(self) -> tuple[str, ...]:
        return (
            self.name,
            *map(self._with_unit, (self.now, self.floor)),
            self._ratio(),
            *self._aim(),
        )

    def _with_unit(self, value: float | None) -> str:
        return "" if value is None else f"{_short(value)} {self.unit}".strip()

    def _ratio(self) -> str:
        if not self.floor or not self.now:
            return ""
        apart = self.now / self.floor
        return f"1 : {_short(max(apart, 1 / apart))}"

    def _aim(self) -> tuple[str, str]:
        if self.goal is None:
            return "", ""
        sign = "≤" if self.goal.is_upper else "≥"
        reached = "yes" if self.goal.keeps(self.now) else "no"
        return f"{sign} {self._with_unit(self.goal.bound)}", reached


def _short(value: float) -> str:
    """Three digits that count; none is cut off before the point."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


HEAD = ("what", "now", "floor", "ratio", "goal", "reached")


def table(figures: Iterable[Figure]) -> str:
    rows = [HEAD, ("---",) * len(HEAD), *(one.cells() for one in figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
