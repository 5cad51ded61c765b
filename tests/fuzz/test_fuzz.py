"""A little of `make fuzz` with every test run; the same choices each time."""

from pathlib import Path

import pytest

from tests.fuzz.__main__ import batter
from tests.fuzz.conformance import conform

pytestmark = pytest.mark.system

SECONDS = 12.0


def test_nonsense_at_every_door_crashes_nothing_and_hangs_nothing(tmp_path: Path) -> None:
    assert batter(tmp_path, SECONDS, seed=1) == []


def test_the_pi_is_as_its_description_says(tmp_path: Path) -> None:
    done = conform(tmp_path, 20, "--seed=1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tested: " in done.stdout
