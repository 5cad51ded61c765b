"""A fresh computer for a test: an ordinary user with one Python and no internet.

It is a network namespace with a loopback device, so that the ports of the documents are free as
they stand there, and a mount namespace in which the user is known by name. What runs in it ends
with it."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import pytest
import requests

from tests.install.terminal import Terminal

TOOLS = ("unshare", "nsenter", "setpriv", "setsid", "ip", "git", "make", "bash")
NAME, UID = "farmer", 21212
CLONE_NEWNET = 0x40000000
ASK = """\
import sys
sys.version_info >= (3, 11) or sys.exit(1)
print(sys._base_executable, sys.base_prefix, sep="\\n")
"""
NEWEST_FIRST = ("python3.13", "python3.12", "python3.11")  # later ones have no wheels to our pins
SHELVES = (
    Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions",
    Path.home() / ".local/share/uv/python",
)

# The holder of the namespaces lives while its standard input is open, so never longer than the
# test; the user's home is in memory and goes with it.
HOLDER = """\
set -e
home=$1 python=$2 prefix=$3 name=$4 uid=$5
ip link set lo up
mount -t tmpfs -o mode=755,uid="$uid",gid="$uid" tmpfs "$home"
mkdir "$home/bin" "$home/.python"
(cat /etc/passwd; echo "$name:x:$uid:$uid::$home:/bin/bash") >"$home/.passwd"
mount --bind "$home/.passwd" /etc/passwd
case $prefix in "$HOME"/*) # in a home that is closed to others: that home shows this Python alone
    mount --bind "$prefix" "$home/.python"
    mount -t tmpfs -o mode=755 tmpfs "$HOME"
    mkdir -p "$prefix"
    mount --bind "$home/.python" "$prefix"
esac
ln -s "$python" "$home/bin/python3"
echo ready
exec cat
"""

T = TypeVar("T")


class Python(NamedTuple):
    """An interpreter that people may have: its program and the folder that it was installed to."""

    program: str
    prefix: str


def require() -> None:
    """Skip the test where no computer can be made; fail it in CI, where nothing is skipped."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if os.geteuid() == 0 and not missing and len(pythons()):
        return
    why = f"A fresh computer needs root and {', '.join(TOOLS)} (missing: {missing or 'root'})."
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(f"NOT TESTED: {why}")


@cache
def pythons() -> dict[str, Python]:
    """Return the distribution's own Python and the newest other one at hand."""
    found = {"debian": _ask("/usr/bin/python3"), "newest": _newest()}
    if found["newest"] == found["debian"]:
        del found["newest"]
    return {name: python for name, python in found.items() if python is not None}


def _newest() -> Python | None:
    """Look where the shell looks, and where pyenv and uv put theirs."""
    for name in NEWEST_FIRST:
        places = [path for root in SHELVES for path in sorted(root.glob(f"*/bin/{name}"))]
        for program in (name, *places):
            if (python := _ask(str(program))) is not None:
                return python
    return None


def _ask(program: str) -> Python | None:
    """Return this Python where it is there and not too old."""
    try:
        done = subprocess.run([program, "-c", ASK], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return Python(*done.stdout.splitlines())


class Computer:
    """`with Computer(folder, python, environment) as computer:` `folder` is the user's home."""

    def __init__(self, home: Path, python: Python, environment: dict[str, str]) -> None:
        self.home, self._python = home, python
        self._stack = ExitStack()
        self._environment = {
            "HOME": str(home),
            "USER": NAME,
            "LOGNAME": NAME,
            "LANG": "C.UTF-8",
            "PATH": f"{home}/bin:/usr/bin:/bin",
            **environment,
        }

    def __enter__(self) -> Self:
        self.home.mkdir(parents=True)
        unshare = ["unshare", "--net", "--mount", "--propagation", "private"]
        given = [str(self.home), *self._python, NAME, str(UID)]
        self._holder = self._stack.enter_context(
            subprocess.Popen(
                [*unshare, "sh", "-c", HOLDER, "sh", *given],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"ready\n"
        self._thread = ThreadPoolExecutor(1, initializer=self._enter_network)
        self._stack.callback(self._thread.shutdown)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def pid(self) -> int:
        """Return the process whose namespaces are this computer's."""
        return self._holder.pid

    def file(self, name: str) -> Path:
        """Return where this process finds a file of the user's home."""
        return Path(f"/proc/{self.pid}/root{self.home}/{name}")

    def terminal(self, folder: str = ".") -> Terminal:
        """Open a terminal of the user, in a folder of the home."""
        command = [
            "nsenter",
            f"--target={self.pid}",
            "--net",
            "--mount",
            "--",
            "setpriv",
            f"--reuid={UID}",
            f"--regid={UID}",
            "--clear-groups",
            "--",
            "env",
            f"--chdir={self.home / folder}",
        ]
        return self._stack.enter_context(Terminal(command, self._environment))

    def inside(self, function: Callable[[], T]) -> T:
        """Return what `function` returns when it runs in this computer's network."""
        return self._thread.submit(function).result()

    def _enter_network(self) -> None:
        """A thread may have another network than its process."""
        with Path(f"/proc/{self.pid}/ns/net").open() as namespace:
            error = ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET)
        assert error == 0

    def get(self, url: str, **options: Any) -> requests.Response:
        """Ask as a browser on this computer would."""
        return self.inside(lambda: requests.get(url, timeout=30, **options))

    def processes(self) -> list[str]:
        """Return the command lines of all that runs in this computer, without its terminals."""
        here = Path(f"/proc/{self.pid}/ns/net").readlink()
        lines = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it ended in between
                if (process / "ns/net").readlink() == here and process.name != str(self.pid):
                    lines.append((process / "cmdline").read_text().replace("\0", " "))
        return [line for line in lines if line and not line.startswith("bash --norc")]


def plug_together(one: Computer, other: Computer) -> tuple[str, str]:
    """Put a cable between two computers; return the address of each."""
    addresses = ("10.77.0.1", "10.77.0.2")
    _ip(
        "link",
        "add",
        "eth0",
        "netns",
        str(one.pid),
        "type",
        "veth",
        "peer",
        "name",
        "eth0",
        "netns",
        str(other.pid),
    )
    for computer, address in zip((one, other), addresses, strict=True):
        inside = ["nsenter", f"--target={computer.pid}", "--net", "ip"]
        subprocess.run([*inside, "address", "add", f"{address}/24", "dev", "eth0"], check=True)
        subprocess.run([*inside, "link", "set", "eth0", "up"], check=True)
    return addresses


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
