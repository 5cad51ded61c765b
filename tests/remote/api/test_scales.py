"""The status names a scale that was adjusted, or that weighs nobody right, and the day."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from herd import operations
from herd.models import Animal, WeightRecord
from herd.rules.refusal_sentences import refusal_parts
from herd.unit_of_work import open_unit_of_work
from lora.scale_watch import ScaleWatch
from lora.simulation.walk_over import WalkOverScale
from remote.api.scales import scale_troubles
from tests.remote.api.rows import ROOT

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])
DAYS = 12


def weighed(scale: WalkOverScale) -> None:
    """Record what the scale has said of its first animals in the last days."""
    start = timezone.localtime().replace(hour=0, minute=0) - timedelta(days=DAYS)
    walkers = {one.number for one in scale.walkers[:12]}
    for day in range(DAYS):
        with open_unit_of_work("radio") as unit:
            for one in scale.readings(day):
                if one.walker.number in walkers:
                    at = start + timedelta(days=one.at_days)
                    animal = operations.animal_or_pending(unit, str(one.walker.number), at)
                    weighing = operations.Weighing(Decimal(str(one.kg)), at, "radio")
                    operations.record_weight(unit, animal, weighing)
    watch = ScaleWatch()
    while watch.step():
        pass


def test_an_adjusted_scale_is_named_on_its_first_day(api: APIClient) -> None:
    weighed(WalkOverScale(seed=5, adjusted_on=DAYS - 1))
    told = [
        one for one in api.get(ROOT + "status").json()["scales"] if one["trouble"] == "adjusted"
    ]
    first = timezone.localdate() - timedelta(days=1)
    assert [(one["source"], one["day"]) for one in told] == [("radio", first.isoformat())]
    assert told[0]["animals"] >= 8
    assert told[0]["part"] == pytest.approx(0.15, abs=0.03)
    assert "read 1" in told[0]["detail"]
    assert "more than in the days before: was it adjusted?" in told[0]["detail"]
    assert refusal_parts(told[0]["detail"])  # so that the office can say it in Spanish


def test_a_dead_scale_is_a_fault_and_its_weights_do_not_count() -> None:
    weighed(WalkOverScale(seed=5, dead_on=range(DAYS - 1, DAYS)))
    faults = [one for one in scale_troubles() if one["trouble"] == "fault"]
    assert [one["day"] for one in faults] == [
        (timezone.localdate() - timedelta(days=1)).isoformat()
    ]
    assert "weights are suspect and not counted" in faults[0]["detail"]
    assert refusal_parts(faults[0]["detail"])
    assert not Animal.objects.filter(last_weight_kg__lt=100).exists()


def test_a_scale_that_weighs_right_is_not_named() -> None:
    weighed(WalkOverScale(seed=5))
    assert WeightRecord.objects.filter(quality="suspect").exists()  # half animals
    assert scale_troubles() == []


def test_a_correction_is_previewed_made_and_taken_back(api: APIClient) -> None:
    weighed(WalkOverScale(seed=5))
    count, today = WeightRecord.objects.count(), timezone.localdate().isoformat()
    first = (timezone.localdate() - timedelta(days=DAYS)).isoformat()
    body = {"scale": "radio", "first": first, "last": today, "factor": 1.1, "reason": "calibrated"}
    path = ROOT + "weights/correct"
    preview = api.post(f"{path}?preview=1", body, format="json").json()
    assert (preview["weights"], preview["cattle"], preview["preview"]) == (count, 12, True)
    assert not WeightRecord.objects.exclude(read_kg=None).exists()
    made = api.post(path, body, format="json").json()
    row = api.get(ROOT + "weights").json()["data"][0]
    assert row["weight_kg"] == pytest.approx(1.1 * row["read_kg"], abs=0.01)
    change = f"{ROOT}changes/{made['change_id']}"
    undoing = api.get(f"{change}?preview=1").json()["undoing"]
    assert undoing == [f"Weights that get back the kilograms they had before: {count}."]
    assert api.post(f"{change}/undo", {}, format="json").status_code == 200
    assert api.get(ROOT + "weights").json()["data"][0]["read_kg"] is None


def test_a_person_says_that_a_scale_was_adjusted_or_was_not(api: APIClient) -> None:
    weighed(WalkOverScale(seed=5))
    day = (timezone.localdate() - timedelta(days=4)).isoformat()
    path = ROOT + "scale-steps"
    made = api.post(path, {"scale": "radio", "day": day, "factor": 1.02}, format="json")
    assert made.status_code == 201, made.json()
    assert [one["trouble"] for one in api.get(ROOT + "status").json()["scales"]] == ["adjusted"]
    undo = f"{path}/{made.json()['id']}/undo"
    assert api.post(undo, {}, format="json").json()["undone_by"] != ""
    assert [one["day"] for one in api.get(path).json()["data"]] == [day]
    assert api.get(ROOT + "status").json()["scales"] == []
    unknown = api.post(f"{path}/999/undo", {}, format="json")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_scale_step")
