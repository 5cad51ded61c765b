"""What a file becomes once it is cut into cells, and how one says that it cannot be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200  # short rows are padded: a line of a million commas must not fill memory
MOST_TITLES: Final = 10  # rows among which the headers are looked for
LOOKED_AT: Final = 100  # rows that decide on the delimiter; the headers may be chosen among them
IsHeader = Callable[[Sequence[str]], bool]
Record = tuple[int, list[str]]  # the line on which a row begins, and its cells


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
    encoding: str  # utf-8, utf-16, latin-1 or xlsx
    delimiter: str  # "" in a workbook
    decimal: str
    header_line: int = 1  # 0: the file has no headers
    titles: tuple[tuple[int, str], ...] = ()  # the lines above the headers
    remarks: tuple[str, ...] = ()  # what was left out of the file, in sentences
