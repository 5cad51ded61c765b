"""Machines as network namespaces, joined by a switch: cables that are pulled, addresses that
change, a name server that never answers. Needs root and `ip` (Debian: iproute2)."""

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import pytest
import requests

from tests.system.farm import PATIENCE, ROOT

NEW_NETWORK = 0x40000000  # CLONE_NEWNET
NETMASK = 24
NAME_SERVER = "10.77.0.53"

T = TypeVar("T")


def needs_namespaces() -> None:
    """Skip, loudly, where this machine cannot make one; CI never skips."""
    why = "NO NETWORK NAMESPACES, the tests of two machines are not run: root and `ip` are needed"
    done = None
    if os.geteuid() == 0 and ip_program():
        done = subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True)
    if done is not None and done.returncode == 0:
        return
    assert not os.environ.get("CI"), why
    pytest.skip(why)


def ip_program() -> str | None:
    return shutil.which("ip", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def ip(*words: str) -> str:
    program = ip_program()
    assert program is not None
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"
    return done.stdout


class Namespace:
    """One network of its own. `call` runs a function in it, in a thread that has moved there."""

    def __init__(self, name: str) -> None:
        self.name = f"hxb{os.getpid()}-{name}"
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "set", "lo", "up")
        self._threads = ThreadPoolExecutor(4, initializer=self._enter)

    def _enter(self) -> None:
        with Path(f"/run/netns/{self.name}").open() as file:
            failed = ctypes.CDLL(None, use_errno=True).setns(file.fileno(), NEW_NETWORK)
            assert not failed, os.strerror(ctypes.get_errno())

    def call(self, work: Callable[..., T], *arguments: Any, **options: Any) -> T:
        return self._threads.submit(work, *arguments, **options).result(PATIENCE)

    def ip(self, *words: str) -> str:
        return ip("-n", self.name, *words)

    def remove(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        ip("netns", "delete", self.name)


class Machine(Namespace):
    """A computer with one cable, a state folder and the project's processes."""

    def __init__(self, network: "Network", name: str, folder: Path) -> None:
        super().__init__(name)
        self._network, self.folder = network, folder
        self._port = f"to-{name}"
        switch = network.switch.name
        ip(
            "-n",
            switch,
            "link",
            "add",
            self._port,
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "netns",
            self.name,
        )
        ip("-n", switch, "link", "set", self._port, "master", "switch", "up")
        self.ip("link", "set", "eth0", "up")
        self._without_names()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.given: dict[str, str] = {}

    def _without_names(self) -> None:
        """`ip netns exec` lays these over /etc: the own host name is known to no file."""
        self._etc = Path("/etc/netns") / self.name
        self._etc.mkdir(parents=True)
        (self._etc / "resolv.conf").write_text(f"nameserver {NAME_SERVER}\n")
        (self._etc / "hosts").write_text("127.0.0.1 localhost\n")
        (self._etc / "nsswitch.conf").write_text("hosts: files dns\n")

    # -- its network ------------------------------------------------------------------------

    def has(self, address: str) -> None:
        self.ip("address", "add", f"{address}/{NETMASK}", "dev", "eth0")

    def moves(self, before: str, now: str) -> None:
        self.ip("address", "delete", f"{before}/{NETMASK}", "dev", "eth0")
        self.has(now)

    def pull_cable(self) -> None:
        self._network.switch.ip("link", "set", self._port, "down")

    def plug_cable(self) -> None:
        self._network.switch.ip("link", "set", self._port, "up")

    # -- its processes ----------------------------------------------------------------------

    def environment(self, role: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "LC_ALL"}}
        own = {
            "HEXABRAND_STATE_DIR": str(self.folder),
            "DJANGO_SETTINGS_MODULE": f"hexabrand.settings.{role}",
            "TRUST_CLOCK": "True",
        }
        return kept | own | self.given

    def manage(self, role: str, *arguments: str) -> str:
        """Run a command to its end; what it printed."""
        done = subprocess.run(
            self._command(*arguments),
            cwd=ROOT,
            env=self.environment(role),
            text=True,
            capture_output=True,
            check=False,
            timeout=PATIENCE * 2,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, role: str, *arguments: str) -> None:
        with self.log_file(arguments[0]).open("ab") as log:
            self.processes[arguments[0]] = subprocess.Popen(
                self._command(*arguments),
                cwd=ROOT,
                env=self.environment(role),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes.pop(name).wait()

    def log(self, name: str) -> str:
        return self.log_file(name).read_text(errors="replace")

    def log_file(self, name: str) -> Path:
        return self.folder.with_name(f"{self.folder.name}-{name}.log")

    def _command(self, *arguments: str) -> list[str]:
        program = ip_program() or "ip"
        return [program, "netns", "exec", self.name, sys.executable, "manage.py", *arguments]

    def get(self, url: str, patience: float = 3.0) -> int:
        """Ask from here, whatever the certificate; the status, 0 where nobody answers."""
        try:
            return self.call(_status_of, url, patience)
        except requests.RequestException:
            return 0

    def remove(self) -> None:
        for name in list(self.processes):
            self.kill(name)
        super().remove()
        shutil.rmtree(self._etc)


def _status_of(url: str, patience: float) -> int:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, verify=False, timeout=patience, allow_redirects=False).status_code


class Network:
    """`with Network() as network:` a switch, and a name server that is asked and says nothing."""

    def __init__(self) -> None:
        self._made = ExitStack()

    def __enter__(self) -> Self:
        self.switch = Namespace("switch")
        self._made.callback(self.switch.remove)
        self.switch.ip("link", "add", "switch", "type", "bridge", "forward_delay", "0")
        self.switch.ip("address", "add", f"{NAME_SERVER}/{NETMASK}", "dev", "switch")
        self.switch.ip("link", "set", "switch", "up")
        self._name_server = self._made.enter_context(self.switch.call(_silent, NAME_SERVER))
        return self

    def questions(self) -> list[bytes]:
        """What the name server was asked since the last time."""
        asked = []
        with contextlib.suppress(BlockingIOError):
            while True:
                asked.append(self._name_server.recv(512))
        return asked

    def machine(self, name: str, folder: Path) -> Machine:
        made = Machine(self, name, folder)
        self._made.callback(made.remove)
        return made

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._made.close()


def _silent(address: str) -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setblocking(False)  # noqa: FBT003 - socket has no keyword
    udp.bind((address, 53))
    return udp
