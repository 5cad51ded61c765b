"""What a load does to those who did not cause it: a reader that never reads, a long backlog, a
backup.

`python -m tests.faults.figures`; ends with status 1 where a promise is not kept.
"""

import asyncio
import contextlib
import json
import sqlite3
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import requests
from websockets.asyncio.client import connect

from benchmarks.backlog import fill, waiting
from benchmarks.farms import database
from benchmarks.intake import stored
from benchmarks.latency import FeedWatch, p
from tests.faults.gateway import Gateway
from tests.system.farm import Farm, wait_until

DEAF = (1, 10)
PROMISED = 1  # of them changes nothing for others; what more of them cost is told
MOST_MB, MOST_TIMES = 10, 2
SECONDS = 20.0
BACKLOG = 100_000
PATHS = ("cattle", "payloads", "batches", "pens", "weights")


# -- a reader that never reads -------------------------------------------------------------------


def deaf_readers(farm: Farm, history: int = 20_000) -> bool:
    """Memory of the Pi's web process and the p99 of a reader that reads, without and with them."""
    fill(farm, history)
    wait_until(lambda: waiting(farm) == 0, "the history is made", 300)
    calm = _latencies(farm)
    before = farm.processes["pi web"].resident_mb()
    kept = True
    for many in DEAF:
        with _deaf(farm, many):
            beside = _latencies(farm)
            grown = farm.processes["pi web"].resident_mb() - before
        ratio = p(beside, 99) / p(calm, 99)
        print(
            f"| {many} reader(s) that never read, {history:,} payloads behind"
            f" | memory {grown:+.1f} MB | p99 of another reader {p(calm, 99):.0f} →"
            f" {p(beside, 99):.0f} ms (× {ratio:.2f}) |",
            flush=True,
        )
        if many == PROMISED:
            kept = grown <= MOST_MB and ratio <= MOST_TIMES
    return kept


def _latencies(farm: Farm) -> list[float]:
    """Milliseconds from a frame sent to its event, over SECONDS."""
    watch, sent = FeedWatch(farm), {}
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        text = f"hxb:FIGURE:LF{time.monotonic_ns()}:"
        sent[text] = time.time() * 1000
        farm.hear(text)
        time.sleep(0.05)
    wait_until(lambda: len(watch.received.keys() & sent.keys()) == len(sent), "all are heard")
    watch.end()
    return [watch.received[text] - at for text, at in sent.items()]


@contextmanager
def _deaf(farm: Farm, many: int) -> Iterator[None]:
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_stay_deaf(farm, many, ready, stop)))
    thread.start()
    try:
        assert ready.wait(60)
        yield
    finally:
        stop.set()
        thread.join()


async def _stay_deaf(farm: Farm, many: int, ready: threading.Event, stop: threading.Event) -> None:
    trust = ssl.create_default_context(cafile=farm.certificate)
    trust.check_hostname = False
    url = f"wss://127.0.0.1:{farm.pi_port}/ws/remote/events"
    key = {"X-API-Key": farm.account["api_key"]}
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(many):
            feed = await stack.enter_async_context(
                connect(url, ssl=trust, additional_headers=key, proxy=None, ping_interval=None)
            )
            await feed.send(
                json.dumps({"type": "subscribe", "topics": ["payloads"], "since": "0-00000000"})
            )
            feed.transport.pause_reading()
            stack.callback(feed.transport.abort)
        ready.set()
        await asyncio.to_thread(stop.wait)


# -- a long backlog ------------------------------------------------------------------------------


