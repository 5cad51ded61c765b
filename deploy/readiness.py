"""Waits until programs really run: each at work by its own word, and the web process answering."""

import contextlib
import secrets
import socket
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from deploy.supervise import Program, Supervisor, supervised

PATIENCE = 120.0  # seconds: a Pi 3 needs 20 for its three processes
SETTLED = 2.0  # seconds that all go on running before it is believed
LAST_LINES = 8  # of a log: the reason stands in them
LOOK_EVERY = 0.1  # seconds


class NotStarted(Exception):
    """The text names the process, and says how its log ends."""


class ToldToEnd(Exception):
    """Ctrl-C or SIGTERM came before all ran."""


@dataclass(frozen=True, slots=True)
class _Start:
    """A program that has been started: where its own word comes in, and where its log began."""

    program: Program
    word: socket.socket | None
    log: Path
    log_began: int


@contextlib.contextmanager
def started(
    folder: Path, name: str, programs: list[Program], answers: Callable[[], bool]
) -> Iterator[Supervisor]:
    """Yield once all programs run. Raise NotStarted or ToldToEnd, with nothing left running."""
    with contextlib.ExitStack() as stack:
        starts = [_prepared(folder, program, stack) for program in programs]
        running = [start.program for start in starts]
        supervisor = stack.enter_context(supervised(folder, name, running))
        _wait(supervisor, starts, answers)
        yield supervisor


def _prepared(folder: Path, program: Program, stack: contextlib.ExitStack) -> _Start:
    """Give the program a socket for its word (sd_notify), as a service manager would."""
    log = folder / f"{program.name}.log"
    began = log.stat().st_size if log.exists() else 0
    if not program.notifies:
        return _Start(program, None, log, began)
    word = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    address = f"hexabrand-{secrets.token_hex(8)}"
    word.bind(f"\0{address}")
    word.setblocking(False)  # noqa: FBT003 - socket has no keyword
    given = {**program.environment, "NOTIFY_SOCKET": f"@{address}"}
    return _Start(replace(program, environment=given), word, log, began)


def _wait(supervisor: Supervisor, starts: list[_Start], answers: Callable[[], bool]) -> None:
    """Return when all programs are ready, the web process answers, and all have gone on for a
    while."""
    silent = {start.program.name for start in starts if start.word}
    deadline, settled_at = time.monotonic() + PATIENCE, None
    while settled_at is None or time.monotonic() < settled_at:
        _refuse_what_ended(supervisor, starts)
        silent -= {start.program.name for start in starts if _is_ready(start)}
        if settled_at is None and not silent and answers():
            settled_at = time.monotonic() + SETTLED
        if settled_at is None and time.monotonic() > deadline:
            late = next((s for s in starts if s.program.name in silent), starts[-1])
            raise NotStarted(_sentence(late, f"is not ready after {PATIENCE:.0f} s"))
        time.sleep(LOOK_EVERY)


def _is_ready(start: _Start) -> bool:
    with contextlib.suppress(BlockingIOError):
        return start.word is not None and b"READY=1" in start.word.recv(256)
    return False


def _refuse_what_ended(supervisor: Supervisor, starts: list[_Start]) -> None:
    """Raise NotStarted for a program that has ended."""
    # Supervisor would start it again, for ever: right for a crash, wrong for a first start.
    if supervisor.signals:
        raise ToldToEnd
    if supervisor.process.poll() is not None:
        raise NotStarted(f"supervisor ended; its log is {supervisor.log}")
    states = _states(supervisor)
    for start in starts:
        state = states.get(start.program.name, {})
        if state.get("stop"):
            # Supervisor forgets the status as soon as it has started the program again.
            status = f" with status {state['exitstatus']}" if state["exitstatus"] else ""
            raise NotStarted(_sentence(start, f"ended{status}"))
        if state.get("spawnerr"):
            raise NotStarted(f"{start.program.name} cannot be started: {state['spawnerr']}")


def _states(supervisor: Supervisor) -> dict[str, dict[str, Any]]:
    """Return what supervisor says of its programs; nothing while it cannot be asked yet."""
    transport = SupervisorTransport(None, None, f"unix://{supervisor.socket}")
    try:
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as server:
            found: Any = server.supervisor.getAllProcessInfo()
        return {state["name"]: state for state in found}
    except (OSError, HTTPException, xmlrpc.client.Error):
        return {}


def _sentence(start: _Start, what: str) -> str:
    """Return a sentence and the last lines that the program wrote since it was started."""
    with contextlib.suppress(OSError), start.log.open("rb") as file:
        file.seek(start.log_began if start.log.stat().st_size >= start.log_began else 0)
        lines = file.read().decode(errors="replace").splitlines()[-LAST_LINES:]
        said = "".join(f"\n  {line}" for line in lines)
        return f"{start.program.name} {what}. Its log, {start.log}, ends:{said}"
    return f"{start.program.name} {what}."
