"""Frames stored and lost at a given rate, by the real receiver over a real socket."""

import multiprocessing
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import floor
from tests.system.farm import Farm, wait_until

SECONDS = 4


@dataclass(frozen=True, slots=True)
class Intake:
    rate: int
    sent: int
    stored: int
    seconds: float
    floor_loss: float

    @property
    def loss(self) -> float:
        return 1 - self.stored / self.sent


def measure(farm: Farm, rates: tuple[int, ...] = (1_000, 5_000, 20_000)) -> list[Intake]:
    return [_at(farm, rate, number) for number, rate in enumerate(rates)]


def _at(farm: Farm, rate: int, number: int) -> Intake:
    before, count = stored(farm), rate * SECONDS
    start = time.perf_counter()
    # A process of its own: a sender inside this one would share its interpreter with the asking.
    sender = multiprocessing.get_context("spawn").Process(
        target=floor.send_at,
        args=(rate, count, ("127.0.0.1", farm.udp_port), 10_000_000 * (number + 1)),
    )
    sender.start()
    sender.join()
    seconds = time.perf_counter() - start
    settled = wait_until(lambda: _settled(farm), "the receiver has stored its inbox", 120)
    return Intake(rate, count, settled - before, seconds, floor.socket_loss(rate))


def _settled(farm: Farm) -> int:
    """The count once it has stood still for a second."""
    count = stored(farm)
    time.sleep(1.0)
    return count if stored(farm) == count else 0


def stored(farm: Farm) -> int:
    connection = floor.connect(database(farm))
    (count,) = connection.execute("SELECT count(*) FROM lora_payload_buffer").fetchone()
    connection.close()
    return int(count)


def database(farm: Farm) -> Path:
    return farm.root / "pi" / "pi.sqlite3"
