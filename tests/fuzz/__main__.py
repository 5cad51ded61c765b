"""`make fuzz`: hostile input on every door of a real farm; nothing may crash, hang or say 5xx.

`FUZZ_SECONDS` in all (60), `FUZZ_SEED` repeats the choices. Ends with status 1 for any failure.
"""

import os
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from benchmarks.backlog import fill, waiting
from tests.fuzz import admin, office, radio, rest, sockets
from tests.fuzz.tally import Tally
from tests.system.farm import Farm, wait_until

SECONDS = float(os.environ.get("FUZZ_SECONDS", "60"))
SEED = int(os.environ.get("FUZZ_SEED", str(random.randrange(1_000_000))))
HISTORY = 600  # payloads, so that there are rows to ask for

LoginThrottle = Callable[[Farm, Random, float], Tally]
# Each door, and its share of the time.
DOORS: tuple[tuple[LoginThrottle, float], ...] = (
    (rest.by_the_schema, 0.25),
    (rest.by_hand, 0.15),
    (sockets.feed, 0.1),
    (radio.datagrams, 0.1),
    (office.pages, 0.15),
    (sockets.pages, 0.1),
    (admin.pages, 0.15),
)


def batter(root: Path, seconds: float, seed: int) -> list[str]:
    """What went wrong, at any door or in any log; the table is printed."""
    wrong = []
    with Farm(root) as farm:
        fill(farm, HISTORY)
        wait_until(lambda: waiting(farm) == 0, "there is a herd")
        print("| door | sent | answers | wrong |\n|---|---|---|---|", flush=True)
        for door, share in DOORS:
            tally = door(farm, Random(f"{seed} {door.__module__} {door.__name__}"), seconds * share)
            print(tally.line(), flush=True)
            wrong += [f"{tally.door}: {one}" for one in tally.wrong]
        wrong += _processes(farm)
    return wrong


def _processes(farm: Farm) -> list[str]:
    found = []
    for name, process in farm.processes.items():
        if not process.is_running():
            found.append(f"the {name} ended: {process.log[-500:]}")
        if "Traceback" in process.log:
            at = process.log.index("Traceback")
            found.append(f"the {name} logged: {process.log[max(0, at - 300) : at + 1500]}")
    return found


def main() -> int:
    print(f"seed {SEED}, {SECONDS:.0f} s\n")
    with tempfile.TemporaryDirectory(prefix="hexabrand-fuzz-") as folder:
        wrong = batter(Path(folder), SECONDS, SEED)
    for one in wrong[:40]:
        print(f"FAILED {one}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
