"""README's "Working on it" and what else developers type, with the distribution's own Python."""

from pathlib import Path

import pytest

from tests.install import computer, release
from tests.install.conftest import Make
from tests.install.documents import command
from tests.install.terminal import Terminal

FORMAT = command("make format")
FUZZ = command("make fuzz")
POWERCUT = command("FAULT_IMAGES=300 .venv/bin/python -m tests.faults.powercut")
MAKE_MESSAGES = command(".venv/bin/python manage.py makemessages -l de -i .venv")
COMPILE_MESSAGES = command(".venv/bin/python manage.py compilemessages -l de")
CHECK = command("manage.py check --deploy")


@pytest.fixture(scope="module")
def terminal(make: Make, shelf: Path, repository: str) -> Terminal:
    """In a clone that nothing was installed in yet."""
    program = computer.pythons()["debian"].program
    release.download_wheels(shelf / "wheels", [program], "requirements-dev.txt")
    terminal = make("desk").terminal()
    terminal.run(f"git clone {repository} hexabrand && cd hexabrand")
    return terminal


@pytest.mark.parametrize("make", ["debian"], indirect=True)
def test_a_developer_finds_all_tools_on_a_fresh_clone(terminal: Terminal) -> None:
    terminal.run(FORMAT)
    assert terminal.run("git status --porcelain") == ""

    terminal.run(f"FUZZ_SECONDS=2 {FUZZ}")
    terminal.run(POWERCUT.replace("300", "3"))
    terminal.run("export DJANGO_SETTINGS_MODULE=hexabrand.settings.ui")
    terminal.run(CHECK.replace("manage.py", ".venv/bin/python manage.py"))
    terminal.run(MAKE_MESSAGES)
    terminal.run(COMPILE_MESSAGES)
    assert "django.mo" in terminal.run("ls locale/de/LC_MESSAGES")
