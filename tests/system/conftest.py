"""One farm for all tests of a module; they differ in the tags they send. One with a past for all
that look at pages, which change nothing in it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.browser import HOW_TO_GET_IT, chromium
from tests.system.editing import heard
from tests.system.farm import Farm
from tests.system.lived_in import LivedInFarm


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    with Farm(tmp_path_factory.mktemp("farm")) as running:
        yield running


@pytest.fixture(scope="session")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivedInFarm]:
    with LivedInFarm(tmp_path_factory.mktemp("lived-in")) as running:
        yield running


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Each test has tags and numbers of its own."""
    return iter(range(1, 1000))


@pytest.fixture
def animal(farm: Farm, numbers: Iterator[int]) -> dict[str, Any]:
    number = next(numbers)
    return heard(farm, f"EDIT{number}", f"84000312300{number:04d}", f"EPCEDIT{number}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium the browser tests are skipped, loudly; CI never skips."""
    if chromium() or os.environ.get("CI"):
        return
    skip = pytest.mark.skip(reason=f"NO CHROMIUM, browser tests not run. Type: {HOW_TO_GET_IT}")
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(skip)
