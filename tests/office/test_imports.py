"""Sheets in the office: how they are called and shown, and our own list read back."""

from herd.sheets.columns import FIELDS, guess_columns
from herd.sheets.columns import LABELS as ON_THE_PI
from herd.sheets.reader import read_table
from herd.sheets.rows import read_animals
from remote.office import exports
from remote.office.forms.import_choices import LABELS
from remote.office.forms.importing import understood
from remote.office.link.client import Person
from remote.office.pages import PageRequest
from tests.office.filled import animal, fill, filled


def test_a_field_is_called_the_same_in_the_form_and_in_the_pis_sentences() -> None:
    assert {name: str(label) for name, label in LABELS.items()} == ON_THE_PI
    assert set(LABELS) == {name for names in FIELDS.values() for name in names}


def test_a_weight_is_shown_with_its_month_by_name_its_unit_and_its_animal() -> None:
    row = {
        "line": 2,
        "tag": "LF1",
        "weight_kg": 351.53,
        "at": "2026-03-04T10:15:00+01:00",
        "animal": "A1",
        "what": "recorded",
    }
    shown = understood({"kind": "weights", "understood": [row]}, "lb")
    assert shown is not None
    assert shown.rows == [
        (2, ["A1 (LF1)", "775.0 lb = 351.53 kg", "4 March 2026, 10:15", "recorded"])
    ]


def test_an_animal_is_shown_under_the_columns_that_say_something() -> None:
    row = {
        "line": 2,
        "livestock_id": "A1",
        "induction_date": "2026-04-03",
        "animal": "A1",
        "what": "new",
    }
    shown = understood({"kind": "animals", "fields": FIELDS["animals"], "understood": [row]}, "kg")
    assert shown is not None
    assert shown.headings == ["Animal", "Result", "Livestock id", "Induction date"]
    assert shown.rows == [(2, ["A1", "new", "A1", "3 April 2026"])]


async def test_our_own_list_of_cattle_is_read_back_and_the_dead_stay_dead() -> None:
    dead = animal(
        2,
        status="dead",
        left_on="2026-11-12",
        left_reason="bloat",
        health="-bloated",
        induction_date="2026-11-01",
    )
    with filled() as mirror:
        fill(mirror, {"cattle": [animal(1), dead], "batches": [], "pens": []})
        person = Person("ana", "Ana", "manager")
        answer = exports.answer("cattle", mirror, PageRequest({}, person, "kg"))
        data = b"".join([part async for part in answer])
    table = read_table(data)
    rows, errors = read_animals(table, guess_columns("animals", table.headers))
    assert errors == []
    read = {row.livestock_id: row for row in rows}
    assert (read["A1"].status, read["A1"].batch_number, read["A1"].lf_tag) == (
        "active",
        "LOT1",
        "840003000000001",
    )
    assert (read["A2"].status, str(read["A2"].left_on), read["A2"].left_reason) == (
        "dead",
        "2026-11-12",
        "bloat",
    )
    assert str(read["A2"].induction_date) == "2026-11-01"
