"""An XLSX workbook, cut into cells: bounded, since a small file may unpack to gigabytes."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any, Final

from herd.sheets.file_types import SAVE, ZIP
from herd.sheets.table import MOST_COLUMNS, MOST_ROWS, BadSheet, Record

_MIB: Final = 1024 * 1024
# Unpacked. A sheet of 20,000 rows and ten columns has some 12 MiB, and its texts 2 MiB. A sheet is
# read as a stream; texts, styles and the rest are held whole in memory, at some ten times the size.
MOST_OF_A_SHEET: Final = 64 * _MIB
MOST_OF_TEXTS: Final = 8 * _MIB
MOST_OF_THE_REST: Final = 2 * _MIB
MOST_LINES: Final = 4 * MOST_ROWS  # with blank ones
LAST_LINE: Final = 2**20  # of Excel's; a column that has a format throughout may have its own there
_MOST_PARTS: Final = 1_000
_BEGIN: Final = 1024  # bytes of a part, in which a DOCTYPE would stand
_SHEETS: Final = "xl/worksheets/"
_PICTURES: Final = "xl/media/"
_TEXTS: Final = "xl/sharedStrings.xml"
_EXACT: Final = 10**15  # Excel keeps 15 digits: of a longer number the last ones are lost
_OTHER_ZIPS: Final = (
    ("mimetype", "This is an OpenDocument file (ODS), not a CSV file."),
    ("xl/workbook.bin", "This is a binary Excel file (XLSB), not a CSV file."),
    ("word/document.xml", "This is a text document (DOCX), not a CSV file."),
)
_DAMAGED: Final = "This XLSX file is damaged. Open it in a spreadsheet, and save it again."
_TOO_LARGE: Final = "This XLSX file unpacks to more than a sheet of 20,000 rows needs. Split it."


def is_workbook(data: bytes) -> bool:
    return data.startswith(ZIP)


def records(data: bytes) -> tuple[Iterator[Record], tuple[str, ...]]:
    """Return the rows of the first worksheet that holds any, and a remark on the others. Raise
    BadSheet."""
    _check(data)
    # Here and not above: it is 10 MB of memory, in each process of a Pi, for what few ever import.
    from openpyxl import load_workbook  # noqa: PLC0415 - see above

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = [one for one in book.worksheets if one.sheet_state == "visible"]
        held = [one for one in sheets if next(_rows(one), None)]
    except Exception as error:  # a damaged file raises whatever the parser was about
        raise BadSheet(_DAMAGED) from error
    if not held:
        raise BadSheet("The file is empty.")
    others = ", ".join(f"“{one.title}”" for one in held[1:])
    remark = f"Of the workbook, sheet “{held[0].title}” was read, and not {others}."
    return _rows(held[0]), (remark,) if others else ()


def _rows(sheet: Any) -> Iterator[Record]:  # noqa: ANN401 - openpyxl's, which is not imported yet
    # Never by the size that the file says of itself: it may claim a million columns, and some
    # programs write A1 for any, which lost all rows but the first.
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)
    for line, values in enumerate(_whole(rows), start=1):
        if line > LAST_LINE:  # each line that is not there is counted, up to any number
            raise BadSheet(_DAMAGED)
        if values.count(None) == len(values) or not any(cells := [_text(one) for one in values]):
            continue
        if line > MOST_LINES:
            raise BadSheet(f"The file has more than {MOST_LINES:,} lines. Split it.")
        while not cells[-1]:
            cells.pop()
        yield line, cells


def _whole(rows: Iterator[Any]) -> Iterator[Any]:
    try:
        yield from rows
    except Exception as error:  # a damaged file raises whatever the parser was about
        raise BadSheet(_DAMAGED) from error


def _text(value: object) -> str:
    """Return a cell's text, as a CSV file would have it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number(value)
        case datetime():
            return value.isoformat(" ", "seconds").removesuffix(" 00:00:00")
        case time():
            return value.isoformat("seconds")
        case _:
            return str(value).strip()


def _number(value: float) -> str:
    if abs(value) >= _EXACT:
        return f"{value:E}"  # which nobody takes for a tag: its last digits are lost
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _check(data: bytes) -> None:
    """Raise BadSheet for what is no XLSX workbook, or unpacks to more than a sheet needs."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_type(archive)
            _check_sizes(archive)
            _check_parts(archive)
    except BadSheet:
        raise
    except Exception as error:  # a damaged file raises whatever the unpacking was about
        raise BadSheet(f"This is a damaged ZIP or XLSX file, not a CSV file. {SAVE}") from error


def _check_type(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    for name, sentence in _OTHER_ZIPS:
        if name in names:
            raise BadSheet(f"{sentence} {SAVE}")
    if "xl/workbook.xml" not in names:
        raise BadSheet("This is a compressed file (ZIP), not a CSV file. Unpack it first.")


def _check_sizes(archive: zipfile.ZipFile) -> None:
    # What a ZIP file says of sizes holds: unpacking stops there, whatever the data would give.
    parts = archive.infolist()
    sheets = sum(one.file_size for one in parts if one.filename.startswith(_SHEETS))
    texts = sum(one.file_size for one in parts if one.filename == _TEXTS)
    others = (_SHEETS, _TEXTS, _PICTURES)
    rest = [one.file_size for one in parts if not one.filename.startswith(others)]
    held = [size for size in rest if size > MOST_OF_THE_REST]
    if sheets > MOST_OF_A_SHEET or texts > MOST_OF_TEXTS or held or len(parts) > _MOST_PARTS:
        raise BadSheet(_TOO_LARGE)


def _check_parts(archive: zipfile.ZipFile) -> None:
    # Entities are never in a workbook, and unpack a second time; and what is read whole must not
    # be a part that has the size of a sheet.
    types = archive.read("[Content_Types].xml")
    for part in re.findall(rb"<[^>]*Override\b[^>]*>", types):
        is_large = b"/xl/worksheets/" in part.lower() or b"/xl/media/" in part.lower()
        if is_large and b"worksheet+xml" not in part:
            raise BadSheet(_DAMAGED)
    if b"&" in types:
        raise BadSheet(_DAMAGED)
    for one in archive.infolist():
        with archive.open(one) as part:
            if b"<!DOCTYPE" in part.read(_BEGIN):
                raise BadSheet(_DAMAGED)
