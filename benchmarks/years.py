"""A Pi that has heard a million payloads: what its REST API takes, beside its own `/health`."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

from benchmarks import farms, floor, load, pages
from benchmarks.farms import database
from benchmarks.figures import Figure
from tests.system.farm import Farm

PAYLOADS = 1_000_000
ENTRIES = 500_000
DAYS = 700
TIMES = 20
PATHS = (
    "health",
    "status",
    "payloads",
    "payloads?status=error",
    "cattle?search=4711",
    "cattle/1001/history",
    "batches/7/growth",
)


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    median_ms: float


def show(root: Path) -> list[Figure]:
    print(f"\nThe Pi's API after {PAYLOADS} payloads (whole request, median)")
    with farms.stopped_at_last(farms.farm_in(root, "years")) as farm:
        farm.set_up_pi()
        fill(farm)
        farm.start("pi web")
        farm.wait_until_pi_answers()
        measured = measure(farm)
    bare = measured[0].median_ms
    return [Figure(f"REST {one.path}", one.median_ms, "ms", bare) for one in measured[1:]]


def fill(farm: Farm) -> None:
    """The herd of `pages`, and all that its radios have sent in two years."""
    pages.fill(farm)
    connection = floor.connect(database(farm))
    connection.execute("BEGIN IMMEDIATE")
    floor.insert(connection, "lora_payload_buffer", payloads())
    floor.insert(connection, "journal", entries())
    connection.execute("COMMIT")
    connection.close()


def _times(count: int, days: int) -> Iterator[tuple[int, str]]:
    """Numbers from 1 on, evenly spread up to a day ago."""
    first, step = datetime.now(UTC) - timedelta(days=days + 1), timedelta(days=days) / count
    return ((n, f"{first + step * n:%Y-%m-%d %H:%M:%S}") for n in range(1, count + 1))


def payloads() -> Iterator[dict[str, object]]:
    for n, at in _times(PAYLOADS, DAYS):
        animal = n % pages.ANIMALS
        status = "error" if n % 2000 == 0 else "duplicate" if n % 3 == 0 else "processed"
        yield {
            "raw_payload": load.read(animal),
            "form": "plain",
            "status": status,
            "error_code": "bad_tag" if status == "error" else "",
            "error_message": "",
            "remark": "",
            "source": f"udp:10.0.0.{n % 5}",
            "original_length": 50,
            "digest": n,
            "received_at": at,
            "boot": 1,
            "arrived_ms": n,
            "processed_at": at,
            "attempts": 1,
            "approximate": 0,
            "batch_id": animal // pages.IN_A_GROUP + 1,
            "cattle_id": animal + 1,
        }


def entries() -> Iterator[dict[str, object]]:
    for n, at in _times(ENTRIES, 29):
        is_edit = n % 1000 == 0
        yield {
            "mark": n,
            "kind": "cattle:updated",
            "object_id": n % pages.ANIMALS + 1,
            "at": at,
            "actor": "office:ana" if is_edit else "radio",
            "detail": "notes" if is_edit else "",
        }


def measure(farm: Farm) -> list[Asked]:
    with farms.api_session(farm) as session:
        return [Asked(path, _median(session, f"{farm.api_url}/{path}")) for path in PATHS]


def _median(session: requests.Session, address: str) -> float:
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        answer = session.get(address)
        taken.append((time.perf_counter() - start) * 1000)
        # Of a Pi without receiver and worker `health` says 503, which takes it as long.
        assert answer.status_code == 200 or address.endswith("/health"), answer.text
    return statistics.median(taken)
