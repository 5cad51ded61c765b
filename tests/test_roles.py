"""Tests run in the settings of their role, however and wherever they are asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.roles import MIXED, ROOT, _split, by_role

PYTEST = str(Path(sys.executable).with_name("pytest"))
PI_TEST = "tests/herd/rules/test_tags.py"
OFFICE_TEST = "tests/office/test_backoff.py"


def run(*command: str, folder: str = ".") -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if "DJANGO" not in name}
    fresh = {name: value for name, value in kept.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        command, cwd=ROOT / folder, env=fresh, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        ((PYTEST, PI_TEST), "."),
        ((PYTEST, OFFICE_TEST), "."),
        ((PYTEST, "test_backoff.py"), "tests/office"),
        ((PYTEST,), "tests/herd/rules"),
        ((sys.executable, "-m", "pytest", f"{PI_TEST}::test_a_farms_own_label_is_left_alone"), "."),
    ],
)
def test_plain_pytest_finds_the_role_by_the_path(command: tuple[str, ...], folder: str) -> None:
    done = run(*command, "--collect-only", folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("paths", [(), ("tests",), (PI_TEST, OFFICE_TEST)])
def test_a_run_of_both_roles_is_refused_in_a_sentence(paths: tuple[str, ...]) -> None:
    done = run(PYTEST, *paths)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.strip() == f"ERROR: {MIXED}"


def test_what_is_ignored_has_no_role() -> None:
    office = [ROOT / "tests" / name for name in ("office", "system", "faults", "fuzz", "install")]
    assert by_role(["tests"], ROOT, office) == {"pi": ["tests"]}
    assert by_role(["tests"], ROOT, office[1:]) == {"pi": ["tests"], "office": [str(office[0])]}


def test_tests_of_both_roles_run_one_role_after_the_other() -> None:
    both = (sys.executable, "-m", "tests.roles", PI_TEST, OFFICE_TEST)
    done = run(*both, "--collect-only")
    assert done.returncode == 0, done.stderr
    assert {PI_TEST, OFFICE_TEST} <= {line.partition("::")[0] for line in done.stdout.splitlines()}


def test_a_role_in_which_nothing_matches_does_not_fail_the_other() -> None:
    both = (sys.executable, "-m", "tests.roles", PI_TEST, OFFICE_TEST)
    assert run(*both, "-k", "backoff", "--collect-only").returncode == 0
    assert run(*both, "-k", "no_such_test").returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert run(*both, "no/such/file.py").returncode == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        (["-k", "herd"], []),
        ([PI_TEST, "-x", "-k", "tests"], [PI_TEST]),
        (["-k", "one or two", f"{OFFICE_TEST}::test_x", "--lf"], [f"{OFFICE_TEST}::test_x"]),
    ],
)
def test_a_word_is_a_path_unless_an_option_takes_it(arguments: list[str], paths: list[str]) -> None:
    found, options = _split(arguments)
    assert found == paths
    assert sorted([*found, *options]) == sorted(arguments)
