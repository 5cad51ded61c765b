"""A farm's CSV file as it comes over REST: read, and shown with its errors."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.utils import timezone
from rest_framework import exceptions

from herd.errors import MOST_SHOWN, RowsRefused
from herd.operations.importing import AnimalImport
from herd.operations.importing_weights import WeightImport
from herd.operations.sheet_import import MOST_TOLD, Imported, SheetImport
from herd.sheets.columns import FIELDS, SheetKind, ask_for, guess_columns, is_header, missing
from herd.sheets.reader import BadSheet, Table, read_table
from herd.sheets.rows import (
    AnimalRow,
    RowError,
    WeightRow,
    read_animals,
    read_weights,
    unclear_date,
)
from remote.api.serializers import Shape

SHOWN = MOST_TOLD  # rows of the file in an answer: enough to see a wrong column


@dataclass(frozen=True, slots=True)
class Asked:
    """How a person wants the file to be read."""

    kind: SheetKind
    columns: dict[str, str] | None  # None: guessed
    unit: Any  # "kg" or "lb", checked
    order: str = ""  # dmy, mdy or ""
    make_pending: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read, with the errors of its cells."""

    asked: Asked
    table: Table
    columns: dict[str, str]
    animals: list[AnimalRow]
    weights: list[WeightRow]
    errors: list[RowError]

    def refusal(self) -> str:
        """Return why nothing was changed, where there are errors."""
        if groups := missing(self.asked.kind, self.columns):
            return ask_for(groups)
        if self.errors[0].line == self.table.header_line:
            return self.errors[0].text
        count = len(self.errors)
        cells = "One cell" if count == 1 else f"{count} cells"
        return f"{cells} cannot be read, so nothing was changed."

    def shape(self) -> Shape:
        kind = self.asked.kind
        return {
            "kind": kind,
            "headers": list(self.table.headers),
            "fields": list(FIELDS[kind]),
            "columns": self.columns,
            "unused": [one for one in self.table.headers if one not in self.columns.values()],
            "row_count": len(self.table.rows),
            "rows": [list(row) for row in self.table.rows[:SHOWN]],
            "understood": [*map(_animal_shape, self.animals[:SHOWN])]
            or [*map(_weight_shape, self.weights[:SHOWN])],
            "unclear_date": unclear_date(self.table, self.columns),
            "errors": [
                {"line": one.line, "column": one.column, "text": one.text}
                for one in self.errors[:MOST_SHOWN]
            ],
            "error_count": len(self.errors),
            "encoding": self.table.encoding,
            "delimiter": self.table.delimiter,
        }


def _animal_shape(row: AnimalRow) -> Shape:
    return {name: value for name, value in asdict(row).items() if value}


def _weight_shape(row: WeightRow) -> Shape:
    at = None if row.at is None else row.at.isoformat()
    return {"line": row.line, "tag": row.tag, "weight_kg": float(row.weight_kg), "at": at}


def read_sheet(data: bytes, asked: Asked) -> Sheet:
    """Read a sheet; raise ValidationError for a file that is none."""
    try:
        table = read_table(data, partial(is_header, asked.kind))
        chosen = _chosen(asked, table)
        now = timezone.localtime().replace(tzinfo=None)
        if asked.kind == "animals":
            animals, errors = read_animals(table, chosen, asked.order, now=now)
            return Sheet(asked, table, chosen, animals, [], errors)
        weights, errors = read_weights(table, chosen, asked.unit, asked.order, now=now)
        return Sheet(asked, table, chosen, [], [_zoned(row) for row in weights], errors)
    except BadSheet as error:
        raise exceptions.ValidationError({"data": [str(error)]}) from error


def _chosen(asked: Asked, table: Table) -> dict[str, str]:
    if asked.columns is None:
        return guess_columns(asked.kind, table.headers)
    return {field: header for field, header in asked.columns.items() if header}


def _zoned(row: WeightRow) -> WeightRow:
    """Put the row's times into the zone of the farm's clock."""
    return row if row.at is None else replace(row, at=timezone.make_aware(row.at))


class SheetRefused(RowsRefused):
    """Raised for refused rows, with the sheet as it was read."""

    def __init__(self, refused: RowsRefused, sheet: Sheet) -> None:
        super().__init__(refused.rows)
        self._sheet = sheet

    def more(self) -> dict[str, Any]:
        return {**self._sheet.shape(), **super().more()}


def import_of(sheet: Sheet, name: str, at: datetime) -> SheetImport[Any]:
    """Return what the sheet is to do to the herd."""
    made: SheetImport[Any]
    if sheet.asked.kind == "animals":
        made = AnimalImport(sheet.animals, name, at)
    else:
        made = WeightImport(sheet.weights, name, at, pending=sheet.asked.make_pending)
    return made


def imported_shape(sheet: Sheet, outcome: Imported) -> Shape:
    shape = sheet.shape()
    for row in shape["understood"]:
        row.update(outcome.rows[row["line"]]._asdict())
    counts = ("created", "updated", "recorded", "known", "suspect")
    counted = {name: getattr(outcome, name) for name in counts}
    return {**shape, **counted, "change_id": outcome.change.pk}
