"""Files of any make: their cells and their columns."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd.sheets.cells import RowError
from herd.sheets.columns import FIELDS, REQUIRED, SheetKind, guess_columns, is_header
from herd.sheets.headers import Unit
from herd.sheets.reader import read_table
from herd.sheets.rows import read_animals, read_weights
from herd.sheets.table import MOST_ROWS, BadSheet, Table
from tests.herd.sheets.files import EID, animals, weights

# --- the file ---


def test_a_plain_file_is_cut_into_cells() -> None:
    table = read_table(b"EID, Weight \n LF1 ,354.5\n")
    assert table == Table(("EID", "Weight"), (("LF1", "354.5"),), (2,), "utf-8", ",", ".")


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("EID,Züchter\nLF1,Jürgen\n".encode(), "utf-8"),
        ("EID,Züchter\nLF1,Jürgen\n".encode("utf-8-sig"), "utf-8"),
        ("EID,Züchter\nLF1,Jürgen\n".encode("utf-16"), "utf-16"),
        ("EID,Züchter\nLF1,Jürgen\n".encode("utf-16-le"), "utf-16"),
        ("EID,Züchter\nLF1,Jürgen\n".encode("utf-16-be"), "utf-16"),
        (b"\xfe\xff" + "EID,Züchter\nLF1,Jürgen\n".encode("utf-16-be"), "utf-16"),
        ("EID,Züchter\nLF1,Jürgen\n".encode("latin-1"), "latin-1"),
    ],
)
def test_every_usual_encoding_is_read(data: bytes, encoding: str) -> None:
    table = read_table(data)
    assert table.headers == ("EID", "Züchter")
    assert table.rows == (("LF1", "Jürgen"),)
    assert table.encoding == encoding


def test_what_windows_adds_to_latin_1_is_read() -> None:
    assert read_table(b"EID,Price\nLF1,\x80 5\n").rows == (("LF1", "€ 5"),)


def test_bytes_that_windows_does_not_know_are_read_too() -> None:
    assert read_table(b"EID,Note\nLF1,\x81\xfc\n").rows == (("LF1", "\x81ü"),)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(line_end: str) -> None:
    table = read_table(line_end.join(["EID,Weight", "LF1,300", "LF2,310"]).encode())
    assert table.rows == (("LF1", "300"), ("LF2", "310"))
    assert table.lines == (2, 3)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n ,, \n", "empty"),
        (b"PK\x03\x04\x00\x00", "not a CSV file"),
        ("EID,Weight\nLF1,300\n".encode("utf-32"), "not a CSV file"),
        (b"\xff\xfeE", "damaged"),
        (b"LF1,354.5\nLF2,361\n", "name the columns"),
        (b"982 000001088420,Angus,Steer,North\n", "name the columns"),
        (b'EID,Weight\nLF1,300\n"LF2,310\nLF3,320\n', "Line 3: a quotation mark"),
        (b",".join([b"x"] * 201), "more than 200 columns"),
        (b"EID,Weight\n" + b"LF1,300\n" * (MOST_ROWS + 1), "more than 20,000 rows"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_with_the_reason(data: bytes, sentence: str) -> None:
    with pytest.raises(BadSheet, match=sentence):
        read_table(data)


def test_as_many_rows_as_are_allowed_are_read() -> None:
    assert len(read_table(b"EID,Weight\n" + b"LF1,300\n" * MOST_ROWS).rows) == MOST_ROWS


def test_a_header_alone_is_a_sheet_without_rows() -> None:
    assert read_table(b"EID,Weight\n").rows == ()


def test_empty_and_repeated_headers_get_names_of_their_own() -> None:
    table = read_table(b"EID,Weight,,EID,Weight,EID (2),\nLF1,2,3,4,5,6,7\n")
    assert table.headers == (
        "EID",
        "Weight",
        "column 3",
        "EID (2)",
        "Weight (2)",
        "EID (2) (2)",
        "column 7",
    )


def test_a_header_of_two_lines_becomes_one() -> None:
    assert read_table(b'EID,"Weight\n(kg)"\nLF1,300\n').headers == ("EID", "Weight (kg)")


def test_blank_lines_are_left_out_and_lines_are_counted_as_in_the_file() -> None:
    table = read_table(b'\nEID,Notes\n\nLF1,"one\ntwo"\n,\nLF2,\n')
    assert table.rows == (("LF1", "one\ntwo"), ("LF2", ""))
    assert table.lines == (4, 7)


def test_short_rows_are_filled_and_empty_cells_beyond_the_headers_left_out() -> None:
    assert read_table(b"EID,VID,Pen\nLF1\nLF2,7,N,,\n").rows == (("LF1", "", ""), ("LF2", "7", "N"))


@pytest.mark.parametrize(
    ("data", "delimiter", "first"),
    [
        (b'EID,Notes\nLF1,"calm; old; lame"\n', ",", ("LF1", "calm; old; lame")),
        (b'EID;Notes\nLF1;"calm, old, lame"\n', ";", ("LF1", "calm, old, lame")),
        (b"EID\tNotes\nLF1\tcalm, old; lame\n", "\t", ("LF1", "calm, old; lame")),
        (b"EID;Weight, kg;Pen\nLF1;354,5;N\n", ";", ("LF1", "354,5", "N")),
        (b"EID\nLF1\n", ",", ("LF1",)),
    ],
)
def test_the_delimiter_is_found(data: bytes, delimiter: str, first: tuple[str, ...]) -> None:
    table = read_table(data)
    assert table.delimiter == delimiter
    assert table.rows[0] == first


@pytest.mark.parametrize(
    ("data", "decimal"),
    [
        (b"EID;Weight\nLF1;354,5\nLF2;360\n", ","),
        (b"EID\tWeight\nLF1\t354,5\n", ","),
        (b"EID;Weight\nLF1;1.254,5\n", ","),
        (b"EID;Weight\nLF1;354,500\n", ","),
        (b"EID;Weight\nLF1;354.5\n", "."),
        (b"EID\tWeight\nLF1\t1,254\nLF2\t987\n", "."),
        (b"EID;Weight\nLF1;354\n", "."),
        (b'EID,Weight\nLF1,"354,5"\n', "."),
    ],
)
def test_the_decimal_mark_is_found(data: bytes, decimal: str) -> None:
    assert read_table(data).decimal == decimal


@pytest.mark.parametrize(
    "cell", [f"'{EID}", f'="{EID}"', f'"=""{EID}"""', f" ' {EID} ", f'"\'{EID}"']
)
def test_marks_that_guard_a_tag_from_a_spreadsheet_are_taken_off(cell: str) -> None:
    assert read_table(f"EID,Pen\n{cell},N\n".encode()).rows == ((EID, "N"),)


