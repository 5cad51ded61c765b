"""What a start takes for damage, and what not: with the real commands and injected errors."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.hexabrand.test_backup import PI, asked, backed_up, first_pi, harm, pi
from tests.hexabrand.test_commands import MANAGE, manage
from tests.system.farm import ROOT

__all__ = ["first_pi", "pi"]  # fixtures

needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not here")


@pytest.fixture
def farm(pi: Path) -> Path:
    """The backup knows a batch that is gone by now: whoever sees it has been thrown back."""
    backed_up(pi)
    with closing(sqlite3.connect(pi / PI)) as database, database:
        database.execute("DELETE FROM batches")
    return pi


def is_untouched(state: Path) -> bool:
    batches = asked(state, "SELECT count(*) FROM batches")
    return batches == 0 and not [*state.glob("set-aside-*"), *state.glob("damaged")]


def set_up_with_failing_reads(state: Path, when: str) -> Any:
    """`when` as strace counts: the second read alone, `2`; all from the second on, `2+`."""
    file = str(state / PI)
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", file, "-e", "trace=pread64"]
    inject = ["-e", f"inject=pread64:error=EIO:when={when}"]
    return subprocess.run(
        [*strace, *inject, sys.executable, MANAGE, "setup", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={
            "PATH": "/usr/bin:/bin",
            "DJANGO_SETTINGS_MODULE": "hexabrand.settings.pi",
            "HEXABRAND_STATE_DIR": str(state),
        },
    )


@needs_strace
@pytest.mark.parametrize("when", ["1", "2", "3", "5", "9", "14", "20", "26"])
def test_one_read_error_does_not_throw_a_healthy_farm_back(farm: Path, when: str) -> None:
    done = set_up_with_failing_reads(farm, when)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0 or "CommandError: " in done.stderr, done.stderr
    assert is_untouched(farm)
    assert manage(farm, "setup", "--json").returncode == 0


@needs_strace
@pytest.mark.parametrize("when", ["1+", "3+", "5+", "9+"])
def test_a_disk_that_does_not_read_stops_the_start_and_nothing_is_touched(
    farm: Path, when: str
) -> None:
    done = set_up_with_failing_reads(farm, when)
    assert done.returncode == 1
    assert "pi.sqlite3 cannot be read now" in done.stderr
    assert "Traceback" not in done.stderr
    assert is_untouched(farm)


@pytest.fixture
def holder(farm: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(farm / PI, isolation_level=None)) as database:
        database.execute("PRAGMA locking_mode=EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        database.execute("COMMIT")  # and the lock stays
        yield database


def test_a_locked_database_stops_the_start_and_nothing_is_touched(
    farm: Path, holder: sqlite3.Connection
) -> None:
    done = manage(farm, "setup", "--json")
    assert done.returncode == 1
    assert "pi.sqlite3 cannot be read now: database is locked" in done.stderr
    holder.close()
    assert is_untouched(farm)


def test_a_database_without_a_herd_is_none_of_ours(farm: Path) -> None:
    for file in farm.glob(f"{PI}*"):
        file.unlink()
    with closing(sqlite3.connect(farm / PI)) as database:
        database.execute("PRAGMA journal_mode=WAL")  # as a process does that finds no file
    done = manage(farm, "setup", "--json")
    assert done.returncode == 0, done.stderr
    assert "what was stored after 2026-11-01" in done.stderr
    assert asked(farm, "SELECT batch_number FROM batches") == "LOT1"


def test_recovery_brings_back_the_database_alone(farm: Path) -> None:
    (farm / "pi-secret.key").write_text("a newer key")
    harm(farm / PI, "flipped")
    assert manage(farm, "setup", "--json").returncode == 0
    assert (farm / "pi-secret.key").read_text() == "a newer key"


def test_a_restore_sets_aside_the_keys_that_it_replaces_and_says_so(farm: Path) -> None:
    (file,) = (farm / "backups").iterdir()
    before = (farm / "pi-secret.key").read_text()
    (farm / "pi-secret.key").write_text("a newer key")
    done = manage(farm, "restore", str(file))
    (aside,) = farm.glob("set-aside-*")
    assert str(aside) in done.stdout
    assert (farm / "pi-secret.key").read_text() == before
    assert (aside / "pi-secret.key").read_text() == "a newer key"
    assert (aside / PI).exists()
