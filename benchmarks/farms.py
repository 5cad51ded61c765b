"""Farms to measure: one in a folder of its own, and one whose Pi writes down its turns."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.system.farm import Farm, Process


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn in the writers' queue; the statements are all since the turn before it."""

    held_ms: float
    statements: int


class TracedFarm(Farm):
    """Its Pi writes down each turn in the writers' queue."""

    step = 0  # payloads in a step of the worker; 0: as it is

    def environment(self, role: str) -> dict[str, str]:
        environment = super().environment(role)
        if role == "office":
            return environment
        (folder := self.root / "turns").mkdir(exist_ok=True)
        return environment | {
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings_traced",
            "TRACE_FOLDER": str(folder),
            "TRACE_STEP": str(self.step or ""),
        }

    def turns(self, name: str) -> list[Turn]:
        """Return all turns of a process so far, by its name."""
        return _turns_in(self.root / "turns" / f"{self.processes[name].pid}.turns")

    def turns_during(self, act: Callable[[], None]) -> list[Turn]:
        """Return the turns of all processes meanwhile, of those too that came and went."""
        for file in (self.root / "turns").iterdir():
            file.write_text("")  # whoever has it open appends
        act()
        return [turn for file in (self.root / "turns").iterdir() for turn in _turns_in(file)]


def _turns_in(file: Path) -> list[Turn]:
    lines = map(str.split, file.read_text().splitlines())
    return [Turn(float(held), int(statements)) for held, statements in lines]


@contextmanager
def stopped_at_last(farm: Farm) -> Iterator[Farm]:
    """Stop the farm, however the measuring ends."""
    try:
        yield farm
    finally:
        farm.stop()


@contextmanager
def listening(root: Path, name: str) -> Iterator[Farm]:
    """A Pi of which only the receiver runs."""
    with stopped_at_last(farm_in(root, name)) as farm:
        farm.set_up_pi()
        farm.start("receiver")
        farm.wait_until_it_listens()
        yield farm


def farm_in(root: Path, name: str) -> Farm:
    (root / name).mkdir()
    return Farm(root / name)


def database(farm: Farm) -> Path:
    return farm.root / "pi" / "pi.sqlite3"


def copy_database(farm: Farm, to: Path) -> Path:
    """Copy the herd as it is; nobody may be writing just now."""
    with closing(sqlite3.connect(database(farm))) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)
    return to


def forget_peak(process: Process) -> None:
    """Let `peak_mb` of the process be what it has from now on."""
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def api_session(farm: Farm) -> requests.Session:
    """Return a client whose connection stays open, as an office's does."""
    session = requests.Session()
    session.headers["X-API-Key"] = farm.account["api_key"]
    session.trust_env, session.verify = False, farm.certificate
    return session
