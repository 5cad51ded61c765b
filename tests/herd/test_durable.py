"""Small files are replaced in one step, and a disk that takes nothing leaves no litter."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from herd import durable


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow, as on a full disk: that of the test's own output too, so
    it lasts for no more than one call."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_it_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "note.json"
    durable.replace(file, "old")
    durable.replace(file, "new")
    assert [(one.read_text(), one.stat().st_mode & 0o777) for one in tmp_path.iterdir()] == [
        ("new", 0o600)
    ]


def test_a_disk_that_takes_nothing_leaves_the_old_one_and_no_litter(tmp_path: Path) -> None:
    file = tmp_path / "note.json"
    durable.replace(file, "old")
    with pytest.raises(OSError, match="File too large"), full_disk():
        durable.replace(file, "new")
    assert [one.name for one in tmp_path.iterdir()] == ["note.json"]
    assert file.read_text() == "old"
