"""Sheets as scales, wands, registers and farms write them, after public manuals and reports."""

from datetime import date
from typing import Any

import pytest
from django.test import override_settings
from rest_framework.exceptions import ValidationError

from herd.sheets.cells import is_sum
from herd.sheets.columns import guess_columns
from remote.api.imports import Asked, Sheet, read_sheet

TRU_TEST = """Numero de archivo;12
Nombre;DESTETE 2026
Fecha;20/10/2026
F01IDE(16)isID;DW2Peso();C01Notas sobre el animal(128)notID;F13Raza()notID;F23Sexo()notID;\
C34Fecha(d/M/yyyy)notID;C35Hora(H:mm:ss)notID
982 000001088420;212,5;cojo;Angus;M;3/10/2026;8:05:12
982 000001088421;198,0;;Angus;H;3/10/2026;8:05:40
"""

# What each says of itself: animal, kilograms, and when, by the farm's clock.
WEIGHTS: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "tru-test, as the device writes it": (
        TRU_TEST,
        [
            ("982000001088420", "212.50", "2026-10-03 08:05:12"),
            ("982000001088421", "198.00", "2026-10-03 08:05:40"),
        ],
    ),
    "tru-test, english, pounds": (
        (
            "File,7\nName,STEERS\nDate,4/3/2026\n"
            "F01EID(16)isID,F11VID(16)isID,DW2Weight(lb)notID,C34Date(M/d/yyyy)notID\n"
            "982000001088420,17,912,4/3/2026\n"
        ),
        [("982000001088420", "413.68", "2026-04-03")],
    ),
    "tru-test, german": (
        (
            "Datei;3\nName;Mast\nF01EID(16)isID;DW2Gewicht(kg)notID;C34Datum(dd.MM.yyyy)notID\n"
            "276000312345678;354,5;03.04.2026\n"
        ),
        [("276000312345678", "354.50", "2026-04-03")],
    ),
    "tru-test, its transfer program": (
        "EID,VID,Date,Time,Weight(kg)\n982 000001088420,17,20/10/2026,10:15:30,354.5\n",
        [("982000001088420", "354.50", "2026-10-20 10:15:30")],
    ),
    "gallagher, a session": (
        (
            "Session Name: STEERS\nDate: 2026-10-20\n\n"
            "Animal Number,Electronic ID,Visual Tag,Weight (kg),Date,Time,Draft,Note\n"
            "1,982 000001088420,17,354.5,2026-10-20,10:15:30,A,\n"
        ),
        [("982000001088420", "354.50", "2026-10-20 10:15:30")],
    ),
    "gallagher, tabs": (
        (
            "EID Tag\tVisual Tag\tLive Weight (kg)\tWeigh Date\tWeigh Time\n"
            "982 000001088420\t17\t354.5\t20 Oct 2026\t10:15 a.m.\n"
        ),
        [("982000001088420", "354.50", "2026-10-20 10:15:00")],
    ),
    "allflex, a stick reader's session with weights": (
        "EID Number;Weight;Date;Time\n982 000001088420;354.5;20-10-2026;10:15:30\n",
        [("982000001088420", "354.50", "2026-10-20 10:15:30")],
    ),
    "datamars, a stock manager's session": (
        (
            '"EID","VID","Lifetime ID","Weight","Date","Time","Condition Score"\n'
            '"982000001088420","17","UK1234567","354.5","2026-10-20","10:15:30","3"\n'
        ),
        [("982000001088420", "354.50", "2026-10-20 10:15:30")],
    ),
    "digi-star, a unit in each row": (
        (
            "EID,Weight,Unit,Lock,Mode,Date,Time\n"
            "982000017383201,890,LB,$,GR,8/27/25,10:15\n982000017383202,404,KG,$,GR,8/28/25,3:41P\n"
        ),
        [
            ("982000017383201", "403.70", "2025-08-27 10:15:00"),
            ("982000017383202", "404.00", "2025-08-28 15:41:00"),
        ],
    ),
    "digi-star, months in letters": (
        "ID,EID,Weight,Units,Date,Time\nFARM 1,982000017383201,890,LB,03JL26,10:37P\n",
        [("982000017383201", "403.70", "2026-07-03 22:37:00")],
    ),
    "digi-star, year of two digits and order in the header": (
        "EID,Weight (lb),Date (mm/dd/yy)\n982000017383201,890,03/04/26\n",
        [("982000017383201", "403.70", "2026-03-04")],
    ),
    "an importer's test, order in the header": (
        "EID,Weight,Date (mm/dd/yyyy)\nLF1,300,03/04/2026\n",
        [("LF1", "300.00", "2026-03-04")],
    ),
    "order in the header, day first": (
        "EID,Weight,Weigh Date [DD-MM-YYYY]\nLF1,300,03-04-2026\n",
        [("LF1", "300.00", "2026-04-03")],
    ),
    "a title that tells the unit": (
        "Ranch: Flying W\nUnits: lb\nEID,Weight,Weigh Date\nLF1,912,2026-07-01\n",
        [("LF1", "413.68", "2026-07-01")],
    ),
    "a title that tells the unit in a cell of its own": (
        "Weight unit;lbs\nEID;Weight;Date\nLF1;912;2026-07-01\n",
        [("LF1", "413.68", "2026-07-01")],
    ),
    "uruguay: a hint of Excel, and Spanish": (
        (
            "sep=;\nCaravana;Peso;Fecha\n858000012345678;354,5;01/07/2026\n858000012345679;361;"
            "15/07/2026\n"
        ),
        [
            ("858000012345678", "354.50", "2026-07-01"),
            ("858000012345679", "361.00", "2026-07-15"),
        ],
    ),
    "spanish, with a format for the date": (
        (
            "IDE;IDV;Peso vivo (kg);Fecha de pesaje (dd/mm/aaaa);Hora\n"
            "858000012345678;17;354,5;03/04/2026;10h15\n"
        ),
        [("858000012345678", "354.50", "2026-04-03 10:15:00")],
    ),
    "german": (
        (
            "Ohrmarke;Lebendgewicht (kg);Wiegedatum;Uhrzeit\n"
            "276000312345678;1.254,5;03.04.2026;10.15\n"
        ),
        [("276000312345678", "1254.50", "2026-04-03 10:15:00")],
    ),
    "german, a month's name": (
        "Ohrmarkennummer;Gewicht;Wägedatum\n276000312345678;354,5;25. Juli 2026\n",
        [("276000312345678", "354.50", "2026-07-25")],
    ),
    "french": (
        (
            "Numéro de boucle;Poids vif (kg);Date de pesée (jj/mm/aaaa)\n"
            "250000012345678;354,5;03/04/2026\n"
        ),
        [("250000012345678", "354.50", "2026-04-03")],
    ),
    "hungarian: the year first, with points": (
        "EID;Weight;Date\nLF1;354,5;2018.04.11\n",
        [("LF1", "354.50", "2018-04-11")],
    ),
    "a month's name": (
        "EID,Weight,Date Weighed\nLF1,354.5,25-Jul-2026\nLF2,300,July 4 2026\nLF3,301,4-Jul-26\n",
        [
            ("LF1", "354.50", "2026-07-25"),
            ("LF2", "300.00", "2026-07-04"),
            ("LF3", "301.00", "2026-07-04"),
        ],
    ),
    "farmOS: RFC 3339 with a zone": (
        (
            "id_tags,weight,timestamp\nLF1,354.5,2023-05-31T08:30:00-04:00\n"
            "LF2,354.5,2023-05-31T12:30:00Z\n"
        ),
        [("LF1", "354.50", "2023-05-31 12:30:00"), ("LF2", "354.50", "2023-05-31 12:30:00")],
    ),
    "vitalcontrol: times with hyphens": (
        "Ohrmarke;Gewicht;Datum;Zeit\n276000312345678;54,5;2026-07-20;10-15-30\n",
        [("276000312345678", "54.50", "2026-07-20 10:15:30")],
    ),
    "quotes behind a comma and a space": (
        'EID, "Weight", "Date"\nLF1, "354.5", "2026-07-01"\nLF2, "1,254.5", "2026-07-01"\n',
        [("LF1", "354.50", "2026-07-01"), ("LF2", "1254.50", "2026-07-01")],
    ),
    "blanks behind quotes": (
        '"EID" ,"Weight" ,"Date"\n"LF1" ,"354.5" ,"2026-07-01"\n',
        [("LF1", "354.50", "2026-07-01")],
    ),
    "an apostrophe of a spreadsheet and a compact date": (
        "RFID,Weight (kg),Date\n'982000001088420,354.5,20260701\n",
        [("982000001088420", "354.50", "2026-07-01")],
    ),
    "a trough scale after a power cut": (
        (
            "EID,Weight,Date,Time\nLF1,354,2026-07-01,10:15\nLF\0\0\0\0\0\0\n\0\0\0\0LF3,,\n"
            "LF4,360,2026-07-01,10:17\nLF5,361,2026-07-01,10:18\n"
        ),
        [
            ("LF1", "354.00", "2026-07-01 10:15:00"),
            ("LF4", "360.00", "2026-07-01 10:17:00"),
            ("LF5", "361.00", "2026-07-01 10:18:00"),
        ],
    ),
    "spanish, numbers of things": (
        "Nro. Caravana;Peso Vivo;Fecha Pesaje\nA1;354;20/04/2026\n",
        [("A1", "354.00", "2026-04-20")],
    ),
    "french, the national number": (
        "N° national;Poids (kg);Date de la pesée\nFR1234;354,5;20/04/2026\n",
        [("FR1234", "354.50", "2026-04-20")],
    ),
    "german, shortened": (
        "Ohrmarken-Nr.;Gewicht in kg;Datum der Wiegung\n276000312345678;354,5;20.04.2026\n",
        [("276000312345678", "354.50", "2026-04-20")],
    ),
    "pipes": ("EID|Weight|Date\nLF1|354.5|2026-07-01\n", [("LF1", "354.50", "2026-07-01")]),
    "birth days beside the day of weighing": (
        "Tag,Birth Date,Birth Weight,Test Date,Test Weight\nLF1,2025-03-01,34,2026-07-01,354\n",
        [("LF1", "354.00", "2026-07-01")],
    ),
}


