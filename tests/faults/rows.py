"""The faults that are tried, one function each: what happens to a running farm, and its end.

Each strikes while a gateway sends, and leaves everything running again. It returns the moment
(monotonic) from which recovery counts: when the fault was over, or what was dead was started.
"""

import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from random import Random

from tests.faults.crowd import crowd, sockets_to_the_pi
from tests.faults.eye import Eye
from tests.faults.follower import Follower
from tests.faults.gateway import Gateway
from tests.faults.ledger import link_state
from tests.faults.report import NO_PROMISE, Promise
from tests.faults.scenes import Scene, bare
from tests.system.farm import Farm, wait_until

ONE_FEED_AND_A_REQUEST = 2
ALL = ("receiver", "worker", "pi web", "office web")
Act = Callable[["Trial"], float]


@dataclass(slots=True)
class Trial:
    """One farm with its sender, for all trials of a row."""

    farm: Farm
    gateway: Gateway
    chance: Random
    follower: Follower
    eye: Eye | None = None
    scene: object = None
    noticed: list[float] = field(default_factory=list)  # seconds until the fault was shown
    pages: list[float] = field(default_factory=list)  # seconds that an office page took meanwhile

    def under_load(self, least: float = 0.1, most: float = 0.6) -> None:
        """Somewhere in the middle of the sending."""
        time.sleep(self.chance.uniform(least, most))

    def start(self, name: str) -> None:
        self.farm.start(name)
        self.wait_for(name)

    def wait_for(self, name: str) -> None:
        """Until a process that was started works; the office's is waited for in the end."""
        if name == "pi web":
            self.farm.wait_until_pi_answers()
        if name == "receiver":
            self.farm.wait_until_it_listens()


@dataclass(frozen=True, slots=True)
class Fault:
    """`shown`: a real browser looks on all the time. `long`: tried once, however many trials."""

    name: str
    act: Act
    shown: bool = False
    scene: Scene = bare
    long: bool = False
    promise: Promise = NO_PROMISE

    def __str__(self) -> str:
        return self.name


def kill(*names: str) -> Act:
    def act(trial: Trial) -> float:
        with trial.gateway.load(trial.chance):
            trial.under_load()
            for name in names:
                trial.farm.processes[name].kill()
            begun = time.monotonic()
            for name in names:
                trial.start(name)
            trial.under_load()
        return begun

    return act


def stand_still(name: str, seconds: float) -> Act:
    """SIGSTOP, as a process that hangs; the service manager would end it, here it goes on."""

    def act(trial: Trial) -> float:
        with trial.gateway.load(trial.chance):
            trial.under_load()
            process = trial.farm.processes[name]
            process.send(signal.SIGSTOP)
            time.sleep(seconds)
            process.send(signal.SIGCONT)
            begun = time.monotonic()
            trial.under_load()
        return begun

    return act


def kill_before_a_crowd(trial: Trial) -> float:
    """The office under many open pages: all come back, and the Pi hears one socket."""
    with crowd(trial.farm) as pages, trial.gateway.load(trial.chance):
        trial.under_load()
        trial.farm.processes["office web"].kill()
        begun = time.monotonic()
        wait_until(lambda: not any(pages.told), "the pages know that the office is gone")
        trial.start("office web")
        pages.wait_until_all_are_told()
        trial.noticed.append(time.monotonic() - begun)
        assert sockets_to_the_pi(trial.farm) <= ONE_FEED_AND_A_REQUEST
    return begun


def locked(seconds: float) -> Act:
    """Somebody else holds the database: the receiver waits with what it hears, and then stores."""

    def act(trial: Trial) -> float:
        with trial.gateway.load(trial.chance):
            trial.under_load()
            with writer_of(trial.farm):
                time.sleep(seconds)
                assert link_state(trial.farm) == "live", "A locked database is no barn down."
            begun = time.monotonic()
            trial.under_load()
        return begun

    return act


@contextmanager
def writer_of(farm: Farm) -> Iterator[None]:
    file = farm.root / "pi" / "pi.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


def second_instance(trial: Trial) -> float:
    """It refuses, and the first goes on."""
    with trial.gateway.load(trial.chance):
        for command in ("runreceiver", "runworker"):
            try:
                trial.farm.manage("pi", command)
            except AssertionError as refused:
                assert "running here already" in str(refused), refused  # noqa: PT017 - any other is a failure
            else:
                raise AssertionError(f"A second {command} ran.")
    return time.monotonic()


def while_backed_up(trial: Trial) -> float:
    with trial.gateway.load(trial.chance):
        trial.farm.manage("pi", "backup", "--keep", "1")
    return time.monotonic()


def udp_burst(many: int) -> Act:
    """As fast as this machine can send; what the kernel had to drop is counted, not hidden."""

    def act(trial: Trial) -> float:
        before = _arrived(trial.farm)
        for _ in range(many):
            trial.gateway.send(trial.gateway.next_text())
        begun = time.monotonic()
        wait_until(
            lambda: _arrived(trial.farm) - before >= many, "all are stored or counted as dropped"
        )
        return begun

    return act


def _arrived(farm: Farm) -> int:
    """Stored, or dropped by the kernel and counted."""
    status = farm.get("status").json()
    return int(status["counts"]["payloads"] + sum(one["drops"] for one in status["sources"]))
