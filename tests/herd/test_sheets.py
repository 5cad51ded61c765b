from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd.sheet_rows import (
    FIELDS,
    REQUIRED,
    AnimalRow,
    RowError,
    SheetKind,
    Unit,
    WeightRow,
    guess_columns,
    read_animals,
    read_weights,
)
from herd.sheets import MOST_ROWS, BadSheet, Table, read_table

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


def animals(data: bytes) -> tuple[list[AnimalRow], list[RowError]]:
    table = read_table(data)
    return read_animals(table, guess_columns("animals", table.headers))


def weights(data: bytes, unit: Unit = "kg") -> tuple[list[WeightRow], list[RowError]]:
    table = read_table(data)
    return read_weights(table, guess_columns("weights", table.headers), unit, now=NOW)


def weight(cell: str, unit: Unit = "kg") -> Decimal | str:
    """What one cell weighs, or what is wrong with it."""
    good, errors = weights(f'EID,Weight\nLF1,"{cell}"\n'.encode(), unit)
    return good[0].weight_kg if good else errors[0].text


def dates(*cells: str, header: str = "EID,Weight,Date", unit: Unit = "kg") -> list[object]:
    """For each cell the time it means, or the error's sentence."""
    sheet = "\n".join([header, *(f"LF1,800,{cell}" for cell in cells)])
    good, errors = weights(sheet.encode(), unit)
    found = {row.line: row.at for row in good} | {one.line: one.text for one in errors}
    return [found[line] for line in sorted(found)]


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
        (b"PK\x03\x04\x00\x00", "no CSV file"),
        ("EID,Weight\nLF1,300\n".encode("utf-16-le"), "no CSV file"),
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
        "EID", "Weight", "column 3", "EID (2)", "Weight (2)", "EID (2) (2)", "column 7",
    )  # fmt: skip


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
        ("name|ID tags|ID tag type|animal_type|birthdate|sex|is_castrated|notes",
         {"livestock_id": "name", "lf_tag": "ID tags", "sex": "sex", "breed": "animal_type",
          "notes": "notes"}),
        ("cattle_id|rfid|epc|lot number|PEN", {"livestock_id": "cattle_id", "lf_tag": "rfid",
         "uhf_tag": "epc", "batch_number": "lot number", "pen_number": "PEN"}),
        ("Livestock-ID|LF|UHF|Tag Colour|Breed|Lot", {"livestock_id": "Livestock-ID",
         "lf_tag": "LF", "uhf_tag": "UHF", "tag_color": "Tag Colour", "breed": "Breed",
         "batch_number": "Lot"}),
        ("lf_tag|uhf_tag|tag color|batch|Visual ID", {"lf_tag": "lf_tag", "uhf_tag": "uhf_tag",
         "tag_color": "tag color", "batch_number": "batch", "visual_id": "Visual ID"}),
        ("EID|EID (2)|Mother", {"lf_tag": "EID"}),
    ],
)  # fmt: skip
def test_the_columns_of_an_animal_are_guessed(headers: str, columns: dict[str, str]) -> None:
    assert guess_columns("animals", headers.split("|")) == columns


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        ("LID|VID|EID|Weight(kg)|Date|Time",
         {"tag": "EID", "weight": "Weight(kg)", "date": "Date", "time": "Time"}),
        ("LID|Visual ID|Live Weight|Session Date",
         {"tag": "Visual ID", "weight": "Live Weight", "date": "Session Date"}),
        ("Lid|WEIGHT (LB)|date time", {"tag": "Lid", "weight": "WEIGHT (LB)", "date": "date time"}),
        ("Electronic ID|weight_kg|recorded_at",
         {"tag": "Electronic ID", "weight": "weight_kg", "date": "recorded_at"}),
        ("recorded_at|name|cattle_id|weight_lb",
         {"tag": "name", "weight": "weight_lb", "date": "recorded_at"}),
    ],
)  # fmt: skip
def test_the_columns_of_a_weight_are_guessed(headers: str, columns: dict[str, str]) -> None:
    assert guess_columns("weights", headers.split("|")) == columns


def test_every_required_field_can_be_chosen() -> None:
    for kind, groups in REQUIRED.items():
        assert {name for group in groups for name in group} <= set(FIELDS[kind])


