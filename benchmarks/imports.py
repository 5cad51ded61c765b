"""Sheets of 20,000 rows over REST: the whole time, and how long they keep other writers out."""

import base64
import time
from functools import partial
from pathlib import Path

from benchmarks import farms, load, pages, same_rows
from benchmarks.farms import TracedFarm, database
from benchmarks.figures import Figure, at_most
from tests.system.farm import Farm

ROWS = 20_000
DAY = "2026-01-15"  # a fortnight after the herd's last weighing
PATIENCE = 600.0  # seconds that a client waits


def show(root: Path) -> list[Figure]:
    print(f"\nImports of {ROWS:,} rows over REST into a herd of {pages.ANIMALS:,}")
    (root / "imports").mkdir()
    farm = TracedFarm(root / "imports")
    with farms.stopped_at_last(farm):
        farm.set_up_pi()
        pages.fill(farm)
        farm.start("pi web")
        farm.wait_until_pi_answers()
        farm.get("status")  # its key is noted as used, once a minute, in a turn of its own
        look = partial(post, farm, "weights", weighings(), preview=True)
        turns = len(farm.turns_during(look))
        return [
            Figure("turns in the queue that a preview takes", turns, "", None, at_most(0)),
            *_imported(root, farm, "weights", weighings()),
            *_imported(root, farm, "animals", animals()),
        ]


def _imported(root: Path, farm: TracedFarm, kind: str, sheet: str) -> list[Figure]:
    before = farms.copy_database(farm, root / f"before-{kind}.sqlite3")
    farms.forget_peak(web := farm.processes["pi web"])
    start = time.perf_counter()
    held = [turn.held_ms for turn in farm.turns_during(partial(post, farm, kind, sheet))]
    seconds, memory = time.perf_counter() - start, web.peak_mb()
    bare = same_rows.seconds(before, database(farm))
    a_turn = bare * 1000 / len(held)
    name = f"import of {ROWS:,} {kind}"
    print(f"  {kind}: {seconds:.1f} s, {len(held)} turns in the queue, web at most {memory:.0f} MB")
    return [
        Figure(f"{name}, whole", seconds, "s", bare, at_most(5)),
        Figure(f"queue held by {name}, longest", max(held), "ms", a_turn, at_most(100)),
    ]


def weighings(rows: int = ROWS) -> str:
    lines = (f"{load.lf(n)},{550 + n % 90},{DAY}" for n in range(1, rows + 1))
    return "\n".join(["lf,weight,date", *lines])


def animals(rows: int = ROWS) -> str:
    first = 2_000_000  # nobody has these
    lines = (f"{n},{load.lf(n)},steer" for n in range(first, first + rows))
    return "\n".join(["lid,lf,sex", *lines])


def post(farm: Farm, kind: str, sheet: str, *, preview: bool = False) -> None:
    """Return when the import is done."""
    body = {"kind": kind, "name": "bench", "data": base64.b64encode(sheet.encode()).decode()}
    with farms.api_session(farm) as session:
        answer = session.post(
            f"{farm.api_url}/imports{'?preview=1' * preview}", json=body, timeout=PATIENCE
        )
    assert answer.status_code in {200, 201}, answer.text[:500]
