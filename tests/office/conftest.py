"""Each test has an office of its own, as the ASGI start makes it."""

import pytest
from django.conf import settings

from tests.office.filled import here


@pytest.fixture(autouse=True)
def _new_office() -> None:
    for chosen in settings.HEXABRAND_STATE_DIR.glob("office-*.json"):
        chosen.unlink()  # what persons chose in the test before
    here.renew()
