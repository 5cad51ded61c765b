"""A farm's CSV file as it comes over REST: read, shown with its errors, and applied."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import exceptions

from herd import operations
from herd.errors import RowsRefused
from herd.register import Register
from herd.sheet_rows import (
    FIELDS,
    AnimalRow,
    RowError,
    SheetKind,
    WeightRow,
    guess_columns,
    read_animals,
    read_weights,
)
from herd.sheets import BadSheet, Table, read_table
from remote.shapes import Shape

SHOWN = 20  # rows of the file in an answer
MOST_ERRORS = 200


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was understood as a whole; `errors` are its bad cells."""

    kind: SheetKind
    table: Table
    columns: dict[str, str]
    animals: list[AnimalRow]
    weights: list[WeightRow]
    errors: list[RowError]

    def shape(self) -> Shape:
        return {
            "kind": self.kind,
            "headers": list(self.table.headers),
            "fields": list(FIELDS[self.kind]),
            "columns": self.columns,
            "row_count": len(self.table.rows),
            "rows": [list(row) for row in self.table.rows[:SHOWN]],
            "errors": [
                {"line": one.line, "column": one.column, "text": one.text}
                for one in self.errors[:MOST_ERRORS]
            ],
            "encoding": self.table.encoding,
            "delimiter": self.table.delimiter,
        }


def read_sheet(data: bytes, kind: SheetKind, columns: dict[str, str] | None, unit: Any) -> Sheet:  # noqa: ANN401 - "kg" or "lb", checked
    """Raises ValidationError for a file that is no sheet."""
    try:
        table = read_table(data)
        chosen = guess_columns(kind, table.headers) if columns is None else _known(columns)
        if kind == "animals":
            animals, errors = read_animals(table, chosen)
            return Sheet(kind, table, chosen, animals, [], errors)
        weights, errors = read_weights(table, chosen, unit)
        return Sheet(kind, table, chosen, [], [_zoned(row) for row in weights], errors)
    except BadSheet as error:
        raise exceptions.ValidationError({"data": [str(error)]}) from error


def _known(columns: dict[str, str]) -> dict[str, str]:
    return {field: header for field, header in columns.items() if header}


def _zoned(row: WeightRow) -> WeightRow:
    """A sheet's times are those of the farm's clock."""
    return row if row.at is None else replace(row, at=timezone.make_aware(row.at))


class SheetRefused(RowsRefused):
    """As RowsRefused, with the sheet as it was understood."""

    def __init__(self, refused: RowsRefused, sheet: Sheet) -> None:
        super().__init__(refused.rows)
        self._sheet = sheet

    def more(self) -> dict[str, Any]:
        return {**self._sheet.shape(), **super().more()}


def apply(register: Register, *, sheet: Sheet, name: str, at: datetime) -> operations.Imported:
    """Raises SheetRefused."""
    try:
        if sheet.kind == "animals":
            return operations.import_animals(register, sheet.animals, name, at)
        return operations.import_weights(register, sheet.weights, name, at)
    except RowsRefused as refused:
        raise SheetRefused(refused, sheet) from refused
