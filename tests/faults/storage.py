"""Faults below the Pi's programs: a full disk, a disk that fails."""

import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import requests

from benchmarks.pages import sign_in
from tests.faults.rows import Act, Trial, writer_of
from tests.faults.scenes import CannotBeTried, SmallDisk
from tests.system.farm import PATIENCE, wait_until

LOG_ALARM = "log has grown large"


def disk_fills(leave_mb: float, seconds: float) -> Act:
    """Nothing is acknowledged that cannot be stored, everything can be read, and it goes on by
    itself as soon as there is room."""

    def act(trial: Trial) -> float:
        assert isinstance(trial.scene, SmallDisk)
        with trial.gateway.load(trial.chance):
            trial.under_load()
            begun = time.monotonic()
            trial.scene.fill(leave_mb)
            wait_until(lambda: _is_silent(trial), "storing stops")
            trial.noticed.append(time.monotonic() - begun)
            time.sleep(seconds)
            assert trial.farm.get("cattle").status_code == 200
            trial.scene.empty()
            healed = time.monotonic()
            trial.under_load()
        return healed

    return act


def killed_with_a_spill(trial: Trial) -> float:
    """The database is held, frames are acknowledged all the same, and the receiver is killed twice:
    while they wait in its spill file, and while they come back out of it."""
    with trial.gateway.load(trial.chance):
        trial.under_load()
        with writer_of(trial.farm):
            begun = time.monotonic()
            wait_until(lambda: not _is_silent(trial), "frames are acknowledged")
            trial.noticed.append(time.monotonic() - begun)
            trial.under_load()
            trial.farm.processes["receiver"].kill()
            trial.start("receiver")
            wait_until(lambda: not _is_silent(trial), "frames are acknowledged again")
        time.sleep(trial.chance.uniform(0.0, 0.2))
        trial.farm.processes["receiver"].kill()
        begun = time.monotonic()
        trial.start("receiver")
        trial.under_load()
    return begun


def spill_on_a_full_disk(trial: Trial) -> float:
    """The database is held and the disk is full: neither takes a frame, and none is acknowledged;
    then there is room, and the spill takes them while the database is still held."""
    assert isinstance(trial.scene, SmallDisk)
    with trial.gateway.load(trial.chance):
        trial.under_load()
        with writer_of(trial.farm):
            wait_until(lambda: not _is_silent(trial), "frames are acknowledged")
            begun = time.monotonic()
            trial.scene.fill(0.0)
            wait_until(lambda: _is_silent(trial), "storing stops")
            trial.noticed.append(time.monotonic() - begun)
            trial.scene.empty()
            wait_until(lambda: not _is_silent(trial), "frames are acknowledged again")
        begun = time.monotonic()
        trial.under_load()
    return begun


def read_without_end(trial: Trial) -> float:
    """Somebody reads and never ends: the database's log cannot be folded in, and grows. The office
    says so before it fills the disk, and it is small again when the reader has gone."""
    file = trial.farm.root / "pi" / "pi.sqlite3"
    with trial.gateway.load(trial.chance, per_second=1500):
        with closing(sqlite3.connect(file, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM cattle").fetchone()
            begun = time.monotonic()
            with sign_in(trial.farm) as clerk:
                wait_until(lambda: LOG_ALARM in _status_page(trial, clerk), "the office says so")
            trial.noticed.append(time.monotonic() - begun)
        healed = time.monotonic()
        with sign_in(trial.farm) as clerk:
            wait_until(lambda: LOG_ALARM not in _status_page(trial, clerk), "the alarm ends")
    return healed


def _status_page(trial: Trial, clerk: requests.Session) -> str:
    return clerk.get(f"{trial.farm.office_url}/office/status").text


def _is_silent(trial: Trial) -> bool:
    before = len(trial.gateway.acknowledged)
    time.sleep(0.4)
    return len(trial.gateway.acknowledged) == before


def receiver_s_system_calls(inject: str, seconds: float) -> Act:
    """`strace` spoils some calls of the running receiver; a killed one is started again."""

    def act(trial: Trial) -> float:
        receiver = trial.farm.processes["receiver"]
        with trial.gateway.load(trial.chance):
            trial.under_load()
            with _injected(receiver.pid, inject):
                end = time.monotonic() + seconds
                while receiver.is_running() and time.monotonic() < end:
                    time.sleep(0.02)
            begun = time.monotonic()
            if not receiver.is_running():
                trial.start("receiver")
            trial.under_load()
        return begun

    return act


@contextmanager
def _injected(pid: int, inject: str) -> Iterator[None]:
    if shutil.which("strace") is None:
        raise CannotBeTried("strace is missing: apt-get install strace")
    calls = inject.partition(":")[0]
    tracer = subprocess.Popen(
        [
            "strace",
            "-f",
            "-o",
            "/dev/null",
            "-p",
            str(pid),
            "-e",
            f"trace={calls}",
            "-e",
            f"inject={inject}",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert tracer.stderr is not None
    said = tracer.stderr.readline()
    if "attached" not in said:
        tracer.kill()
        raise CannotBeTried(f"strace may not look at the receiver: {said.strip()}")
    try:
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.communicate(timeout=PATIENCE)
