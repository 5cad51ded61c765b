"""One version, told alike by everything that tells one."""

import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import remote.wire

ROOT = Path(__file__).resolve().parents[2]


def printed(*command: str) -> str:
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "HEXABRAND_STATE_DIR": "/proc/nowhere"},  # needs no state
    )
    return done.stdout


def test_make_and_manage_print_the_release_that_the_code_has() -> None:
    assert printed("make", "-s", "version") == f"{remote.wire.RELEASE}\n"
    assert printed(sys.executable, "manage.py", "--version") == (
        f"HexaBrand {remote.wire.RELEASE}\n"
    )


def test_the_project_file_reads_it_where_the_code_has_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "remote.wire.RELEASE"}


def test_the_changelog_begins_with_it_and_goes_down() -> None:
    headings = re.findall(
        r"^## \[(.+?)\] - (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert headings[0][0] == remote.wire.RELEASE
    versions = [tuple(map(int, version.split("."))) for version, _ in headings]
    days = [date.fromisoformat(day) for _, day in headings]
    assert versions == sorted(set(versions), reverse=True)
    assert days == sorted(days, reverse=True)