def test_a_missing_column_is_told_so_that_it_can_be_chosen() -> None:
    assert weights(b"Beast,Kilos\nLF1,300\n") == (
        [],
        [
            RowError(1, "", "Choose a column for tag."),
            RowError(1, "", "Choose a column for weight."),
        ],
    )
    assert animals(b"Beast,Pen\nLF1,N\n") == (
        [],
        [RowError(1, "", "Choose a column for livestock_id or lf_tag or uhf_tag.")],
    )


def test_a_column_that_is_chosen_twice_is_told() -> None:
    table = read_table(b"EID,Pen\nLF1,N\n")
    good, errors = read_animals(table, {"lf_tag": "EID", "uhf_tag": "EID"})
    assert (good, errors) == ([], [RowError(1, "EID", "This column is chosen more than once.")])


@pytest.mark.parametrize("columns", [{"lf_tag": "Tag"}, {"weight": "EID"}])
def test_columns_that_are_not_there_are_refused(columns: dict[str, str]) -> None:
    with pytest.raises(BadSheet):
        read_animals(read_table(b"EID,Pen\nLF1,N\n"), columns)


# --- animals ---


def test_a_farmos_list_of_animals_is_read() -> None:
    good, errors = animals(FARMOS)
    assert errors == []
    assert good == [
        AnimalRow(2, livestock_id="Bessie", lf_tag=EID, sex="F", breed="Angus",
                  notes="calm,\nlikes salt")
    ]  # fmt: skip


def test_tags_are_stored_in_their_one_form() -> None:
    good, _ = animals(b"lf,uhf\nla 982 000001088420,3074257bf7194e4000001a85\nlf123,\n")
    assert good == [
        AnimalRow(2, lf_tag="982000001088420", uhf_tag="3074257BF7194E4000001A85"),
        AnimalRow(3, lf_tag="LF123"),
    ]


def test_a_tag_that_a_spreadsheet_ate_is_refused_with_the_cure() -> None:
    good, errors = animals(b"EID,Pen\n9.82E+14,N\nLF2,N\n")
    assert [row.lf_tag for row in good] == ["LF2"]
    assert (errors[0].line, errors[0].column) == (2, "EID")
    assert "Format the column as text" in errors[0].text


def test_a_row_that_names_no_animal_is_refused() -> None:
    good, errors = animals(b"EID,VID\n,17\n")
    assert good == []
    assert [(one.line, one.column) for one in errors] == [(2, "")]


@pytest.mark.parametrize("header", ["EID", "UHF", "Livestock ID"])
def test_the_second_of_two_rows_for_one_animal_is_refused(header: str) -> None:
    good, errors = animals(f"{header},Pen\n{EID},N\nLF2,N\n{EID},S\n".encode())
    assert [row.line for row in good] == [2, 3]
    assert errors == [RowError(4, header, f"{EID} stands on line 2 already.")]


def test_two_spellings_of_one_tag_are_one_animal() -> None:
    _, errors = animals(b"EID,Pen\n982000001088420,N\nLA 982 000001088420,S\n")
    assert [one.line for one in errors] == [3]


@pytest.mark.parametrize(
    "header", ["LID", "VID", "Tag Color", "Breed", "Lot", "Pen", "Sex"]
)  # fmt: skip
def test_a_text_that_is_too_long_or_unprintable_is_refused(header: str) -> None:
    for bad in ("x" * 51, "a\x07b", '"a\nb"'):
        _, errors = animals(f"EID,{header}\nLF1,{bad}\n".encode())
        assert [(one.line, one.column) for one in errors] == [(2, header)]


def test_fifty_characters_fit() -> None:
    good, _ = animals(f"EID,Pen\nLF1,{'x' * 50}\n".encode())
    assert good[0].pen_number == "x" * 50


def test_a_hard_space_is_a_space() -> None:
    assert animals("EID,Breed\nLF1,Red\xa0Angus\n".encode())[0][0].breed == "Red Angus"


def test_everything_wrong_with_a_row_is_told_at_once() -> None:
    _, errors = animals(f"EID,Pen,Lot\n9.82E+14,{'x' * 51},\x07\n".encode())
    assert [one.column for one in errors] == ["EID", "Lot", "Pen"]


def test_a_row_with_more_cells_than_headers_is_refused() -> None:
    good, errors = weights(b"EID,Weight\nLF1,354,5\nLF2,360\n")
    assert [row.tag for row in good] == ["LF2"]
    assert [(one.line, one.column) for one in errors] == [(2, "")]


