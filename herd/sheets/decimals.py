"""The numbers of a sheet, with a decimal point or a decimal comma."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from herd.sheets.table import BadCell

# In a sheet of weights 1,254 is a thousand and more, while 354,500 can only be a decimal comma.
_DECIMAL_COMMA = re.compile(r"(?![12],[0-9]{3}\Z)[0-9]+(?:\.[0-9]{3})*,[0-9]+")
_DECIMAL_POINT = re.compile(r"(?![12]\.[0-9]{3}\Z)[0-9]+(?:,[0-9]{3})*\.[0-9]+")
_NUMBER: Final = {
    ".": re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"),
    ",": re.compile(r"-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?"),
}


def decimal_mark(delimiter: str, rows: Iterable[Sequence[str]]) -> str:
    """Return the mark that the numbers of the sheet have."""
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
