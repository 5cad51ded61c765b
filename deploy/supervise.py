"""Runs several commands under supervisor: what dies is started again, the end is the end of all."""

import ctypes
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
PR_SET_PDEATHSIG = 1

HEAD = """\
[supervisord]
nodaemon=true
silent=true
logfile={state}/supervisor.log
pidfile={state}/supervisor.pid
childlogdir={state}
"""

# A crash is met with the next start a second later, for ever: a barn has nobody to give up for.
PROGRAM = """
[program:{name}]
command={python} manage.py {arguments}
directory={root}
environment={environment}
autorestart=true
startsecs=0
startretries=1000000
stopsignal=TERM
stopwaitsecs=8
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={state}/{name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=1
"""


@dataclass(frozen=True, slots=True)
class Program:
    """`name` is also its log file's; `arguments` follow `manage.py`."""

    name: str
    arguments: str
    environment: dict[str, str]


def start(state: Path, programs: list[Program]) -> subprocess.Popen[bytes]:
    """Supervisor with these programs, their logs in `state`. It dies with this process."""
    state.mkdir(parents=True, exist_ok=True)
    configuration = state / "supervisor.conf"
    configuration.write_text(
        HEAD.format(state=state) + "".join(_section(state, program) for program in programs)
    )
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has no threads
    )


def run_until_told(supervisor: subprocess.Popen[bytes]) -> int:
    """Waits for Ctrl-C or SIGTERM, then ends everything; 0 when told to end."""
    told: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        told.append(number)
        supervisor.terminate()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    status = supervisor.wait()
    return 0 if told else status


def _die_with_parent() -> None:
    """However this process ends, supervisor is told to end, and it ends the rest."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _section(state: Path, program: Program) -> str:
    # Supervisor expands %(…)s in values, and takes a quoted value as it is.
    pairs = (f'{name}="{value}"' for name, value in program.environment.items())
    return PROGRAM.format(
        name=program.name,
        arguments=program.arguments,
        environment=",".join(pairs).replace("%", "%%"),
        python=sys.executable,
        root=ROOT,
        state=state,
    )


def manage(environment: dict[str, str], *arguments: str) -> str:
    """Runs a command to its end and returns what it printed; its errors are shown."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(done.returncode)
    return done.stdout
