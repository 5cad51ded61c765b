"""Sheets over REST: looked at, applied whole or not at all, and taken back without losing
anything that was done since."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from herd.models import (
    Animal,
    Batch,
    JournalEntry,
    Movement,
    Pen,
    ReversibleChange,
    TagPairing,
    WeightRecord,
)
from herd.operations import sheet_import
from lora.worker import Worker
from tests.remote.api.rows import AT, ROOT, a_payload, a_pen, an_animal
from tests.remote.api.test_changes import sent

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


def an_import(kind: str, text: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "data": base64.b64encode(text.encode()).decode(), **more}


ANIMALS = "EID;VID;lot;pen\n840 003 123456789;17;LOT7;P7\n840003123456790;18;LOT7;P7\n"


def test_a_sheet_of_animals_is_looked_at_applied_and_taken_back(api: APIClient) -> None:
    body = an_import("animals", ANIMALS)
    looked = sent(api, "post", "imports?preview=1", body).json()
    assert (looked["created"], looked["errors"], looked["columns"]["lf_tag"]) == (2, [], "EID")
    assert not Animal.objects.exists()
    done = sent(api, "post", "imports", body)
    assert (done.status_code, Batch.objects.get().head_count) == (201, 2)
    again = sent(api, "post", "imports", body).json()
    assert (again["created"], again["known"]) == (0, 2)
    sent(api, "post", f"changes/{done.json()['change_id']}/undo", {})
    assert not Animal.objects.exists()
    assert JournalEntry.objects.filter(kind="cattle:deleted").count() == 2


def test_a_sheet_of_weights_is_recorded_once_and_taken_back(api: APIClient, animal: Animal) -> None:
    text = "LID,Weight,Date\nL1,340.5,2026-03-01\nL1,355.5,2026-03-11\n"
    done = sent(api, "post", "imports", an_import("weights", text)).json()
    assert (done["recorded"], done["known"]) == (2, 0)
    assert sent(api, "post", "imports", an_import("weights", text)).json()["known"] == 2
    animal.refresh_from_db()
    assert animal.adg_kg == pytest.approx(1.5)
    sent(api, "post", f"changes/{done['change_id']}/undo", {})
    assert set(WeightRecord.objects.values_list("quality", flat=True)) == {"void"}


@pytest.mark.usefixtures("animal")
def test_a_weight_of_the_hour_that_comes_twice_in_a_year_is_recorded_once(api: APIClient) -> None:
    body = an_import("weights", "LID,Weight,Date\nL1,340.5,2025-11-02 01:30\n")
    with override_settings(TIME_ZONE="America/Denver"):
        assert sent(api, "post", "imports", body).json()["recorded"] == 1
        assert sent(api, "post", "imports", body).json()["known"] == 1


def test_one_bad_row_and_nothing_is_taken(api: APIClient, animal: Animal) -> None:
    text = "LID,Weight,Date\nL1,340.5,2026-03-01\nL77,355,2026-03-11\nL1,abc,2026-03-12\n"
    answer = sent(api, "post", "imports", an_import("weights", text))
    assert (answer.status_code, answer.json()["code"]) == (422, "rows_refused")
    assert [one["line"] for one in answer.json()["errors"]] == [4]
    text = text.replace("abc", "356")
    answer = sent(api, "post", "imports", an_import("weights", text))
    (error,) = answer.json()["errors"]
    assert (error["line"], error["text"]) == (3, "No animal is known as L77.")
    assert not WeightRecord.objects.exists()
    assert not ReversibleChange.objects.exists()


def test_an_imported_animal_that_was_read_since_stays(api: APIClient) -> None:
    done = sent(api, "post", "imports", an_import("animals", ANIMALS)).json()
    a_payload("hxb:LOT7:840003123456789:")
    Worker().step()
    answer = sent(api, "post", f"operations/{done['change_id']}/undo", {})
    assert answer.status_code == 200
    (stays,) = answer.json()["remainder"]
    assert "was read, weighed, moved or given a tag since this import" in stays["why"]
    assert Animal.objects.get().pk == stays["cattle_id"]


def imported(api: APIClient, kind: str, text: str, **more: Any) -> Any:
    return sent(api, "post", "imports", an_import(kind, text, **more)).json()


def told(answer: Any) -> list[tuple[int, str]]:
    return [(one["line"], one["text"]) for one in answer["errors"]]


# -- taken back ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("patch", "", {"health": "lame"}),
        ("patch", "", {"notes": "limps"}),
        ("post", "/move", {"pen_id": None}),
        ("post", "/tags", {"uhf_tag": "U77"}),
        ("post", "/weights", {"weight_kg": 350}),
        ("post", "/status", {"status": "sold", "reason": "lot 4"}),
    ],
)
def test_an_imported_animal_on_which_somebody_worked_stays(
    api: APIClient, method: str, path: str, body: dict[str, Any]
) -> None:
    done = imported(api, "animals", ANIMALS)
    pk = Animal.objects.get(visual_id="17").pk
    assert sent(api, method, f"cattle/{pk}{path}", body).status_code < 300
    answer = sent(api, "post", f"operations/{done['change_id']}/undo", {})
    assert answer.status_code == 200
    (stays,) = answer.json()["remainder"]
    assert stays["cattle_id"] == pk
    assert "since this import" in stays["why"]
    assert Animal.objects.get().pk == pk


def test_what_an_import_founded_goes_with_it_unless_somebody_uses_it(api: APIClient) -> None:
    text = "EID,lot,pen\nLF71,LOT71,P71\nLF72,LOT72,P72\nLF73,LOT73,P73\n"
    done = imported(api, "animals", text)
    noted = Batch.objects.get(batch_number="LOT72")
    sent(api, "patch", f"batches/{noted.pk}", {"notes": "bought at Rio"})
    sent(api, "patch", f"pens/{Pen.objects.get(pen_number='P72').pk}", {"capacity": 8})
    a_payload("hxb:LOT73:LF99:")
    Worker().step()
    assert sent(api, "post", f"changes/{done['change_id']}/undo", {}).status_code == 200
    assert set(Batch.objects.values_list("batch_number", flat=True)) == {"LOT72", "LOT73"}
    assert set(Pen.objects.values_list("pen_number", flat=True)) == {"P72"}
    assert JournalEntry.objects.filter(kind="batch:deleted").count() == 1
    assert JournalEntry.objects.filter(kind="pen:deleted").count() == 2


def test_what_an_import_changed_is_as_before_and_its_history_shows_both(
    api: APIClient, animal: Animal
) -> None:
    done = imported(api, "animals", "LID,EID,pen,status,left_on\nL1,LF2,P9,sold,2026-03-02\n")
    animal.refresh_from_db()
    assert (animal.lf_tag, animal.status, str(animal.left_on)) == ("LF2", "sold", "2026-03-02")
    assert sent(api, "post", f"changes/{done['change_id']}/undo", {}).status_code == 200
    animal.refresh_from_db()
    assert (animal.lf_tag, str(animal.pen), animal.status, animal.left_on) == (
        "LF1",
        "P1",
        "active",
        None,
    )
    assert list(TagPairing.objects.filter(to_at=None).values_list("tag", flat=True)) == ["LF1"]
    assert [str(move) for move in Movement.objects.all()] == ["P9 → P1", "P1 → P9"]
    assert Pen.objects.get().head_count == 1


# -- places and sightings -----------------------------------------------------------------------


def test_a_sheet_brings_no_animal_into_a_full_pen(api: APIClient, animal: Animal) -> None:
    an_animal(livestock_id="L2")
    answer = imported(api, "animals", "LID,pen\nL1,P1\nL2,P1\nL3,P1\n")
    full = "Pen P1 holds 1 of 1 head, and 1 more would be 1 too many."
    assert told(answer) == [(3, full), (4, full)]
    assert not ReversibleChange.objects.exists()


def test_a_dead_animal_of_a_full_pen_comes_back_by_no_sheet(api: APIClient, animal: Animal) -> None:
    an_animal(livestock_id="L2", status="dead", pen=animal.pen)
    (error,) = told(imported(api, "animals", "LID,status\nL2,active\n"))
    assert "holds 1 of 1 head" in error[1]


def test_a_pen_that_rows_far_above_have_filled_is_full(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The animal of the last row was loaded with its pen before those rows were written."""
    monkeypatch.setattr(sheet_import, "CHECKED_AT_ONCE", 2)
    sold = {"status": "sold", "left_on": "2026-03-01", "pen": a_pen("P9", capacity=1)}
    an_animal(livestock_id="L5", lf_tag="LF5", **sold)
    sheet = "LID,EID,pen,status,notes\nL5,,,,limps\nL6,,P9,,\nL7,,,,\nL8,,,,\n,LF5,,active,\n"
    (error,) = told(imported(api, "animals", sheet))
    assert error == (6, "Pen P9 holds 1 of 1 head, and 1 more would be 1 too many.")