def read(text: str, kind: Any = "weights", **how: Any) -> Sheet:
    return read_sheet(text.encode(), Asked(kind, how.pop("columns", None), **how))


def told(sheet: Sheet) -> list[tuple[str, str, str]]:
    return [
        (row.tag, str(row.weight_kg), f"{row.at:%Y-%m-%d %H:%M:%S}".removesuffix(" 00:00:00"))
        for row in sheet.weights
        if row.at is not None
    ]


@pytest.fixture(autouse=True)
def farm_in_utc() -> Any:
    with override_settings(TIME_ZONE="UTC"):
        yield


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_sheet_from_the_field_is_read_as_it_is(name: str) -> None:
    text, expected = WEIGHTS[name]
    sheet = read(text, unit="")
    assert [one.text for one in sheet.errors] == []
    assert told(sheet) == expected


REFUSED: dict[str, tuple[bytes, str]] = {
    "a register's web page, called .xls": (
        b"\n<html><body><table><tr><td>Caravana</td></tr></table></body></html>",
        "web page (HTML)",
    ),
    "a table alone": (b"<table border=1><tr><th>EID</th></tr></table>", "web page (HTML)"),
    "excel's XML of 2003": (b'<?xml version="1.0"?><Workbook></Workbook>', "XML file"),
    "excel's old kind": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old kind (XLS)"),
    "a PDF": (b"%PDF-1.4\n%\xe2\xe3", "PDF"),
    "a packed file": (b"\x1f\x8b\x08\x00abc", "GZIP"),
    "JSON": (b'[{"eid": "LF1", "weight": 3}]', "JSON"),
    "a ZIP file": (b"PK\x03\x04\x00\x00", "ZIP"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_another_kind_of_file_is_named(name: str) -> None:
    data, sentence = REFUSED[name]
    with pytest.raises(ValidationError, match=sentence.replace("(", r"\(").replace(")", r"\)")):
        read_sheet(data, Asked("weights", None))


# -- the unit --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Units: lb\nEID,Weight,Date\nLF1,912,2026-07-01\n",
        "All weights are in pounds\nEID,Weight,Date\nLF1,912,2026-07-01\n",
        "EID,Weight (lb),Date\nLF1,912,2026-07-01\n",
        "EID,Weight lbs,Date\nLF1,912,2026-07-01\n",
    ],
)
def test_another_unit_than_that_of_the_sheet_is_refused_and_its_own_is_taken(text: str) -> None:
    (error,) = read(text, unit="kg").errors
    assert "but kg was chosen" in error.text
    for unit in ("lb", ""):
        assert told(read(text, unit=unit)) == [("LF1", "413.68", "2026-07-01")]


