"""Payloads applied per second from a backlog, every effect among them."""

import socket
import time
from collections import Counter
from dataclasses import dataclass

from benchmarks import floor, load
from benchmarks.intake import database, stored
from tests.system.farm import Farm, wait_until


@dataclass(frozen=True, slots=True)
class Backlog:
    payloads: int
    seconds: float
    statuses: Counter[str]

    @property
    def per_second(self) -> float:
        return self.payloads / self.seconds


def measure(farm: Farm, payloads: int = 20_000) -> Backlog:
    """The receiver is running and the worker is not; the clock runs from its first row to its
    last, its start-up left out."""
    before = stored(farm)
    fill(farm, payloads)
    wait_until(lambda: stored(farm) == before + payloads, "the backlog is stored", 120)
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
