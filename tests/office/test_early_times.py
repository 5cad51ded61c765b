"""Times from the very beginning of the calendar, which a scale's clock can say, break no page."""

import pytest
from django.test import override_settings

from remote.office.written import moment
from tests.office.filled import filled, weight
from tests.office.rows import animal
from tests.office.test_pages import page
from tests.office.test_sheets import sheet

BEGINNING = "0001-01-01T00:00:00+00:00"


@pytest.mark.parametrize("zone", ["UTC", "America/Denver", "Australia/Brisbane"])
async def test_a_weight_of_the_year_1_is_shown(zone: str) -> None:
    with override_settings(TIME_ZONE=zone):
        assert "0001-01-01" in moment(BEGINNING)
        with filled({"cattle": [animal(1)], "weights": [weight(1, recorded_at=BEGINNING)]}):
            assert "0001-01-01" in await page("/office/weights")
            lines = await sheet("/office/weights?format=csv")
            assert any("1-01-01" in cell for cell in lines[1])
