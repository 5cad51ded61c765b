"""The cells of a farm's sheet, understood as animals or weights, with an error for each bad one."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal, TypeVar

from herd.rules import tags
from herd.rules.units import KG_PER_LB, MOST_KG
from herd.sheets.columns import (
    BY_NAME,
    DATED,
    FIELDS,
    REQUIRED,
    SheetKind,
    labels,
    missing,
    status_of,
)
from herd.sheets.reader import (
    BadCell,
    BadSheet,
    Table,
    clock,
    date_order,
    day,
    first_unclear,
    number,
    unclear_text,
)

Unit = Literal["kg", "lb"]
Columns = Mapping[str, str]  # header by field
Now = datetime | None  # by the farm's clock; None: this machine's
T = TypeVar("T")

_LIGHTEST_KG: Final = Decimal("0.005")  # becomes 0.01
EARLIEST: Final = 1990
_UNIT = re.compile(r"(?<![a-z])(?:(kgs?|kilograms?)|(?:lbs?|pounds?))(?![a-z])")
_DATE_ENDS = re.compile(r"[T\s]\s*")


@dataclass(frozen=True, slots=True)
class AnimalRow:
    line: int
    livestock_id: str = ""
    lf_tag: str = ""
    uhf_tag: str = ""
    visual_id: str = ""
    tag_color: str = ""
    sex: str = ""
    breed: str = ""
    batch_number: str = ""
    pen_number: str = ""
    status: str = ""
    induction_date: date | None = None
    left_on: date | None = None
    left_reason: str = ""
    health: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class WeightRow:
    line: int
    tag: str  # whatever names the animal
    weight_kg: Decimal
    at: datetime | None = None  # by the farm's clock; None where the sheet has no dates


@dataclass(frozen=True, slots=True)
class RowError:
    line: int  # that of the headers, where the sheet as a whole is wrong
    column: str  # the sheet's own header, "" for the row as a whole
    text: str


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    columns: Columns
    cells: Mapping[str, str]  # by field, only what has a column
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


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the sheet writes. Times have no zone: they are of the farm's clock, as is `now`."""

    decimal: str
    unit: Unit
    order: str  # of 20/11/2026: dmy, mdy, or both in one column
    now: datetime
    unclear: str  # a date that may mean two days, where nothing tells which


def read_animals(
    table: Table, columns: Columns, order: str = "", *, now: Now = None
) -> tuple[list[AnimalRow], list[RowError]]:
    """Return the animals of a sheet and the errors of its other rows; raise BadSheet.

    `columns` are headers by field; `order`, dmy or mdy, counts where no date of the sheet tells.
    """
    if wrong := _wrong_columns("animals", table, columns):
        return [], wrong
    reading = _reading(table, columns, "kg", order, now)
    if reading.unclear:
        return [], _wrong_order(table, columns, reading.unclear)
    first_lines: dict[tuple[str, str], int] = {}
    return _sorted_out(_rows(table, columns), lambda row: _animal(row, reading, first_lines))


def read_weights(
    table: Table, columns: Columns, unit: Unit = "kg", order: str = "", *, now: Now = None
) -> tuple[list[WeightRow], list[RowError]]:
    """Return the weights of a sheet and the errors of its other rows; see `read_animals`."""
    wrong = _wrong_columns("weights", table, columns) + _wrong_unit(table, columns, unit)
    if wrong:
        return [], wrong
    reading = _reading(table, columns, unit, order, now)
    if reading.unclear:
        return [], _wrong_order(table, columns, reading.unclear)
    if "date" not in columns and "time" in columns:
        # A time without its day would be taken for today's.
        columns = {"date" if name == "time" else name: columns[name] for name in columns}
    return _sorted_out(_rows(table, columns), lambda row: _weight(row, reading))


def _reading(table: Table, columns: Columns, unit: Unit, order: str, now: Now) -> _Reading:
    today = now or datetime.now()  # noqa: DTZ005 - compared with a sheet's times, which have no zone
    cells = _dates(table, columns)
    order = date_order(cells) or order  # the sheet's own dates are surer than a person's choice
    return _Reading(table.decimal, unit, order, today, "" if order else first_unclear(cells))


def _dates(table: Table, columns: Columns) -> list[str]:
    places = [table.headers.index(columns[name]) for name in DATED if name in columns]
    return [row[place] for row in table.rows for place in places]


def unclear_date(table: Table, columns: Columns) -> str:
    """Return a date of the sheet that may mean two days, or "" where the other dates tell."""
    known = {name: header for name, header in columns.items() if header in table.headers}
    cells = _dates(table, known)
    return "" if date_order(cells) else first_unclear(cells)


def _wrong_order(table: Table, columns: Columns, text: str) -> list[RowError]:
    places = [header for name, header in columns.items() if name in DATED]
    header = places[0] if len(places) == 1 else ""
    return [RowError(table.header_line, header, unclear_text(text))]