def test_a_ranch_called_lb_is_no_unit() -> None:
    assert told(read("LB Ranch, fall works\nEID,Weight,Date\nLF1,354,2026-07-01\n")) == [
        ("LF1", "354.00", "2026-07-01")
    ]


def test_a_word_that_is_no_unit_is_refused_in_its_row() -> None:
    (error,) = read("EID,Weight,Unit,Date\nLF1,56,stone,2026-07-01\n").errors
    assert (error.column, error.line) == ("Unit", 2)
    assert "“stone” is not a unit" in error.text


# -- days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "EID,Weight,Scale run\nLF1,300,2026-07-01\nLF2,310,2026-07-01\n",
        "EID,Weight,Start date,End date\nLF1,300,2026-07-01,2026-07-02\n",
        "EID,Weight,Wiegung am\nLF1,300,1.7.2026 10:15\n",
        "EID,Weight,X\nLF1,300,8/27/25\nLF2,300,\n",
        "Session: 20 Oct 2026\nEID,Weight\nLF1,300\n",
        "File;7\nDate;20/10/2026\nEID;Weight\nLF1;300\n",
    ],
)
def test_what_looks_like_the_day_of_weighing_is_asked_for(text: str) -> None:
    sheet = read(text)
    assert sheet.weights == []
    assert "may say when the animals were weighed" in sheet.errors[0].text
    assert next(row.at for row in read(text, weighed_now=True).weights) is None
    on = read(text, weighed_on=date(2026, 7, 1))
    assert f"{on.weights[0].at:%Y-%m-%d}" == "2026-07-01"


