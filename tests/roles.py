"""A pytest plugin that chooses the role by the paths that are asked for; `make t` runs both roles.

The office has no database and the Pi does: one process has the settings of one of them, and they
are read before the first test file is. `python -m tests.roles PATHS OPTIONS` starts pytest once a
role."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
SETTINGS = {"pi": "hexabrand.settings.pi", "office": "hexabrand.settings.ui"}
# The last four start programs and look at them from outside: for them no database is made.
OFFICE = tuple(TESTS / name for name in ("office", "system", "faults", "fuzz", "install"))
TAKE_A_VALUE = {"-k", "-m", "-n", "-p", "-o", "-W", "-c"}
MIXED = (
    "These tests are of both roles: name paths of one,"
    ' or type `make t ARGS="…"`, which gives each role its own settings.'
)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Set DJANGO_SETTINGS_MODULE by the paths, unless `--ds` names the settings."""
    # A wrapper comes before pytest-django, which reads the settings in the same hook.
    options, folder = early_config.known_args_namespace, early_config.invocation_params.dir
    # A worker of pytest-xdist is not told what to ignore, but inherits what was chosen.
    if not options.ds and "PYTEST_XDIST_WORKER" not in os.environ:
        ignored = [(folder / path).resolve() for path in options.ignore or ()]
        roles = by_role(options.file_or_dir or ["."], folder, ignored)
        if len(roles) > 1:
            raise pytest.UsageError(MIXED)
        os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS[next(iter(roles))]
    return (yield)


def by_role(
    asked: Sequence[str], folder: Path, ignored: Sequence[Path] = ()
) -> dict[str, list[str]]:
    """Return the paths of each role; for a folder with tests of both, those of the office too."""
    found: dict[str, list[str]] = {}
    for name in asked:
        path = (folder / name.partition("::")[0]).resolve()
        if any(path.is_relative_to(one) for one in OFFICE):
            found.setdefault("office", []).append(name)
            continue
        found.setdefault("pi", []).append(name)
        for one in OFFICE:
            if one.is_relative_to(path) and one not in ignored:
                found.setdefault("office", []).append(str(one))
    return found


def main(arguments: list[str]) -> int:
    """Run pytest once a role; where nothing of one role matches `-k`, the other decides."""
    paths, options = _split(arguments)
    codes = []
    for role, asked in by_role(paths or ["tests"], ROOT).items():
        ignored = [f"--ignore={one}" for one in OFFICE] if role == "pi" else []
        command = [sys.executable, "-m", "pytest", *asked, *ignored, *options]
        codes.append(subprocess.run(command, cwd=ROOT, check=False).returncode)
    failed = [code for code in codes if code not in {0, pytest.ExitCode.NO_TESTS_COLLECTED}]
    return failed[0] if failed else min(codes)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return the paths and the rest: `-k herd` is an option, though there is a folder herd."""
    paths: list[str] = []
    options: list[str] = []
    for before, word in zip(["", *arguments], arguments, strict=False):
        file = word.partition("::")[0]  # one that is misspelt too: its role's run says so
        is_path = before not in TAKE_A_VALUE and (file.endswith(".py") or (ROOT / file).exists())
        (paths if is_path and not word.startswith("-") else options).append(word)
    return paths, options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