def test_a_name_in_apostrophes_keeps_them() -> None:
    assert read_table(b"EID,Name\nLF1,'Bella'\n").rows == (("LF1", "'Bella'"),)


# --- columns ---


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        ("EID|VID|LID", {"livestock_id": "LID", "lf_tag": "EID", "visual_id": "VID"}),
        (
            "name|ID tags|ID tag type|animal_type|birthdate|sex|is_castrated|notes",
            {
                "livestock_id": "name",
                "lf_tag": "ID tags",
                "sex": "sex",
                "breed": "animal_type",
                "notes": "notes",
            },
        ),
        (
            "cattle_id|rfid|epc|lot number|PEN",
            {
                "livestock_id": "cattle_id",
                "lf_tag": "rfid",
                "uhf_tag": "epc",
                "batch_number": "lot number",
                "pen_number": "PEN",
            },
        ),
        (
            "Livestock-ID|LF|UHF|Tag Colour|Breed|Lot",
            {
                "livestock_id": "Livestock-ID",
                "lf_tag": "LF",
                "uhf_tag": "UHF",
                "tag_color": "Tag Colour",
                "breed": "Breed",
                "batch_number": "Lot",
            },
        ),
        (
            "lf_tag|uhf_tag|tag color|batch|Visual ID",
            {
                "lf_tag": "lf_tag",
                "uhf_tag": "uhf_tag",
                "tag_color": "tag color",
                "batch_number": "batch",
                "visual_id": "Visual ID",
            },
        ),
        ("EID|EID (2)|Mother", {"lf_tag": "EID"}),
        ("IDEID|IDVID|Archived", {"lf_tag": "IDEID", "visual_id": "IDVID", "status": "Archived"}),
    ],
)
def test_the_columns_of_an_animal_are_guessed(headers: str, columns: dict[str, str]) -> None:
    assert guess_columns("animals", headers.split("|")) == columns


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (
            "LID|VID|EID|Weight(kg)|Date|Time",
            {"tag": "EID", "weight": "Weight(kg)", "date": "Date", "time": "Time"},
        ),
        (
            "LID|Visual ID|Live Weight|Session Date",
            {"tag": "Visual ID", "weight": "Live Weight", "date": "Session Date"},
        ),
        ("Lid|WEIGHT (LB)|date time", {"tag": "Lid", "weight": "WEIGHT (LB)", "date": "date time"}),
        (
            "Electronic ID|weight_kg|recorded_at",
            {"tag": "Electronic ID", "weight": "weight_kg", "date": "recorded_at"},
        ),
        ("IDVID|IDEID|Weight", {"tag": "IDEID", "weight": "Weight"}),
        ("NLIS|BW|Recorded on", {"tag": "NLIS", "weight": "BW", "date": "Recorded on"}),
        ("Puce|Poids|Pesée le", {"tag": "Puce", "weight": "Poids", "date": "Pesée le"}),
        (
            "Chip|Gewicht|Tag der Wägung",
            {"tag": "Chip", "weight": "Gewicht", "date": "Tag der Wägung"},
        ),
        ("Caravana|Peso|Día", {"tag": "Caravana", "weight": "Peso", "date": "Día"}),
        (
            "recorded_at|name|cattle_id|weight_lb",
            {"tag": "name", "weight": "weight_lb", "date": "recorded_at"},
        ),
    ],
)
def test_the_columns_of_a_weight_are_guessed(headers: str, columns: dict[str, str]) -> None:
    assert guess_columns("weights", headers.split("|")) == columns