# --- weights ---


def test_a_session_of_a_scale_is_read() -> None:
    good, errors = weights(TRU_TEST)
    assert good == [WeightRow(2, "982000001088420", Decimal("354.50"), at(20, 10, 15, 30))]
    assert errors == [RowError(3, "EID", "The row names no animal.")]


def test_semicolons_and_decimal_commas_are_read() -> None:
    good, errors = weights(
        "Züchter;EID;Weight\nJürgen;LF1;1.254,5\n;LF2;354,25\n".encode("latin-1")
    )
    assert errors == []
    assert [row.weight_kg for row in good] == [Decimal("1254.50"), Decimal("354.25")]


def test_a_tag_gets_its_one_form_and_a_farms_own_name_is_left_as_it_is() -> None:
    good, _ = weights(b"Tag,Weight\nLA 982 000001088420,300\nsteer-7,310\n")
    assert [row.tag for row in good] == ["982000001088420", "steer-7"]


@pytest.mark.parametrize(
    ("cell", "kg"),
    [
        ("354.5", "354.50"), ("354", "354.00"), ("1,254.5", "1254.50"), ("354.505", "354.51"),
        ("2000", "2000.00"), ("0.01", "0.01"),
    ],
)  # fmt: skip
def test_a_weight_is_read_to_ten_grams(cell: str, kg: str) -> None:
    assert str(weight(cell)) == kg


@pytest.mark.parametrize(
    ("cell", "kg"), [("1000", "453.59"), ("1,254.5", "569.03"), ("4409", "1999.89")]
)
def test_pounds_become_kilograms(cell: str, kg: str) -> None:
    assert str(weight(cell, "lb")) == kg


@pytest.mark.parametrize("cell", ["0", "0.00", "-5", "2000.01", "99999", "-" + "9" * 99, "0.0001"])
def test_a_weight_that_no_animal_has_is_refused(cell: str) -> None:
    assert weight(cell) == "A weight is more than 0 and at most 2000 kg."


@pytest.mark.parametrize(
    "cell", ["NaN", "inf", "3.5E2", "٣٥٤", "354,5", "3,54", "1.254.5", "354 kg", "+3", "."]
)
def test_what_is_no_number_is_no_weight(cell: str) -> None:
    assert str(weight(cell)).startswith(f'"{cell}" is no number')


def test_a_missing_weight_is_told() -> None:
    assert weight("") == "The weight is missing."


@pytest.mark.parametrize(
    ("header", "unit", "agrees"),
    [
        ("Weight(kg)", "kg", True), ("Weight(kg)", "lb", False), ("weight_lb", "lb", True),
        ("Weight (lbs)", "kg", False), ("Weight", "lb", True), ("Weight", "kg", True),
    ],
)  # fmt: skip
def test_a_unit_that_is_not_the_headers_is_refused(
    header: str, unit: Unit, *, agrees: bool
) -> None:
    table = read_table(f"EID,{header}\nLF1,700\n".encode())
    good, errors = read_weights(table, {"tag": "EID", "weight": header}, unit, now=NOW)
    assert bool(good) == agrees
    assert [one.column for one in errors] == ([] if agrees else [header])


# --- dates ---


def test_a_sheet_without_dates_has_no_times() -> None:
    assert [row.at for row in weights(b"EID,Weight\nLF1,300\n")[0]] == [None]


@pytest.mark.parametrize(
    ("cell", "when"),
    [
        ("2026-11-20", at(20)), ("2026-11-20T10:15", at(20, 10, 15)),
        ("2026-11-20 10:15:30", at(20, 10, 15, 30)), ("2026/11/20", at(20)),
        ("20/11/2026", at(20)), ("11/20/2026", at(20)), ("20.11.2026", at(20)),
        ("3.11.2026 7:05", at(3, 7, 5)), ("11/20/2026 1:15 PM", at(20, 13, 15)),
        ("2026-11-20 12:05 am", at(20, 0, 5)), ("2026-11-20 10:15:30.250", at(20, 10, 15, 30)),
    ],
)  # fmt: skip
def test_a_date_is_understood(cell: str, when: datetime) -> None:
    assert dates(cell) == [when]