def test_a_sheet_with_a_stay_that_cannot_be_is_refused_by_line(api: APIClient) -> None:
    text = "LID,status,Induction date,Left on\nL8,sold,2026-03-05,2026-03-01\n"
    tomorrow = timezone.localdate() + timedelta(days=1)
    errors = told(imported(api, "animals", text + f"L9,,{tomorrow},\n"))
    assert errors == [
        (2, "L8 was inducted on 2026-03-05: it cannot leave on 2026-03-01."),
        (3, f"L9 cannot have been inducted in the future: {tomorrow}."),
    ]


def test_a_later_induction_makes_a_weight_doubtful_until_the_import_is_taken_back(
    api: APIClient, animal: Animal
) -> None:
    Animal.objects.update(first_seen_at=timezone.now())
    sent(api, "post", f"cattle/{animal.pk}/weights", {"weight_kg": 340, "recorded_at": AT})
    done = imported(api, "animals", "LID,Induction date\nL1,2026-04-01\n")
    assert WeightRecord.objects.get().quality == "suspect"
    sent(api, "post", f"changes/{done['change_id']}/undo", {})
    assert WeightRecord.objects.get().quality == "ok"


def test_a_sheet_gives_no_name_that_differs_in_case_alone(api: APIClient, animal: Animal) -> None:
    text = "LID,lot,pen\nl1,,\nL2,b1,\nL3,,p1\nN1,,\nn1,,\n"
    errors = told(imported(api, "animals", text))
    assert [line for line, _ in errors] == [2, 3, 4, 6]
    assert errors[0][1] == (
        "There is animal L1 already: l1 differs from it in upper and lower case alone."
    )
    weighed = "LID,Weight\nl1,340\n"
    assert len(told(imported(api, "weights", weighed, make_pending=True))) == 1
    animal.refresh_from_db()
    imported(api, "animals", "LID,EID\nl1,LF1\n")
    animal.refresh_from_db()
    assert animal.livestock_id == "l1"


