"""A barn whose devices have keys; tests without keys make one of their own."""

import pytest
from pytest_django import Settings

from lora.signing import read_keys
from tests.lora.signed import ENTRIES, SignedBarn


@pytest.fixture
def barn(settings: Settings) -> SignedBarn:
    settings.LORA_DEVICE_KEYS = read_keys(ENTRIES)
    return SignedBarn()
