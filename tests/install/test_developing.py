"""README's "Working on it" and what else developers type, with the distribution's own Python."""

from pathlib import Path

import pytest

from tests.install import computer, release
from tests.install.computer import Computer
from tests.install.conftest import Make
from tests.install.documents import block, command
from tests.install.terminal import Terminal

SET_UP = block("docs/contributing.md", "git clone")
PROFILE = block("docs/contributing.md", ".venv/bin/python -m cProfile")
HELP = command("make help")
DEV = command("make dev")
SHELL = command("make shell")
ONE_FOLDER = command('make t ARGS="tests/herd/rules"')
SOME = command('make t ARGS="tests/herd -k weight -x"')
FORMAT = command("make format")
FUZZ = command("make fuzz")
POWERCUT = command("FAULT_IMAGES=300 .venv/bin/python -m tests.faults.powercut")
MAKE_MIGRATIONS = command(
    "DJANGO_SETTINGS_MODULE=hexabrand.settings.pi .venv/bin/python manage.py makemigrations herd"
)
MAKE_MESSAGES = command(".venv/bin/python manage.py makemessages -l de -i .venv")
COMPILE_MESSAGES = command(".venv/bin/python manage.py compilemessages -l de")
CHECK = command("manage.py check --deploy")


@pytest.fixture(scope="module")
def desk(make: Make, shelf: Path) -> Computer:
    program = computer.pythons()["debian"].program
    release.download_wheels(shelf / "wheels", [program], "requirements-dev.txt")
    return make("desk")


@pytest.fixture(scope="module")
def terminal(desk: Computer, repository: str) -> Terminal:
    """In a clone that nothing was installed in yet."""
    terminal = desk.terminal()
    terminal.run(SET_UP.commands[0].replace("<this repository>", repository))
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


@pytest.mark.parametrize("make", ["debian"], indirect=True)
def test_a_developer_asks_looks_and_tests(terminal: Terminal) -> None:
    assert "make test " in terminal.run(HELP)
    models = "from herd.models import Animal; print(Animal._meta.label)"
    assert "herd.Animal" in terminal.run(f"echo '{models}' | {SHELL} ROLE=pi")
    office = "from django.conf import settings; print(settings.DATABASES)"
    assert "{}" in terminal.run(f"echo '{office}' | {SHELL} ROLE=office")
    for tests in (*SET_UP.commands[1:], ONE_FOLDER, SOME):
        terminal.run(tests)
    assert "No changes" in terminal.run(MAKE_MIGRATIONS)
    profile = [terminal.run(line) for line in PROFILE.commands]
    assert "function calls" in profile[-1]


@pytest.mark.parametrize("make", ["debian"], indirect=True)
def test_a_change_is_seen_without_a_start_of_the_demo(desk: Computer, terminal: Terminal) -> None:
    terminal.start(DEV)
    terminal.wait_for("Ctrl-C ends everything")
    editor = desk.terminal()
    editor.run("cd hexabrand && sed -i 's/<h1>/<h1>Changed /' templates/office/login.html")
    assert "Changed" in editor.run("curl --silent http://127.0.0.1:5000/login")

    editor.run("touch herd/errors.py")
    terminal.wait_for(r"herd/errors\.py: started again")

    terminal.interrupt()
    editor.run("git restore .")
