"""A new release over an old herd: kept before, whole after, also when the power goes in between."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.hexabrand.test_commands import manage

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of a Pi of the first release, with one payload that waits."""
    state = tmp_path_factory.mktemp("old") / "pi"
    assert manage(state, "setup", "--json").returncode == 0
    assert manage(state, "migrate", "lora", "0001").returncode == 0
    assert manage(state, "migrate", "remote", "0002").returncode == 0  # releases were not recorded
    with closing(sqlite3.connect(state / "pi.sqlite3")) as database, database:
        database.execute(
            "INSERT INTO lora_payload_buffer (id, raw_payload, form, status, error_code,"
            " error_message, remark, source, original_length, digest, received_at, boot,"
            " arrived_ms, attempts) VALUES (1, 'hxb:B1:LF1:U1', 'plain', 'received', '', '', '',"
            " 'udp:10.0.0.1', 13, 5, '2026-11-01', 1, 1, 0)"
        )
    return state


@pytest.fixture
def state(old: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(old, tmp_path / "pi"))


def columns(state: Path) -> set[str]:
    with closing(sqlite3.connect(state / "pi.sqlite3")) as database:
        return {row[1] for row in database.execute("PRAGMA table_info(lora_payload_buffer)")}


def kept(state: Path) -> list[str]:
    with closing(sqlite3.connect(state / "pi.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [text for (text,) in database.execute("SELECT raw_payload FROM lora_payload_buffer")]


def test_an_upgrade_keeps_a_backup_of_the_herd_as_it_was(state: Path) -> None:
    done = manage(state, "setup", "--json")
    assert done.returncode == 0, done.stderr
    assert "approximate" in columns(state)
    assert kept(state) == ["hxb:B1:LF1:U1"]
    (backup,) = (state / "backups").glob("*.tar.gz")
    assert backup.name in done.stderr


def test_a_start_without_an_upgrade_makes_no_backup(state: Path) -> None:
    for _ in range(2):
        assert manage(state, "setup", "--json").returncode == 0
    assert len(list((state / "backups").glob("*.tar.gz"))) == 1


def test_an_upgrade_without_room_for_a_backup_changes_nothing(state: Path) -> None:
    before = columns(state)
    (state / "backups").write_text("no folder")
    refused = manage(state, "setup", "--json")
    assert refused.returncode != 0
    assert "No backup before the tables are changed" in refused.stderr
    assert columns(state) == before


@pytest.mark.parametrize("call", [1, 2, 3, 5, 8, 13, 21])
def test_power_that_goes_while_the_tables_change_loses_nothing(state: Path, call: int) -> None:
    """Killed at its n-th sync; the next start goes on."""
    if shutil.which("strace") is None:
        pytest.skip("strace is missing: apt-get install strace")
    subprocess.run(
        [
            "strace",
            "-f",
            "-o",
            "/dev/null",
            "-e",
            "trace=fdatasync",
            "-e",
            f"inject=fdatasync:signal=KILL:when={call}",
            sys.executable,
            "manage.py",
            "setup",
            "--json",
        ],
        cwd=ROOT,
        check=False,
        capture_output=True,
        env=os.environ
        | {"HEXABRAND_STATE_DIR": str(state), "DJANGO_SETTINGS_MODULE": "hexabrand.settings.pi"},
    )
    assert kept(state) == ["hxb:B1:LF1:U1"]
    again = manage(state, "setup", "--json")
    assert again.returncode == 0, again.stderr
    assert "approximate" in columns(state)
    assert kept(state) == ["hxb:B1:LF1:U1"]
    assert list((state / "backups").glob("*.tar.gz"))