def test_every_required_field_can_be_chosen() -> None:
    for kind, groups in REQUIRED.items():
        assert {name for group in groups for name in group} <= set(FIELDS[kind])


def test_a_missing_column_is_told_so_that_it_can_be_chosen() -> None:
    assert weights(b"Beast,Kilos\nLF1,300\n") == (
        [],
        [
            RowError(1, "", "Choose a column for “Animal (any tag or id)”."),
            RowError(1, "", "Choose a column for “Weight”."),
        ],
    )
    assert animals(b"Beast,Pen\nLF1,N\n") == (
        [],
        [
            RowError(
                1,
                "",
                "Choose a column for “Livestock id” or “LF tag (EID)” or “UHF tag (EPC)”.",
            )
        ],
    )


def test_a_column_that_is_chosen_twice_is_told() -> None:
    table = read_table(b"EID,Pen\nLF1,N\n")
    good, errors = read_animals(table, {"lf_tag": "EID", "uhf_tag": "EID"})
    assert (good, errors) == ([], [RowError(1, "EID", "This column is chosen more than once.")])


@pytest.mark.parametrize("columns", [{"lf_tag": "Tag"}, {"capacity": "EID"}])
def test_columns_that_are_not_there_are_refused(columns: dict[str, str]) -> None:
    with pytest.raises(BadSheet):
        read_animals(read_table(b"EID,Pen\nLF1,N\n"), columns)


# --- anything at all ---

CELLS = st.sampled_from(
    [
        EID,
        "LF1",
        "9.82E+14",
        "354,5",
        "1.254,5",
        "-" + "9" * 60,
        "0." + "0" * 60 + "1",
        "٣",
        "\x1c",
        "2026-02-30",
        "31/12/9999",
        "0000-00-00",
        "20/11/2026 24:00",
        '"',
        '"a\nb"',
        "'",
        '="1"',
        "",
        "A 111111111111111",
        "urn:epc:tag:sgtin-96:9.9.9.9",
        "\u2028",
        "\ufeff",
    ]
)
HEADERS = st.sampled_from(
    ["EID", "LID", "UHF", "Weight", "Date", "Time", "Notes", "Pen", "", "EID,Weight,Date,Time"]
)


@st.composite
def near_sheets(draw: st.DrawFn) -> bytes:
    delimiter = draw(st.sampled_from(",;\t"))
    header = delimiter.join(draw(st.lists(HEADERS, min_size=1, max_size=6)))
    rows = draw(st.lists(st.lists(CELLS | st.text(max_size=9), max_size=7), max_size=6))
    text = draw(st.sampled_from(["\n", "\r\n", "\r"])).join([header, *map(delimiter.join, rows)])
    codec = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    return text.encode(codec, errors="replace")


def read_all(data: bytes, kind: SheetKind, unit: Unit) -> None:
    """Every row is read or refused, none is lost; BadSheet is the one way out."""
    try:
        table = read_table(data, partial(is_header, kind))
    except BadSheet:
        return
    columns = guess_columns(kind, table.headers)
    good, errors = (
        read_animals(table, columns) if kind == "animals" else read_weights(table, columns, unit)
    )
    lines = {row.line for row in good} | {one.line for one in errors}
    assert set(table.lines) <= lines or table.header_line in {one.line for one in errors}
    assert not {row.line for row in good} & {one.line for one in errors}


@given(
    st.binary(max_size=300), st.sampled_from(["animals", "weights"]), st.sampled_from(["kg", "lb"])
)
def test_no_bytes_whatever_break_the_reader(data: bytes, kind: SheetKind, unit: Unit) -> None:
    read_all(data, kind, unit)


@given(near_sheets(), st.sampled_from(["animals", "weights"]), st.sampled_from(["kg", "lb"]))
def test_nothing_that_looks_like_a_sheet_breaks_the_reader(
    data: bytes, kind: SheetKind, unit: Unit
) -> None:
    read_all(data, kind, unit)
