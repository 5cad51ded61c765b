"""Payloads applied per second from a backlog, every effect among them."""

import socket
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks import farms, floor, load, same_rows
from benchmarks.farms import database
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.intake import stored
from tests.system.farm import Farm, wait_until

PAYLOADS = 100_000
STEP = 200  # payloads in a commit of the floors


@dataclass(frozen=True, slots=True)
class Backlog:
    payloads: int
    seconds: float
    statuses: Counter[str]

    @property
    def per_second(self) -> float:
        return self.payloads / self.seconds


def show(root: Path, payloads: int = PAYLOADS) -> list[Figure]:
    print(f"\nWorker: a backlog of {payloads:,} with every effect")
    with farms.listening(root, "worker") as farm:
        store(farm, payloads)
        before = farms.copy_database(farm, root / "before-worker.sqlite3")
        result = work_off(farm)
        memory = farm.processes["worker"].peak_mb()
        bare = floor.effects_per_second(root)
        same = payloads / same_rows.seconds(before, database(farm), payloads // STEP)
    print(f"  {result.payloads} in {result.seconds:.1f} s; statuses: {dict(result.statuses)}")
    now = result.per_second
    return [
        Figure("payloads applied, beside bare statements", now, "/s", bare, at_least(9_000)),
        Figure("bare statements' payloads to one applied", bare / now, "", None, at_most(9)),
        Figure("payloads applied, beside the same rows by executemany", now, "/s", same),
        Figure("worker's memory, at most", memory, "MB", None, at_most(90)),
    ]


def measure(farm: Farm, payloads: int = 20_000) -> Backlog:
    """The receiver is running and the worker is not."""
    store(farm, payloads)
    return work_off(farm)


def store(farm: Farm, payloads: int) -> None:
    before = stored(farm)
    fill(farm, payloads)
    wait_until(lambda: stored(farm) == before + payloads, "the backlog is stored", 300)


def work_off(farm: Farm) -> Backlog:
    """The clock runs from the worker's first row to its last, its start-up left out."""
    payloads = waiting(farm)
    farm.start("worker")
    wait_until(lambda: waiting(farm) < payloads, "the worker starts", 60)
    start, left = time.perf_counter(), waiting(farm)
    wait_until(lambda: waiting(farm) == 0, "the backlog is worked off", 600)
    return Backlog(left, time.perf_counter() - start, _statuses(farm))


def fill(farm: Farm, payloads: int) -> None:
    """A feedlot's day, as fast as the receiver can take it."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(("127.0.0.1", farm.udp_port))
    for number, text in enumerate(load.day(payloads)):
        sender.send(text.encode())
        if number % 10 == 9:
            time.sleep(0.003)
    sender.close()


def waiting(farm: Farm) -> int:
    """Payloads that are stored and not settled."""
    return _statuses(farm)["received"]


def _statuses(farm: Farm) -> Counter[str]:
    connection = floor.connect(database(farm))
    rows = connection.execute("SELECT status, count(*) FROM lora_payload_buffer GROUP BY status")
    counts = Counter(dict(rows.fetchall()))
    connection.close()
    return counts
