"""A CSV file from a scale or a spreadsheet, cut into cells; the numbers and dates in them."""

import csv
import io
import re
from calendar import month_name
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from itertools import islice
from typing import Final, NamedTuple

from herd.rules import tags

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200  # short rows are padded: a line of a million commas must not fill memory
DELIMITERS: Final = (",", ";", "\t")
MOST_TITLES: Final = 10  # rows among which the headers are looked for
_LOOKED_AT: Final = 100  # rows that decide on the delimiter
IsHeader = Callable[[Sequence[str]], bool]

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_VALUE = re.compile(r"[0-9 .,:/+-]+")  # a number, a date or a time
# In a sheet of weights 1,254 is a thousand and more, while 354,500 can only be a decimal comma.
_DECIMAL_COMMA = re.compile(r"(?![12],[0-9]{3}\Z)[0-9]+(?:\.[0-9]{3})*,[0-9]+")
_DECIMAL_POINT = re.compile(r"(?![12]\.[0-9]{3}\Z)[0-9]+(?:,[0-9]{3})*\.[0-9]+")
_NUMBER: Final = {
    ".": re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"),
    ",": re.compile(r"-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?"),
}
_YEAR_FIRST = re.compile(r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}")
_DOTTED = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}")
_SLASHED = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-][0-9]{4}")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?: *([AaPp])[Mm])?")


class BadSheet(ValueError):
    """Raised for a file that cannot be read; the text is for the person who chose it."""


class BadCell(ValueError):
    """Raised for a cell that means nothing; the text is for the person who chose the file."""


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a file, without its blank lines.

    Every row is as long as the headers; it is longer only where it holds more than they name.
    """

    headers: tuple[str, ...]  # each one different, none empty
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]  # where each row begins in the file, counted from 1
    encoding: str  # utf-8, utf-16 or latin-1
    delimiter: str
    decimal: str
    header_line: int = 1


def read_table(data: bytes, is_header: IsHeader | None = None) -> Table:
    """Cut a file into cells; raise BadSheet.

    `is_header` knows the headers below lines of a title; without it the first line is the headers.
    """
    text, encoding = _decoded(data)
    knows = is_header or (lambda _: False)
    cut = max((_cut(text, one, knows) for one in DELIMITERS), key=lambda one: one.fit)
    records = _records(text, cut.delimiter)
    header_line, first = next(islice(records, cut.titles, None), (0, []))
    if not first:
        raise BadSheet("The file is empty.")
    headers = _headers(first)
    lines: list[int] = []
    rows: list[tuple[str, ...]] = []
    for line, cells in records:
        if len(rows) == MOST_ROWS:
            raise BadSheet(f"The file has more than {MOST_ROWS:,} rows. Split it.")
        lines.append(line)
        rows.append(_of_width(len(headers), cells))
    decimal = _decimal(cut.delimiter, rows)
    return Table(headers, tuple(rows), tuple(lines), encoding, cut.delimiter, decimal, header_line)


def _decoded(data: bytes) -> tuple[str, str]:
    text, encoding = _utf_16(data) if data.startswith(_UTF_16) else _eight_bits(data)
    if "\0" in text:
        raise BadSheet("This is not a CSV file. Save the sheet as CSV and choose that file.")
    return text, encoding


def _utf_16(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-16"), "utf-16"
    except UnicodeDecodeError as error:
        raise BadSheet("The file is damaged: it ends or breaks within a character.") from error


def _eight_bits(data: bytes) -> tuple[str, str]:
    # Windows in Western Europe and America writes cp1252, in which five bytes mean nothing; Latin-1
    # takes any byte, so that a stray one does not refuse the whole sheet.
    for codec, name in (("utf-8-sig", "utf-8"), ("cp1252", "latin-1")):
        try:
            return data.decode(codec), name
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"


class _Cut(NamedTuple):
    """How well a delimiter cuts a file, and how many rows of titles stand above the headers."""

    delimiter: str
    titles: int
    fit: tuple[float, int]


def _cut(text: str, delimiter: str, is_header: IsHeader) -> _Cut:
    """Cut the first rows. The fit is the share of rows as wide as the header, and that width."""
    rows = _first_rows(text, delimiter)
    known = (place for place, cells in enumerate(rows[:MOST_TITLES]) if is_header(cells))
    titles = next(known, 0)
    widths = [len(row) for row in rows[titles:]]
    if not widths or widths[0] == 1:  # a single column says nothing for a delimiter
        return _Cut(delimiter, titles, (0.0, 0))
    return _Cut(delimiter, titles, (widths.count(widths[0]) / len(widths), widths[0]))


def _first_rows(text: str, delimiter: str) -> list[list[str]]:
    """Return the first rows that are not blank; none where the text cannot be cut so."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return list(islice((cells for cells in reader if any(map(_bare, cells))), _LOOKED_AT))
    except csv.Error:
        return []


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each row begins, and its cells; raise BadSheet."""
    # Not strict, a forgotten quotation mark would swallow the rest of the herd into one cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for record in reader:
            cells = [_bare(cell) for cell in record]
            if any(cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise BadSheet(
            f"Line {begins}: a quotation mark is missing or in the wrong place."
        ) from error


def _bare(cell: str) -> str:
    """Return the cell without the marks that make a number text in a spreadsheet: ' and =""."""
    cell = cell.strip()
    formula = _FORMULA_TEXT.fullmatch(cell)
    if formula:
        return formula[1].replace('""', '"').strip()
    if cell.startswith("'") and not cell.endswith("'"):
        return cell[1:].strip()
    return cell


