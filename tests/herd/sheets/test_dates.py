"""Dates as people write them."""

from datetime import datetime

import pytest

from herd.sheets.cells import RowError
from herd.sheets.dates import day, split_moment
from herd.sheets.reader import read_table
from herd.sheets.rows import read_weights
from herd.sheets.table import BadCell
from tests.herd.sheets.files import animals, at, dates, weights

# --- dates ---


def test_a_sheet_without_dates_has_no_times() -> None:
    assert [row.at for row in weights(b"EID,Weight\nLF1,300\n")[0]] == [None]


@pytest.mark.parametrize(
    ("cell", "when"),
    [
        ("2026-11-20", at(20)),
        ("2026-11-20T10:15", at(20, 10, 15)),
        ("2026-11-20 10:15:30", at(20, 10, 15, 30)),
        ("2026/11/20", at(20)),
        ("20/11/2026", at(20)),
        ("11/20/2026", at(20)),
        ("20.11.2026", at(20)),
        ("3.11.2026 7:05", at(3, 7, 5)),
        ("11/20/2026 1:15 PM", at(20, 13, 15)),
        ("2026-11-20 12:05 am", at(20, 0, 5)),
        ("2026-11-20 10:15:30.250", at(20, 10, 15, 30)),
    ],
)
def test_a_date_is_understood(cell: str, when: datetime) -> None:
    assert dates(cell) == [when]


def test_one_day_beyond_twelve_decides_for_the_whole_column() -> None:
    assert dates("03/04/2026", "20/04/2026") == [at(3, month=4), at(20, month=4)]
    assert dates("03/04/2026", "03/20/2026") == [at(4, month=3), at(20, month=3)]


def test_a_column_in_which_nothing_decides_is_not_guessed_but_asked() -> None:
    sheet = b"EID,Weight (lb),Date\nLF1,800,05/05/2026\nLF2,800,03/04/2026\nLF3,800,\n"
    good, errors = weights(sheet, "lb")
    assert good == []
    assert [(one.line, one.column) for one in errors] == [(1, "Date")]
    assert "03/04/2026 is 3 April or 4 March 2026" in errors[0].text


def test_the_order_that_was_chosen_counts_where_nothing_decides() -> None:
    assert dates("03/04/2026", order="dmy") == [at(3, month=4)]
    assert dates("03/04/2026", order="mdy") == [at(4, month=3)]
    assert dates("03/04/2026", "20/04/2026", order="mdy") == [at(3, month=4), at(20, month=4)]


def test_a_day_that_is_the_same_either_way_asks_nothing() -> None:
    assert dates("05/05/2026") == [at(5, month=5)]


def test_dots_begin_with_the_day_whatever_was_chosen() -> None:
    assert dates("03.04.2026", order="mdy") == [at(3, month=4)]


def test_the_dates_of_animals_are_read_alike() -> None:
    sheet = b"EID,Induction date,Left on,Status\nLF1,03/04/2026,20/04/2026,sold\nLF2,,,\n"
    sold, empty = animals(sheet)[0]
    assert (str(sold.induction_date), str(sold.left_on)) == ("2026-04-03", "2026-04-20")
    assert (empty.induction_date, empty.left_on, empty.status) == (None, None, "")


def test_a_column_with_both_orders_is_read_only_where_a_date_is_plain() -> None:
    plain_day, plain_month, either, unclear = dates(
        "20/04/2026", "04/20/2026", "05/05/2026", "03/04/2026"
    )
    assert [plain_day, plain_month, either] == [at(20, month=4), at(20, month=4), at(5, month=5)]
    assert "days first and months first" in str(unclear)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("2026-11-25", "is in the future"),
        ("2026-11-24 12:01", "is in the future"),
        ("1989-12-31", "is before 1990"),
        ("0001-01-01", "is before 1990"),
        ("2026-02-30", "not in the calendar"),
        ("45/45/2026", "not in the calendar"),
        ("yesterday", "is not a date"),
        ("20/11/26", "is not a date"),
        ("20/11.2026", "is not a date"),
        ("٢٠/٤٢/٢٠٢٦", "is not a date"),
        ("2026-11-20T10:15+", "is not a time"),
        ("2026-11-20 25:00", "is not a time"),
        ("2026-11-20 13:15 AM", "is not a time"),
        ("", "date is missing"),
    ],
)
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
    assert errors == [RowError(2, "Time", '"noon" is not a time: write it as 10:15.')]


def test_a_time_without_a_day_is_refused() -> None:
    assert "is not a date" in str(dates("10:15", header="EID,Weight,Time")[0])
    assert dates("2026-11-20 10:15", header="EID,Weight,Time") == [at(20, 10, 15)]


def test_without_a_clock_given_the_present_one_is_used() -> None:
    table = read_table(b"EID,Weight,Date\nLF1,300,2020-01-01\nLF2,300,9999-12-31\n")
    good, errors = read_weights(table, {"tag": "EID", "weight": "Weight", "date": "Date"})
    assert [row.line for row in good] == [2]
    assert [one.line for one in errors] == [3]


@pytest.mark.parametrize(
    "cell",
    ["1" * 60_000, "1-" * 30_000, "1" + " " * 60_000 + "x", "2026-11-20" + " " * 60_000 + "\n1"],
)
def test_a_cell_of_a_page_is_no_date_and_said_so_at_once(cell: str) -> None:
    with pytest.raises(BadCell, match="is not a date"):
        day(split_moment(cell)[0], "", 2026)


@pytest.mark.parametrize(
    "cell", ["1/23456 10:00", "12/3456, 10:00", "123456 10:00", "1.2.2026T10:00"]
)
def test_the_numbers_of_a_day_are_parted_from_its_time(cell: str) -> None:
    assert split_moment(cell) == (cell[:-6].rstrip(","), "10:00")
