"""A PostgreSQL server of the machine's own, in a temporary folder, for the tests alone."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Self

from tests.system.farm import free_port

HOW_TO_GET_IT = "sudo apt-get install postgresql"
NAME = "postgres"  # the user it runs as where we are root, which it refuses to be


def programs() -> Path | None:
    """The folder of the newest server installed; Debian keeps it off the PATH."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda file: int(file.parts[-3]), default=shutil.which("initdb"))
    return Path(newest).parent if newest else None


class Server:
    """`with Server(folder) as server:` an empty database at `server.url`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self._user = (
            []
            if os.geteuid()
            else [
                "setpriv",
                f"--reuid={NAME}",
                f"--regid={NAME}",
                "--clear-groups",
            ]
        )
        self.url = f"postgres://farm@127.0.0.1:{self._port}/farm"

    def __enter__(self) -> Self:
        self._folder.mkdir(mode=0o700)
        if not os.geteuid():
            os.chown(self._folder, pwd.getpwnam(NAME).pw_uid, -1)
        self._run("initdb", "-U", "farm", "-A", "trust", "--no-sync")
        self.start()
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self._port), "-U", "farm", "farm")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        given = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "-w", "-o", given, "-l", str(self._folder / "log"), "start")

    def stop(self) -> None:
        """At once for those who are connected."""
        self._run("pg_ctl", "-w", "-m", "fast", "stop")

    def freeze(self) -> None:
        """Connections stay, and nothing answers any more."""
        for pid in self._processes():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in self._processes():
            with contextlib.suppress(ProcessLookupError):  # the first ones thawed end some
                os.kill(pid, signal.SIGCONT)

    def _processes(self) -> list[int]:
        first = (self._folder / "data" / "postmaster.pid").read_text().split()[0]
        children = Path(f"/proc/{first}/task/{first}/children").read_text()
        return [int(first), *map(int, children.split())]

    def _run(self, program: str, *arguments: str) -> None:
        folder = programs()
        assert folder is not None, f"NO POSTGRESQL. Type: {HOW_TO_GET_IT}"
        subprocess.run(
            [*self._user, str(folder / program), *arguments],
            cwd=self._folder,
            check=True,
            capture_output=True,
            timeout=60,
            env={"PATH": os.environ["PATH"], "PGDATA": str(self._folder / "data"), "LC_ALL": "C"},
        )
