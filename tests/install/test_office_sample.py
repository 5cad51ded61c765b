"""An office on made-up rows: all of it opens, it is for this machine alone, and it says so."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.install.documents import command
from tests.office.test_roles import CHANGED, SEEN
from tests.office.test_roles import address as path_of
from tests.system.farm import PATIENCE, ROOT, free_port, wait_until

pytestmark = pytest.mark.system

SAMPLE = command("manage.py office_sample")
NOTICE = "Sample data: there is no Pi, and no such herd."
WITHOUT_ROWS = {"office/import/<slug:token>", "office/payloads/<int:pk>/conflict"}
# What is typed there is completed, or brings a card.
NO_PAGES = {"office/batches/suggest", "office/pens/suggest", "office/chute/card"}
ASKED = {
    # Without the animals that a list had ticked there is nothing to move.
    **{f"office/cattle/{what}": "?id=1&id=2" for what in ("move", "leave", "treat", "pull")},
    **{f"office/work/{what}": "?kind=suspect&all=1" for what in ("dismiss", "remind")},
}


@dataclass(frozen=True, slots=True)
class Sample:
    port: int
    state: Path
    process: "subprocess.Popen[bytes]"

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=20)

    def answers(self) -> bool:
        assert self.process.poll() is None
        try:
            return self.get("/health").status_code == 200
        except requests.ConnectionError:
            return False


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    state, port = tmp_path_factory.mktemp("state"), free_port()
    own = {
        "HEXABRAND_STATE_DIR": str(state),
        "DJANGO_SETTINGS_MODULE": "hexabrand.settings.ui",
        "OFFICE_BIND": "0.0.0.0",
    }
    process = subprocess.Popen(
        [sys.executable, *SAMPLE.split(), "--port", str(port)], cwd=ROOT, env={**os.environ, **own}
    )
    found = Sample(port, state, process)
    try:
        wait_until(found.answers, "the sample answers")
        yield found
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("path", sorted((SEEN | CHANGED) - WITHOUT_ROWS - {"", "office/find"}))
def test_every_page_and_form_opens_and_says_that_it_is_sample_data(
    sample: Sample, path: str
) -> None:
    answer = sample.get(path_of(path) + ASKED.get(path, ""))
    assert answer.status_code == 200
    if path in NO_PAGES:
        assert answer.json()
    else:
        assert NOTICE in answer.text


def test_it_shows_some_hundred_animals_and_a_past(sample: Sample) -> None:
    assert "300" in sample.get("/office/cattle").text
    assert "<svg" in sample.get("/office/cattle/7").text
    assert "<svg" in sample.get("/office/batches/3").text


def test_an_open_page_is_kept_true(sample: Sample) -> None:
    here = f"127.0.0.1:{sample.port}"
    address = f"ws://{here}/ws/office?page=/office/payloads"
    with connect(address, origin=Origin(f"http://{here}")) as ws:
        told = ""
        while "hxb:LOT1:LF121:" not in told:  # the first one that it hears by itself
            told = str(ws.recv(timeout=20))
            ws.send(json.dumps({"ack": json.loads(told)["id"]}))


def test_a_change_is_refused_in_words(sample: Sample) -> None:
    browser = requests.Session()
    url = f"http://127.0.0.1:{sample.port}/office/batches/new"
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', browser.get(url).text)
    form = {**dict(hidden), "batch_number": "X", "source_type": "hxb"}
    assert "nothing is changed" in browser.post(url, form, timeout=20).text


def test_it_is_for_this_machine_alone(sample: Sample) -> None:
    """Whatever OFFICE_BIND says: not even another address of the loopback leads to it."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", sample.port), 5)
    assert sample.get("/office/", Host="farm.example").status_code == 400


def test_it_leaves_the_state_of_a_real_office_alone_and_ends_in_order(sample: Sample) -> None:
    sample.process.send_signal(signal.SIGTERM)
    assert sample.process.wait(PATIENCE) == 0
    assert list(sample.state.iterdir()) == []
