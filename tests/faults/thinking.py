"""A worker that dies when it has thought and not yet written."""

import fcntl
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.rows import Act, Trial
from tests.system.farm import Farm, wait_until


def killed_before_it_writes(harm: Callable[[Path, bytes], None] | None = None) -> Act:
    """The worker is killed while it waits for its turn to write: it has given its new rows numbers,
    which `harm` may take back out of their file; the harness has the turn meanwhile."""

    def act(trial: Trial) -> float:
        numbers = trial.farm.root / "pi" / "row_numbers.json"
        worker = trial.farm.processes["worker"]
        with trial.gateway.load(trial.chance):
            trial.under_load()
            wait_until(numbers.exists, "some rows have numbers")
            with _turn_taken(trial.farm):  # else it may have the turn itself, and stands still so
                worker.send(signal.SIGSTOP)
            trial.under_load(0.3)  # what is stored now waits for it
            with _turn_taken(trial.farm):
                before = numbers.read_bytes()
                worker.send(signal.SIGCONT)
                wait_until(lambda: numbers.read_bytes() != before, "it has thought of new rows")
                time.sleep(trial.chance.uniform(0.0, 0.1))
                worker.kill()
            if harm is not None:
                harm(numbers, before)
            begun = time.monotonic()
            trial.start("worker")
            trial.under_load()
        return begun

    return act


def lost(numbers: Path, _: bytes) -> None:
    numbers.unlink()


def cut_off(numbers: Path, _: bytes) -> None:
    numbers.write_bytes(numbers.read_bytes()[:-5])


def older(numbers: Path, before: bytes) -> None:
    numbers.write_bytes(before)


@contextmanager
def _turn_taken(farm: Farm) -> Iterator[None]:
    with (farm.root / "pi" / "writers.lock").open("r+b") as line:
        fcntl.flock(line, fcntl.LOCK_EX)
        yield
