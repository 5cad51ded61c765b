"""`make demo`: a Pi, an office and a simulated barn on this machine, until Ctrl-C."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deploy.supervise import ROOT, Program, manage, run_until_told, start

STATE = ROOT / "var" / "demo"
PASSWORD_FILE = STATE / "password"
HERE = "127.0.0.1"
PATIENCE = 60.0
PENS = {f"P{number:02}": 60 + 20 * (number % 4) for number in range(1, 13)}


def main() -> int:
    pi, office = _environment("pi"), _environment("office")
    _refuse_taken_ports(pi)
    print("Preparing a Pi and an office …", flush=True)  # noqa: T201 - this program talks
    account = json.loads(manage(pi, "setup", "--json"))
    password = _remember(account["password"])
    manage(office, "setup")
    _pair(pi, office, account)
    supervisor = start(STATE, [*_barn(pi), *_rest(pi, office)])
    _wait_for_office(supervisor, office)
    _tell(office, pi, account["username"], password)
    return run_until_told(supervisor)


def _environment(role: str) -> dict[str, str]:
    settings = {"pi": "hexabrand.settings.pi", "office": "hexabrand.settings.ui"}
    asked = {
        "OFFICE_BIND": HERE,
        "OFFICE_PORT": "5000",
        "PI_BIND": HERE,
        "PI_PORT": "5001",
        "LORA_UDP_BIND": f"{HERE}:1700",
    }
    return {
        **{name: os.environ.get(name, default) for name, default in asked.items()},
        "DJANGO_SETTINGS_MODULE": settings[role],
        "HEXABRAND_STATE_DIR": str(STATE / role),
        "TRUST_CLOCK": "True",
    }


def _pair(pi: dict[str, str], office: dict[str, str], account: dict[str, str]) -> None:
    """As two machines do it: the office asks a Pi that is running. And somebody builds the pens."""
    command = [sys.executable, "manage.py", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **pi}) as web:  # noqa: S603 - our own command
        try:
            _wait_for_port(pi["PI_BIND"], int(pi["PI_PORT"]))
            manage(office, "pair", account["pairing"])
            _build_pens(pi, account["api_key"])
        finally:
            web.terminate()


def _build_pens(pi: dict[str, str], key: str) -> None:
    """As an integrator would, over REST; a pen that is there already stays as it is."""
    for number, capacity in PENS.items():
        requests.post(
            f"https://{pi['PI_BIND']}:{pi['PI_PORT']}/api/remote/pens",
            json={"pen_number": number, "capacity": capacity,
                  "location": "north" if number < "P07" else "south"},
            headers={"X-API-Key": key},
            verify=str(STATE / "pi" / "pi-tls.pem"),
            timeout=PATIENCE,
        )  # fmt: skip


def _barn(pi: dict[str, str]) -> list[Program]:
    return [
        Program("receiver", "runreceiver", pi),
        Program("worker", "runworker", pi),
        Program("pi-web", "serve", pi),
    ]


def _rest(pi: dict[str, str], office: dict[str, str]) -> list[Program]:
    # Another seed at each start: a barn does not live the same day twice.
    seed = int(time.time())
    return [
        Program("office-web", "serve", office),
        Program("simulate", f"simulate --seed {seed}", pi),
    ]


def _remember(password: str | None) -> str:
    """The first start tells the password once; the demo keeps it to tell it again."""
    if password is not None:
        PASSWORD_FILE.touch(mode=0o600)
        PASSWORD_FILE.write_text(password)
    return PASSWORD_FILE.read_text()


def _refuse_taken_ports(environment: dict[str, str]) -> None:
    udp_host, _, udp_port = environment["LORA_UDP_BIND"].rpartition(":")
    wanted = (
        ("OFFICE_PORT", environment["OFFICE_BIND"], environment["OFFICE_PORT"], "tcp"),
        ("PI_PORT", environment["PI_BIND"], environment["PI_PORT"], "tcp"),
        ("LORA_UDP_BIND", udp_host, udp_port, "udp"),
    )
    for name, host, port, kind in wanted:
        stream = kind == "tcp"
        with socket.socket(type=socket.SOCK_STREAM if stream else socket.SOCK_DGRAM) as probe:
            if stream:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, int(port)))
            except (OSError, ValueError) as error:
                sys.exit(f"{name}: port {port} cannot be used ({error}). Set {name} to another.")


def _wait_for_port(host: str, port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"The Pi did not start; see the logs in {STATE}.")


def _wait_for_office(supervisor: subprocess.Popen[bytes], office: dict[str, str]) -> None:
    address = f"http://{office['OFFICE_BIND']}:{office['OFFICE_PORT']}/health"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except urllib.error.HTTPError:
            return  # it answers, and has no copy yet
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    _end(supervisor)
    sys.exit(f"The office did not start; see the logs in {STATE}.")


def _end(supervisor: subprocess.Popen[bytes]) -> None:
    supervisor.terminate()
    supervisor.wait()


def _tell(office: dict[str, str], pi: dict[str, str], username: str, password: str) -> None:
    lines = (
        f"Office     http://{office['OFFICE_BIND']}:{office['OFFICE_PORT']}/office/",
        f"User       {username}",
        f"Password   {password}",
        f"Pi         https://{pi['PI_BIND']}:{pi['PI_PORT']}/admin/  (self-signed certificate)",
        f"Radio      udp {pi['LORA_UDP_BIND']}",
        f"Logs       {STATE}",
        "Ctrl-C ends everything.",
    )
    print("\n" + "\n".join(f"  {line}" for line in lines) + "\n", flush=True)  # noqa: T201 - this program talks


if __name__ == "__main__":
    sys.exit(main())
