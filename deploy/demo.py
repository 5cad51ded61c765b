"""`make demo`: a Pi, an office and a simulated barn on this machine, until Ctrl-C."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deploy.readiness import NotStarted, ToldToEnd, started
from deploy.supervise import ROOT, Program, Supervisor, manage
from hexabrand.listening import tcp_refusal, udp_refusal

STATE = ROOT / "var" / "demo"
PASSWORD_FILE = STATE / "password"
HERE = "127.0.0.1"
PLACES = {
    "OFFICE_BIND": HERE,
    "OFFICE_PORT": "5000",
    "PI_BIND": HERE,
    "PI_PORT": "5001",
    "LORA_UDP_BIND": f"{HERE}:1700",
}
PATIENCE = 60.0  # seconds for the Pi's web process
RATE = 1  # payloads a second: twelve hundred head at a reader or two


def main(
    office_settings: str = "hexabrand.settings.ui",
    meanwhile: Callable[[Supervisor], int] = Supervisor.wait,
) -> int:
    """Run the demo until `meanwhile`, which has its supervisor, returns the exit status."""
    places = {name: os.environ.get(name) or default for name, default in PLACES.items()}
    _forget_the_farm()
    pi, office = _environment("pi", places), _environment("office", places)
    office["DJANGO_SETTINGS_MODULE"] = office_settings
    _refuse_taken_ports(pi)
    print("Preparing a Pi and an office …", flush=True)  # noqa: T201 - this program talks
    account = json.loads(manage(pi, "setup", "--json"))
    is_new = account["password"] is not None
    account["password"] = _remember(account["password"])
    if is_new:  # one that is started again goes on
        print("Simulating the feedlot's last 120 days …", flush=True)  # noqa: T201 - this program talks
        manage(pi, "simulate_past")
    manage(office, "setup")
    _pair(pi, office, account)
    return _run(pi, office, account, meanwhile)


def _run(
    pi: dict[str, str],
    office: dict[str, str],
    account: dict[str, str],
    meanwhile: Callable[[Supervisor], int],
) -> int:
    seed = int(time.time())  # another at each start: a barn does not live the same day twice
    programs = [
        Program("receiver", "runreceiver", pi),
        Program("worker", "runworker", pi),
        Program("pi-web", "serve", pi),
        Program("office-web", "serve", office),
        Program("simulate", f"simulate --herd --rate {RATE} --seed {seed}", pi, notifies=False),
    ]
    try:
        with started(STATE, "supervisor", programs, lambda: _office_is_well(office)) as supervisor:
            _tell(office, pi, account["username"], account["password"])
            return meanwhile(supervisor)
    except NotStarted as error:
        sys.exit(f"The demo did not start: {error}")
    except ToldToEnd:
        return 0


def _environment(role: str, places: dict[str, str]) -> dict[str, str]:
    settings = {"pi": "hexabrand.settings.pi", "office": "hexabrand.settings.ui"}
    return {
        **places,
        "DJANGO_SETTINGS_MODULE": settings[role],
        "HEXABRAND_ENV_FILE": str(STATE / "demo.env"),  # the farm's own .env is not for it
        "HEXABRAND_STATE_DIR": str(STATE / role),
        "TRUST_CLOCK": "True",
    }


def _forget_the_farm() -> None:
    """Take every setting out of the environment."""
    # The demo must not reach a farm's own database, radios, Pi or backups.
    example = (ROOT / ".env.example").read_text()
    for name in re.findall(r"^#?([A-Z][A-Z_]+)=", example, re.MULTILINE):
        os.environ.pop(name, None)


def _pair(pi: dict[str, str], office: dict[str, str], account: dict[str, str]) -> None:
    """Pair the office as two machines do it, with a Pi that is running."""
    command = [sys.executable, "manage.py", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **pi}) as web:  # noqa: S603 - our own command
        try:
            _wait_for_port(web, pi["PI_BIND"], int(pi["PI_PORT"]))
            manage(office, "pair", given=account["pairing"])
        finally:
            web.terminate()


def _remember(password: str | None) -> str:
    """Return the demo's password, which its first start told once and a file keeps."""
    if password is not None:
        PASSWORD_FILE.touch(mode=0o600)
        PASSWORD_FILE.write_text(password)
    elif not PASSWORD_FILE.exists():  # the first start was cut off just before
        sys.exit(f"The demo's password is lost. Delete {STATE}, and start it again.")
    return PASSWORD_FILE.read_text()


def _refuse_taken_ports(environment: dict[str, str]) -> None:
    udp_host, _, udp_port = environment["LORA_UDP_BIND"].rpartition(":")
    try:
        found = [
            tcp_refusal("OFFICE", environment["OFFICE_BIND"], int(environment["OFFICE_PORT"])),
            tcp_refusal("PI", environment["PI_BIND"], int(environment["PI_PORT"])),
            udp_refusal(udp_host, int(udp_port)),
        ]
    except (OSError, ValueError, OverflowError) as error:
        sys.exit(f"OFFICE_PORT, PI_PORT and LORA_UDP_BIND=host:port name where to listen: {error}")
    if any(found):
        sys.exit("\n".join(filter(None, found)))


def _wait_for_port(web: subprocess.Popen[bytes], host: str, port: int) -> None:
    """Wait until the Pi listens; what it says is shown as it comes."""
    deadline = time.monotonic() + PATIENCE
    while web.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("The demo did not start: the Pi's web process does not answer.")


def _office_is_well(office: dict[str, str]) -> bool:
    """Return whether the office follows the Pi already."""
    # Before that nobody can sign in, and health is 503.
    address = f"http://{office['OFFICE_BIND']}:{office['OFFICE_PORT']}/health"
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except OSError:  # a 503 too
        return False
    return True


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
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # while it was being prepared
        sys.exit(0)
