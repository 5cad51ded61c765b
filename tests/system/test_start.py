"""`make pi` and `make office` as they are typed: ready means running, and what fails is told."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import urllib3

from tests.system.farm import ROOT, free_port, wait_until

pytestmark = pytest.mark.system
ODD = 'a barn\'s 100% #1; "ü"'


class Start:
    """`deploy/roles.py` with a state folder and ports of its own."""

    def __init__(self, folder: Path, role: str, **more: str) -> None:
        self.state = folder / ODD / role
        self.output = folder / f"{role}-{time.monotonic_ns()}.txt"
        self.ports = {"PI_PORT": str(free_port()), "OFFICE_PORT": str(free_port())}
        udp = free_port(socket.SOCK_DGRAM)
        self.environment = {
            **{k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}},
            "HEXABRAND_ENV_FILE": str(folder / ".env"),
            "HEXABRAND_STATE_DIR": str(self.state),
            "LORA_UDP_BIND": f"127.0.0.1:{udp}",
            **self.ports,
            **more,
        }
        self._role = role

    def begin(self) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "deploy/roles.py", self._role],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        process = self.begin()
        try:
            wait_until(lambda: "is ready" in self.said or process.poll() is not None, "it runs")
            yield process
        finally:
            process.terminate()
            process.wait(60)

    def fail(self) -> str:
        """What it said, once it has ended by itself, with no process left behind."""
        before = self.left()
        process = self.begin()
        assert process.wait(120) == 1, self.said
        assert "is ready" not in self.said
        assert "Traceback" not in self.said
        assert self.left() == before
        return self.said

    @property
    def said(self) -> str:
        return self.output.read_text() if self.output.exists() else ""

    def left(self) -> list[int]:
        """The processes that have its state folder in their environment."""
        mine = f"HEXABRAND_STATE_DIR={self.state}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mine in (process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
            except OSError:
                continue
        return found


@pytest.fixture
def pi(tmp_path: Path) -> Start:
    return Start(tmp_path, "pi")


def test_ready_is_said_once_all_run_and_tells_where_to_go_on(pi: Start) -> None:
    urllib3.disable_warnings()
    with pi.running() as process:
        assert "The Pi is ready." in pi.said
        url = f"https://127.0.0.1:{pi.ports['PI_PORT']}/api/remote/health"
        assert requests.get(url, verify=False, timeout=20).status_code == 200
        (password,) = re.findall(r"Password +(\S+)", pi.said)
        assert len(password) == 12
        assert f":{pi.ports['PI_PORT']}/admin/" in pi.said
        assert str(pi.state) in pi.said
        paired = re.search(r"^ +(cd .* manage.py pairing)$", pi.said, re.MULTILINE)
        assert paired is not None
        typed = subprocess.run(
            ["/bin/sh", "-c", paired[1].replace(".venv/bin/python", sys.executable)],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "HEXABRAND_ENV_FILE": "/nowhere"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert typed.stdout.startswith("hexabrand1:")
        assert "hexabrand1:" not in pi.said

        again = Start(pi.state.parents[1], "pi", **pi.ports).fail()
        assert "`make pi` runs already" in again
        other = Start(
            pi.state.parents[1] / "other",
            "pi",
            **pi.ports,
            LORA_UDP_BIND=pi.environment["LORA_UDP_BIND"],
        )
        other.state.parent.mkdir(parents=True)
        taken = other.fail()
        assert f"PI_PORT={pi.ports['PI_PORT']} cannot be used" in taken
        assert f"LORA_UDP_BIND={pi.environment['LORA_UDP_BIND']} cannot be used" in taken
        assert "Password" not in taken

        (worker,) = re.findall(r"spawned: 'worker' with pid (\d+)", log(pi, "pi-supervisor"))
        os.kill(int(worker), signal.SIGKILL)
        wait_until(lambda: log(pi, "pi-supervisor").count("spawned: 'worker'") == 2, "it is back")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert pi.left() == []


def log(start: Start, name: str) -> str:
    return (start.state / f"{name}.log").read_text()


def test_a_process_that_ends_at_once_is_named_with_its_last_lines(pi: Start) -> None:
    pi.state.mkdir(parents=True)
    (pi.state / "worker.log").write_text("a line of an earlier start\n")
    with (pi.state / "worker.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = pi.fail()
    assert "worker ended" in said
    assert "A worker is running here already" in said
    assert str(pi.state / "worker.log") in said
    assert "earlier start" not in said
    assert re.search(r"Password +\S{12}", said), "the password that was made is told all the same"


@pytest.mark.parametrize(
    ("name", "value"),
    [("LORA_SERIAL", "ttyUSB0"), ("HEXABRAND_STATE_DIR", "/proc/nowhere"), ("PI_PORT", "x")],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str) -> None:
    said = Start(tmp_path, "pi", **{name: value}).fail()
    assert said.startswith(f"{name}=")
    assert len(said.splitlines()) == 1


def test_a_file_that_belongs_to_somebody_else_is_named_with_the_cure(pi: Start) -> None:
    (pi.state / "setup.lock").mkdir(parents=True)  # root may write anything but a folder
    assert "setup.lock" in pi.fail()


def test_an_office_obeys_what_stands_in_the_env_file(tmp_path: Path) -> None:
    office = Start(tmp_path, "office")
    del office.environment["HEXABRAND_STATE_DIR"], office.environment["OFFICE_PORT"]
    (tmp_path / ".env").write_text(
        f'HEXABRAND_STATE_DIR="{tmp_path}/in the file"\nOFFICE_PORT={office.ports["OFFICE_PORT"]}\n'
        "OFFICE_URL=https://farm.example\n"
    )
    with office.running() as process:
        assert "The office is ready." in office.said
        assert re.findall(r"Pages +(\S+)", office.said) == ["https://farm.example/office/"]
        assert "manage.py pair …" in office.said
        assert (tmp_path / "in the file" / "office-secret.key").exists()
        process.terminate()
        assert process.wait(60) == 0


def test_ctrl_c_before_it_is_ready_ends_all(pi: Start) -> None:
    process = pi.begin()
    wait_until(lambda: "Starting" in pi.said, "it starts")
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert "is ready" not in pi.said
    assert "Traceback" not in pi.said
    assert pi.left() == []
