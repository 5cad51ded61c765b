"""One trial of the quick faults; `make test-faults` tries all, and as often as one likes."""

from pathlib import Path

import pytest

from tests.faults.__main__ import run
from tests.faults.catalogue import FAULTS
from tests.faults.rows import Fault, kill
from tests.faults.scenes import CannotBeTried

pytestmark = pytest.mark.system

QUICK = (
    "SIGKILL receiver, writing",
    "SIGKILL of all four",
    "SIGKILL receiver, with a spill",
    "SIGKILL pi web, writing an import",
    "disk full: below the reserve",
    "disk full: ENOSPC",
    "EIO on fsync",
    "clock 1970",
    "link refused",
)


@pytest.mark.parametrize("fault", [one for one in FAULTS if one.name in QUICK], ids=str)
def test_nothing_is_lost_and_nothing_doubled(fault: Fault, tmp_path: Path) -> None:
    try:
        result = run(fault, tmp_path, 1)
    except CannotBeTried as why:
        pytest.skip(str(why))
    assert result.finding.stored > 0
    assert result.miscounted() == []


def test_the_harness_sees_a_loss_and_a_double(tmp_path: Path) -> None:
    result = run(Fault("control", kill("worker")), tmp_path, 1, harm=True)
    assert result.finding.lost > 0
    assert result.finding.doubled > 0
