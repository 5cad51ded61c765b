"""A weight from before any cattle could be is suspect with a reason, at every door; a day to come
is none."""

import base64
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from herd.commands import CheckIn
from herd.models import Animal, WeightRecord
from herd.unit_of_work import open_unit_of_work
from lora.apply_reading import apply
from tests.remote.api.rows import ROOT, a_batch, an_animal

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

# No year, the first days of Excel, of Lotus and of the Macintosh, of UNIX and GPS: what a clock
# says that was never set, and a slip.
EARLY = ("0001-01-01", "1899-12-30", "1900-01-01", "1904-01-01", "1970-01-01", "1980-01-06")


@pytest.fixture(params=["UTC", "America/Denver", "Australia/Brisbane"])
def animal(request: pytest.FixtureRequest, settings: Settings) -> Animal:
    settings.TIME_ZONE = request.param
    return an_animal(livestock_id="L1", batch=a_batch(), status="sold", left_on="2026-01-02")


def assert_suspect(api: APIClient, animal: Animal) -> None:
    """Both weights are doubted, and every answer that holds them is whole."""
    found = WeightRecord.objects.values_list("quality", "reason")
    assert [*dict.fromkeys(found)] == [("suspect", "before the animal was here")]
    assert Animal.objects.get().last_weight_kg is None
    one = f"cattle/{animal.pk}"
    growth = f"batches/{animal.batch_id}/growth"
    for path in ("weights", one, f"{one}/weights", f"{one}/history", growth, "status", "snapshot"):
        assert api.get(ROOT + path).status_code == 200, path


@pytest.mark.parametrize("day", EARLY)
def test_over_rest(api: APIClient, animal: Animal, day: str) -> None:
    for time in ("12:00:00Z", "23:59:59Z"):
        body = {"weight_kg": 300, "recorded_at": f"{day}T{time}"}
        answer = api.post(f"{ROOT}cattle/{animal.pk}/weights", body, format="json")
        assert answer.status_code == 201, answer.json()
    assert_suspect(api, animal)


@pytest.mark.parametrize("day", EARLY)
def test_by_radio_while_the_clock_is_not_set(api: APIClient, animal: Animal, day: str) -> None:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    with open_unit_of_work("radio") as unit:
        apply(unit, CheckIn("", "L1", Decimal(300)), at)
    assert_suspect(api, animal)


def imported(api: APIClient, sheet: str, **more: Any) -> Any:
    data = base64.b64encode(sheet.encode()).decode()
    body = {"kind": "weights", "name": "w.csv", "data": data, **more}
    return api.post(f"{ROOT}imports", body, format="json")


@pytest.mark.parametrize("day", EARLY)
def test_the_day_of_a_whole_sheet(api: APIClient, animal: Animal, day: str) -> None:
    answer = imported(api, "livestock_id,weight_kg\nL1,300\n", weighed_on=day)
    if (answer.status_code, day) == (400, EARLY[0]):
        return  # the year 1 has no midnight east of Greenwich
    assert answer.status_code in {200, 201}, answer.json()
    assert_suspect(api, animal)


@pytest.mark.parametrize("day", EARLY)
def test_a_day_in_a_sheet_is_an_error_in_its_row(api: APIClient, animal: Animal, day: str) -> None:
    answer = imported(api, f"livestock_id,weight_kg,date\nL1,300,{day}\n")
    assert answer.status_code == 422
    assert [one["text"] for one in answer.json()["errors"]] == [f"{day} is before 1990."]


@pytest.mark.parametrize("kind", ["weights", "animals"])
@pytest.mark.parametrize("more", [{}, {"skip_bad_rows": True}])
def test_a_day_of_a_whole_sheet_that_is_to_come_is_refused_once(
    api: APIClient, animal: Animal, kind: str, more: dict[str, bool]
) -> None:
    today = timezone.localdate()
    day = today + timedelta(days=1)
    sheet = "livestock_id,weight_kg\nL1,300\nL2,310\nL3,320\n"
    answer = imported(api, sheet, weighed_on=str(day), kind=kind, **more)
    said = f"Nothing was weighed on {day}: by the Pi's clock it is {today}."
    assert (answer.status_code, answer.json()["detail"]) == (422, said)
    assert [one["text"] for one in answer.json()["errors"]] == [said]
    assert not WeightRecord.objects.exists()
    assert (
        imported(api, "livestock_id,weight_kg\nL1,300\n", weighed_on=str(today)).status_code < 300
    )
