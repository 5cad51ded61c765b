"""Each test has an office of its own, as the ASGI start makes it."""

import pytest

from tests.office.filled import here


@pytest.fixture(autouse=True)
def _new_office() -> None:
    here.renew()
