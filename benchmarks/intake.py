"""Frames stored and lost at a given rate, by the real receiver over a real socket."""

import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import durable_appends, farms, floor
from benchmarks.farms import database
from benchmarks.figures import Figure
from tests.system.farm import Farm, wait_until

SECONDS = 4
RATES = (1_000, 5_000, 20_000, 40_000, 60_000)
GROUP = 2_000  # datagrams in a commit of the receiver, at most; as many in one of the floors


# What is unreadable and more than a source has rows for stands in one row, which counts it.
COUNT = "SELECT coalesce(sum(coalesce(lines, 1)), 0) FROM lora_payload_buffer"


@dataclass(frozen=True, slots=True)
class Intake:
    rate: int
    sent: int
    stored: int
    seconds: float  # of the sending
    settled_after: float  # seconds from the first datagram to the last row
    floor_loss: float

    @property
    def loss(self) -> float:
        return 1 - self.stored / self.sent

    @property
    def stored_per_second(self) -> float:
        return self.stored / self.settled_after


def show(root: Path) -> list[Figure]:
    print("\nIntake: datagrams over UDP, stored durably by the receiver (worker stopped)")
    with farms.listening(root, "intake") as farm:
        measured = measure(farm)
        memory = farm.processes["receiver"].peak_mb()
    for one in measured:
        print(
            f"  {one.rate:>6}/s asked: sent {one.sent} at {one.sent / one.seconds:.0f}/s, stored"
            f" {one.stored} at {one.stored_per_second:.0f}/s, loss {one.loss:.2%};"
            f" floor (bare recv) loss {one.floor_loss:.2%}"
        )
    best = max(one.stored_per_second for one in measured)
    return [
        *(_loss(one) for one in measured),
        Figure(
            "datagrams stored, beside bare sqlite3 in equal groups",
            best,
            "/s",
            floor.group_commit_rows_per_second(root, group=GROUP),
        ),
        *_beside_redis(root, best),
        Figure("receiver's memory, at most", memory, "MB"),
    ]


def _loss(one: Intake) -> Figure:
    name = f"datagrams lost at {one.rate:,}/s, beside a bare recv"
    return Figure(name, one.loss * 100, "%", one.floor_loss * 100)


def _beside_redis(root: Path, best: float) -> list[Figure]:
    if not durable_appends.is_installed():
        print("  Redis: not installed (Debian's package redis-server)")
        return []
    redis = durable_appends.per_second(root / "redis", GROUP)
    name = "datagrams stored, beside Redis (AOF, fsync always) in equal groups"
    return [Figure(name, best, "/s", redis)]


def measure(farm: Farm, rates: tuple[int, ...] = RATES) -> list[Intake]:
    return [_at(farm, rate, number) for number, rate in enumerate(rates)]


def _at(farm: Farm, rate: int, number: int) -> Intake:
    before, count = stored(farm), rate * SECONDS
    with floor.a_sender() as sender:
        start = time.perf_counter()
        address = ("127.0.0.1", farm.udp_port)
        sender.apply(floor.send_at, (rate, count, address, 10_000_000 * (number + 1)))
    seconds = time.perf_counter() - start
    rows, settled_at = _settled(farm, before + count)
    return Intake(rate, count, rows - before, seconds, settled_at - start, floor.socket_loss(rate))


def _settled(farm: Farm, all_of_them: int, quiet: float = 5.0) -> tuple[int, float]:
    """The count once it is complete or has stood still for so many seconds, and since when."""
    count, since = stored(farm), time.perf_counter()

    def stands_still() -> bool:
        nonlocal count, since
        if (now := stored(farm)) != count:
            count, since = now, time.perf_counter()
        return count == all_of_them or time.perf_counter() - since > quiet

    wait_until(stands_still, "the receiver has stored its inbox", 300)
    return count, since


def stored(farm: Farm) -> int:
    connection = floor.connect(database(farm))
    (count,) = connection.execute(COUNT).fetchone()
    connection.close()
    return int(count)
