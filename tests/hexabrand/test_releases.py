"""Older code on a newer release's tables: a sentence, status 1, and nothing touched."""

import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db.migrations.loader import MigrationLoader

from hexabrand import releases
from remote.wire import RELEASE
from tests.hexabrand.test_commands import ROOT, manage

COMMANDS = (
    ("setup",),
    ("serve",),
    ("runworker",),
    ("pairing",),
    ("backup",),
    ("simulate", "--count", "1"),
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("releases") / "pi"
    assert manage(state, "setup").returncode == 0
    return state


@pytest.fixture
def newer(prepared: Path, tmp_path: Path) -> Path:
    """The state of a Pi that a later release has prepared."""
    state = Path(shutil.copytree(prepared, tmp_path / "a #1 100% newer?" / "pi"))
    change(
        state,
        "INSERT INTO django_migrations (app, name, applied)"
        " VALUES ('herd', '0099_later', '2027-01-01'), ('weather', '0001_initial', '2027-01-01')",
        "INSERT INTO releases (release, prepared_at) VALUES ('9.9.0', '2027-01-01')",
    )
    return state


def change(state: Path, *statements: str) -> None:
    with closing(sqlite3.connect(state / "pi.sqlite3")) as database, database:
        for statement in statements:
            database.execute(statement)


def contents(state: Path) -> dict[str, bytes]:
    """Of all that counts: SQLite makes its empty side files anew whenever somebody reads."""
    beside = {"pi.sqlite3-shm"}
    files = {file for file in state.rglob("*") if file.is_file() and file.name not in beside}
    return {str(f.relative_to(state)): f.read_bytes() for f in files if f.stat().st_size}


def test_every_command_refuses_a_newer_herd_and_touches_nothing(newer: Path) -> None:
    before = contents(newer)

    def tried(command: tuple[str, ...]) -> Any:
        return manage(newer, *command)

    with ThreadPoolExecutor(3) as pool:
        for command, done in zip(COMMANDS, pool.map(tried, COMMANDS), strict=True):
            assert done.returncode == 1, command
            assert done.stderr.startswith("This herd was made by HexaBrand 9.9.0"), command
            assert f"this is {RELEASE}" in done.stderr
            assert "herd.0099_later, weather.0001_initial" in done.stderr
            assert len(done.stderr.splitlines()) == 1
    assert contents(newer) == before


def test_daphne_alone_refuses_it_too(newer: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import hexabrand.asgi.pi"],
        cwd=ROOT,
        env={"HEXABRAND_STATE_DIR": str(newer), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "9.9.0" in done.stderr


def test_a_backup_of_this_release_is_the_way_back(prepared: Path, newer: Path) -> None:
    file = manage(prepared, "backup", "--to", str(newer.parent)).stdout.strip()
    done = manage(newer, "restore", "--yes", file)
    assert done.returncode == 0, done.stderr
    assert manage(newer, "setup").returncode == 0


def test_a_newer_release_that_left_no_name_is_refused_as_well(newer: Path) -> None:
    change(newer, "DELETE FROM releases")
    done = manage(newer, "pairing")
    assert done.returncode == 1
    assert "a newer release of HexaBrand" in done.stderr


def test_what_this_release_has_applied_it_knows() -> None:
    loaded = set(MigrationLoader(None).disk_migrations)
    assert len(loaded) > 20
    assert releases.unknown_migrations(loaded) == []
    assert releases.unknown_migrations({*loaded, ("herd", "0099_x")}) == ["herd.0099_x"]


def test_setup_records_its_release_once(prepared: Path) -> None:
    manage(prepared, "setup")
    with closing(sqlite3.connect(prepared / "pi.sqlite3")) as database:
        assert database.execute("SELECT release FROM releases").fetchall() == [(RELEASE,)]


def test_a_file_that_is_no_database_says_nothing(tmp_path: Path) -> None:
    file = tmp_path / "pi.sqlite3"
    assert releases.tables_of(file) is None
    file.write_bytes(b"no database" * 1000)
    assert releases.tables_of(file) is None