def test_a_day_of_birth_is_not_asked_for() -> None:
    assert read("EID,Weight,Birthdate\nLF1,300,2025-07-01\n").errors == []


@pytest.mark.parametrize(
    ("cell", "when"),
    [
        ("2018.04.11", "2018-04-11"),
        ("25-Jul-2026", "2026-07-25"),
        ("Jul 25, 2026 10:15", "2026-07-25 10:15:00"),
        ("25 de julio de 2026", "2026-07-25"),
        ("25 juillet 2026", "2026-07-25"),
        ("2026-Jul-25", "2026-07-25"),
        ("20260725", "2026-07-25"),
        ("8/27/25", "2025-08-27"),
        ("31.12.25", "2025-12-31"),
        ("2026-07-25T10:15:30.25Z", "2026-07-25 10:15:30"),
        ("2026-07-25 10:15:30 +0200", "2026-07-25 08:15:30"),
        ("2026-07-25 10-15-30", "2026-07-25 10:15:30"),
        ("20260725T101530", "2026-07-25 10:15:30"),
        ("2026-07-25 3:41 p. m.", "2026-07-25 15:41:00"),
    ],
)
def test_a_day_that_has_one_meaning_is_read(cell: str, when: str) -> None:
    sheet = read(f'EID,Weight,Date\nLF1,300,"{cell}"\n')
    assert [one.text for one in sheet.errors] == []
    assert told(sheet) == [("LF1", "300.00", when)]


@pytest.mark.parametrize(
    "cell",
    ["20/11/25", "13/8/25", "03/04/26", "45987", "Q3 2026", "2026-13", "25-Jul", "Julia 25 26 27"],
)
def test_a_day_of_several_meanings_or_none_is_not_guessed(cell: str) -> None:
    assert read(f"EID,Weight,Date\nLF1,300,{cell}\n").weights == []


def test_the_order_that_a_person_chose_reads_years_of_two_digits() -> None:
    text = "EID,Weight,Date\nLF1,300,20/11/25\n"
    assert told(read(text, order="dmy")) == [("LF1", "300.00", "2025-11-20")]
    assert told(read(text, order="ymd")) == [("LF1", "300.00", "2020-11-25")]


