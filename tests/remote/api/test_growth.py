"""How a batch grew, by the farm's days."""

from datetime import UTC, datetime

import pytest
from django.test import override_settings
from pytest_django import Settings

from remote.api.growth import growth_of
from tests.remote.api.rows import a_batch, a_weight, an_animal

pytestmark = pytest.mark.django_db


def test_a_day_is_the_farms_and_an_animal_weighed_twice_is_one_head(settings: Settings) -> None:
    settings.TIME_ZONE = "America/Chicago"
    batch = a_batch()
    first, second = an_animal(batch=batch), an_animal(batch=batch)
    for animal, kg, hour, micro in (
        (first, "340.00", 5, 0),  # the evening of the day before, at the farm
        (first, "350.00", 6, 250),
        (second, "360.50", 7, 0),
        (second, "371.00", 20, 0),
    ):
        at = datetime(2026, 3, 2, hour, 30, 0, micro, tzinfo=UTC)
        a_weight(animal, kg, recorded_at=at)
    a_weight(first, "999.00", recorded_at=at, quality="void")
    a_weight(an_animal(), "100.00", recorded_at=at)
    with override_settings(TIME_ZONE="America/Chicago"):
        assert growth_of(batch.pk) == [
            {"day": "2026-03-01", "head": 1, "mean_weight_kg": 340.0},
            {"day": "2026-03-02", "head": 2, "mean_weight_kg": 360.5},
        ]
    assert growth_of(a_batch("B2").pk) == []
