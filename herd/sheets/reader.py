"""A file from a scale or a spreadsheet, cut into cells below the line that names its columns."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final, NamedTuple

from herd.rules import tags
from herd.sheets import workbook
from herd.sheets.decimals import decimal_mark
from herd.sheets.file_types import damage, decoded, refuse_other_types
from herd.sheets.headers import unique
from herd.sheets.table import (
    LOOKED_AT,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_TITLES,
    BadSheet,
    IsHeader,
    Record,
    Table,
)

DELIMITERS: Final = (",", ";", "\t", "|")

_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_VALUE = re.compile(r"[0-9 .,:/+-]+")  # a number, a date or a time
_SEP = re.compile(r'"?sep=(.)"?[ ,;\t]*(?=\r\n|\n|\r|\Z)', re.IGNORECASE)
_SPACE_AFTER_QUOTE = re.compile(r'" +(?=[,;\t|\r\n]|\Z)')


class _Headers(NamedTuple):
    """How the line of the headers is found."""

    is_header: IsHeader
    line: int | None  # a person's choice; 0: there are none

    def titles(self, rows: Sequence[Record]) -> tuple[int, bool]:
        """Return how many records stand above the headers, and whether that is sure."""
        if self.line is not None:
            lines = [line for line, _ in rows]
            return (lines.index(self.line), True) if self.line in lines else (0, False)
        for place, (_, cells) in enumerate(rows[:MOST_TITLES]):
            if self.is_header(cells):
                return place, True
        return _narrow_rows(rows), False


def _narrow_rows(rows: Sequence[Record]) -> int:
    """Return how many rows of one cell stand above a table of several columns."""
    is_wide = [sum(map(bool, cells)) > 1 for _, cells in rows]
    if 2 * sum(is_wide) <= len(rows) or True not in is_wide[:MOST_TITLES]:
        return 0
    return is_wide.index(True)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file of which the records can be read."""

    records: Iterator[Record]
    titles: int  # records above the headers
    encoding: str
    delimiter: str = ""
    remarks: tuple[str, ...] = ()


def read_table(
    data: bytes, is_header: IsHeader | None = None, header_line: int | None = None
) -> Table:
    """Cut a file into cells; raise BadSheet.

    `is_header` knows the headers below lines of a title; `header_line` is a person's choice of
    their line, 0 where there are none. Without both the first line is the headers.
    """
    headers_at = _Headers(is_header or (lambda _: False), header_line)
    open_file = _open_workbook if workbook.is_workbook(data) else _open_text
    opened = open_file(data, headers_at)
    titles = list(islice(opened.records, opened.titles))
    line, first = next(opened.records, (0, []))
    if not first:
        raise BadSheet("The file is empty.")
    if header_line == 0:
        records = chain([(line, first)], opened.records)
        opened = _Opened(records, 0, opened.encoding, opened.delimiter, opened.remarks)
        line, first = 0, [""] * len(first)
    elif header_line is None:
        _refuse_values(first[:MOST_COLUMNS])
    return _table(opened, titles, line, unique(first))


def _table(
    opened: _Opened, titles: Sequence[Record], header_line: int, headers: tuple[str, ...]
) -> Table:
    lines: list[int] = []
    rows: list[tuple[str, ...]] = []
    for line, cells in opened.records:
        if len(rows) == MOST_ROWS:
            raise BadSheet(f"The file has more than {MOST_ROWS:,} rows. Split it.")
        lines.append(line)
        rows.append(_of_width(len(headers), cells))
    return Table(
        headers,
        tuple(rows),
        tuple(lines),
        opened.encoding,
        opened.delimiter,
        decimal_mark(opened.delimiter, rows),
        header_line,
        tuple((line, " ".join(filter(None, cells))) for line, cells in titles),
        opened.remarks,
    )


def _open_workbook(data: bytes, headers: _Headers) -> _Opened:
    records, remarks = workbook.records(data)
    first = list(islice(records, LOOKED_AT))
    titles, is_sure = headers.titles(first)
    _check_found(headers, is_sure)
    return _Opened(chain(first, records), titles, "xlsx", remarks=remarks)


def _open_text(data: bytes, headers: _Headers) -> _Opened:
    refuse_other_types(data)
    text, encoding, damaged = decoded(data)
    delimiters: tuple[str, ...] = DELIMITERS
    if told := _SEP.match(text):  # Excel's own word on the first line, which is no header
        text, delimiters = text[told.end() :], (told[1],)
        text = text.removeprefix("\r\n") if text.startswith("\r\n") else text[1:]
    cut = max((_cut(text, one, headers) for one in delimiters), key=lambda one: one.fit)
    _check_found(headers, cut.is_sure)
    records = _rows(_mended(text, cut.delimiter), cut.delimiter, strict=True)
    remarks = tuple(filter(None, [damage(damaged)]))
    return _Opened(records, cut.titles, encoding, cut.delimiter, remarks)


def _check_found(headers: _Headers, is_sure: bool) -> None:  # noqa: FBT001 - what `titles` returned
    if headers.line and not is_sure:
        raise BadSheet(
            f"Line {headers.line} cannot name the columns: it is blank, or not among the first"
            f" {LOOKED_AT} rows."
        )


class _Cut(NamedTuple):
    """How well a delimiter cuts a file, and how many rows of titles stand above the headers."""

    delimiter: str
    titles: int
    is_sure: bool
    fit: tuple[float, int]


def _cut(text: str, delimiter: str, headers: _Headers) -> _Cut:
    """Cut the first rows. The fit is the share of rows as wide as the header, and that width."""
    rows = _first_rows(text, delimiter)
    titles, is_sure = headers.titles(rows)
    widths = [len(cells) for _, cells in rows]
    if not widths or widths[titles] == 1:  # a single column says nothing for a delimiter
        return _Cut(delimiter, titles, is_sure, (0.0, 0))
    # Titles that are only supposed count against a delimiter: a comma cuts decimals below headers.
    counted = widths[titles:] if is_sure else widths
    share = counted.count(widths[titles]) / len(counted)
    return _Cut(delimiter, titles, is_sure, (share, widths[titles]))


def _first_rows(text: str, delimiter: str) -> list[Record]:
    """Return the first rows that are not blank; none where the text cannot be cut so."""
    try:
        return list(islice(_rows(text, delimiter, strict=False), LOOKED_AT))
    except BadSheet:
        return []


def _rows(text: str, delimiter: str, *, strict: bool) -> Iterator[Record]:
    """Yield the line on which each row begins, and its cells; raise BadSheet."""
    # Not strict, a forgotten quotation mark would swallow the rest of the herd into one cell.
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=strict, skipinitialspace=True
    )
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


def _mended(text: str, delimiter: str) -> str:
    """Return the text without blanks behind quoted cells, where they keep it from being read."""
    if not _SPACE_AFTER_QUOTE.search(text):
        return text
    try:
        for _ in _rows(text, delimiter, strict=True):
            pass
    except BadSheet:
        return _SPACE_AFTER_QUOTE.sub('"', text)
    return text


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


def _refuse_values(cells: Sequence[str]) -> None:
    """Raise BadSheet for a first row of an animal."""
    if 2 * sum(map(_is_value, cells)) >= sum(map(bool, cells)) or any(map(tags.eid, cells)):
        raise BadSheet(
            "The first line must name the columns, such as EID and Weight; here it holds values."
            " Choose the line that names them, or say that none does."
        )


def _is_value(cell: str) -> bool:
    return _VALUE.fullmatch(cell) is not None and any(map(str.isdigit, cell))
