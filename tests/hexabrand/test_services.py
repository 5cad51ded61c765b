"""As services: processes that tell when they are ready and that they live, and units that hold."""

import http.client
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands
from pytest_django import Settings

from lora.processes.watchdog import EVERY, Heartbeat, Watchdog, seconds_since
from tests.hexabrand.test_commands import manage
from tests.system.farm import ROOT, free_port, wait_until
from tests.wall import can_be_built

UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
MOST_EXPOSED = 2.0  # of 10, by systemd's own count


class Manager:
    """The service manager's end of NOTIFY_SOCKET."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(file))

    def hears(self, within: float) -> str:
        self.socket.settimeout(within)
        try:
            return self.socket.recv(100).decode()
        except TimeoutError:
            return ""


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    made = Manager(tmp_path / "notify")
    yield made
    made.socket.close()


def started(
    state: Path, manager: Manager, command: str, role: str, unit: str = ""
) -> "subprocess.Popen[bytes]":
    """Behind the wall of `unit`, where one is named."""
    assert manage(state, "setup", role=role).returncode == 0
    wall = ["-m", "tests.wall", str(ROOT / "deploy/systemd" / unit), sys.executable] if unit else []
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": f"hexabrand.settings.{role}",
        "HEXABRAND_STATE_DIR": str(state),
        "NOTIFY_SOCKET": str(manager.file),
        "WATCHDOG_USEC": "1500000",
        "LORA_UDP_BIND": f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}",
        "PI_PORT": str(free_port()),
        "OFFICE_PORT": str(free_port()),
    }
    return subprocess.Popen(
        [sys.executable, *wall, "manage.py", command], cwd=ROOT, env=environment
    )


@pytest.mark.parametrize(
    ("command", "role"),
    [("runreceiver", "pi"), ("runworker", "pi"), ("serve", "pi"), ("serve", "ui")],
)
def test_a_process_says_when_it_is_ready_and_that_it_lives_until_it_hangs(
    tmp_path: Path, manager: Manager, command: str, role: str
) -> None:
    process = started(tmp_path / "state", manager, command, role)
    try:
        assert manager.hears(60) == "READY=1"
        assert [manager.hears(30) for _ in range(3)] == ["WATCHDOG=1"] * 3
        process.send_signal(signal.SIGSTOP)
        while manager.hears(0.2):
            pass  # what was said before
        assert manager.hears(3) == ""
    finally:
        process.kill()
        process.wait()


@contextmanager
def at_work(*arguments: Any, **more: Any) -> Iterator["subprocess.Popen[bytes]"]:
    process = started(*arguments, **more)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(("command", "job"), [("runreceiver", "receiver"), ("runworker", "worker")])
def test_a_job_at_work_leaves_a_mark_until_it_hangs(
    tmp_path: Path, manager: Manager, settings: Settings, command: str, job: str
) -> None:
    settings.HEXABRAND_STATE_DIR = state = tmp_path / "state"
    assert seconds_since(job) is None
    with at_work(state, manager, command, "pi") as process:
        wait_until(lambda: seconds_since(job) is not None, "the first mark is left")
        wait_until(lambda: (seconds_since(job) or 0) > EVERY / 2, "it grows old")
        wait_until(lambda: (seconds_since(job) or 0) < EVERY / 2, "the next mark is left")
        process.send_signal(signal.SIGSTOP)
        wait_until(lambda: (seconds_since(job) or 0) > EVERY + 1, "it hangs, and that is seen")


def test_a_mark_of_an_earlier_boot_is_older_than_this_one(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HEXABRAND_STATE_DIR = tmp_path
    Heartbeat("worker").beat()
    assert (seconds_since("worker") or 0) < 1
    monkeypatch.setattr("lora.processes.watchdog._boot", lambda: "another")
    assert abs((seconds_since("worker") or 0) - time.monotonic()) < 1


def settled(state: Path) -> list[str]:
    with closing(sqlite3.connect(state / "pi.sqlite3")) as database:
        return [row[0] for row in database.execute("SELECT status FROM lora_payload_buffer")]


behind_walls = pytest.mark.skipif(not can_be_built(), reason="systemd or libseccomp is missing")


@behind_walls
def test_receiver_and_worker_work_behind_the_walls_of_their_units(
    tmp_path: Path, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port(socket.SOCK_DGRAM)
    monkeypatch.setattr("tests.hexabrand.test_services.free_port", lambda *_: port)
    state = tmp_path / "state"
    with at_work(state, manager, "runreceiver", "pi", unit="hexabrand-receiver.service"):
        assert manager.hears(60) == "READY=1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"hxb:BATCH001:LF123:UHF456", ("127.0.0.1", port))
        wait_until(lambda: settled(state) == ["received"], "the frame is stored")
    with at_work(state, manager, "runworker", "pi", unit="hexabrand-worker.service"):
        wait_until(lambda: settled(state) == ["processed"], "the payload is applied")


@behind_walls
def test_the_pi_answers_over_tls_behind_the_wall_of_its_unit(
    tmp_path: Path, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setattr("tests.hexabrand.test_services.free_port", lambda *_: port)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with at_work(tmp_path / "state", manager, "serve", "pi", unit="hexabrand-web.service"):
        assert [manager.hears(60), manager.hears(30)] == ["READY=1", "WATCHDOG=1"]
        link = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
        with closing(link):
            link.request("GET", "/api/remote/health")
            assert link.getresponse().status in {200, 503}  # no receiver beside it


@behind_walls
def test_the_office_lives_behind_the_wall_of_its_unit(tmp_path: Path, manager: Manager) -> None:
    with at_work(tmp_path / "state", manager, "serve", "ui", unit="hexabrand-office.service"):
        assert [manager.hears(60), manager.hears(30)] == ["READY=1", "WATCHDOG=1"]


def test_without_a_manager_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    Watchdog().alive()


def test_a_manager_that_is_gone_does_not_stop_the_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    Watchdog().alive()


@pytest.mark.parametrize("unit", UNITS, ids=lambda file: file.name)
def test_a_unit_starts_a_command_of_ours_and_is_documented(unit: Path) -> None:
    commands = re.findall(r"^Exec\w+=.* manage\.py (\w+)", unit.read_text(), re.MULTILINE)
    assert commands
    assert set(commands) <= set(get_commands())
    assert unit.name.removesuffix(".service") in (ROOT / "docs/running.md").read_text()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
@pytest.mark.parametrize("unit", UNITS, ids=lambda file: file.name)
def test_a_unit_is_well_walled_in(unit: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.search(r"exposure level for \S+: ([0-9.]+)", told)
    assert found is not None, told
    assert float(found[1]) <= MOST_EXPOSED
