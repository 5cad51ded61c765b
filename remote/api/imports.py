"""A farm's sheet as it comes over REST: read, and shown with its errors."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time
from functools import partial
from itertools import islice
from typing import Literal

from django.utils import timezone
from rest_framework import exceptions

from herd.errors import MOST_SHOWN
from herd.operations.sheet_import import MOST_TOLD
from herd.sheets.cells import RowError
from herd.sheets.columns import FIELDS, SheetKind, ask_for, guess_columns, is_header, missing
from herd.sheets.dates import latest_year
from herd.sheets.headers import Unit, named, unit_of
from herd.sheets.questions import days_of_titles, days_unused, sheets_unit, unclear_date
from herd.sheets.reader import read_table
from herd.sheets.rows import (
    AnimalRow,
    MoreOfAnimal,
    TreatmentRow,
    WeightRow,
    read_animals,
    read_weights,
)
from herd.sheets.table import MOST_TITLES, BadSheet, Table
from herd.sheets.treatment_rows import read_treatments
from remote.api.serializers import Shape

SHOWN = MOST_TOLD  # rows of the file in an answer: enough to see a wrong column


@dataclass(frozen=True, slots=True)
class Asked:
    """How a person wants the file to be read."""

    kind: SheetKind
    columns: dict[str, str] | None  # None: guessed
    unit: Unit | Literal[""] | None = None  # "": that of the sheet; None: kg where it tells none
    order: str = ""  # dmy, mdy, ymd or ""
    make_pending: bool = False
    header_line: int | None = None  # None: found; 0: there is none
    weighed_on: date | None = None  # of weights for which the sheet tells no day
    weighed_now: bool = False  # no column of the sheet is the day of weighing
    skip_bad_rows: bool = False
    even_if_full: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read, with the errors of its cells."""

    asked: Asked
    table: Table
    columns: dict[str, str]
    animals: list[AnimalRow]
    weights: list[WeightRow]
    treatments: list[TreatmentRow]
    errors: list[RowError]
    days_unused: list[str]  # columns, or a line above the headers, that look like days of weighing
    unclear_date: str  # that may mean two days; looked for once, outside of the turn to write

    def is_refused(self) -> bool:
        """Return whether the errors keep the sheet, or its good rows, from being imported."""
        if not self.errors or not self.asked.skip_bad_rows:
            return bool(self.errors)
        return not (self.animals or self.weights or self.treatments)

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
            "fields": self._wrong_by_field(),
            "columns": self.columns,
            "unused": [one for one in self.table.headers if one not in self.columns.values()],
            "row_count": len(self.table.rows),
            "rows": [list(row) for row in self.table.rows[:SHOWN]],
            "understood": self._understood(),
            "unclear_date": self.unclear_date,
            "header_line": self.table.header_line,
            "first_lines": _first_lines(self.table),
            "unit": sheets_unit(self.table, self.columns) or "",
            "days_unused": self.days_unused,
            "remarks": list(self.table.remarks),
            "errors": [
                {"line": one.line, "column": one.column, "text": one.text}
                for one in self.errors[:MOST_SHOWN]
            ],
            "error_count": len(self.errors),
            "encoding": self.table.encoding,
            "delimiter": self.table.delimiter,
        }

    def _understood(self) -> list[Shape]:
        return (
            [_animal_shape(row) for row in self.animals[:SHOWN]]
            or [_weight_shape(row) for row in self.weights[:SHOWN]]
            or [_treatment_shape(row) for row in self.treatments[:SHOWN]]
        )

    def _wrong_by_field(self) -> dict[str, list[str]]:
        """Return each field that a sheet of this kind may have, with what is wrong there."""
        field_of = {header: field for field, header in self.columns.items()}
        wrong: dict[str, list[str]] = {field: [] for field in FIELDS[self.asked.kind]}
        for one in self.errors[:MOST_SHOWN]:
            if one.column in field_of:
                wrong[field_of[one.column]].append(f"Line {one.line}: {one.text}")
        return wrong


def _first_lines(table: Table) -> list[Shape]:
    """Return the lines among which a person may choose the headers."""
    lines = list(table.titles)
    if table.header_line:
        lines.append((table.header_line, " | ".join(table.headers)))
    for line, cells in islice(zip(table.lines, table.rows, strict=True), MOST_TITLES):
        lines.append((line, " | ".join(cells)))
    return [{"line": line, "text": text[:200]} for line, text in lines]


def _animal_shape(row: AnimalRow) -> Shape:
    shape = {name: value for name, value in asdict(row).items() if value}
    weighing = shape.pop("weighing", None)
    if isinstance(row, MoreOfAnimal) and row.weighing and weighing:
        shape |= {name: _weight_shape(row.weighing)[name] for name in ("weight_kg", "at")}
    return shape


def _weight_shape(row: WeightRow) -> Shape:
    at = None if row.at is None else row.at.isoformat()
    return {"line": row.line, "tag": row.tag, "weight_kg": float(row.weight_kg), "at": at}


