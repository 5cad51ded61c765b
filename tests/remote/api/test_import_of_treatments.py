"""Sheets of treatments over REST: looked at, recorded once, refused by row, taken back."""

import base64
from datetime import date
from typing import Any

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from herd.models import Animal, Product, Treatment
from herd.operations import sheet_import
from tests.remote.api.rows import ROOT, a_treatment, an_animal

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

SHEET = """EID;Product;Treatment date;Dose;Batch no;Diagnosis
982 000001088420;oxytet 200;20.11.2025;42,5 ml;B7;foot rot
982000001088420;Draxxin;20.11.2025;;;
L2;Oxytet 200;21.11.2025 10:30;20;;
"""


@pytest.fixture(autouse=True)
def herd() -> None:
    an_animal(lf_tag="982000001088420", last_weight_kg="400")
    an_animal(livestock_id="L2")
    values = {"ml_per_100kg": "10", "lot_no": "A113"}
    Product.objects.create(name="Oxytet 200", withdrawal_days=28, **values)
    Product.objects.create(name="Draxxin", withdrawal_days=18, active=False, **values)


def sent(api: APIClient, text: str, query: str = "", **more: Any) -> Any:
    data = base64.b64encode(text.encode()).decode()
    body = {"kind": "treatments", "data": data, **more}
    return api.post(f"{ROOT}imports{query}", body, format="json")


def test_treatments_are_looked_at_recorded_once_and_taken_back(api: APIClient) -> None:
    looked = sent(api, SHEET, "?preview=1").json()
    assert (looked["recorded"], looked["errors"], looked["unused"]) == (3, [], [])
    assert looked["understood"][0] | {"line": 2} == {
        "line": 2,
        "tag": "982000001088420",
        "product": "oxytet 200",
        "amount": 42.5,
        "unit": "ml",
        "lot_no": "B7",
        "route": "",
        "reason": "foot rot",
        "at": "2025-11-20T00:00:00+00:00",
        "animal": "982000001088420",
        "what": "recorded",
    }
    assert not Treatment.objects.exists()
    done = sent(api, SHEET)
    assert (done.status_code, done.json()["recorded"]) == (201, 3)
    made = Treatment.objects.get(reason="foot rot")
    assert (made.source, made.lot_no, made.unit) == ("import", "B7", "ml")
    assert Animal.objects.get(lf_tag="982000001088420").clear_on == date(2025, 12, 18)
    again = sent(api, SHEET).json()
    assert (again["recorded"], again["known"]) == (0, 3)
    undo = api.post(f"{ROOT}changes/{done.json()['change_id']}/undo", {}, format="json")
    assert undo.status_code == 200, undo.content
    assert set(Treatment.objects.values_list("void_reason", flat=True)) == {"import taken back"}
    assert set(Animal.objects.values_list("clear_on", flat=True)) == {None}
    assert sent(api, SHEET).json()["recorded"] == 3


def test_a_treatment_of_the_hour_that_comes_twice_in_a_year_is_recorded_once(
    api: APIClient,
) -> None:
    text = "EID;Product;Treatment date\n982000001088420;Draxxin;2025-11-02 01:30\n"
    with override_settings(TIME_ZONE="America/Denver"):
        assert sent(api, text).json()["recorded"] == 1
        assert sent(api, text).json()["known"] == 1


def test_what_is_not_told_is_not_invented(api: APIClient) -> None:
    """Neither a dose by today's weight, nor the lot that is in use today."""
    sent(api, SHEET)
    made = Treatment.objects.get(product__name="Draxxin")
    assert (made.amount, made.unit, made.lot_no) == (None, "", "")


def test_taking_a_change_back_says_so(api: APIClient) -> None:
    change = sent(api, SHEET).json()["change_id"]
    told = api.get(f"{ROOT}changes/{change}").json()
    assert told["undoing"] == ["3 treatments will be voided."]
    assert told["summary"] == "A sheet: 3 treatments"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("L2;Penicillin;20.11.2025;1", "No product is called Penicillin. Enter it"),
        ("L9;Draxxin;20.11.2025;1", "No animal is known as L9."),
        ("L2;;20.11.2025;1", "The product is missing."),
        ("L2;Draxxin;;1", "The date is missing."),
        ("L2;Draxxin;31.12.2999;1", "is in the future"),
        ("L2;Draxxin;20.11.2025;lots", "is no amount"),
        ("L2;Draxxin;20.11.2025;0", "An amount is more than 0"),
    ],
)
def test_a_bad_row_is_named_and_the_good_ones_can_be_imported(
    api: APIClient, row: str, why: str
) -> None:
    text = f"LID;Product;Date;Amount\nL2;Oxytet 200;19.11.2025;5\n{row}\n"
    refused = sent(api, text)
    assert (refused.status_code, refused.json()["code"]) == (422, "rows_refused")
    (error,) = refused.json()["errors"]
    assert (error["line"], why in error["text"]) == (3, True), error
    assert not Treatment.objects.exists()
    done = sent(api, text, skip_bad_rows=True).json()
    assert (done["recorded"], done["left_out"]) == (1, 1)
    assert not Product.objects.filter(name="Penicillin").exists()


def test_a_sheet_without_a_day_is_asked_for_it(api: APIClient) -> None:
    answer = sent(api, "LID;Product\nL2;Draxxin\n")
    assert answer.status_code == 422
    assert "which column holds the day of the treatment" in answer.json()["detail"]


def test_a_row_that_says_the_same_again_counts_once(api: APIClient) -> None:
    text = "LID;Product;Date;Amount\nL2;Draxxin;19.11.2025;5\nL2;draxxin;19.11.2025;5\n"
    done = sent(api, text).json()
    assert (done["recorded"], done["repeats"]) == (1, 1)


def test_an_animal_that_had_left_before_is_refused(api: APIClient) -> None:
    Animal.objects.filter(livestock_id="L2").update(status="sold", left_on=date(2025, 11, 1))
    answer = sent(api, "LID;Product;Date\nL2;Draxxin;19.11.2025\n").json()
    assert "L2 is sold since 2025-11-01" in answer["errors"][0]["text"]


def test_several_slices_are_one_import(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_import, "WRITTEN_AT_ONCE", 1)
    done = sent(api, SHEET).json()
    assert done["recorded"] == 3
    other = a_treatment(Animal.objects.get(livestock_id="L2"), clear_on=date(2030, 1, 1))
    api.post(f"{ROOT}changes/{done['change_id']}/undo", {}, format="json")
    stand = Treatment.objects.filter(voided_at=None)
    assert [one.pk for one in stand] == [other.pk]
    assert Animal.objects.get(livestock_id="L2").clear_on == date(2030, 1, 1)


def test_our_own_columns_are_known(api: APIClient) -> None:
    headers = "lid,product,given_at,amount,unit,lot_no,route,reason"
    text = f"{headers}\nL2,Draxxin,2025-11-19,5,cc,X,sc,r\n"
    done = sent(api, text).json()
    assert (done["recorded"], done["unused"]) == (1, [])
    made = Treatment.objects.get()
    assert (made.unit, made.lot_no, made.route, made.reason) == ("cc", "X", "sc", "r")
