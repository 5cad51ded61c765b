"""README's first page, typed on a fresh computer."""

import re

import pytest

from tests.install.computer import Computer
from tests.install.conftest import Make
from tests.install.documents import block
from tests.install.pages import Reader
from tests.install.terminal import Terminal
from tests.system.farm import wait_until

TRY_IT = block("README.md", "make demo")
SEND = block("README.md", "echo 'hxb:")


@pytest.fixture(scope="module")
def computer(make: Make) -> Computer:
    return make("laptop")


@pytest.fixture(scope="module")
def terminal(computer: Computer, repository: str) -> Terminal:
    """In which the demo runs."""
    clone, demo = TRY_IT.commands
    terminal = computer.terminal()
    terminal.run(clone.replace("<this repository>", repository))
    terminal.start(demo)
    terminal.wait_for("Ctrl-C ends everything")
    return terminal


@pytest.fixture(scope="module")
def reader(computer: Computer, terminal: Terminal) -> Reader:
    told = dict(re.findall(r"^ +(Office|User|Password) +(\S+)$", terminal.printed, re.MULTILINE))
    reader = Reader(computer, told["Office"])
    assert reader.signs_in(told["User"], told["Password"])  # at once, as who reads it does
    return reader


def test_the_demo_shows_a_tag_that_somebody_sends(computer: Computer, reader: Reader) -> None:
    computer.terminal().run(SEND.commands[0])

    wait_until(lambda: "BATCH001" in reader.page("/office/batches"), "the batch is on the page")
    assert "LF123" in reader.page("/office/cattle?search=LF123")


def test_ctrl_c_leaves_nothing_of_the_demo(computer: Computer, terminal: Terminal) -> None:
    assert len(computer.processes()) > 5

    terminal.interrupt()

    assert computer.processes() == []
