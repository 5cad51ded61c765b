"""What a file is by its first bytes, and its text where it is one."""

import re
from typing import Final

from herd.sheets.table import BadSheet

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
ZIP: Final = b"PK\x03\x04"
_LOOKED_INTO: Final = 4096  # bytes
_BLANK: Final = b" \t\r\n\xff\xfe"
_LINE = re.compile(r"\r\n|\n|\r")
MOST_NAMED: Final = 20  # damaged lines
SAVE: Final = "Save the sheet as XLSX or CSV and choose that file."
_NO_SHEETS: Final = {
    b"\xd0\xcf\x11\xe0": "This is an Excel file of the old kind (XLS), not a CSV file.",
    b"%PDF": "This is a PDF, not a CSV file.",
    b"{\\rtf": "This is a text document (RTF), not a CSV file.",
    b"\x1f\x8b": "This is a compressed file (GZIP), not a CSV file. Unpack it first.",
    b"Rar!": "This is a compressed file (RAR), not a CSV file. Unpack it first.",
    b"7z\xbc\xaf": "This is a compressed file (7Z), not a CSV file. Unpack it first.",
    b"\x89PNG": "This is a picture, not a CSV file.",
    b"\xff\xd8\xff": "This is a picture, not a CSV file.",
    b"SQLite format 3": "This is a database (SQLite), not a CSV file.",
}
NOT_CSV: Final = f"This is not a CSV file. {SAVE}"


def refuse_other_types(data: bytes) -> None:
    """Raise BadSheet, with its name, for a file that is no sheet whatever it is called."""
    for begin, sentence in _NO_SHEETS.items():
        if data.startswith(begin):
            raise BadSheet(f"{sentence} {SAVE}")
    begin = data[:_LOOKED_INTO].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(_BLANK)
    if begin.startswith(b"<"):
        raise BadSheet(_markup(begin.lower()))
    if begin.startswith((b"{", b"[{")):
        raise BadSheet(f"This is JSON, not a CSV file. {SAVE}")


def _markup(begin: bytes) -> str:
    if b"<?xml" in begin and b"<html" not in begin and b"<table>" not in begin:
        return f"This is an XML file, not a CSV file. Open it in a spreadsheet. {SAVE}"
    # Some herd registers call a web page .xls or .csv: a spreadsheet opens it all the same.
    return f"This is a web page (HTML), not a CSV file. Open it in a spreadsheet. {SAVE}"


def decoded(data: bytes) -> tuple[str, str, list[int]]:
    """Return a file's text, its encoding, and the lines that were blanked because they are
    damaged. Raise BadSheet."""
    if not data.startswith(_UTF_16):
        data = _with_its_mark(data)
    text, encoding = _utf_16(data) if data.startswith(_UTF_16) else _eight_bits(data)
    if "\0" not in text:
        return text, encoding, []
    text, damaged = _without_damaged(text)
    return text, encoding, damaged


def _with_its_mark(data: bytes) -> bytes:
    """Return the bytes of a sheet in UTF-16 with the mark that some programs leave out."""
    begin = data[: _LOOKED_INTO - _LOOKED_INTO % 2]
    for mark, zeros, letters in ((_UTF_16[0], 1, 0), (_UTF_16[1], 0, 1)):
        # Nearly all of a sheet is Latin: one byte of two is zero.
        if 2 * begin[zeros::2].count(0) > len(begin[zeros::2]) and 0 not in begin[letters::2]:
            return mark + data
    return data


def _without_damaged(text: str) -> tuple[str, list[int]]:
    """Blank the lines in which a power cut has left NUL bytes: the others are whole."""
    lines = _LINE.split(text)
    damaged = [number for number, line in enumerate(lines, start=1) if "\0" in line]
    if 2 * len(damaged) >= sum(map(bool, lines)):
        raise BadSheet(NOT_CSV)
    for number in damaged:
        lines[number - 1] = ""
    return "\n".join(lines), damaged


def damage(lines: list[int]) -> str:
    """Return a sentence that names the damaged lines, "" for none."""
    if not lines:
        return ""
    named = ", ".join(map(str, lines[:MOST_NAMED]))
    more = f" and {len(lines) - MOST_NAMED} more" if len(lines) > MOST_NAMED else ""
    what = "Line" if len(lines) == 1 else "Lines"
    return f"{what} {named}{more} left out: damaged by NUL bytes, as a power cut leaves them."


def _utf_16(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-16"), "utf-16"
    except UnicodeDecodeError as error:
        raise BadSheet("The file is damaged: it ends or breaks within a character.") from error


def _eight_bits(data: bytes) -> tuple[str, str]:
    # Windows in Western Europe and America writes cp1252, in which five bytes mean nothing; Latin-1
    # takes any byte, so that a stray one does not refuse the whole sheet.
    for codec, name in (("utf-8-sig", "utf-8"), ("cp1252", "latin-1")):
        try:
            return data.decode(codec), name
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"
