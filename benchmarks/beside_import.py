"""What gateways, clients and people notice of an import of 20,000 weighings."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

import requests

from benchmarks import farms, imports, latency, pages
from benchmarks.figures import Figure, at_most
from tests.faults.gateway import Gateway
from tests.system.farm import Farm, wait_until

PER_SECOND = 20.0  # datagrams of the gateway
WRITE_EVERY = 0.2  # seconds, of a client of the REST API
LEAD = 25  # frames before it begins, and as many after it
QUIET = 8.0  # seconds of nothing: what the figures are held against


@dataclass(frozen=True, slots=True)
class Noticed:
    ack_ms: float  # the longest wait for a PUSH_ACK
    refused: int
    writes: list[float]  # milliseconds of each REST write
    browser: list[float]
    web_mb: float
    seconds: float


def show(root: Path) -> list[Figure]:
    print(f"\nBeside an import of {imports.ROWS:,} weighings into a herd of {pages.ANIMALS:,}")
    with farms.stopped_at_last(farms.farm_in(root, "beside-import")) as farm:
        _start(farm)
        sheet = imports.weighings()
        quiet = noticed(farm, lambda: time.sleep(QUIET), 1)
        preview = noticed(farm, partial(imports.post, farm, "weights", sheet, preview=True), 2)
        real = noticed(farm, partial(imports.post, farm, "weights", sheet), 3)
    for name, one in (("nothing", quiet), ("a preview", preview), ("the import", real)):
        print(
            f"  beside {name}, {one.seconds:.1f} s: PUSH_ACK {one.ack_ms:.0f} ms at most,"
            f" {one.refused} of {len(one.writes)} REST writes refused, {max(one.writes):.0f} ms at"
            f" most, {len(one.browser)} frames, web {one.web_mb:.0f} MB"
        )
    return [*_figures("a preview", preview, quiet), *_figures("an import", real, quiet)]


def _start(farm: Farm) -> None:
    farm.set_up_pi()
    pages.fill(farm)
    for name in ("receiver", "worker", "pi web"):
        farm.start(name)
    farm.wait_until_pi_answers()
    farm.wait_until_it_listens()
    pages.wait_for_the_mirror(farm)


def _figures(what: str, now: Noticed, quiet: Noticed) -> list[Figure]:
    p50, p99 = (latency.p(quiet.browser, percent) for percent in (50, 99))
    beside = f"beside {what}"
    return [
        Figure(f"PUSH_ACK {beside}, longest", now.ack_ms, "ms", quiet.ack_ms, at_most(250)),
        Figure(f"REST writes refused {beside}", now.refused, "", None, at_most(0)),
        Figure(f"REST write {beside}, longest", max(now.writes), "ms", max(quiet.writes)),
        Figure(f"frame to browser {beside}, p50", latency.p(now.browser, 50), "ms", p50),
        Figure(
            f"frame to browser {beside}, p99", latency.p(now.browser, 99), "ms", p99, at_most(300)
        ),
        Figure(f"Pi web's memory {beside}", now.web_mb, "MB", quiet.web_mb, at_most(120)),
    ]


def noticed(farm: Farm, act: Callable[[], None], number: int) -> Noticed:
    """Do it in a thread while a gateway sends, a client writes and a person looks on."""
    gateway = Gateway(farm, start=number * 1_000_000)
    farms.forget_peak(farm.processes["pi web"])
    with (
        ThreadPoolExecutor(1) as pool,
        gateway.load(Random(number), PER_SECOND),
        _client(farm) as writes,
    ):
        watched = _Watched(partial(pool.submit, _timed, act), gateway, writes)
        sent, seen = latency.to_browser(farm, watched.goes_on, first=5_000_000 + number * 100_000)
    wait_until(lambda: len(gateway.acknowledged) == len(gateway.sent), "all is acknowledged", 120)
    begun, ended = watched.acting.result()
    after = writes[watched.writes_before :]
    return Noticed(
        max(gateway.waits(watched.sent_before)),
        sum(status == 503 for status, _ in after),
        [ms for _, ms in after],
        [seen[n] - at for n, at in sent.items() if begun <= at <= ended],
        farm.processes["pi web"].peak_mb(),
        (ended - begun) / 1000,
    )


class _Watched:
    """Begins once frames flow, and ends when what was begun has ended and they flow on."""

    acting: Future[tuple[float, float]]

    def __init__(
        self,
        begin: Callable[[], Future[tuple[float, float]]],
        gateway: Gateway,
        writes: list[tuple[int, float]],
    ) -> None:
        self._begin, self._gateway, self._writes = begin, gateway, writes
        self._after = 0

    def goes_on(self, count: int) -> bool:
        if count == LEAD:
            self.sent_before, self.writes_before = len(self._gateway.sent), len(self._writes)
            self.acting = self._begin()
        if count > LEAD and self.acting.done():
            self._after += 1
        return self._after < LEAD


def _timed(act: Callable[[], None]) -> tuple[float, float]:
    """When it began and ended, in milliseconds of the day's clock, as frames are timed."""
    begun = time.time() * 1000
    act()
    return begun, time.time() * 1000


@contextmanager
def _client(farm: Farm) -> Iterator[list[tuple[int, float]]]:
    """Writes notes of animals all over the herd; status and milliseconds of each."""
    writes: list[tuple[int, float]] = []
    stop, chance = threading.Event(), Random(7)

    def run() -> None:
        with farms.api_session(farm) as session:
            while not stop.wait(WRITE_EVERY):
                path = f"{farm.api_url}/cattle/{chance.randint(1, pages.ANIMALS)}"
                writes.append(_written(session, path, f"seen {len(writes)}"))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield writes
    finally:
        stop.set()
        thread.join()


def _written(session: requests.Session, path: str, notes: str) -> tuple[int, float]:
    begun = time.perf_counter()
    answer = session.patch(path, json={"notes": notes}, timeout=imports.PATIENCE)
    took = (time.perf_counter() - begun) * 1000
    assert answer.status_code in {200, 503}, answer.text
    return answer.status_code, took