def test_a_sheets_sex_has_one_spelling_and_an_unknown_word_stays(api: APIClient) -> None:
    text = "LID,Sex\nL1,STEER\nL2,heifer\nL3,Kalb\n"
    imported(api, "animals", text)
    assert set(Animal.objects.values_list("sex", flat=True)) == {"Steer", "Heifer", "Kalb"}
    assert imported(api, "animals", text)["known"] == 3


def test_an_animal_that_had_left_came_on_no_invented_day(api: APIClient) -> None:
    imported(api, "animals", "LID,status,Left on\nL8,sold,2026-03-01\n")
    sold = Animal.objects.get()
    assert (sold.induction_date, f"{sold.first_seen_at:%Y-%m-%d}") == (None, "2026-03-01")


def test_an_import_is_no_reading(api: APIClient, animal: Animal) -> None:
    text = "LID,lot,induction_date\nL1,B1,\nL8,B1,2026-01-05\nL9,B9,\n"
    imported(api, "animals", text)
    assert set(Batch.objects.values_list("last_read_at", flat=True)) == {None}
    animal.refresh_from_db()
    assert animal.last_seen_at == AT
    dated = Animal.objects.get(livestock_id="L8")
    assert f"{dated.first_seen_at:%Y-%m-%d}" == f"{dated.last_seen_at:%Y-%m-%d}" == "2026-01-05"


# -- what a sheet says --------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_titles_above_the_headers_are_left_out(api: APIClient, animal: Animal, mark: str) -> None:
    lines = ["Session: 12 Nov", "", "EID,Weight,Date", "LF1,340.5,2026-03-01", "LF9,x,2026-03-01"]
    text = "\n".join(lines).replace(",", mark)
    refused = imported(api, "weights", text)
    assert refused["headers"] == ["EID", "Weight", "Date"]
    assert [line for line, _ in told(refused)] == [5]
    assert imported(api, "weights", text.rpartition("\n")[0])["recorded"] == 1


def test_an_unknown_header_is_the_first_line(api: APIClient) -> None:
    refused = imported(api, "weights", "Ohrmarke,Gewicht\nLF1,340\n")
    assert refused["headers"] == ["Ohrmarke", "Gewicht"]


def test_what_is_wrong_with_a_header_bears_its_line(api: APIClient) -> None:
    refused = imported(api, "weights", "Session\n\nEID,Date\nLF1,2026-03-01\n")
    assert refused["detail"] == "Tell which column holds the weight."
    assert [line for line, _ in told(refused)] == [3]