def test_a_day_beyond_twelve_is_surer_than_the_header() -> None:
    text = "EID,Weight,Date (mm/dd/yyyy)\nLF1,300,03/04/2026\nLF2,300,20/04/2026\n"
    assert told(read(text)) == [("LF1", "300.00", "2026-04-03"), ("LF2", "300.00", "2026-04-20")]


def test_times_that_a_header_calls_utc_are_put_into_the_farms_zone() -> None:
    text = "EID,Weight,Timestamp (UTC)\nLF1,300,2026-07-01 10:00\nLF2,300,2026-07-01\n"
    with override_settings(TIME_ZONE="America/Denver"):
        at = [row.at for row in read(text).weights]
    assert [f"{one:%d %H:%M}" for one in at if one] == ["01 04:00", "01 00:00"]


# -- the line of the headers -----------------------------------------------------------------------


def test_headers_that_nobody_knows_are_found_by_the_choice_of_columns() -> None:
    text = "Farm: Rio\nlot,7\nBeast,Kilos,Tag\nLF1,300,x\n"
    sheet = read(text, columns={"tag": "Beast", "weight": "Kilos"}, weighed_now=True)
    assert (sheet.table.header_line, [row.tag for row in sheet.weights]) == (3, ["LF1"])


def test_titles_of_one_cell_are_no_headers_in_any_language() -> None:
    assert read("Rio Bravo\n\nBeast;Kilos\nLF1;300,5\nLF2;301,5\n").table.headers == (
        "Beast",
        "Kilos",
    )


def test_a_person_may_say_which_line_names_the_columns() -> None:
    text = "a,b\nFarm,Rio\nBeast,Kilos\nLF1,300\n"
    assert read(text, header_line=3).table.headers == ("Beast", "Kilos")
    assert read(text, header_line=3).table.titles == ((1, "a b"), (2, "Farm Rio"))
    with pytest.raises(ValidationError, match="Line 9 cannot name the columns"):
        read(text, header_line=9)


def test_a_file_without_headers_is_read_by_numbered_columns() -> None:
    text = "982000001088420,354.5,2026-07-01\n982000001088421,361,2026-07-01\n"
    columns = {"tag": "column 1", "weight": "column 2", "date": "column 3"}
    sheet = read(text, header_line=0, columns=columns)
    assert told(sheet) == [
        ("982000001088420", "354.50", "2026-07-01"),
        ("982000001088421", "361.00", "2026-07-01"),
    ]


def test_a_column_may_be_chosen_by_all_that_a_scale_wrote() -> None:
    columns = {"tag": "F01IDE(16)isID", "weight": "DW2Peso()", "date": "C34Fecha(d/M/yyyy)notID"}
    assert len(read(TRU_TEST, columns=columns).weights) == 2


def test_a_line_of_a_power_cut_is_named() -> None:
    (remark,) = read(WEIGHTS["a trough scale after a power cut"][0]).table.remarks
    assert remark.startswith("Lines 3, 4 left out")


# -- animals ---------------------------------------------------------------------------------------


def test_a_scales_columns_of_an_animal_are_known_in_its_language() -> None:
    sheet = read(TRU_TEST, "animals")
    first = sheet.animals[0]
    assert (first.lf_tag, first.breed, first.sex, first.notes) == (
        "982000001088420",
        "Angus",
        "M",
        "cojo",
    )


@pytest.mark.parametrize(
    "row",
    [
        *("Average,355", "Total,710", "Promedio,355", "Summe:,710", "Grand Total,710", "Max,360"),
        *("St.Dev.,12", "No. of animals,2", "2 animals,710", "Nb animaux,2", "Kopfzahl,2"),
        *("Session average,355", "Cabezas: 2,710", "Overall,355", "CV%,5", "Ø,355", "Σ,710"),
    ],
)
def test_a_row_of_sums_never_is_an_animal(row: str) -> None:
    text = f"LID,Weight\nL1,350\nL2,360\n{row}\n"
    for kind in ("weights", "animals"):
        (error,) = read(text, kind, weighed_now=True).errors
        assert (error.line, "is no animal, but a row of sums" in error.text) == (4, True)