def _treatment_shape(row: TreatmentRow) -> Shape:
    amount = None if row.amount is None else float(row.amount)
    names = ("line", "tag", "product", "unit", "lot_no", "route", "reason")
    told = {name: getattr(row, name) for name in names}
    return told | {"amount": amount, "at": row.at.isoformat()}


def read_sheet(data: bytes, asked: Asked) -> Sheet:
    """Read a sheet; raise ValidationError for a file that is none."""
    try:
        return _read(data, asked)
    except BadSheet as error:
        raise exceptions.ValidationError({"data": [str(error)]}) from error


def _read(data: bytes, asked: Asked) -> Sheet:
    table = read_table(data, partial(_is_header, asked), asked.header_line)
    chosen, now = _chosen(asked, table), timezone.localtime()
    unit = _unit(asked, table, chosen)
    animals: list[AnimalRow] = []
    weights: list[WeightRow] = []
    treatments: list[TreatmentRow] = []
    match asked.kind:
        case "animals":
            animals, errors = read_animals(table, chosen, asked.order, now=now, unit=unit)
        case "weights":
            weights, errors = read_weights(table, chosen, unit, asked.order, now=now)
        case "treatments":
            treatments, errors = read_treatments(table, chosen, asked.order, now=now)
    latest = latest_year(now)
    days = _open_days(asked, table, chosen, latest)
    if not _is_about_headers(errors, table) and (wrong := _wrong_day(asked, table, days)):
        animals, weights, errors = [], [], [wrong]
    dated = _dating(asked)
    animals = [_weighed(row, dated) for row in animals]
    weights = list(map(dated, weights))
    unclear = unclear_date(table, chosen, latest)
    treatments = [replace(row, at=timezone.make_aware(row.at)) for row in treatments]
    return Sheet(asked, table, chosen, animals, weights, treatments, errors, days, unclear)


def _is_about_headers(errors: list[RowError], table: Table) -> bool:
    return bool(errors) and errors[0].line == table.header_line


def _is_header(asked: Asked, cells: Sequence[str]) -> bool:
    """Return whether the cells are headers: those that a person has chosen, or known ones."""
    wanted = {one for one in (asked.columns or {}).values() if one}
    return is_header(asked.kind, cells) or (bool(wanted) and wanted <= {*cells, *map(named, cells)})


def _chosen(asked: Asked, table: Table) -> dict[str, str]:
    if asked.columns is None:
        return guess_columns(asked.kind, table.headers)
    chosen = {field: header for field, header in asked.columns.items() if header}
    # Who knows the file may choose a column by all that a scale writes into its header.
    return {
        field: header if header in table.headers else named(header)
        for field, header in chosen.items()
    }


def _unit(asked: Asked, table: Table, chosen: dict[str, str]) -> Unit | None:
    """Return the unit that must be the sheet's, None for whatever the sheet says."""
    if asked.unit == "":
        return None
    if asked.unit is None:
        told = sheets_unit(table, chosen)
        return "kg" if unit_of(chosen.get("weight", "")) or told is None else told
    return asked.unit


def _open_days(asked: Asked, table: Table, chosen: dict[str, str], latest: int) -> list[str]:
    """Return what may be the day of weighing of a sheet that has no column for it."""
    if asked.weighed_now or asked.weighed_on or "weight" not in chosen:
        return []
    if "date" in chosen or "time" in chosen:
        return []
    return days_unused(table, chosen, latest) or [
        one for one in [days_of_titles(table, latest)] if one
    ]


def _wrong_day(asked: Asked, table: Table, days: list[str]) -> RowError | None:
    """Return what is wrong with the day of all weights: said once, and not for each of them."""
    if asked.weighed_on and asked.weighed_on > (today := timezone.localdate()):
        text = f"Nothing was weighed on {asked.weighed_on}: by the Pi's clock it is {today}."
        return RowError(table.header_line, "", text)
    return _ask_for_day(table, days) if days else None


def _ask_for_day(table: Table, days: list[str]) -> RowError:
    named_days = " and ".join(f"“{one}”" for one in days)
    return RowError(
        table.header_line,
        days[0] if days[0] in table.headers else "",
        f"{named_days} may say when the animals were weighed: choose the column for “Date”, or"
        " the day, or say that they were weighed now.",
    )


def _weighed(row: AnimalRow, dated: Callable[[WeightRow], WeightRow]) -> AnimalRow:
    if isinstance(row, MoreOfAnimal) and row.weighing:
        return replace(row, weighing=dated(row.weighing))
    return row


def _dating(asked: Asked) -> Callable[[WeightRow], WeightRow]:
    """Return what puts a row's time into the zone of the farm's clock; without one, the row gets
    the day asked for."""
    zone = timezone.get_current_timezone()  # once, and not for each of 20,000 rows
    on = asked.weighed_on
    day = datetime.combine(on, time(), zone) if on else None

    def dated(row: WeightRow) -> WeightRow:
        at = day if row.at is None else row.at.replace(tzinfo=zone)
        return row if at is None else replace(row, at=at)

    return dated
