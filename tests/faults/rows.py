"""The faults that are tried, one function each: what happens to a running farm, and its end.

Each sends reads before, while and after it, and leaves everything running again.
"""

import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from random import Random

from tests.faults.ledger import Gateway
from tests.system.farm import Farm

Act = Callable[["Trial"], None]


@dataclass(slots=True)
class Trial:
    """One farm with its sender, for all trials of a row; each text is sent once and by one only."""

    farm: Farm
    gateway: Gateway
    chance: Random
    numbers: Iterator[int]

    def send(self, most: int, pause: float = 0.0) -> None:
        for _ in range(self.chance.randint(1, most)):
            number = next(self.numbers)
            self.gateway.push(f"hxb:FAULT{number % 20}:LF{number}:UHF{number}")
            if pause:
                time.sleep(pause)

    def restart(self, name: str) -> None:
        self.farm.start(name)
        if name == "pi web":
            self.farm.wait_until_pi_answers()
        if name == "receiver":
            self.farm.wait_until_it_listens()


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    act: Act


def kill(name: str) -> Act:
    def act(trial: Trial) -> None:
        trial.send(40)
        time.sleep(trial.chance.uniform(0, 0.03))
        trial.farm.processes[name].kill()
        trial.send(3)
        trial.restart(name)
        trial.send(10)

    return act


def stand_still(name: str, seconds: float) -> Act:
    """SIGSTOP, as a process that hangs; the service manager would end it, here it goes on."""

    def act(trial: Trial) -> None:
        trial.send(20)
        process = trial.farm.processes[name]
        process.send(signal.SIGSTOP)
        trial.send(4)
        time.sleep(seconds)
        process.send(signal.SIGCONT)
        trial.send(10)

    return act


def locked(seconds: float) -> Act:
    """Somebody else holds the database: the receiver waits with what it hears, and then stores."""

    def act(trial: Trial) -> None:
        trial.send(20)
        with writer_of(trial.farm):
            trial.send(3)
            time.sleep(seconds)
        trial.send(10)

    return act


@contextmanager
def writer_of(farm: Farm) -> Iterator[None]:
    file = farm.root / "pi" / "pi.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


def power_off(trial: Trial) -> None:
    """Everything at once, and everything again."""
    trial.send(30)
    names = ("receiver", "worker", "pi web", "office web")
    for name in names:
        trial.farm.processes[name].kill()
    for name in names:
        trial.restart(name)
    trial.send(10)


def second_instance(trial: Trial) -> None:
    """It refuses, and the first goes on."""
    trial.send(10)
    for command in ("runreceiver", "runworker"):
        try:
            trial.farm.manage("pi", command)
        except AssertionError as refused:
            assert "running here already" in str(refused), refused  # noqa: PT017 - any other is a failure
        else:
            raise AssertionError(f"A second {command} ran.")
    trial.send(10)


def while_backed_up(trial: Trial) -> None:
    trial.send(20)
    trial.farm.manage("pi", "backup", "--keep", "1")
    trial.send(20)


FAULTS = (
    Fault("SIGKILL receiver", kill("receiver")),
    Fault("SIGKILL worker", kill("worker")),
    Fault("SIGKILL pi web", kill("pi web")),
    Fault("SIGKILL office web", kill("office web")),
    Fault("SIGKILL of all four", power_off),
    Fault("SIGSTOP receiver 2 s", stand_still("receiver", 2.0)),
    Fault("SIGSTOP worker 2 s", stand_still("worker", 2.0)),
    Fault("SIGSTOP pi web 2 s", stand_still("pi web", 2.0)),
    Fault("database locked 3 s", locked(3.0)),
    Fault("second instance", second_instance),
    Fault("backup under load", while_backed_up),
)


def numbers_from(start: int = 1) -> Iterator[int]:
    return count(start)
