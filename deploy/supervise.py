"""Runs several commands under supervisor: what dies is started again, the end is the end of all."""

import contextlib
import ctypes
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
PR_SET_PDEATHSIG = 1  # of prctl(2), for which Python has no name
SHORT = "/tmp"  # noqa: S108 - a folder of our own in it; a socket's whole path may have 107 bytes

# Every name is relative: supervisor runs in the state folder. Its configuration has no quoting that
# would hold for all folders: %, # and ; mean something in it, and some values are expanded twice.
HEAD = """\
[supervisord]
nodaemon=true
silent=true
logfile={name}.log
pidfile={name}.pid

[unix_http_server]
file={socket}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

# A crash is met with the next start a second later, for ever: a barn has nobody to give up for.
PROGRAM = """
[program:{name}]
command={command}
autorestart=true
startsecs=0
startretries=1000000
stopsignal=TERM
stopwaitsecs=8
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=1
"""


@dataclass(frozen=True, slots=True)
class Program:
    """`name` is also its log file's; `arguments` follow `manage.py`. One that `notifies` tells the
    service manager when it is at work (lora.processes.watchdog)."""

    name: str
    arguments: str
    environment: dict[str, str]
    notifies: bool = True


@dataclass(frozen=True, slots=True)
class Supervisor:
    """A running supervisor; `signals` are those that have asked it to end."""

    process: subprocess.Popen[bytes]
    log: Path
    socket: Path
    signals: list[int]

    def wait(self) -> int:
        """Return when it has ended: 0 where it was told to, else its status."""
        status = self.process.wait()
        return 0 if self.signals else status


@contextlib.contextmanager
def supervised(folder: Path, name: str, programs: list[Program]) -> Iterator[Supervisor]:
    """Run these programs, their logs in `folder`, until Ctrl-C or SIGTERM, or the block's end."""
    running: list[subprocess.Popen[bytes]] = []
    signals = _ending_when_told(running)
    with tempfile.TemporaryDirectory(prefix="hexabrand-", dir=SHORT) as private:
        socket = Path(private) / "socket"
        configuration = HEAD.format(name=name, socket=socket) + "".join(map(_section, programs))
        (folder / f"{name}.conf").write_text(configuration, encoding="utf-8")
        running.append(_started(folder, f"{name}.conf"))
        supervisor = Supervisor(running[0], folder / f"{name}.log", socket, signals)
        try:
            yield supervisor
        finally:
            supervisor.process.terminate()
            supervisor.process.wait()


def _ending_when_told(running: list[subprocess.Popen[bytes]]) -> list[int]:
    """Return the list of the signals that will have come. Call it before anything is started: a
    KeyboardInterrupt raised during a fork is lost in the hooks that logging has there."""
    signals: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        signals.append(number)
        for process in running:
            process.terminate()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    return signals


def _started(folder: Path, configuration: str) -> subprocess.Popen[bytes]:
    # -P keeps the modules of the state folder out.
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-P", "-m", "supervisor.supervisord", "-c", configuration],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # else Ctrl-C at the terminal would reach the programs by itself
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has no threads
    )


def _die_with_parent() -> None:
    # However this process ends, supervisor is told to end, and it ends the rest.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _section(program: Program) -> str:
    given = [f"{name}={value}" for name, value in program.environment.items()]
    words = ["env", *given, sys.executable, str(ROOT / "manage.py")]
    command = f"{' '.join(map(_word, words))} {program.arguments}"
    return PROGRAM.format(name=program.name, command=command)


def _word(text: str) -> str:
    """Quote for supervisor."""
    # It expands %(…)s, drops what follows a space and # or ;, and cuts the rest as a shell does.
    return re.sub(r"(\s)([#;])", r"\1''\2", shlex.quote(text)).replace("%", "%%")


def manage(environment: dict[str, str], *arguments: str, given: str | None = None) -> str:
    """Run a command to its end and return what it printed; its errors are shown. `given` is what
    it reads: a secret is not for arguments."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        input=given,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(done.returncode)
    return done.stdout