def test_what_cannot_be_taken_back_is_said_before(api: APIClient) -> None:
    done = imported(api, "animals", "LID,lot\nL8,B1\n")
    path = f"{ROOT}changes/{done['change_id']}"
    told = api.get(path).json()
    assert told["undoing"] == ["One animal that it added will be deleted."]
    assert (told["refused"], Animal.objects.count()) == ("", 1)
    pk = Animal.objects.get().pk
    sent(api, "post", f"cattle/{pk}/weights", {"weight_kg": 340})
    assert api.get(path).json()["refused"] == ""  # nothing is tried for whoever only looks
    told = api.get(f"{path}?preview=1").json()
    assert told["undoing"] == [told["refused"]]
    assert (
        told["refused"]
        == sent(api, "post", f"changes/{done['change_id']}/undo", {}).json()["detail"]
    )


def test_a_column_that_is_missing_is_asked_for_and_those_without_use_are_named(
    api: APIClient, animal: Animal
) -> None:
    refused = imported(api, "weights", "EID,Kilos,Vet\nLF1,340,Dr. No\n")
    assert refused["detail"] == "Tell which column holds the weight."
    assert refused["unused"] == ["Kilos", "Vet"]
    done = imported(
        api,
        "weights",
        "EID,Kilos,Vet\nLF1,340,Dr. No\n",
        columns={"tag": "EID", "weight": "Kilos"},
    )
    assert (done["recorded"], done["unused"]) == (1, ["Vet"])
    refused = imported(api, "weights", "EID,Weight (lb)\nLF1,340\n")
    assert refused["detail"] == "The column is named Weight (lb), but kg was chosen."


@pytest.mark.parametrize("header", ["Induction", "Inducted", "Induction date"])
def test_the_words_of_our_own_pages_are_known(api: APIClient, header: str) -> None:
    done = imported(api, "animals", f"Livestock id,LF tag (EID),{header}\nL1,LF1,2026-03-01\n")
    assert done["unused"] == []
    assert str(Animal.objects.get().induction_date) == "2026-03-01"


def test_the_first_rows_are_told_as_they_are_understood(api: APIClient, animal: Animal) -> None:
    text = "EID,Weight (lb),Date\nLF1,775,03/04/2026\n"
    refused = imported(api, "weights", text, unit="lb")
    assert (refused["unclear_date"], refused["code"]) == ("03/04/2026", "rows_refused")
    done = imported(api, "weights", text, unit="lb", date_order="mdy")
    (row,) = done["understood"]
    assert (row["animal"], row["what"], row["weight_kg"]) == ("L1", "recorded", 351.53)
    assert row["at"].startswith("2026-03-04T00:00")


def test_unknown_animals_of_a_weighing_become_pending_ones_where_that_is_asked(
    api: APIClient,
) -> None:
    text = "EID,Weight,Date\n840003123456789,340,2026-03-01\nX9,350,2026-03-01\n"
    text += "X9,370,2026-03-15\n"
    assert len(told(imported(api, "weights", text))) == 3
    done = imported(api, "weights", text, make_pending=True)
    assert (done["created"], done["recorded"]) == (2, 3)
    assert set(Animal.objects.values_list("status", "lf_tag", "livestock_id")) == {
        ("pending", "840003123456789", None),
        ("pending", None, "X9"),
    }
    assert f"{Animal.objects.get(livestock_id='X9').first_seen_at:%Y-%m-%d}" == "2026-03-01"
    assert sent(api, "post", f"changes/{done['change_id']}/undo", {}).status_code == 200
    assert not Animal.objects.exists()
    assert JournalEntry.objects.filter(kind="weight:deleted").count() == 3


def test_a_name_that_two_animals_have_is_refused_and_makes_no_third(api: APIClient) -> None:
    for _ in range(2):
        an_animal(visual_id="17")
    answer = imported(api, "weights", "VID,Weight\n17,340\n", make_pending=True)
    assert told(answer) == [(2, "Several animals have visual id 17.")]


def test_an_animal_that_left_must_have_left_on_a_day(api: APIClient) -> None:
    text = "LID,status,left_on,left_reason\nL1,Dead,2026-03-02,bloat\nL2,sold,,\n"
    (error,) = told(imported(api, "animals", text))
    assert error == (3, "The animal is sold: the sheet must say on which day it left.")
    imported(api, "animals", text.replace("sold,,", "active,,"))
    dead = Animal.objects.get(livestock_id="L1")
    assert (dead.status, str(dead.left_on), dead.left_reason) == ("dead", "2026-03-02", "bloat")


def test_errors_that_are_left_out_are_counted(api: APIClient) -> None:
    rows = "".join(f"LF{number},x\n" for number in range(250))
    answer = imported(api, "weights", f"EID,Weight\n{rows}")
    assert (len(answer["errors"]), answer["error_count"]) == (200, 250)
    answer = imported(api, "weights", "EID,Weight\n" + rows.replace("x", "300"))
    assert (len(answer["errors"]), answer["error_count"]) == (200, 250)
