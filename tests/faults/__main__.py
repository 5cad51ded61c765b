"""`make test-faults`: every fault on the real processes, with a ledger, and a table at the end.

`FAULT_TRIALS` is how often each is tried (3), `FAULT_SEED` repeats a run, and a part of a fault's
name chooses: `python -m tests.faults SIGKILL`. Ends with status 1 for any lost or doubled row.
"""

import os
import random
import sqlite3
import sys
import tempfile
from contextlib import closing, nullcontext
from pathlib import Path

from tests.faults.catalogue import FAULTS
from tests.faults.eye import watching
from tests.faults.follower import Follower
from tests.faults.gateway import Gateway
from tests.faults.ledger import compare, settle
from tests.faults.report import HEADING, Result
from tests.faults.rows import Fault, Trial, kill
from tests.faults.scenes import CannotBeTried
from tests.system.farm import Farm

TRIALS = int(os.environ.get("FAULT_TRIALS", "3"))
SEED = int(os.environ.get("FAULT_SEED", str(random.randrange(1_000_000))))


def run(fault: Fault, root: Path, trials: int, *, harm: bool = False) -> Result:
    """`harm` takes rows away and doubles others behind the Pi's back: the control."""
    result, farm = Result(fault.name), Farm(root)
    with (
        fault.scene(farm) as scene,
        farm,
        closing(Gateway(farm)) as gateway,
        closing(Follower(farm)) as follower,
        watching(farm) if fault.shown else nullcontext() as eye,
    ):
        chance = random.Random(f"{SEED} {fault.name}")
        trial = Trial(farm, gateway, chance, follower, eye, scene, result.noticed)
        for _ in range(trials):
            result.recovered_in(settle(farm, gateway, since=fault.act(trial)))
        if harm:
            _harm(farm)
        result.finding = compare(farm, gateway, follower)
        if eye:
            eye.compare(farm, result.finding)
        result.acknowledged = len(gateway.acknowledged)
    return result


def _harm(farm: Farm) -> None:
    with closing(sqlite3.connect(farm.root / "pi" / "pi.sqlite3")) as database, database:
        (last,) = database.execute("SELECT max(id) FROM lora_payload_buffer").fetchone()
        database.execute("DELETE FROM lora_payload_buffer WHERE id = ?", [last])
        database.execute(
            "UPDATE lora_payload_buffer SET raw_payload ="
            " (SELECT raw_payload FROM lora_payload_buffer WHERE id = ?) WHERE id = ?",
            [last - 1, last - 2],
        )


def main() -> int:
    wanted = " ".join(sys.argv[1:])
    chosen = [fault for fault in FAULTS if wanted in fault.name]
    print(f"seed {SEED}, {TRIALS} trials each\n\n{HEADING}", flush=True)
    failed = []
    with tempfile.TemporaryDirectory(prefix="hexabrand-faults-") as folder:
        for number, fault in enumerate(chosen):
            (root := Path(folder) / str(number)).mkdir()
            failed += _tried(fault, root)
        if not wanted and not _control_fails(Path(folder) / "control"):
            failed.append("The control lost rows, and the harness did not see it.")
    for one in failed:
        print(f"FAILED {one}")
    return bool(failed)


def _tried(fault: Fault, root: Path) -> list[str]:
    """What went wrong; the line of the table is printed."""
    try:
        result = run(fault, root, 1 if fault.long else TRIALS)
    except CannotBeTried as why:
        print(f"| {fault.name} | 0 | not tried: {why} | | | | | | |", flush=True)
        return []
    except AssertionError as error:
        print(f"| {fault.name} | failed: {error} | | | | | | | |", flush=True)
        return [f"{fault.name}: {error}"]
    print(result.line(), flush=True)
    return result.faults()


def _control_fails(root: Path) -> bool:
    root.mkdir()
    result = run(Fault("control: rows taken away", kill("worker")), root, 1, harm=True)
    print(result.line(), flush=True)
    return result.finding.lost > 0 and result.finding.doubled > 0


if __name__ == "__main__":
    sys.exit(main())