def _of_width(width: int, cells: list[str]) -> tuple[str, ...]:
    while len(cells) > width and not cells[-1]:
        cells.pop()
    return (*cells, *[""] * (width - len(cells)))


def _headers(cells: Sequence[str]) -> tuple[str, ...]:
    """Return names of one line, each different. Raise BadSheet for a first row of an animal."""
    if any(cells[MOST_COLUMNS:]):
        raise BadSheet(f"The file has more than {MOST_COLUMNS} columns.")
    cells = cells[:MOST_COLUMNS]
    if 2 * sum(map(_is_value, cells)) >= sum(map(bool, cells)) or any(map(tags.eid, cells)):
        raise BadSheet(
            "The first line must name the columns, such as EID and Weight; here it holds values."
        )
    headers: list[str] = []
    for number, cell in enumerate(cells, start=1):
        headers.append(_unused(" ".join(cell.split()) or f"column {number}", headers))
    return tuple(headers)


def _is_value(cell: str) -> bool:
    return _VALUE.fullmatch(cell) is not None and any(map(str.isdigit, cell))


def _unused(name: str, taken: Sequence[str]) -> str:
    unused, count = name, 1
    while unused in taken:
        count += 1
        unused = f"{name} ({count})"
    return unused


def _decimal(delimiter: str, rows: Iterable[Sequence[str]]) -> str:
    if delimiter == ",":
        return "."  # a program that writes decimal commas does not put commas between cells
    cells = [cell for row in rows for cell in row if cell]
    commas = sum(_DECIMAL_COMMA.fullmatch(cell) is not None for cell in cells)
    points = sum(_DECIMAL_POINT.fullmatch(cell) is not None for cell in cells)
    return "," if commas and commas >= points else "."


def number(cell: str, decimal: str) -> Decimal:
    """Return the number of a cell; raise BadCell.

    `decimal` is the sheet's mark; the other one may group thousands.
    """
    if not _NUMBER[decimal].fullmatch(cell):
        raise BadCell(f'"{cell[:40]}" is not a number; write it like 354{decimal}5.')
    grouping = "," if decimal == "." else "."
    return Decimal(cell.replace(grouping, "").replace(decimal, "."))


def date_order(cells: Iterable[str]) -> str:
    """Return how cells write 20/11/2026: "dmy" or "mdy".

    "both" where they contradict each other, "" where no day beyond 12 tells.
    """
    begins = [(int(one[1]), int(one[2])) for one in map(_SLASHED.match, cells) if one]
    day_first = any(31 >= first > 12 >= second for first, second in begins)
    month_first = any(31 >= second > 12 >= first for first, second in begins)
    if day_first and month_first:
        return "both"
    if month_first:
        return "mdy"
    return "dmy" if day_first else ""


def first_unclear(cells: Iterable[str]) -> str:
    """Return the first date that may mean two days, or ""."""
    found = (one for one in map(_SLASHED.match, cells) if one)
    return next((one[0] for one in found if _is_unclear(int(one[1]), int(one[2]))), "")


def unclear_text(text: str) -> str:
    first, second, year = (int(part) for part in re.split("[-/]", text))
    return (
        f"{text} is {first} {month_name[second]} or {second} {month_name[first]} {year}: choose"
        " whether the day or the month comes first."
    )


def _is_unclear(first: int, second: int) -> bool:
    return 1 <= first <= 12 and 1 <= second <= 12 and first != second


def day(text: str, order: str) -> date:
    """Return the day of a text; `order` is that of `date_order`. Raise BadCell."""
    if _YEAR_FIRST.fullmatch(text):
        order = "ymd"
    elif _DOTTED.fullmatch(text):
        order = "dmy"
    elif not _SLASHED.fullmatch(text):
        raise BadCell(f'"{text[:40]}" is not a date: write it as 2026-11-20.')
    elif order in {"both", ""}:
        order = _order_alone(text)
    parts = dict(zip(order, map(int, re.split("[-/.]", text)), strict=True))
    try:
        return date(parts["y"], parts["m"], parts["d"])
    except ValueError as error:
        raise BadCell(f"{text} is not in the calendar.") from error


def _order_alone(text: str) -> str:
    first, second = (int(part) for part in re.split("[-/]", text)[:2])
    if _is_unclear(first, second):
        raise BadCell(f"{text}: the column has days first and months first. Which is it here?")
    return "dmy" if first > 12 else "mdy"


def clock(text: str) -> time:
    """Return the time of a text such as 10:15, 10:15:30 or 10:15 AM; raise BadCell."""
    found = _TIME.fullmatch(text)
    if found and not (found[4] and int(found[1]) > 12):
        hour = int(found[1])
        if found[4]:
            hour = hour % 12 + 12 * (found[4] in "Pp")
        with suppress(ValueError):  # 24:00
            return time(hour, int(found[2]), int(found[3] or 0))
    raise BadCell(f'"{text[:40]}" is not a time: write it as 10:15.')
