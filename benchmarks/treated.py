"""A herd of 50,000 with 200,000 treatments, and its deaths and pulls: what the office takes in
memory and for its lists, and the Pi for its own, each beside the same server's `/health`."""

import statistics
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any, Final

from benchmarks import farms, floor, pages
from benchmarks.farms import database
from benchmarks.figures import Figure, at_most
from tests.system.farm import Farm

ANIMALS: Final = 50_000
EACH: Final = 4  # treatments of an animal, a month apart
PRODUCTS: Final = 20
PULLS: Final = 10_000  # of a year
DEATHS: Final = 750  # of a year: 1.5 per cent
LIST_MS: Final = 20.0
MEMORY_MB: Final = 400.0
PATHS: Final = (
    "/health",
    "/office/",
    "/office/cattle",
    "/office/cattle?held=held",
    "/office/cattle?held=held&sort=-clear",
    "/office/cattle?held=clear&page=300",
    "/office/cattle?status=dead",
    "/office/cattle/{n}",
    "/office/cattle/{n}/treat",
    "/office/cattle/{n}/pull",
    "/office/batches",
    "/office/batches/{n}",
    "/office/pens",
    "/office/pens/{n}",
    "/office/products",
    "/office/weights",
    "/office/deaths",
)
ASKED: Final = (
    "health",
    "cattle?held=true",
    "treatments",
    "treatments?product=7",
    "cattle/1001/treatments",
    "cattle/1001/history",
    "pulls?open=true",
    "reports/deaths",
    "reports/deaths?first=2000-01-01",  # of the last year: every pull and death
)
TIMES: Final = 20


def show(root: Path) -> list[Figure]:
    with farms.stopped_at_last(farms.farm_in(root, "treated")) as farm:
        farm.set_up_pi()
        fill(farm)
        farm.start("pi web")
        farm.wait_until_pi_answers()
        seconds = pages.wait_for_the_mirror(farm)
        office = farm.processes["office web"]
        figures = [*_of_pages(farm), *_of_the_pi(farm)]
        resident, peak = office.resident_mb(), office.peak_mb()
    print(f"\nThe office with {ANIMALS:,} animals and {ANIMALS * EACH:,} treatments")
    memory = Figure("office's memory, after every page", resident, "MB", None, at_most(MEMORY_MB))
    most = Figure("office's memory, at most", peak, "MB", None, at_most(MEMORY_MB))
    return [Figure("office loaded", seconds, "s"), memory, most, *figures]


def _of_pages(farm: Farm) -> Iterator[Figure]:
    bare, *shown = pages.measure(farm, PATHS)
    for one in shown:
        # The goal is of the processor's time, which is the same on a machine that is busy besides.
        yield Figure(f"`{one.path}`, CPU", one.cpu_ms, "ms", bare.cpu_ms, at_most(LIST_MS))
        yield Figure(f"`{one.path}`, whole", one.median_ms, "ms", bare.median_ms)


def _of_the_pi(farm: Farm) -> Iterator[Figure]:
    with farms.api_session(farm) as client:
        bare, *shown = [(path, _median_ms(client, farm, path)) for path in ASKED]
    yield from (Figure(f"REST `{path}`", took, "ms", bare[1]) for path, took in shown)


def _median_ms(client: Any, farm: Farm, path: str) -> float:  # noqa: ANN401 - a session of requests
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        answer = client.get(f"{farm.api_url}/{path}")
        taken.append((time.perf_counter() - start) * 1000)
        assert answer.ok or path == "health", path  # neither receiver nor worker runs
    return statistics.median(taken)


def fill(farm: Farm, animals: int = ANIMALS) -> None:
    """The herd of `pages`, treated, with those that were pulled and those that died."""
    pages.fill(farm, animals)
    connection = floor.connect(database(farm))
    connection.execute("BEGIN IMMEDIATE")
    floor.insert(connection, "products", [_product(n) for n in range(PRODUCTS)])
    floor.insert(connection, "treatments", _treatments(animals))
    # As the operations keep it: the latest of each animal's treatments.
    connection.execute(
        "UPDATE cattle SET clear_on ="
        " (SELECT MAX(clear_on) FROM treatments WHERE animal_id = cattle.id)"
    )
    died = [(str(_days_ago(n % 365)), n * (animals // DEATHS) + 1) for n in range(DEATHS)]
    connection.executemany(
        "UPDATE cattle SET status = 'dead', left_on = ?, left_cause = 'bloat' WHERE id = ?", died
    )
    floor.insert(connection, "pulls", (_pull(n, animals) for n in range(PULLS)))
    connection.execute("COMMIT")
    connection.close()


def _days_ago(days: int) -> date:
    return date.today() - timedelta(days=days)  # noqa: DTZ011 - the farm's day is this machine's


def _product(n: int) -> dict[str, Any]:
    return {
        "id": n + 1,
        "name": f"Product {n:02}",
        "kind": "antibiotic",
        "withdrawal_days": 2 * n,
        "dose": "",
        "route": "sc",
        "lot_no": f"A{n}",
        "active": 1,
    }


def _treatments(animals: int) -> Iterator[dict[str, Any]]:
    for place in reversed(range(EACH)):
        for n in range(animals):
            product, day = n % PRODUCTS, _days_ago(30 * place + n % 30)
            yield {
                "animal_id": n + 1,
                "product_id": product + 1,
                "amount": 20,
                "unit": "ml",
                "lot_no": f"A{product}",
                "route": "sc",
                "reason": "",
                "given_at": str(datetime.combine(day, clock(10))),
                "source": "office",
                "recorded_by": "office:ana",
                "clear_on": str(day + timedelta(days=2 * product)),
                "voided_by": "",
                "void_reason": "",
            }


def _pull(n: int, animals: int) -> dict[str, Any]:
    at = str(datetime.combine(_days_ago((PULLS - n) * 365 // PULLS), clock(10)))
    return {
        "animal_id": n * 7 % animals + 1,
        "cause": "respiratory",
        "note": "",
        "pulled_at": at,
        "from_pen_id": 1,
        "to_pen_id": 2,
        "source": "office",
        "recorded_by": "office:ana",
        "returned_at": at if n < PULLS - 200 else None,
        "returned_by": "",
        "voided_by": "",
        "void_reason": "",
    }
