"""The status names a scale that was adjusted, or that weighs nobody right, and the day."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from herd import operations
from herd.models import Animal, WeightRecord
from herd.unit_of_work import open_unit_of_work
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


def test_an_adjusted_scale_is_named_on_its_first_day(api: APIClient) -> None:
    weighed(WalkOverScale(seed=5, adjusted_on=DAYS - 1))
    told = [
        one for one in api.get(ROOT + "status").json()["scales"] if one["trouble"] == "adjusted"
    ]
    first = timezone.localdate() - timedelta(days=1)
    assert [(one["source"], one["day"]) for one in told] == [("radio", first.isoformat())]
    assert told[0]["part"] == pytest.approx(0.15, abs=0.03)
    assert "read 1" in told[0]["detail"]
    assert "more than in the days before: was it adjusted?" in told[0]["detail"]


def test_a_dead_scale_is_a_fault_and_its_weights_do_not_count() -> None:
    weighed(WalkOverScale(seed=5, dead_on=range(DAYS - 1, DAYS)))
    faults = [one for one in scale_troubles() if one["trouble"] == "fault"]
    assert [one["day"] for one in faults] == [
        (timezone.localdate() - timedelta(days=1)).isoformat()
    ]
    assert "weights are suspect and not counted" in faults[0]["detail"]
    assert not Animal.objects.filter(last_weight_kg__lt=100).exists()


def test_a_scale_that_weighs_right_is_not_named() -> None:
    weighed(WalkOverScale(seed=5))
    assert WeightRecord.objects.filter(quality="suspect").exists()  # half animals
    assert scale_troubles() == []