def _wrong_columns(kind: SheetKind, table: Table, columns: Columns) -> list[RowError]:
    for name, header in columns.items():
        if name not in FIELDS[kind]:
            raise BadSheet(f"A sheet of {kind} has no field {name}.")
        if header not in table.headers:
            raise BadSheet(f"The sheet has no column {header}.")
    chosen, line = list(columns.values()), table.header_line
    twice = [one for one in dict.fromkeys(chosen) if chosen.count(one) > 1]
    return [
        *(RowError(line, header, "This column is chosen more than once.") for header in twice),
        *(
            RowError(line, "", f"Choose a column for {labels(group)}.")
            for group in missing(kind, columns)
        ),
    ]


def _wrong_unit(table: Table, columns: Columns, unit: Unit) -> list[RowError]:
    # Nobody would notice later: pounds taken for kilograms are weights that cattle can have.
    header = columns.get("weight", "")
    named = _UNIT.search(header.casefold())
    if named is None or (unit == "kg") == bool(named[1]):
        return []
    text = f"The column is named {header}, but {unit} was chosen."
    return [RowError(table.header_line, header, text)]


def _rows(table: Table, columns: Columns) -> Iterator[_Row]:
    places = {name: table.headers.index(header) for name, header in columns.items()}
    for line, cells in zip(table.lines, table.rows, strict=True):
        row = _Row(line, columns, {name: cells[place] for name, place in places.items()})
        if len(cells) > len(table.headers):
            row.refuse("", "The row has more cells than there are column names.")
        yield row


def _sorted_out(
    rows: Iterable[_Row], understand: Callable[[_Row], T]
) -> tuple[list[T], list[RowError]]:
    good: list[T] = []
    errors: list[RowError] = []
    for row in rows:
        understood = understand(row)
        errors.extend(row.errors)
        if not row.errors:
            good.append(understood)
    return good, errors


def _animal(row: _Row, reading: _Reading, first_lines: dict[tuple[str, str], int]) -> AnimalRow:
    taken = {name: row.take(name, _taker(name, reading)) for name in row.cells}
    values: dict[str, Any] = {name: value for name, value in taken.items() if value}
    names = [(name, values[name]) for name in REQUIRED["animals"][0] if name in values]
    if not names and not row.errors:
        row.refuse("", "The row names no animal: it needs a livestock id or a tag.")
    for name, value in names:
        first = first_lines.setdefault((name, value), row.line)
        if first != row.line:
            row.refuse(name, f"{value} is already on line {first}.")
    return AnimalRow(row.line, **values)


def _taker(name: str, reading: _Reading) -> Callable[[str], str | date | None]:
    match BY_NAME[name].holds:
        case "tag":
            return lambda cell: tags.normalise(cell) if cell else ""
        case "date":
            return lambda cell: _date_time(cell, None, reading).date() if cell else None
        case "choice":
            return status_of
        case holds:
            longest = BY_NAME[name].longest  # SQLite itself would store a longer one
            return lambda cell: _text(cell, longest, lines=holds == "lines")


def _text(cell: str, longest: int, *, lines: bool) -> str:
    text = cell.replace("\xa0", " ").replace("\r\n", "\n")
    if len(text) > longest:
        raise BadCell(f"The text has more than {longest} characters.")
    if not (text.translate({10: " ", 9: " "}) if lines else text).isprintable():
        raise BadCell("The text has characters that cannot be printed.")
    return text


def _weight(row: _Row, reading: _Reading) -> WeightRow:
    tag = row.take("tag", _named) or ""
    weight_kg = row.take("weight", lambda cell: _kg(cell, reading)) or Decimal()
    return WeightRow(row.line, tag, weight_kg, _at(row, reading))


def _named(cell: str) -> str:
    """Return the normal form of a tag, or a farm's own name as it is spelt."""
    if not cell:
        raise BadCell("The row names no animal.")
    form = tags.normalise(cell)
    # A livestock id is found by its exact spelling alone, so "l1" must not become "L1" here.
    return cell if form == cell.upper() else form


def _kg(cell: str, reading: _Reading) -> Decimal:
    if not cell:
        raise BadCell("The weight is missing.")
    value = number(cell, reading.decimal)
    kg = value * KG_PER_LB if reading.unit == "lb" else value
    if not _LIGHTEST_KG <= kg <= MOST_KG:
        raise BadCell(f"A weight is more than 0 and at most {MOST_KG} kg.")
    return kg.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _at(row: _Row, reading: _Reading) -> datetime | None:
    """Return when the animal was weighed: midnight where the sheet tells the day alone."""
    if "date" not in row.cells:
        return None
    hours = row.take("time", clock) if row.cells.get("time") else None
    return row.take("date", lambda cell: _date_time(cell, hours, reading))


def _date_time(cell: str, hours: time | None, reading: _Reading) -> datetime:
    """Return the moment of a row; `hours` come from a column of their own."""
    if not cell:
        raise BadCell("The date is missing.")
    text, *rest = _DATE_ENDS.split(cell, maxsplit=1)
    # A column of times comes before the time of a date: a spreadsheet writes a day as its midnight.
    written = clock(rest[0]) if rest else time()
    at = datetime.combine(day(text, reading.order), written if hours is None else hours)
    if at.year < EARLIEST:
        raise BadCell(f"{text} is before {EARLIEST}.")
    if at > reading.now + timedelta(days=1):
        raise BadCell(f"{text} is in the future.")
    return at
