"""`make dev`: the demo, whose programs are started again when a module of theirs changes.

Templates and static files need no restart: deploy/dev_office.py has them read for each page."""

import sys
import time
import xmlrpc.client
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from supervisor.xmlrpc import SupervisorTransport

from deploy import demo
from deploy.supervise import ROOT, Supervisor

WATCHED = ("hexabrand", "remote", "lora", "herd")
# Not the simulated barn: one that began its day anew would send what was heard already.
PROGRAMS = ("receiver", "worker", "pi-web", "office-web")
LOOK_EVERY = 0.5  # seconds: 290 files are asked for their times, which takes 9 ms


def watch(supervisor: Supervisor) -> int:
    """Start the programs again after each change, and return supervisor's status at the end."""
    before = _times()
    while supervisor.process.poll() is None:
        time.sleep(LOOK_EVERY)
        now = _times()
        changed = [file for file in {**before, **now} if before.get(file) != now.get(file)]
        if changed:
            print(f"{', '.join(sorted(changed))}: started again.", flush=True)  # noqa: T201 - this program talks
            _start_again(supervisor)
        before = now
    return supervisor.wait()


def _times() -> dict[str, int]:
    files = [file for name in WATCHED for file in (ROOT / name).rglob("*.py")]
    return {str(file.relative_to(ROOT)): file.stat().st_mtime_ns for file in files if file.exists()}


def _start_again(supervisor: Supervisor) -> None:
    """End the programs; supervisor starts again whatever ends, also what a mistake has ended."""
    transport = SupervisorTransport(None, None, f"unix://{supervisor.socket}")
    with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as server:
        for name in PROGRAMS:
            try:
                server.supervisor.signalProcess(name, "TERM")
            except xmlrpc.client.Fault:
                continue  # it is down already, and the next start a second later reads the new code


if __name__ == "__main__":
    try:
        sys.exit(demo.main("deploy.dev_office", watch))
    except KeyboardInterrupt:  # while it was being prepared
        sys.exit(0)
