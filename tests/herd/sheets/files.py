"""Small sheets, read as an import reads them."""

from datetime import datetime
from decimal import Decimal

from herd.sheets.cells import RowError
from herd.sheets.columns import guess_columns
from herd.sheets.headers import Unit
from herd.sheets.reader import read_table
from herd.sheets.rows import AnimalRow, WeightRow, read_animals, read_weights

EID = "840003123456789"
NOW = datetime(2026, 11, 23, 12, 0)  # noqa: DTZ001 - a sheet's times have no zone

TRU_TEST = b"""EID,VID,Date,Time,Weight(kg)
982 000001088420,17,20/11/2026,10:15:30,354.5
,18,20/11/2026,10:16:02,361
"""
FARMOS = b"""name,id_tags,ID tag type,animal_type,birthdate,sex,is_castrated,notes
Bessie,840003123456789,eartag,Angus,2025-03-01,F,0,"calm,
likes salt"
"""


def at(day: int, hour: int = 0, minute: int = 0, second: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, second)  # noqa: DTZ001 - as above


def animals(data: bytes, order: str = "") -> tuple[list[AnimalRow], list[RowError]]:
    table = read_table(data)
    return read_animals(table, guess_columns("animals", table.headers), order, now=NOW)


def weights(
    data: bytes, unit: Unit = "kg", order: str = ""
) -> tuple[list[WeightRow], list[RowError]]:
    table = read_table(data)
    return read_weights(table, guess_columns("weights", table.headers), unit, order, now=NOW)


def weight(cell: str, unit: Unit = "kg") -> Decimal | str:
    """What one cell weighs, or what is wrong with it."""
    good, errors = weights(f'EID,Weight\nLF1,"{cell}"\n'.encode(), unit)
    return good[0].weight_kg if good else errors[0].text


def dates(*cells: str, header: str = "EID,Weight,Date", order: str = "") -> list[object]:
    """For each cell the time it means, or the error's sentence."""
    sheet = "\n".join([header, *(f"LF1,800,{cell}" for cell in cells)])
    good, errors = weights(sheet.encode(), order=order)
    found = {row.line: row.at for row in good} | {one.line: one.text for one in errors}
    return [found[line] for line in sorted(found)]