def test_one_day_beyond_twelve_decides_for_the_whole_column() -> None:
    assert dates("03/04/2026", "20/04/2026") == [at(3, month=4), at(20, month=4)]
    assert dates("03/04/2026", "03/20/2026") == [at(4, month=3), at(20, month=3)]


def test_an_undecided_column_begins_with_the_day_except_in_an_american_sheet() -> None:
    assert dates("03/04/2026") == [at(3, month=4)]
    assert dates("03/04/2026", unit="lb") == [at(4, month=3)]
    semicolons = b"EID;Weight;Date\nLF1;800;03/04/2026\n"
    assert weights(semicolons, "lb")[0][0].at == at(3, month=4)


def test_dots_begin_with_the_day_even_in_an_american_sheet() -> None:
    assert dates("03.04.2026", unit="lb") == [at(3, month=4)]


def test_a_column_with_both_orders_is_read_only_where_a_date_is_plain() -> None:
    plain_day, plain_month, either, unclear = dates(
        "20/04/2026", "04/20/2026", "05/05/2026", "03/04/2026"
    )
    assert [plain_day, plain_month, either] == [at(20, month=4), at(20, month=4), at(5, month=5)]
    assert "days first and months first" in str(unclear)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("2026-11-25", "lies in the future"), ("2026-11-24 12:01", "lies in the future"),
        ("1989-12-31", "lies before 1990"), ("0001-01-01", "lies before 1990"),
        ("2026-02-30", "not in the calendar"), ("45/45/2026", "not in the calendar"),
        ("yesterday", "is no date"), ("20/11/26", "is no date"), ("20/11.2026", "is no date"),
        ("٢٠/٤٢/٢٠٢٦", "is no date"), ("2026-11-20T10:15Z", "is no time"),
        ("2026-11-20 25:00", "is no time"), ("2026-11-20 13:15 AM", "is no time"),
        ("", "date is missing"),
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_is_refused(cell: str, sentence: str) -> None:
    assert sentence in str(dates(cell)[0])


def test_less_than_a_day_ahead_is_a_clock_that_is_wrong_and_is_read() -> None:
    assert dates("2026-11-24 12:00") == [at(24, 12)]


def test_the_times_own_column_wins_over_the_midnight_of_a_date() -> None:
    header = "EID,Weight,Date,Time"
    assert dates("2026-11-20 00:00:00,10:15", "2026-11-20,", header=header) == [
        at(20, 10, 15),
        at(20),
    ]


def test_a_midnight_in_the_times_own_column_wins_too() -> None:
    assert dates("2026-11-20 10:15,0:00", header="EID,Weight,Date,Time") == [at(20)]


def test_a_bad_time_is_told_under_its_own_header() -> None:
    _, errors = weights(b"EID,Weight,Date,Time\nLF1,300,2026-11-20,noon\n")
    assert errors == [RowError(2, "Time", '"noon" is no time: write it as 10:15.')]


def test_a_time_without_a_day_is_refused() -> None:
    assert "is no date" in str(dates("10:15", header="EID,Weight,Time")[0])
    assert dates("2026-11-20 10:15", header="EID,Weight,Time") == [at(20, 10, 15)]


def test_without_a_clock_given_the_present_one_is_used() -> None:
    table = read_table(b"EID,Weight,Date\nLF1,300,2020-01-01\nLF2,300,9999-12-31\n")
    good, errors = read_weights(table, {"tag": "EID", "weight": "Weight", "date": "Date"})
    assert [row.line for row in good] == [2]
    assert [one.line for one in errors] == [3]


# --- anything at all ---

CELLS = st.sampled_from([
    EID, "LF1", "9.82E+14", "354,5", "1.254,5", "-" + "9" * 60, "0." + "0" * 60 + "1", "٣", "\x1c",
    "2026-02-30", "31/12/9999", "0000-00-00", "20/11/2026 24:00", '"', '"a\nb"', "'", '="1"', "",
    "A 111111111111111", "urn:epc:tag:sgtin-96:9.9.9.9", "\u2028", "\ufeff",
])  # fmt: skip
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
        table = read_table(data)
    except BadSheet:
        return
    columns = guess_columns(kind, table.headers)
    good, errors = (
        read_animals(table, columns) if kind == "animals" else read_weights(table, columns, unit)
    )
    lines = {row.line for row in good} | {one.line for one in errors}
    assert set(table.lines) <= lines or 1 in {one.line for one in errors}
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
