"""A whole farm on this machine: the real processes of both roles, on free ports, in a temporary
folder. The system tests and the benchmarks drive it from outside, as a radio, an integrator and a
browser would."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import requests

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds for anything that should happen; shared machines are slow at times


T = TypeVar("T")


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], T], what: str, patience: float = PATIENCE) -> T:
    """The condition's first true value; asks again every 20 ms."""
    deadline = time.monotonic() + patience
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {patience:.0f} s"
        time.sleep(0.02)
    return value


class Process:
    """One `manage.py` command of one role, with its output in a file."""

    def __init__(self, farm: "Farm", role: str, *arguments: str) -> None:
        self.name = " ".join((role, *arguments))
        self._log_file = farm.root / f"{role}-{arguments[0]}.log"
        with self._log_file.open("wb") as log:
            self._popen = subprocess.Popen(
                [farm.python, "manage.py", *arguments],
                cwd=ROOT,
                env=farm.environment(role),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def log(self) -> str:
        return self._log_file.read_text(errors="replace")

    def is_running(self) -> bool:
        return self._popen.poll() is None

    def kill(self) -> None:
        self._popen.kill()
        self._popen.wait()

    def send(self, number: signal.Signals) -> None:
        self._popen.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Asks it to stop; its exit status."""
        self._popen.send_signal(number)
        return self._popen.wait(timeout=PATIENCE)

    def resident_mb(self) -> float:
        return self._memory_mb("VmRSS:")

    def peak_mb(self) -> float:
        return self._memory_mb("VmHWM:")

    def cpu_seconds(self) -> float:
        """What it has computed so far, whoever else had the processor meanwhile."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _memory_mb(self, name: str) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
        raise ProcessLookupError(self.name)


class Farm:
    """`with Farm(tmp_path) as farm:` everything runs and the office's link is live."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.python = sys.executable
        self.udp_port = free_port(socket.SOCK_DGRAM)
        self.pi_port, self.office_port = free_port(), free_port()
        self.serial: str = ""
        self.given: dict[str, str] = {}  # settings beside those that every farm has
        self.processes: dict[str, Process] = {}
        self._radio = ExitStack()

    # -- running ----------------------------------------------------------------------------

    def environment(self, role: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "LC_ALL"}}
        own = {
            "HEXABRAND_STATE_DIR": str(self.root / role),
            "DJANGO_SETTINGS_MODULE": f"hexabrand.settings.{'ui' if role == 'office' else 'pi'}",
            "LORA_UDP_BIND": f"127.0.0.1:{self.udp_port}",
            "LORA_SERIAL": self.serial,
            "PI_BIND": "127.0.0.1",
            "PI_PORT": str(self.pi_port),
            "OFFICE_BIND": "127.0.0.1",
            "OFFICE_PORT": str(self.office_port),
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "TRUST_CLOCK": "True",  # test machines are often virtual, with a clock they do not own
        }
        return kept | own | self.given

    def manage(self, role: str, *arguments: str) -> str:
        """Runs a command to its end; what it printed."""
        done = subprocess.run(
            [self.python, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(role),
            capture_output=True,
            check=False,
            text=True,
            timeout=PATIENCE * 2,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def __enter__(self) -> Self:
        try:
            self.start_pi()
            self.start_office()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        for process in self.processes.values():
            if process.is_running():
                process.kill()
        self._radio.close()

    def set_up_pi(self) -> None:
        self.account: dict[str, str] = json.loads(self.manage("pi", "setup", "--json"))

    def start_pi(self) -> None:
        self.set_up_pi()
        for name in ("receiver", "worker", "pi web"):
            self.start(name)
        self.wait_until_pi_answers()
        self.wait_until_it_listens()

    def start_office(self) -> None:
        self.manage("office", "setup")
        self.manage("office", "pair", self.account["pairing"])
        self.start("office web")
        wait_until(self._office_answers, "the office answers")

    def wait_until_pi_answers(self) -> None:
        wait_until(self._pi_answers, "the Pi answers")

    def wait_until_it_answers(self) -> None:
        self.wait_until_pi_answers()
        wait_until(self._office_answers, "the office answers")
        self.wait_until_it_listens()
        wait_until(lambda: "at work" in self.log("worker"), "the worker is at work")

    def wait_until_it_listens(self) -> None:
        wait_until(lambda: "Listening for radios" in self.log("receiver"), "the receiver listens")

    def start(self, name: str) -> Process:
        role = "office" if name == "office web" else "pi"
        command = {"receiver": "runreceiver", "worker": "runworker"}.get(name, "serve")
        self.processes[name] = Process(self, role, command)
        return self.processes[name]

    def log(self, name: str) -> str:
        return self.processes[name].log

    def _pi_answers(self) -> bool:
        assert self.processes["pi web"].is_running(), self.log("pi web")
        try:
            return self.get("health", key="").status_code in {200, 503}
        except requests.ConnectionError:
            return False

    def _office_answers(self) -> bool:
        assert self.processes["office web"].is_running(), self.log("office web")
        try:
            answer = requests.get(f"{self.office_url}/health", timeout=5)
            return answer.status_code in {200, 503}  # 503 until its first copy is there
        except requests.ConnectionError:
            return False

    # -- asking -----------------------------------------------------------------------------

    @property
    def office_url(self) -> str:
        return f"http://127.0.0.1:{self.office_port}"

    @property
    def api_url(self) -> str:
        return f"https://127.0.0.1:{self.pi_port}/api/remote"

    @property
    def certificate(self) -> str:
        return str(self.root / "pi" / "pi-tls.pem")

    def get(self, path: str, key: str | None = None, **query: Any) -> requests.Response:
        return requests.get(
            f"{self.api_url}/{path}",
            params=query,
            headers=self._headers(key),
            verify=self.certificate,
            timeout=30,
        )

    def post(self, path: str, body: Any, key: str | None = None) -> requests.Response:
        return self.change("POST", path, body, key)

    def change(
        self, method: str, path: str, body: Any, key: str | None = None, person: str = ""
    ) -> requests.Response:
        """With `person`, as an office does for somebody."""
        return requests.request(
            method,
            f"{self.api_url}/{path}",
            json=body,
            headers=self._headers(key) | ({"X-Office-User": person} if person else {}),
            verify=self.certificate,
            timeout=30,
        )

    def _headers(self, key: str | None) -> dict[str, str]:
        key = self.account["api_key"] if key is None else key
        return {"X-API-Key": key} if key else {}

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        data: list[dict[str, Any]] = answer.json()["data"]
        return data

    # -- being a radio ------------------------------------------------------------------------

    @cached_property
    def _udp(self) -> socket.socket:
        """Made when it is first used: a farm that never ran leaves nothing open."""
        udp = self._radio.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.connect(("127.0.0.1", self.udp_port))
        return udp

    def hear(self, text: str | bytes) -> None:
        self._udp.send(text if isinstance(text, bytes) else text.encode())

    def ask(self, datagram: bytes, patience: float = PATIENCE) -> bytes:
        """Sends as a gateway and waits for the answer."""
        self._udp.settimeout(patience)
        self._udp.send(datagram)
        return self._udp.recv(2048)

    def payload_that_says(self, text: str) -> dict[str, Any]:
        """The settled row of a payload, once the worker has been at it."""

        def settled() -> dict[str, Any] | None:
            rows = self.rows("payloads", limit=50)
            return next(
                (r for r in rows if r["raw_payload"] == text and r["status"] != "received"), None
            )

        found = wait_until(settled, f"payload {text!r} is settled")
        assert found is not None
        return found
