"""XLSX workbooks: read as their cells are, and never more of them than a Pi can hold."""

import io
import tracemalloc
import zipfile
from datetime import datetime, time
from typing import Any

import pytest
from openpyxl import Workbook

from herd.sheets import workbook
from herd.sheets.reader import read_table
from herd.sheets.rows import read_weights
from herd.sheets.table import BadSheet
from tests.herd.sheets.files import NOW, at

DAY = datetime(2026, 11, 20)  # noqa: DTZ001 - a workbook's times have no zone


def a_workbook(*rows: list[Any], **sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    first = book.worksheets[0]
    for row in rows:
        first.append(row)
    for name, more in sheets.items():
        made = book.create_sheet(name)
        for row in more:
            made.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_parts(data: bytes, **parts: bytes) -> bytes:
    """The workbook with these parts instead of its own."""
    file = io.BytesIO()
    names = {name.replace("__", "/") + ".xml": text for name, text in parts.items()}
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", 8) as new:
        for one in old.infolist():
            new.writestr(one.filename, names.pop(one.filename, old.read(one)))
        for name, text in names.items():
            new.writestr(name, text)
    return file.getvalue()


def test_the_cells_of_a_workbook_are_read() -> None:
    table = read_table(
        a_workbook(
            ["EID", "VID", "Weight", "Date", "Time", "Cull"],
            [982000001088420, 17, 354.5, DAY, time(10, 15, 30), True],
            [],
            ["LF1", "017", 0.1 + 0.2, DAY.replace(hour=9), None, False],
        )
    )
    assert table.rows == (
        ("982000001088420", "17", "354.5", "2026-11-20", "10:15:30", "true"),
        ("LF1", "017", "0.3", "2026-11-20 09:00:00", "", "false"),
    )
    assert (table.lines, table.encoding, table.header_line) == ((2, 4), "xlsx", 1)


def test_the_weights_of_a_workbook_are_read_below_its_titles() -> None:
    data = a_workbook(["Session 7"], ["EID", "Weight", "Date"], ["LF1", 354.5, DAY])
    table = read_table(data)
    columns = {"tag": "EID", "weight": "Weight", "date": "Date"}
    good, errors = read_weights(table, columns, now=NOW)
    assert ([(str(row.weight_kg), row.at) for row in good], errors) == ([("354.50", at(20))], [])


def test_a_number_that_excel_has_shortened_is_no_tag() -> None:
    table = read_table(a_workbook(["EID", "Weight"], [1000000964155000000000, 300]))
    assert (
        "its last digits are lost"
        in read_weights(table, {"tag": "EID", "weight": "Weight"}, now=NOW)[1][0].text
    )


def test_the_first_worksheet_that_holds_anything_is_read_and_the_others_are_named() -> None:
    table = read_table(a_workbook(Cows=[["EID", "Pen"], ["LF1", "N"]], Bulls=[["EID"], ["LF2"]]))
    assert table.rows == (("LF1", "N"),)
    assert table.remarks == ("Of the workbook, sheet “Cows” was read, and not “Bulls”.",)


@pytest.mark.parametrize("data", [a_workbook(), a_workbook([None, ""])])
def test_a_workbook_without_cells_is_empty(data: bytes) -> None:
    with pytest.raises(BadSheet, match="empty"):
        read_table(data)


def a_sheet(size: str, *rows: int, more: str = "") -> bytes:
    """A workbook that says it had this size, and has a text in column A of these rows."""
    cells = (f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>L{n}</t></is></c></row>' for n in rows)
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    sheet += f'<dimension ref="{size}"/><sheetData>{"".join(cells)}{more}</sheetData></worksheet>'
    return with_parts(a_workbook(["EID"]), xl__worksheets__sheet1=sheet.encode())


def test_a_workbook_is_bounded_by_rows_and_columns() -> None:
    with pytest.raises(BadSheet, match="more than 200 columns"):
        read_table(a_workbook([f"c{number}" for number in range(300)]))
    with pytest.raises(BadSheet, match="more than 80,000 lines"):
        read_table(a_sheet("A1:XFD1048576", 1, 1_000_000))


@pytest.mark.parametrize("size", ["A1", "A1:A2", "A1:A1048576"])
def test_all_rows_are_read_whatever_size_the_file_says_it_has(size: str) -> None:
    assert read_table(a_sheet(size, 1, 2, 3, 5)).rows == (("L2",), ("L3",), ("L5",))


def test_a_format_in_the_last_row_of_a_workbook_is_no_row() -> None:
    last = '<row r="1048576"><c r="A1048576" s="0"/></row>'
    assert read_table(a_sheet("A1:A3", 1, 2, more=last)).rows == (("L2",),)


@pytest.mark.parametrize("row", [2**20 + 1, 2_000_000_000])
def test_a_row_that_no_workbook_has_is_damage(row: int) -> None:
    with pytest.raises(BadSheet, match="damaged"):
        read_table(a_sheet("A1:A3", 1, 2, more=f'<row r="{row}"></row>'))


@pytest.mark.parametrize(
    "parts",
    [
        {"xl__worksheets__sheet1": b"<worksheet>" + b" " * (workbook.MOST_OF_A_SHEET + 1)},
        {"xl__sharedStrings": b"<sst>" + b" " * (workbook.MOST_OF_TEXTS + 1)},
        {"xl__styles": b"<styleSheet>" + b" " * (workbook.MOST_OF_THE_REST + 1)},
    ],
)
def test_a_small_file_that_unpacks_to_much_is_refused_before_it_is_unpacked(
    parts: dict[str, bytes],
) -> None:
    data = with_parts(a_workbook(["EID", "Weight"], ["LF1", 3]), **parts)
    assert len(data) < 200_000
    tracemalloc.start()
    with pytest.raises(BadSheet, match="unpacks to more"):
        read_table(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_entities_and_parts_of_another_type_are_refused() -> None:
    data = a_workbook(["EID", "Weight"], ["LF1", 3])
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'
    with pytest.raises(BadSheet, match="damaged"):
        read_table(with_parts(data, xl__worksheets__sheet1=bomb))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        types = archive.read("[Content_Types].xml")
    texts = types.replace(b"worksheet+xml", b"sharedStrings+xml")
    with pytest.raises(BadSheet, match="damaged"):
        read_table(with_parts(data, **{"[Content_Types]": texts}))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("mimetype", "ODS"),
        ("xl/workbook.bin", "XLSB"),
        ("word/document.xml", "DOCX"),
        ("herd.csv", "ZIP"),
    ],
)
def test_another_packed_file_is_named(name: str, sentence: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "EID,Weight")
    with pytest.raises(BadSheet, match=sentence):
        read_table(file.getvalue())


def test_a_workbook_that_is_cut_off_is_damaged() -> None:
    data = a_workbook(["EID", "Weight"], ["LF1", 3])
    for end in range(30, len(data), 400):
        with pytest.raises(BadSheet):
            read_table(data[:end])


def test_openpyxl_is_not_loaded_before_a_workbook_comes() -> None:
    import subprocess
    import sys

    code = "import sys, herd.sheets.rows; sys.exit('openpyxl' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
