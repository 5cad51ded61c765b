"""Every middleware of the Pi can run in the event loop: one that cannot makes daphne hang."""

import pytest
from django.conf import settings
from django.utils.module_loading import import_string


@pytest.mark.parametrize("name", settings.MIDDLEWARE)
def test_it_is_async_capable(name: str) -> None:
    assert import_string(name).async_capable