def test_of_a_long_cell_the_beginning_tells_whether_it_is_a_sum() -> None:
    assert is_sum("2 animals" + " " * 100 + "\n", is_below=True)


@pytest.mark.parametrize("name", ["Max", "Summer", "Total-7", "Mediana", "Headlight"])
def test_an_animal_with_a_name_like_a_sum_is_one(name: str) -> None:
    text = f"LID,Weight\n{name},350\nL2,360\n"
    assert read(text, "weights", weighed_now=True).errors == []


@pytest.mark.parametrize("name", ["N12", "Summer", "Total-7", "Ranger", "Overhead", "Cow 12", "12"])
def test_the_last_animal_is_one(name: str) -> None:
    text = f"LID,Weight\nL2,360\n{name},350\n"
    assert read(text, "weights", weighed_now=True).errors == []


# -- sheets in Spanish, as a crew names its columns ------------------------------------------------

SPANISH = {
    "weights": (
        ["Arete,Peso,Fecha,Corral,Lote", "982000001088420,354.5,20/10/2026,C4,L-88"],
        {"tag": "Arete", "weight": "Peso", "date": "Fecha"},
    ),
    "animals": (
        [
            "Arete;Lote;Corral;Sexo;Raza;Estado;Fecha de ingreso;Color de arete;Notas;Peso;Fecha",
            "982000001088420;L-88;C4;Vaquilla;Angus;Activo;18/10/2026;Rojo;coja;354,5;20/10/2026",
        ],
        {
            "lf_tag": "Arete",
            "batch_number": "Lote",
            "pen_number": "Corral",
            "sex": "Sexo",
            "breed": "Raza",
            "status": "Estado",
            "induction_date": "Fecha de ingreso",
            "tag_color": "Color de arete",
            "notes": "Notas",
            "weight": "Peso",
            "date": "Fecha",
        },
    ),
    "treatments": (
        [
            "Arete,Producto,Fecha,Dosis,Unidad,Lote,Vía,Motivo",
            "982000001088420,Oxitetraciclina,20/10/2026,42.5,ml,A-7,SC,neumonía",
        ],
        {
            "tag": "Arete",
            "product": "Producto",
            "date": "Fecha",
            "amount": "Dosis",
            "unit": "Unidad",
            "lot_no": "Lote",
            "route": "Vía",
            "reason": "Motivo",
        },
    ),
}


@pytest.mark.parametrize("kind", SPANISH)
def test_a_sheet_in_spanish_is_read_without_a_choice(kind: str) -> None:
    lines, columns = SPANISH[kind]
    sheet = read("\n".join(lines), kind=kind)
    assert (sheet.columns, sheet.errors) == (columns, [])
    assert len(getattr(sheet, kind)) == 1


SPANISH_NAMES = {
    "livestock_id": "Identificación;Id animal;Número de animal;No. de animal;Nombre",
    "lf_tag": "Arete;No. de arete;Número de arete;Arete electrónico;SINIIGA;Arete SINIIGA;Arete LF",
    "uhf_tag": "Arete UHF;EPC",
    "visual_id": "Arete visual;Número visual;Arete de manejo;Arete campaña",
    "tag_color": "Color de arete;Color del arete",
    "sex": "Sexo;Género",
    "breed": "Raza",
    "batch_number": "Lote;No. de lote;Número de lote;Partida",
    "pen_number": "Corral;No. de corral;Número de corral",
    "status": "Estado;Estatus;Situación",
    "induction_date": "Fecha de ingreso;Fecha de entrada;Fecha de llegada;Ingreso",
    "left_on": "Fecha de salida;Fecha de baja;Fecha de muerte;Fecha de venta",
    "left_reason": "Motivo de salida;Motivo de baja;Causa de muerte;Causa de baja",
    "health": "Salud;Sanidad;Estado de salud",
    "notes": "Notas;Observaciones;Comentarios",
}


@pytest.mark.parametrize("field", SPANISH_NAMES)
def test_every_column_of_animals_is_known_in_spanish(field: str) -> None:
    for header in SPANISH_NAMES[field].split(";"):
        assert guess_columns("animals", ["X", header]) == {field: header}, header
