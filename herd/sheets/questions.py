"""What a sheet as a whole leaves open: its columns, its unit, its days. A person decides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from herd.sheets.cells import Columns, Reading, RowError
from herd.sheets.columns import DATED, FIELDS, SheetKind, labels, missing
from herd.sheets.dates import date_order, first_unclear, latest_year, looks_like_day, unclear_text
from herd.sheets.header_words import BIRTH_WORDS
from herd.sheets.headers import Unit, is_utc, order_of, unit_of, unit_of_titles, words
from herd.sheets.table import BadSheet, Table

_LOOKED_AT: Final = 200  # cells of a column that may hold days


def wrong_columns(kind: SheetKind, table: Table, columns: Columns) -> list[RowError]:
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
        *(_without_weight(table, columns) if kind == "animals" else ()),
    ]


def _without_weight(table: Table, columns: Columns) -> list[RowError]:
    if "weight" in columns:
        return []
    text = "This tells of a weighing: choose a column for “Weight” too, or none for this."
    idle = [columns[name] for name in ("date", "time", "unit") if name in columns]
    return [RowError(table.header_line, header, text) for header in idle]


# -- the unit --------------------------------------------------------------------------------------


def sheets_unit(table: Table, columns: Columns) -> Unit | None:
    """Return the unit that the weight's header or a line above the headers tells."""
    if found := unit_of(columns.get("weight", "")):
        return found
    told = unit_of_titles(table.titles)
    return told[0] if told else None


def wrong_unit(table: Table, columns: Columns, unit: Unit | None) -> list[RowError]:
    """Return an error where the sheet tells another unit than a person chose."""
    # Nobody would notice later: pounds taken for kilograms are weights that cattle can have.
    header = columns.get("weight", "")
    named, told = unit_of(header), unit_of_titles(table.titles)
    if unit is None or "weight" not in columns or "unit" in columns:
        return []
    if named is not None:
        text = f"The column is named {header}, but {unit} was chosen."
        return [] if named == unit else [RowError(table.header_line, header, text)]
    if told is None or told[0] == unit:
        return []
    text = f"Above the headers the sheet says “{told[1][:80]}”, but {unit} was chosen."
    return [RowError(table.header_line, header, text)]


# -- days ------------------------------------------------------------------------------------------


def reading_of(table: Table, columns: Columns, unit: Unit, now: datetime | None) -> Reading:
    """Return how the sheet writes, by itself; `now` is by the farm's clock."""
    today = now or datetime.now()  # noqa: DTZ005 - compared with a sheet's times, which have no zone
    zone, today = today.tzinfo, today.replace(tzinfo=None)
    orders = _orders(table, columns, latest_year(today))
    utc = any(is_utc(columns.get(name, "")) for name in ("date", "time"))
    return Reading(table.decimal, unit, orders, today, zone, utc)


def _orders(table: Table, columns: Columns, latest: int) -> dict[str, str]:
    told, silent = {}, []
    for name in (one for one in DATED if one in columns):
        if order := order_of(columns[name]):
            told[name] = _surest(date_order(_cells(table, columns, [name]), latest), order)
        else:
            silent.append(name)
    order = date_order(_cells(table, columns, silent), latest)
    return told | dict.fromkeys(silent, order)


def _surest(by_cells: str, by_header: str) -> str:
    # A day beyond twelve is surer than the name of its column; both is no order of a sheet.
    return by_cells or by_header


def _cells(table: Table, columns: Columns, names: Sequence[str]) -> list[str]:
    places = [table.headers.index(columns[name]) for name in names if columns[name]]
    return [row[place] for row in table.rows for place in places]


def unclear_date(table: Table, columns: Columns, latest: int) -> str:
    """Return a date of the sheet that may mean two days, or "" where the sheet tells."""
    known = {name: header for name, header in columns.items() if header in table.headers}
    orders = _orders(table, known, latest)
    silent = [name for name, order in orders.items() if not order]
    return first_unclear(_cells(table, known, silent), latest)


def wrong_order(table: Table, columns: Columns, latest: int) -> list[RowError]:
    text = unclear_date(table, columns, latest)
    if not text:
        return []
    places = [header for name, header in columns.items() if name in DATED]
    header = places[0] if len(places) == 1 else ""
    return [RowError(table.header_line, header, unclear_text(text, latest))]


def days_unused(table: Table, columns: Columns, latest: int) -> list[str]:
    """Return the headers of unused columns that look like days, of weights without any."""
    if "weight" not in columns or "date" in columns or "time" in columns:
        return []
    free = [one for one in table.headers if one not in columns.values()]
    return [one for one in free if _holds_days(table, one, latest)]


def _holds_days(table: Table, header: str, latest: int) -> bool:
    if BIRTH_WORDS & set(words(header)):
        return False
    place = table.headers.index(header)
    cells = [row[place] for row in table.rows[:_LOOKED_AT] if row[place]]
    return bool(cells) and 2 * sum(looks_like_day(one, latest) for one in cells) > len(cells)


def days_of_titles(table: Table, latest: int) -> str:
    """Return the line above the headers in which a day stands, "" for none."""
    return next((text for _, text in table.titles if _has_day(text, latest)), "")


def _has_day(text: str, latest: int) -> bool:
    parts = text.replace(":", " : ").split()
    return any(
        looks_like_day(" ".join(parts[begin : begin + count]), latest)
        for begin in range(len(parts))
        for count in (1, 3)
    )
