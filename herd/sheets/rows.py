"""The cells of a sheet, understood as animals or as weights, with an error for each bad one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from herd.rules import tags
from herd.sheets.cells import Columns, Reading, Row, RowError, is_sum, weighed_at, weight_kg
from herd.sheets.columns import BY_NAME, REQUIRED, status_of
from herd.sheets.dates import latest_year
from herd.sheets.headers import Unit
from herd.sheets.questions import reading_of, sheets_unit, wrong_columns, wrong_order, wrong_unit
from herd.sheets.table import BadCell, Table

Now = datetime | None  # by the farm's clock; with its zone, or in this machine's
T = TypeVar("T")


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
    repeat_of: int = 0  # the line that says the same, 0 for none
    scale: str = ""


@dataclass(frozen=True, slots=True)
class TreatmentRow:
    line: int
    tag: str  # whatever names the animal
    product: str
    at: datetime  # by the farm's clock
    amount: Decimal | None = None
    unit: str = ""
    lot_no: str = ""
    route: str = ""
    reason: str = ""
    repeat_of: int = 0  # the line that says the same, 0 for none


@dataclass(frozen=True, slots=True)
class MoreOfAnimal(AnimalRow):
    """An animal's row that says more than what the animal is."""

    weighing: WeightRow | None = None
    repeat_of: int = 0  # the line that told of the animal before, 0 for none


def read_animals(
    table: Table,
    columns: Columns,
    order: str = "",
    *,
    now: Now = None,
    unit: Unit | None = None,
) -> tuple[list[AnimalRow], list[RowError]]:
    """Return the animals of a sheet and the errors of its other rows; raise BadSheet.

    `columns` are headers by field; `order`, dmy or mdy, counts where nothing of the sheet tells,
    `unit` where it must be that of the sheet.
    """
    wrong = wrong_columns("animals", table, columns) or wrong_unit(table, columns, unit)
    reading = reading_of(table, columns, unit or sheets_unit(table, columns) or "kg", now)
    if wrong := wrong or unclear(table, columns, order, reading):
        return [], wrong
    reading = ordered(reading, order)
    known: dict[tuple[str, str], AnimalRow] = {}
    rows = rows_of(table, columns, REQUIRED["animals"][0])
    return sorted_out(rows, lambda row: _animal(row, reading, known))


def read_weights(
    table: Table,
    columns: Columns,
    unit: Unit | None = "kg",
    order: str = "",
    *,
    now: Now = None,
) -> tuple[list[WeightRow], list[RowError]]:
    """Return the weights of a sheet and the errors of its other rows; see `read_animals`."""
    wrong = wrong_columns("weights", table, columns) + wrong_unit(table, columns, unit)
    if wrong:
        return [], wrong
    reading = reading_of(table, columns, unit or sheets_unit(table, columns) or "kg", now)
    if wrong := unclear(table, columns, order, reading):
        return [], wrong
    if "date" not in columns and "time" in columns:
        # A time without its day would be taken for today's.
        columns = {"date" if name == "time" else name: columns[name] for name in columns}
        reading = replace(reading, orders={"date": reading.orders["time"]})
    reading = ordered(reading, order)
    first: dict[tuple[object, ...], int] = {}
    return sorted_out(rows_of(table, columns, ("tag",)), lambda row: _weight(row, reading, first))


def unclear(table: Table, columns: Columns, order: str, reading: Reading) -> list[RowError]:
    return [] if order else wrong_order(table, columns, latest_year(reading.now))


def ordered(reading: Reading, order: str) -> Reading:
    """Return the reading with a person's choice where the sheet itself tells nothing."""
    return replace(reading, orders={name: own or order for name, own in reading.orders.items()})


def rows_of(table: Table, columns: Columns, names: Iterable[str]) -> Iterator[Row]:
    places = {name: table.headers.index(header) for name, header in columns.items()}
    last = _last_animal(table, [places[name] for name in names if name in places])
    for line, cells in zip(table.lines, table.rows, strict=True):
        values = {name: cells[place] for name, place in places.items()}
        row = Row(line, columns, values, is_below=line > last)
        if len(cells) > len(table.headers):
            row.refuse("", "The row has more cells than there are column names.")
        yield row


def _last_animal(table: Table, places: list[int]) -> int:
    """Return the line below which rows of sums alone stand."""
    for line, cells in zip(reversed(table.lines), reversed(table.rows), strict=True):
        named = [cells[place] for place in places if cells[place]]
        if named and not all(is_sum(one, is_below=True) for one in named):
            return line
    return 0


