"""Every page of the office at two sizes of the herd: what five times the animals cost."""

import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks import farms, floor, load, pages, years
from benchmarks.farms import database
from benchmarks.figures import Figure, at_most
from benchmarks.pages import PageTime
from tests.system.farm import Farm, Process, wait_until

SIZES: Final = (50_000, 250_000)
PAYLOADS: Final = 20_000
CONFLICT: Final = 20_001  # the payload whose tags are on two animals
CHANGES: Final = 60
FULL_PAGE_MS: Final = {50_000: 10.0, 250_000: 15.0}
# The first look at a batch or an animal asks the Pi, and a search looks at every name.
COLD_MS: Final = 15.0
SEARCH_MS: Final = 25.0
KILOBYTES: Final = 100.0
LOAD_SECONDS: Final = 10.0  # of the larger herd
MEMORY_MB: Final = 450.0
COLD: Final = (
    "/office/batches/{n}",
    "/office/cattle/{n}",
    "/office/weights/{n}/void?animal={n}",
    "/office/payloads?before=5{n:03}",
)
SEARCH: Final = "/office/cattle?q=1{n:03}"  # another one each time: nothing answered it before
SEARCHES: Final = (
    "/office/cattle?q=4711",
    SEARCH,
    "/office/cattle?q=84000300",
    "/office/cattle?q=7",
    "/office/cattle?q=84000300&status=active&sort=lid",
    "/office/cattle?q=lot-of-nobody",
    "/office/find?q=4711",
    "/office/find?q=840003000004711",
    "/office/batches?q=lot01",
    "/office/pens?q=p01",
)
PATHS: Final = (
    "/health",
    "/login",
    "/office/",
    "/office/batches",
    "/office/batches?sort=head&page=3",
    *COLD,
    "/office/batches/new",
    "/office/batches/{n}/edit",
    "/office/cattle",
    "/office/cattle?sort=-weight",
    "/office/cattle?status=active&page=900",
    "/office/cattle?show=unseen",
    "/office/cattle?show=unseen&sort=lid",
    "/office/cattle?batch={n}&pen={n}",
    *SEARCHES,
    "/office/cattle/{n}/edit",
    "/office/cattle/{n}/move",
    "/office/cattle/{n}/weigh",
    "/office/cattle/{n}/tags",
    "/office/cattle/{n}/leave",
    "/office/cattle/move?id=1&id=2&id=3",
    "/office/cattle/move?batch={n}&status=on_feed&all=1",
    "/office/cattle/move?status=active&all=1",
    "/office/cattle/leave?id=1&id=2&id=3",
    "/office/pens",
    "/office/pens?sort=fullest&page=3",
    "/office/pens/new",
    "/office/pens/{n}",
    "/office/pens/{n}?print=1",
    "/office/pens/{n}/edit",
    "/office/pens/{n}/delete",
    "/office/pens/{n}/move",
    "/office/weights",
    "/office/import",
    "/office/changes",
    "/office/payloads",
    "/office/payloads?status=error",
    "/office/payloads?before=5000",
    f"/office/payloads/{PAYLOADS}/correct",
    f"/office/payloads/{CONFLICT}/conflict",
    "/office/status",
)

QUIET: Final = 0.04  # of half a second: heartbeats and the status


@dataclass(frozen=True, slots=True)
class Size:
    """What an office with so many animals costs."""

    animals: int
    load_seconds: float
    first_search_ms: float  # while names are still noted (decision 61)
    settle_seconds: float  # until they are
    loaded_mb: float
    resident_mb: float  # after every page was looked at
    peak_mb: float
    pages: list[PageTime]


