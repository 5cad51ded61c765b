"""A service manager for one process, as systemd is in a barn: what falls silent is ended and
started again."""

import contextlib
import re
import signal
import socket
import threading
import time
from typing import Self

from tests.faults.report import Promise
from tests.faults.rows import Act, Trial
from tests.system.farm import ROOT, Farm, wait_until

UNITS = {
    "receiver": "hexabrand-receiver",
    "worker": "hexabrand-worker",
    "pi web": "hexabrand-web",
    "office web": "hexabrand-office",
}
# From the last sign of life to the new process, by the units' times.
WATCHED = {
    "receiver": Promise(noticed_within=66.0),
    "worker": Promise(noticed_within=66.0),
    "pi web": Promise(noticed_within=36.0),
    "office web": Promise(noticed_within=36.0),
}
SPARE = 5.0  # seconds for the watchdog itself


class Watchdog:
    """Hears READY=1 and WATCHDOG=1 at NOTIFY_SOCKET. `restarts` are moments (monotonic)."""

    def __init__(self, farm: Farm, name: str) -> None:
        self.restarts: list[float] = []
        self._farm, self._name = farm, name
        self._seconds = seconds_of(name, "WatchdogSec")
        self.patience = self._seconds + seconds_of(name, "TimeoutAbortSec") + SPARE
        self._file = farm.root / "notify"
        self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ear.bind(str(self._file))
        self._ear.settimeout(0.1)
        self._is_ready = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._farm.processes[self._name].end()
        self._start()
        self._thread.start()
        wait_until(self._is_ready.is_set, f"{self._name} says that it is ready")
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()
        self._ear.close()
        self._file.unlink()

    def _start(self) -> None:
        given = dict(self._farm.given)
        watch = {"NOTIFY_SOCKET": str(self._file), "WATCHDOG_USEC": f"{self._seconds * 1e6:.0f}"}
        self._farm.given |= watch
        self._farm.start(self._name)
        self._farm.given = given
        self._is_ready.clear()

    def _watch(self) -> None:
        heard_at = time.monotonic()
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                if self._ear.recv(100) == b"READY=1":
                    self._is_ready.set()
                heard_at = time.monotonic()
            if self._is_ready.is_set() and time.monotonic() - heard_at > self._seconds:
                self._end()
                begun = time.monotonic()
                self._start()
                self.restarts.append(begun)

    def _end(self) -> None:
        """As systemd does it: asked first, and then not asked."""
        process = self._farm.processes[self._name]
        process.send(signal.SIGABRT)
        patience = time.monotonic() + seconds_of(self._name, "TimeoutAbortSec")
        while process.is_running() and time.monotonic() < patience:
            time.sleep(0.05)
        process.kill()


def seconds_of(name: str, setting: str) -> float:
    """As the unit of deploy/systemd has it."""
    unit = (ROOT / "deploy/systemd" / f"{UNITS[name]}.service").read_text()
    found = re.search(rf"^{setting}=(\d+)$", unit, re.MULTILINE)
    assert found, f"{UNITS[name]} has no {setting}."
    return float(found[1])


def stopped_and_watched(name: str) -> Act:
    """SIGSTOP, and nobody sends SIGCONT: the watchdog alone can do something about it."""

    def act(trial: Trial) -> float:
        with Watchdog(trial.farm, name) as watchdog:
            trial.wait_for(name)
            with trial.gateway.load(trial.chance, per_second=40):
                trial.under_load()
                begun = time.monotonic()
                trial.farm.processes[name].send(signal.SIGSTOP)
                wait_until(lambda: watchdog.restarts, "the watchdog acts", watchdog.patience)
                trial.noticed.append(watchdog.restarts[0] - begun)
                trial.wait_for(name)
                trial.under_load()
        assert len(watchdog.restarts) == 1, "What works was started again."
        return watchdog.restarts[0]

    return act
