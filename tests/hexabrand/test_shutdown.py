"""Told to end at whatever moment, a command ends with status 0 and without a traceback."""

import os
import signal
import socket
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from tests.hexabrand.test_commands import MANAGE, manage
from tests.system.farm import free_port, wait_until

DELAYS = (0.0, 0.1, 0.3, 0.5, 0.8)
LONG = ("serve", "runreceiver", "runworker", "simulate")
SHORT = ("setup", "pairing", "backup")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ending")
    for role in ("pi", "ui"):
        manage(folder / role, "setup", role=role)
    return folder


def started(state: Path, role: str, command: str, **more: str) -> Any:
    """Once its own first line has run: before that it is Python that starts, not we."""
    process = subprocess.Popen(
        [sys.executable, MANAGE, command],
        cwd="/",
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={
            **{k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}},
            "DJANGO_SETTINGS_MODULE": f"hexabrand.settings.{role}",
            "HEXABRAND_STATE_DIR": str(state / role),
            "LORA_UDP_BIND": f"127.0.0.1:{free_port()}",
            "PI_PORT": str(free_port()),
            "OFFICE_PORT": str(free_port()),
            **more,
        },
    )
    wait_until(lambda: hears_sigterm(process.pid), "the handlers stand")
    return process


def hears_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next((line for line in status.splitlines() if line.startswith("SigCgt:")), "SigCgt: 0")
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGTERM - 1))


@pytest.mark.parametrize(
    ("role", "command"),
    [("ui", "serve"), ("ui", "setup"), *(("pi", command) for command in LONG + SHORT)],
)
def test_a_command_ends_with_status_0_whenever_it_is_told(
    state: Path, role: str, command: str
) -> None:
    signals = cycle((signal.SIGTERM, signal.SIGINT, signal.SIGINT, signal.SIGTERM))
    for delay, number in zip(DELAYS, signals, strict=False):
        process = started(state, role, command)
        time.sleep(delay)
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert (process.returncode, "Traceback" in said) == (0, False), (delay, number, said)


def test_serve_works_from_any_folder(state: Path) -> None:
    port = free_port()
    process = started(state, "ui", "serve", OFFICE_PORT=str(port))
    try:
        wait_until(lambda: is_open(port), "the office serves")
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