def show(root: Path) -> list[Figure]:
    """Both sizes side by side, and how many times the smaller one's cost the larger one's is."""
    sizes = [_size_of(root, animals) for animals in SIZES]
    small, large = sizes
    print(f"\nThe office with {small.animals} and with {large.animals} animals (! beyond its goal)")
    for name, unit in (
        ("load_seconds", "s"),
        ("first_search_ms", "ms"),
        ("settle_seconds", "s"),
        ("loaded_mb", "MB"),
        ("resident_mb", "MB"),
        ("peak_mb", "MB"),
    ):
        before, after = (getattr(size, name) for size in sizes)
        print(f"  {name:<50} {before:7.1f}  {after:7.1f} {unit}  {after / before:4.1f}:1")
    for rows in zip(small.pages, large.pages, strict=True):
        cells = "".join(_cell(row, size.animals) for row, size in zip(rows, sizes, strict=True))
        print(f"  {rows[0].path:<50}{cells}  {rows[1].median_ms / rows[0].median_ms:4.1f}:1")
    return [figure for size in sizes for figure in _figures(size)]


def _size_of(root: Path, animals: int) -> Size:
    with farms.stopped_at_last(farms.farm_in(root, f"growth-{animals}")) as farm:
        return measure(farm, animals)


def _cell(row: PageTime, animals: int) -> str:
    slow = row.median_ms > goal_ms(row.path, animals)
    mark = "!" if slow or row.kilobytes > KILOBYTES else " "
    return f" {row.median_ms:6.1f} ms {row.kilobytes:5.0f} KB{mark}"


def _figures(size: Size) -> list[Figure]:
    """Those that have a goal; of the pages with the same goal the slowest."""
    of = f"with {size.animals:,} animals"
    health, *shown = size.pages
    slowest: dict[float, PageTime] = {}
    for page in shown:
        goal = goal_ms(page.path, size.animals)
        slowest[goal] = max(page, slowest.get(goal, page), key=lambda one: one.median_ms)
    largest = max(page.kilobytes for page in shown)
    figures = [
        Figure(f"office loaded {of}", size.load_seconds, "s", None, at_most(LOAD_SECONDS)),
        Figure(f"office's memory {of}", size.resident_mb, "MB", None, at_most(MEMORY_MB)),
        Figure(f"largest page {of}", largest, "KB", None, at_most(KILOBYTES)),
    ]
    for goal, page in slowest.items():
        name = f"slowest of its goal {of}: `{page.path}`"
        figures.append(Figure(name, page.median_ms, "ms", health.median_ms, at_most(goal)))
    return figures


def measure(farm: Farm, animals: int) -> Size:
    farm.set_up_pi()
    fill(farm, animals)
    farm.start("pi web")
    farm.wait_until_pi_answers()
    seconds = pages.wait_for_the_mirror(farm)
    office = farm.processes["office web"]
    start = time.perf_counter()
    first = pages.measure(farm, [SEARCH])[0].median_ms
    wait_until(lambda: _is_quiet(office), "the names of the herd are noted", 60)
    settled, loaded = time.perf_counter() - start, office.resident_mb()
    times = pages.measure(farm, PATHS)
    memory = loaded, office.resident_mb(), office.peak_mb()
    return Size(animals, seconds, first, settled, *memory, times)


def _is_quiet(process: Process) -> bool:
    before = process.cpu_seconds()
    time.sleep(0.5)
    return process.cpu_seconds() - before < QUIET


def fill(farm: Farm, animals: int) -> None:
    """The herd of `pages`, and a radio log, a tag conflict and changes to look at."""
    pages.fill(farm, animals)
    connection = floor.connect(database(farm))
    connection.execute("BEGIN IMMEDIATE")
    log = list(islice(years.payloads(), PAYLOADS))
    conflict = {
        "raw_payload": f"hxb:LOT0001:{load.lf(1)}:{load.uhf(2)}",
        "status": "error",
        "error_code": "tag_conflict",
        "digest": 0,
    }
    floor.insert(connection, "lora_payload_buffer", [*log, log[-1] | conflict])
    floor.insert(connection, "reversible_changes", [_change(n) for n in range(CHANGES)])
    connection.execute("COMMIT")
    connection.close()


def _change(n: int) -> dict[str, object]:
    names = {"kind": "import", "summary": f"sheet {n}", "made_by": "office:ana", "undone_by": ""}
    return {**names, "reason": "", "count": 1, "made_at": pages.AT, "steps": "{}"}


def goal_ms(path: str, animals: int) -> float:
    if path in SEARCHES:
        return SEARCH_MS
    return COLD_MS if path in COLD else FULL_PAGE_MS[animals]