def sorted_out(
    rows: Iterable[Row], understand: Callable[[Row], T]
) -> tuple[list[T], list[RowError]]:
    good: list[T] = []
    errors: list[RowError] = []
    for row in rows:
        understood = understand(row)
        errors.extend(row.errors)
        if not row.errors:
            good.append(understood)
    return good, errors


# -- an animal -------------------------------------------------------------------------------------

_OF_A_WEIGHING = ("weight", "date", "time", "unit", "scale")
_SAYS = tuple(one.name for one in fields(AnimalRow) if one.name != "line")


def _animal(row: Row, reading: Reading, known: dict[tuple[str, str], AnimalRow]) -> AnimalRow:
    own = [name for name in row.cells if name not in _OF_A_WEIGHING]
    taken = {name: row.take(name, _taker(name, reading)) for name in own}
    values: dict[str, Any] = {name: value for name, value in taken.items() if value}
    names = [(name, values[name]) for name in REQUIRED["animals"][0] if name in values]
    if not names and not row.errors:
        row.refuse("", "The row names no animal: it needs a livestock id or a tag.")
    for name, _ in names:
        row.refuse_sum(name, row.cells[name])
    weighing = _weighing(row, reading, names[0][1] if names else "")
    animal = AnimalRow(row.line, **values)
    repeat_of = _repeated(row, animal, names, known)
    if weighing is None and not repeat_of:
        return animal
    return MoreOfAnimal(row.line, **values, weighing=weighing, repeat_of=repeat_of)


def _repeated(
    row: Row,
    animal: AnimalRow,
    names: list[tuple[str, str]],
    known: dict[tuple[str, str], AnimalRow],
) -> int:
    """Return the line that told the same of the animal; refuse the row where it told otherwise."""
    if row.errors:
        return 0
    first = {told.line for name in names if (told := known.setdefault(name, animal)) is not animal}
    if not first:
        return 0
    told = known[next(name for name in names if known[name].line in first)]
    # A wand reads an animal twice: the second time says nothing else, or less.
    if len(first) == 1 and all(
        getattr(animal, one) in {getattr(told, one), None, ""} for one in _SAYS
    ):
        return told.line
    name, value = next(name for name in names if known[name].line in first)
    row.refuse(name, f"{value} is already on line {told.line}.")
    return 0


def _weighing(row: Row, reading: Reading, name: str) -> WeightRow | None:
    """Return the weight that the row of an animal carries, None for none."""
    if not row.cells.get("weight"):
        return None
    kg = weight_kg(row, reading)
    at = weighed_at(row, reading) if row.cells.get("date") else None
    return None if kg is None else WeightRow(row.line, name, kg, at, scale=_scale(row))


def _scale(row: Row) -> str:
    if "scale" not in row.cells:
        return ""
    longest = BY_NAME["scale"].longest
    return row.take("scale", lambda cell: text_of(cell, longest, lines=False)) or ""


def _taker(name: str, reading: Reading) -> Callable[[str], str | date | None]:
    match BY_NAME[name].holds:
        case "tag":
            return lambda cell: tags.normalise(cell) if cell else ""
        case "date":
            return lambda cell: reading.date_time(cell, None, name).date() if cell else None
        case "choice":
            return status_of
        case holds:
            longest = BY_NAME[name].longest  # SQLite itself would store a longer one
            return lambda cell: text_of(cell, longest, lines=holds == "lines")


def text_of(cell: str, longest: int, *, lines: bool) -> str:
    text = cell.replace("\xa0", " ").replace("\r\n", "\n")
    if len(text) > longest:
        raise BadCell(f"The text has more than {longest} characters.")
    if not (text.translate({10: " ", 9: " "}) if lines else text).isprintable():
        raise BadCell("The text has characters that cannot be printed.")
    return text


# -- a weight --------------------------------------------------------------------------------------


def _weight(row: Row, reading: Reading, first: dict[tuple[object, ...], int]) -> WeightRow:
    tag = row.take("tag", named_animal) or ""
    row.refuse_sum("tag", row.cells["tag"])
    kg = weight_kg(row, reading) or Decimal()
    at, scale = weighed_at(row, reading), _scale(row)
    line = row.line if row.errors else first.setdefault((tag, kg, at), row.line)
    return WeightRow(row.line, tag, kg, at, 0 if line == row.line else line, scale)


def named_animal(cell: str) -> str:
    """Return the normal form of a tag, or a farm's own name as it is spelt."""
    if not cell:
        raise BadCell("The row names no animal.")
    form = tags.normalise(cell)
    # A livestock id is found by its exact spelling alone, so "l1" must not become "L1" here.
    return cell if form == cell.upper() else form
