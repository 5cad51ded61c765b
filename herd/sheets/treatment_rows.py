"""The cells of a sheet of treatments, understood, with an error for each bad one."""

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from herd.sheets.cells import Columns, Reading, Row, RowError, weighed_at
from herd.sheets.columns import BY_NAME
from herd.sheets.decimals import number
from herd.sheets.questions import reading_of, wrong_columns
from herd.sheets.rows import (
    Now,
    TreatmentRow,
    named_animal,
    ordered,
    rows_of,
    sorted_out,
    text_of,
    unclear,
)
from herd.sheets.table import BadCell, Table

MOST: Final = Decimal("99999.99")
_AMOUNT = re.compile(r"(?P<number>[^\sa-zA-Zµ%]+)\s*(?P<unit>\D.*)?")  # 42.5 ml
_DECIMAL_COMMA = re.compile("[0-9]+,[0-9]{1,2}")
_TEXTS: Final = ("unit", "lot_no", "route", "reason")
Known = dict[tuple[object, ...], int]  # the line of each treatment, by what it says


def read_treatments(
    table: Table, columns: Columns, order: str = "", *, now: Now = None
) -> tuple[list[TreatmentRow], list[RowError]]:
    """Return the treatments of a sheet and the errors of its other rows; raise BadSheet.

    `order`, dmy or mdy, counts where nothing of the sheet tells.
    """
    if wrong := wrong_columns("treatments", table, columns):
        return [], wrong
    reading = reading_of(table, columns, "kg", now)
    if wrong := unclear(table, columns, order, reading):
        return [], wrong
    reading, first = ordered(reading, order), Known()
    return sorted_out(
        rows_of(table, columns, ("tag",)), lambda row: _treatment(row, reading, first)
    )


def _treatment(row: Row, reading: Reading, first: Known) -> TreatmentRow:
    tag = row.take("tag", named_animal) or ""
    row.refuse_sum("tag", row.cells["tag"])
    product = row.take("product", _product) or ""
    at = weighed_at(row, reading) or datetime.min  # noqa: DTZ901 - refused then
    texts = {name: _text(row, name) for name in _TEXTS}
    amount, unit = _amount(row, reading)
    texts["unit"] = texts["unit"] or unit
    line = row.line
    if not row.errors:
        line = first.setdefault((tag, product.casefold(), at), row.line)
    repeat_of = 0 if line == row.line else line
    return TreatmentRow(row.line, tag, product, at, amount, **texts, repeat_of=repeat_of)


def _product(cell: str) -> str:
    if not cell:
        raise BadCell("The product is missing.")
    return " ".join(text_of(cell, BY_NAME["product"].longest, lines=False).split())


def _text(row: Row, name: str) -> str:
    if name not in row.cells:
        return ""
    longest = BY_NAME[name].longest or 20  # the unit, which is one of weights too
    return row.take(name, lambda cell: text_of(cell, longest, lines=False)) or ""


def _amount(row: Row, reading: Reading) -> tuple[Decimal | None, str]:
    """Return the amount, None where the sheet tells none, and the unit that stands with it."""
    if not row.cells.get("amount"):
        return None, ""
    return row.take("amount", lambda cell: _parsed(cell, reading.decimal)) or (None, "")


def _parsed(cell: str, decimal: str) -> tuple[Decimal, str]:
    found = _AMOUNT.fullmatch(cell)
    if found is None:
        raise BadCell(f"“{cell[:40]}” is no amount; write a number, such as 42.5.")
    # Of `42,5 ml` alone nobody knew the sheet's mark; so few digits are no thousands.
    mark = "," if _DECIMAL_COMMA.fullmatch(found["number"]) else decimal
    value = number(found["number"], mark)
    if not 0 < value <= MOST:
        raise BadCell(f"An amount is more than 0 and at most {MOST}.")
    unit = text_of((found["unit"] or "").strip(), 20, lines=False)
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP), unit
