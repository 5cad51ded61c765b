"""Sheets of which not every row can be taken: bad rows, repeats, full pens; and animals with their
weights."""

import base64
from datetime import date

import pytest
from rest_framework.test import APIClient

from herd.models import Animal, Batch, Pen, ReversibleChange, WeightRecord
from herd.operations import sheet_import
from tests.remote.api.rows import a_pen, an_animal
from tests.remote.api.test_changes import sent
from tests.remote.api.test_imports import an_import, imported, told

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

MIXED = "LID,Weight,Date\nL1,340,2026-03-01\nL77,355,2026-03-01\nL1,abc,2026-03-02\nTotal,695,\n"


def test_the_good_rows_are_imported_where_that_is_asked(api: APIClient, animal: Animal) -> None:
    refused = imported(api, "weights", MIXED)
    assert [line for line, _ in told(refused)] == [4, 5, 5]
    looked = sent(
        api, "post", "imports?preview=1", an_import("weights", MIXED, skip_bad_rows=True)
    ).json()
    done = imported(api, "weights", MIXED, skip_bad_rows=True)
    for answer in (looked, done):
        assert (answer["recorded"], answer["left_out"]) == (1, 3)
        assert [line for line, _ in told(answer)] == [4, 5, 5, 3]
    assert WeightRecord.objects.count() == 1
    assert sent(api, "post", f"changes/{done['change_id']}/undo", {}).status_code == 200


@pytest.mark.parametrize(
    "text", [MIXED.replace("L1", "L78"), "LID,Weight\nTotal,7\n", "A,B\n1,x\n"]
)
def test_a_sheet_without_a_good_row_is_refused_whole(api: APIClient, text: str) -> None:
    body = an_import("weights", text, skip_bad_rows=True)
    assert sent(api, "post", "imports", body).status_code == 422
    assert not ReversibleChange.objects.exists()


def test_rows_that_are_refused_in_any_slice_are_left_out(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_import, "CHECKED_AT_ONCE", 2)
    monkeypatch.setattr(sheet_import, "WRITTEN_AT_ONCE", 2)
    an_animal(livestock_id="A", lf_tag="LF1")
    an_animal(livestock_id="B", lf_tag="LF2")
    rows = ["N1,", "A,LF2", "N2,", "N3,", "B,LF1", "N4,", "B,LF1", "N5,"]
    done = imported(api, "animals", "\n".join(["LID,EID", *rows]) + "\n", skip_bad_rows=True)
    assert (done["created"], done["left_out"]) == (5, 3)
    assert [line for line, _ in told(done)] == [3, 6, 8]
    assert Animal.objects.count() == 7
    sent(api, "post", f"changes/{done['change_id']}/undo", {})
    assert Animal.objects.count() == 2


# -- repeats ---------------------------------------------------------------------------------------


def test_a_wand_reads_an_animal_twice(api: APIClient) -> None:
    text = "EID,Date,Time\nLF1,2026-03-01,10:15\nLF2,2026-03-01,10:16\nLF1,2026-03-01,10:17\n"
    looked = sent(api, "post", "imports?preview=1", an_import("animals", text)).json()
    done = imported(api, "animals", text)
    assert (looked["created"], looked["repeats"]) == (done["created"], done["repeats"]) == (2, 1)
    assert [row["what"] for row in done["understood"]] == ["new", "new", "repeat"]


def test_a_scale_that_sends_a_weight_twice_has_weighed_once(api: APIClient, animal: Animal) -> None:
    text = "LID,Weight\nL1,340\nL1,340\nL1,350\n"
    done = imported(api, "weights", text)
    assert (done["recorded"], done["repeats"]) == (2, 1)


def test_a_second_row_that_says_otherwise_is_no_repeat(api: APIClient) -> None:
    (error,) = told(imported(api, "animals", "EID,Pen\nLF1,N\nLF1,S\n"))
    assert error == (3, "LF1 is already on line 2.")


# -- animals with weights --------------------------------------------------------------------------


