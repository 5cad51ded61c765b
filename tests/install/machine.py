"""A whole small machine for a test: systemd as PID 1, its own services, users and network.

Its files are those of this machine under an overlay in memory: it may install, delete and reboot,
and nothing of that is left. It has a loopback device alone unless it is made with `online=True`,
where it shares this machine's network, and so its ports.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.system.farm import wait_until

BOOT = Path(__file__).with_name("machine.sh")
CGROUPS = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))
TOOLS = ("unshare", "nsenter", "systemctl", "ip", "pivot_root")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PR_SET_PDEATHSIG = 1
PATIENCE = 240.0


def cgroup2() -> Path | None:
    """Return where the cgroup hierarchy of version 2 is mounted."""
    return next((root for root in CGROUPS if (root / "cgroup.procs").exists()), None)


def require() -> None:
    """Skip the test where no machine can be made; fail it in CI, where nothing is skipped."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if os.geteuid() == 0 and cgroup2() and not missing and Path("/lib/systemd/systemd").exists():
        return
    why = "A machine with systemd needs root, cgroup2, systemd, util-linux and iproute2."
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(f"NOT TESTED: {why}")


class Machine:
    """`with Machine() as machine:` it has booted. `shown`: folders of ours → where it sees them."""

    def __init__(self, shown: Mapping[Path, str] | None = None, *, online: bool = False) -> None:
        root = cgroup2()
        assert root is not None
        self._shown = dict(shown or {})
        self._online = online
        self._folder = Path(tempfile.mkdtemp(prefix="hexabrand-machine-"))
        self._cgroup = root / f"hexabrand-{uuid.uuid4().hex[:12]}"
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the machine ends
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._cgroup.mkdir()
        shown = [word for pair in self._shown.items() for word in map(str, pair)]
        network = "host" if self._online else "own"
        self._process = subprocess.Popen(
            [
                "unshare",
                "--fork",
                "--kill-child",
                "--pid",
                "--mount",
                "--propagation",
                "private",
                "sh",
                str(BOOT),
                str(self._folder),
                str(self._cgroup),
                network,
                *shown,
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it makes one system call
        )
        try:
            self._wait_for_boot()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def run(
        self, command: str, user: str = "root", folder: str = "/", *, check: bool = True
    ) -> "subprocess.CompletedProcess[str]":
        """Run a shell command in the machine, as if `user` typed it in `folder`."""
        become = [] if user == "root" else ["runuser", "-u", user, "--"]
        home = "/root" if user == "root" else f"/home/{user}"
        done = subprocess.run(
            [
                "nsenter",
                "-t",
                str(self._init()),
                "-a",
                "-r",
                "-W",
                "/",
                "env",
                "-i",
                f"PATH={PATH}",
                f"HOME={home}",
                "LANG=C.UTF-8",
                *(f"{n}={v}" for n, v in self.environment.items()),
                *become,
                "sh",
                "-c",
                f"cd '{folder}' && {command}",
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        if check:
            told = f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
            assert done.returncode == 0, told
        return done

    def systemctl(self, *arguments: str) -> str:
        """Return what systemctl prints; its status is not looked at."""
        return self.run(f"systemctl --no-pager {' '.join(arguments)}", check=False).stdout.strip()

    def is_active(self, unit: str) -> bool:
        return self.systemctl("is-active", unit) == "active"

    def journal(self, unit: str = "*") -> str:
        return self.run(f"journalctl --no-pager -o cat -u '{unit}'", check=False).stdout

    def write(self, file: str, text: str, mode: str = "644") -> None:
        """Write a file in the machine, as root."""
        quoted = text.replace("'", "'\\''")
        self.run(f"printf %s '{quoted}' >'{file}' && chmod {mode} '{file}'")

    def answer(self, url: str) -> str:
        """Return status and body of a GET from within the machine; "" where nobody answers."""
        return self.run(f"curl -sk --max-time 20 -w ' %{{http_code}}' '{url}'", check=False).stdout

    def reboot(self) -> None:
        """Reboot; returns once it has booted again."""
        before = self._init()
        self.run("systemctl reboot", check=False)
        wait_until(lambda: not Path(f"/proc/{before}").exists(), "the machine goes down")
        self._wait_for_boot()

    def _wait_for_boot(self) -> None:
        def has_booted() -> bool:
            assert self._process.poll() is None, self._told()
            return bool(self._init()) and self.systemctl("is-system-running") in {
                "running",
                "degraded",
            }

        wait_until(has_booted, "the machine boots")

    def _init(self) -> int:
        """Return the number that the machine's PID 1 has here; 0 before it is there."""
        file = self._cgroup / "init.scope/cgroup.procs"
        numbers = file.read_text().split() if file.exists() else []
        return int(numbers[0]) if numbers else 0

    def _told(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def _end(self) -> None:
        """The outer PID namespace ends with its first process, and the machine with it."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        folders = [self._cgroup, *(f for f in self._cgroup.rglob("*") if f.is_dir())]
        wait_until(lambda: _are_gone(folders), "the machine's processes end")
        self._folder.rmdir()
        self._log.close()


def _are_gone(folders: list[Path]) -> bool:
    for folder in sorted(folders, reverse=True):
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            return False
    return True


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