def long_backlog(farm: Farm) -> bool:
    """The worker was away for long: it works in order, and API and receiver do not wait for it."""
    fill(farm, BACKLOG)
    wait_until(lambda: stored(farm) >= BACKLOG, "the backlog is stored", 600)
    gateway, chance = Gateway(farm, start=10_000_000), Random(1)
    worker = farm.start("worker")
    begun = time.monotonic()
    wait_until(lambda: farm.get("status").json()["backlog"]["eta_seconds"], "an ETA is shown")
    first_mb, took = worker.resident_mb(), []
    with gateway.load(chance, per_second=50):
        while waiting(farm) > 1_000:
            took += _asked(farm)
    seconds = time.monotonic() - begun
    wait_until(lambda: waiting(farm) == 0, "all is settled", 120)
    wait_until(lambda: len(gateway.acknowledged) == len(gateway.sent), "all is acknowledged")
    grown = worker.resident_mb() - first_mb
    missing = set(gateway.sent) - _texts(farm)
    gateway.close()
    print(
        f"| backlog of {BACKLOG:,} | done in {seconds:.0f} s, in order: {_in_order(farm)},"
        f" worker's memory {grown:+.1f} MB | API p95 {p(took, 95):.0f} ms of {len(took)};"
        f" new frames meanwhile {len(gateway.sent)}, lost {len(missing)} |"
    )
    return _in_order(farm) and p(took, 95) < 300 and not missing and grown <= 10


_session = requests.Session()


def _asked(farm: Farm) -> list[float]:
    """Milliseconds of each answer."""
    took = []
    for path in PATHS:
        begun = time.monotonic()
        answer = _session.get(
            f"{farm.api_url}/{path}",
            headers={"X-API-Key": farm.account["api_key"]},
            verify=farm.certificate,
            timeout=30,
        )
        took.append((time.monotonic() - begun) * 1000)
        assert answer.status_code == 200, answer.text
    time.sleep(0.05)
    return took


def _in_order(farm: Farm) -> bool:
    with closing(sqlite3.connect(database(farm))) as connection:
        settled = [
            pk
            for (pk,) in connection.execute(
                "SELECT object_id FROM journal WHERE kind IN"
                " ('payload:processed', 'payload:duplicate', 'payload:error') ORDER BY seq"
            )
        ]
    return settled == sorted(settled)


def _texts(farm: Farm) -> set[str]:
    with closing(sqlite3.connect(database(farm))) as connection:
        rows = connection.execute("SELECT raw_payload FROM lora_payload_buffer")
        return {text for (text,) in rows}


# -- a backup ------------------------------------------------------------------------------------


def backup_of_a_year(farm: Farm, folder: Path) -> bool:
    """How long frames wait for their acknowledgement, without and with a backup being made, and
    how long the way back takes on an empty machine."""
    gateway, chance = Gateway(farm, start=20_000_000), Random(1)
    with gateway.load(chance, per_second=50):
        time.sleep(SECONDS)
        calm = gateway.waits()
        before, begun = len(gateway.sent), time.monotonic()
        backup = Path(farm.manage("pi", "backup").strip())
        made_in = time.monotonic() - begun
        beside = gateway.waits(before)
    wait_until(lambda: len(gateway.acknowledged) == len(gateway.sent), "all is acknowledged")
    gateway.close()
    size = database(farm).stat().st_size / 1e6
    begun = time.monotonic()
    Farm(folder).manage("pi", "restore", str(backup))
    restored_in = time.monotonic() - begun
    print(
        f"| backup of {size:.0f} MB | made and checked in {made_in:.1f} s, restored on an empty"
        f" machine in {restored_in:.1f} s | a frame's wait for its acknowledgement, p99"
        f" {p(calm, 99):.0f} → {p(beside, 99):.0f} ms, longest {max(calm):.0f} →"
        f" {max(beside):.0f} ms |"
    )
    return p(beside, 99) - p(calm, 99) < 100 and restored_in < 600


def main() -> int:
    print("| load | what it costs | what others see |\n|---|---|---|", flush=True)
    kept = []
    with (
        tempfile.TemporaryDirectory(prefix="hexabrand-figures-") as folder,
        Farm(Path(folder)) as farm,
    ):
        kept.append(deaf_readers(farm))
    with tempfile.TemporaryDirectory(prefix="hexabrand-figures-") as folder:
        farm = Farm(Path(folder))
        try:
            farm.set_up_pi()
            farm.start("receiver")
            farm.start("pi web")
            farm.wait_until_pi_answers()
            farm.wait_until_it_listens()
            kept.append(long_backlog(farm))
            (empty := Path(folder) / "empty").mkdir()
            kept.append(backup_of_a_year(farm, empty))
        finally:
            farm.stop()
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