def test_a_sheet_of_animals_carries_their_weights(
    api: APIClient, animal: Animal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_import, "CHECKED_AT_ONCE", 1)
    monkeypatch.setattr(sheet_import, "WRITTEN_AT_ONCE", 1)
    text = (
        "LID,EID,Lot,Weight (lb),Date (mm/dd/yyyy)\nL1,,B1,700,03/04/2026\nL8,LF8,B1,660,3/4/2026\n"
    )
    text += "L9,LF9,B1,,\nL8,LF8,B1,700,3/14/2026\n"
    looked = sent(api, "post", "imports?preview=1", an_import("animals", text, unit="lb")).json()
    done = imported(api, "animals", text, unit="lb")
    for answer in (looked, done):
        counts = [answer[name] for name in ("created", "recorded", "repeats")]
        assert counts == [2, 3, 1]
    weighed = WeightRecord.objects.filter(animal__livestock_id="L8").order_by("recorded_at")
    assert [(str(one.weight_kg), str(one.recorded_at.date())) for one in weighed] == [
        ("299.37", "2026-03-04"),
        ("317.51", "2026-03-14"),
    ]
    again = imported(api, "animals", text, unit="lb")
    assert (again["created"], again["recorded"]) == (0, 0)
    assert sent(api, "post", f"changes/{done['change_id']}/undo", {}).status_code == 200
    assert set(Animal.objects.values_list("livestock_id", flat=True)) == {"L1"}
    assert set(WeightRecord.objects.values_list("quality", flat=True)) == {"void"}


def test_a_weight_of_an_animals_sheet_is_asked_for_its_day(api: APIClient) -> None:
    text = "LID,Weight,Run\nL8,300,2026-03-04\n"
    refused = imported(api, "animals", text)
    assert refused["days_unused"] == ["Run"]
    assert not Animal.objects.exists()
    done = imported(api, "animals", text, weighed_on="2026-03-04")
    assert (done["created"], done["recorded"]) == (1, 1)
    assert f"{WeightRecord.objects.get().recorded_at:%Y-%m-%d}" == "2026-03-04"


# -- pens and batches ------------------------------------------------------------------------------


def test_pens_that_would_be_too_full_are_summed_up(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_import, "CHECKED_AT_ONCE", 70)
    pen = a_pen("P01", capacity=80)
    an_animal(livestock_id="L0", pen=pen)
    Pen.objects.update(head_count=1)
    rows = "".join(f"N{number},P01,\n" for number in range(219))
    text = f"LID,Pen,status\n{rows}N999,P02,sold\n"
    refused = imported(api, "animals", text)
    assert refused["detail"].endswith("P01 would hold 220 of 80.")
    (full,) = refused["full_pens"]
    assert (full["pen"], full["would_hold"], full["capacity"]) == ("P01", 220, 80)
    assert refused["error_count"] == 141
    assert told(refused)[0][0] == 221  # what is no pen's fault comes first
    text = text.replace(",sold", ",active")
    done = imported(api, "animals", text, even_if_full=True)
    assert (done["created"], done["left_out"]) == (220, 0)
    assert done["full_pens"][0]["text"] == "P01 would hold 220 of 80."
    pen.refresh_from_db()
    assert pen.head_count == 220


def test_of_a_pen_that_is_full_the_rest_is_left_out(api: APIClient) -> None:
    a_pen("P01", capacity=2)
    text = "LID,Pen\nN1,P01\nN2,P01\nN3,P01\n"
    done = imported(api, "animals", text, skip_bad_rows=True)
    assert (done["created"], done["left_out"], done["full_pens"][0]["would_hold"]) == (2, 1, 3)


def test_a_batch_that_a_sheet_founds_has_the_day_of_its_animals(api: APIClient) -> None:
    text = "LID,Lot,Induction date\nL1,B1,2026-03-05\nL2,B1,2026-03-04\nL3,B2,\n"
    imported(api, "animals", text)
    founded = dict(Batch.objects.values_list("batch_number", "induction_date"))
    assert founded["B1"] == date(2026, 3, 4)
    assert founded["B2"] not in {None, date(2026, 3, 4), date(2026, 3, 5)}


def test_data_that_is_no_sheet_is_named(api: APIClient) -> None:
    page = base64.b64encode(b"<html><table><tr><td>EID</td></tr></table></html>").decode()
    answer = sent(api, "post", "imports", {"kind": "weights", "data": page})
    assert (answer.status_code, "web page (HTML)" in str(answer.json())) == (400, True)
