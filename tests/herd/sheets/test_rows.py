"""Rows of sheets: animals, weights, and what is wrong with them."""

from decimal import Decimal

import pytest

from herd.sheets.cells import RowError
from herd.sheets.headers import Unit
from herd.sheets.reader import read_table
from herd.sheets.rows import AnimalRow, WeightRow, read_weights
from tests.herd.sheets.files import EID, FARMOS, NOW, TRU_TEST, animals, at, weight, weights

# --- animals ---


def test_a_farmos_list_of_animals_is_read() -> None:
    good, errors = animals(FARMOS)
    assert errors == []
    assert good == [
        AnimalRow(
            2, livestock_id="Bessie", lf_tag=EID, sex="F", breed="Angus", notes="calm,\nlikes salt"
        )
    ]


@pytest.mark.parametrize("cells", ["status\nL1,archived", "archived\nL1,1", "archived\nL1,Yes"])
def test_an_archived_animal_is_not_taken_for_one_on_feed(cells: str) -> None:
    good, errors = animals(f"name,{cells}\n".encode())
    assert good == []
    assert "may be exported, dead or sold" in errors[0].text


def test_a_status_is_one_of_ours() -> None:
    good, errors = animals(b"name,status\nL1,Sold\nL2,\nL3,lost\n")
    assert [row.status for row in good] == ["sold", ""]
    assert [(one.line, one.column) for one in errors] == [(4, "status")]
    assert animals(b"name,archived\nL1,0\n")[0][0].status == "active"


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("Muerta", "dead"),
        ("VENDIDOS", "sold"),
        ("activo", "active"),
        ("pendiente", "pending"),
        ("embarcado", "exported"),
        ("verkauft", "sold"),
        ("mort", "dead"),
    ],
)
def test_a_status_is_understood_in_the_language_of_the_sheet(cell: str, status: str) -> None:
    good, errors = animals(f"arete,estado\n{EID},{cell}\n".encode())
    assert ([row.status for row in good], errors) == ([status], [])


def test_an_archived_animal_is_none_on_feed_in_spanish_either() -> None:
    good, errors = animals("arete,archived\nL1,Sí\nL2,Archivado\nL3,no\n".encode())
    assert ([row.status for row in good], len(errors)) == (["active"], 2)


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
    assert errors == [RowError(4, header, f"{EID} is already on line 2.")]


def test_two_spellings_of_one_tag_are_one_animal() -> None:
    _, errors = animals(b"EID,Pen\n982000001088420,N\nLA 982 000001088420,S\n")
    assert [one.line for one in errors] == [3]


@pytest.mark.parametrize("header", ["LID", "VID", "Tag Color", "Breed", "Lot", "Pen", "Sex"])
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
        ("354.5", "354.50"),
        ("354", "354.00"),
        ("1,254.5", "1254.50"),
        ("354.505", "354.51"),
        ("2000", "2000.00"),
        ("0.01", "0.01"),
    ],
)
def test_a_weight_is_read_to_ten_grams(cell: str, kg: str) -> None:
    assert str(weight(cell)) == kg


@pytest.mark.parametrize(
    ("cell", "kg"), [("1000", "453.59"), ("1,254.5", "569.03"), ("4409", "1999.89")]
)
def test_pounds_become_kilograms(cell: str, kg: str) -> None:
    assert str(weight(cell, "lb")) == kg


@pytest.mark.parametrize("cell", ["0", "0.00", "-5", "5000.01", "99999", "-" + "9" * 99, "0.0001"])
def test_a_weight_that_no_animal_has_is_refused(cell: str) -> None:
    assert weight(cell) == "A weight is more than 0 and at most 5000 kg."


@pytest.mark.parametrize(
    "cell", ["NaN", "inf", "3.5E2", "٣٥٤", "354,5", "3,54", "1.254.5", "354 kg", "+3", "."]
)
def test_what_is_no_number_is_no_weight(cell: str) -> None:
    assert str(weight(cell)).startswith(f'"{cell}" is not a number')


def test_a_missing_weight_is_told() -> None:
    assert weight("") == "The weight is missing."


@pytest.mark.parametrize(
    ("header", "unit", "agrees"),
    [
        ("Weight(kg)", "kg", True),
        ("Weight(kg)", "lb", False),
        ("weight_lb", "lb", True),
        ("Weight (lbs)", "kg", False),
        ("Weight", "lb", True),
        ("Weight", "kg", True),
    ],
)
def test_a_unit_that_is_not_the_headers_is_refused(
    header: str, unit: Unit, *, agrees: bool
) -> None:
    table = read_table(f"EID,{header}\nLF1,700\n".encode())
    good, errors = read_weights(table, {"tag": "EID", "weight": header}, unit, now=NOW)
    assert bool(good) == agrees
    assert [one.column for one in errors] == ([] if agrees else [header])


@pytest.mark.parametrize("header", ["Scale", "Device", "Reader name", "Waage", "Báscula"])
def test_a_weight_knows_the_scale_that_its_row_names(header: str) -> None:
    good, errors = weights(f"EID,Weight,{header}\nLF1,700,gate 2\nLF2,600,\n".encode())
    assert not errors
    assert [one.scale for one in good] == ["gate 2", ""]
