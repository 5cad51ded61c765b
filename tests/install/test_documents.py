"""Nothing stands in README and docs for people to type that no test types."""

import importlib
import subprocess
from pathlib import Path

import pytest

from tests.install import computer, documents

PACKAGES = documents.command("sudo apt install git make python3-venv")

# What is typed elsewhere, or takes too long. The reason is for whoever adds to this list.
BENCHMARKS = ".venv/bin/python -m benchmarks"
ELSEWHERE = {
    "make check": "CI types it (.ci/run), on every change",
    "make test": "CI types it (.ci/run), on every change, and this runs inside it",
    "make test-faults": "25 minutes; its parts are typed by tests/faults",
    "make bench": "10 minutes; made of what benchmarks has, which make check reads",
    f"{BENCHMARKS} pages": "a part of make bench",
    f"{BENCHMARKS} worker": "a part of make bench",
    f"{BENCHMARKS} treated": "a part of make bench",
    f"{BENCHMARKS} growth": "a part of make bench",
    "make conform": "a minute; tests/fuzz has 20 seconds of it",
    "manage.py second_factor_off ana": "tests/remote/api/test_second_factor.py runs it",
    "manage.py second_factor_off NAME": "the same",
    "manage.py simulate_past [--seed S] [--head N]": "make demo runs it, which test_demo.py types",
    "make lock": "needs uv and the internet, and changes what is installed",
    "make screenshots": "writes into docs; the browser suite makes the same pictures",
    ".venv/bin/python -m tests.faults SIGKILL": "its faults are tried by tests/faults",
    ".venv/bin/python -m tests.faults.figures": "4 minutes",
    ".venv/bin/python -m tests.faults.stress": "5 minutes; tests/faults has ten seconds of it",
}


@pytest.fixture(scope="module", autouse=True)
def _all_tests_are_read() -> None:
    """They claim when they are imported, whichever of them are run."""
    for file in Path(__file__).parent.glob("test_*.py"):
        importlib.import_module(f"tests.install.{file.stem}")


def test_every_block_of_the_documents_is_typed() -> None:
    blocks = [one for file in documents.documents() for one in documents.blocks(file)]
    assert len(blocks) > 5
    assert [str(one) for one in blocks if not _is_block_typed(one)] == []


def _is_block_typed(one: documents.Typed) -> bool:
    parts = [part for line in one.commands for part in line.split(" && ")]
    return one.text in documents.claimed() or all(map(documents.stands_in_a_test, parts))


def test_every_command_of_the_documents_is_typed() -> None:
    commands = documents.inline_commands()
    assert len(commands) > 20
    assert [str(one) for one in commands if not _is_typed(one.text)] == []


def _is_typed(text: str) -> bool:
    elsewhere = {documents.bare(one) for one in ELSEWHERE}
    return (
        documents.bare(text) in elsewhere
        or documents.covers(text)
        or documents.stands_in_a_test(text)
    )


def test_whatever_is_said_to_be_typed_elsewhere_is_in_a_document() -> None:
    named = {one.text for one in documents.inline_commands()}
    assert set(ELSEWHERE) - named == set()


def test_debian_has_what_readme_asks_for() -> None:
    computer.require()
    typed = PACKAGES.removeprefix("sudo ").replace("apt install", "apt-get install --simulate")
    subprocess.run(typed.split(), check=True, stdout=subprocess.DEVNULL)


def test_ci_types_what_readme_says() -> None:
    typed = (documents.ROOT / ".ci/run").read_text().splitlines()
    assert {"make check", "make test"} <= set(typed)


@pytest.mark.parametrize("command", [one for one in ELSEWHERE if one.startswith("make ")])
def test_make_knows_what_is_typed_elsewhere(command: str) -> None:
    asked = [*command.split(), "--dry-run"]
    done = subprocess.run(
        asked, cwd=documents.ROOT, capture_output=True, text=True, check=True
    ).stdout
    programs = [word for line in done.splitlines() for word in line.split() if "deploy/" in word]
    assert [name for name in programs if not (documents.ROOT / name).exists()] == []
    assert done
