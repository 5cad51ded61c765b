"""One row of a sheet while its cells are understood, and how the sheet writes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeVar

from herd.rules import tags
from herd.rules.units import KG_PER_LB, MOST_KG
from herd.rules.weight_outliers import FIRST_YEAR
from herd.sheets.dates import clock, day, latest_year, split_moment
from herd.sheets.decimals import number
from herd.sheets.header_words import COUNTED_WORDS, LAST_ROW_WORDS, SUM_WORDS
from herd.sheets.headers import Unit, plain, unit_of
from herd.sheets.table import BadCell

Columns = Mapping[str, str]  # header by field
T = TypeVar("T")

_LIGHTEST_KG: Final = Decimal("0.005")  # becomes 0.01
_LONGEST_SUM: Final = 100  # characters that are looked at: a page of them would take minutes
_AS_SUM: Final = r"(?:grand|sub)?[ -]?(?:{})\.?(?:[ :=(/].*)?"
_SUM = re.compile(_AS_SUM.format("|".join(SUM_WORDS)))
_LAST_ROW = re.compile(_AS_SUM.format("|".join(map(re.escape, (*SUM_WORDS, *LAST_ROW_WORDS)))))
_COUNTED = re.compile(rf"(?:.*[ .:=(])?(?:{'|'.join(COUNTED_WORDS)})(?:[ .:=)(].*)?")


@dataclass(frozen=True, slots=True)
class RowError:
    line: int  # that of the headers, where the sheet as a whole is wrong
    column: str  # the sheet's own header, "" for the row as a whole
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    columns: Columns
    cells: Mapping[str, str]  # by field, only what has a column
    is_below: bool  # below it there is no animal
    errors: list[RowError] = field(default_factory=list)

    def refuse(self, name: str, text: str) -> None:
        self.errors.append(RowError(self.line, self.columns.get(name, ""), text))

    def take(self, name: str, understand: Callable[[str], T]) -> T | None:
        """Return what a cell means; None where it means nothing, which is noted as an error."""
        try:
            return understand(self.cells[name])
        except (BadCell, tags.TagError) as error:
            self.refuse(name, str(error))
            return None

    def refuse_sum(self, name: str, cell: str) -> None:
        """Refuse the row where it is one of sums below the animals."""
        if is_sum(cell, is_below=self.is_below):
            self.refuse(name, f"“{cell[:40]}” is no animal, but a row of sums.")


def is_sum(cell: str, *, is_below: bool) -> bool:
    """Return whether the cell is a word for sums, where an animal's name should stand."""
    said = plain(cell[:_LONGEST_SUM])
    if is_below and _COUNTED.fullmatch(said):
        return True
    if not cell or cell[0].isdigit():
        return False
    return (_LAST_ROW if is_below else _SUM).fullmatch(said) is not None


@dataclass(frozen=True, slots=True)
class Reading:
    """How the sheet writes. Times have no zone: they are of the farm's clock, as is `now`."""

    decimal: str
    unit: Unit
    orders: Mapping[str, str]  # of 20/11/2026, by field: dmy, mdy, ymd, or both in one column
    now: datetime
    zone: tzinfo | None  # of the farm's clock; None: this machine's
    is_utc: bool = False  # the times of weighing, by their header

    def kg(self, cell: str, unit: Unit | None) -> Decimal:
        """Return a weight in kilograms; raise BadCell."""
        if not cell:
            raise BadCell("The weight is missing.")
        value = number(cell, self.decimal)
        kg = value * KG_PER_LB if (unit or self.unit) == "lb" else value
        if not _LIGHTEST_KG <= kg <= MOST_KG:
            raise BadCell(f"A weight is more than 0 and at most {MOST_KG} kg.")
        return kg.quantize(Decimal("0.01"), ROUND_HALF_UP)

    def date_time(self, cell: str, hours: time | None, name: str) -> datetime:
        """Return the moment of a row; `hours` come from a column of their own. Raise BadCell."""
        if not cell:
            raise BadCell("The date is missing.")
        text, rest = split_moment(cell)
        # A column of times comes before the time of a date: a spreadsheet writes a day as its
        # midnight.
        written = clock(rest) if rest else time()
        on = day(text, self.orders.get(name, ""), latest_year(self.now))
        hours = written if hours is None else hours
        if self.is_utc and hours.tzinfo is None and (rest or hours != time()):
            hours = hours.replace(tzinfo=UTC)
        at = self._by_the_farms_clock(datetime.combine(on, hours))
        if at.year < FIRST_YEAR:
            raise BadCell(f"{text} is before {FIRST_YEAR}.")
        if at > self.now + timedelta(days=1):
            raise BadCell(f"{text} is in the future.")
        return at

    def _by_the_farms_clock(self, at: datetime) -> datetime:
        return at if at.tzinfo is None else at.astimezone(self.zone).replace(tzinfo=None)


def weighed_at(row: Row, reading: Reading) -> datetime | None:
    """Return when the animal was weighed: midnight where the sheet tells the day alone."""
    if "date" not in row.cells:
        return None
    hours = row.take("time", clock) if row.cells.get("time") else None
    return row.take("date", lambda cell: reading.date_time(cell, hours, "date"))


def weight_kg(row: Row, reading: Reading) -> Decimal | None:
    """Return the weight of a row, in the row's own unit where it tells one."""
    unit = row.take("unit", _unit) if row.cells.get("unit") else None
    return row.take("weight", lambda cell: reading.kg(cell, unit))


def _unit(cell: str) -> Unit:
    unit = unit_of(cell)
    if unit is None:
        raise BadCell(f"“{cell[:40]}” is not a unit; write kg or lb.")
    return unit
