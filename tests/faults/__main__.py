"""`make test-faults`: every fault on the real processes, with a ledger, and a table at the end.

`FAULT_TRIALS` is how often each is tried (3), `FAULT_SEED` repeats a run, and a part of a fault's
name chooses: `python -m tests.faults SIGKILL`. Ends with status 1 for any lost or doubled row, for
what was noticed or healed later than promised (`FAULT_PATIENCE` times as late, on a slow machine),
and where nothing, or more than `FAULT_UNTRIED` faults less, could be tried.
"""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.barn import Barn
from tests.faults.catalogue import FAULTS
from tests.faults.eye import watching
from tests.faults.follower import Follower
from tests.faults.gateway import Gateway
from tests.faults.ledger import compare, settle
from tests.faults.reference import Reference
from tests.faults.report import HEADING, Result
from tests.faults.rows import Fault, Trial, kill
from tests.faults.scenes import ALLOWED_UNTRIED, CannotBeTried
from tests.system.farm import PATIENCE, Farm

TRIALS = int(os.environ.get("FAULT_TRIALS", "3"))
SEED = int(os.environ.get("FAULT_SEED", str(random.randrange(1_000_000))))

LATER = float(os.environ.get("FAULT_PATIENCE", "1"))


def run(fault: Fault, root: Path, trials: int, *, harm: bool = False) -> Result:
    """`harm` takes rows away and doubles others behind the Pi's back: the control."""
    result, farm = Result(fault.name, fault.promise), Farm(root)
    with (
        fault.scene(farm) as scene,
        farm,
        closing(Gateway(farm, barn=Barn())) as gateway,
        closing(Follower(farm)) as follower,
        watching(farm) if fault.shown else nullcontext() as eye,
    ):
        reference = Reference(farm)
        chance = random.Random(f"{SEED} {fault.name}")
        trial = Trial(farm, gateway, chance, follower, eye, scene, result.noticed, result.pages)
        for _ in range(trials):
            result.recovered_in(settle(farm, gateway, since=fault.act(trial)))
        if harm:
            _harm(farm, gateway)
        result.finding = compare(farm, gateway, follower)
        reference.compare(result.finding)
        if eye:
            eye.compare(farm, result.finding)
        result.acknowledged = len(gateway.acknowledged)
    return result


def _harm(farm: Farm, gateway: Gateway) -> None:
    for _ in range(3):
        gateway.push(gateway.next_text(), PATIENCE)
    settle(farm, gateway, since=time.monotonic())
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
    _as_root_of_a_namespace()
    chosen = [fault for fault in FAULTS if wanted in fault.name]
    print(f"seed {SEED}, {TRIALS} trials each\n\n{HEADING}", flush=True)
    with tempfile.TemporaryDirectory(prefix="hexabrand-faults-") as folder:
        tally = Tally()
        for number, fault in enumerate(chosen):
            (root := Path(folder) / str(number)).mkdir()
            _try(fault, root, tally)
        if not wanted and not _control_fails(Path(folder) / "control"):
            tally.failed.append("The control lost rows, and the harness did not see it.")
    tally.end(len(chosen))
    for one in tally.failed:
        print(f"FAILED {one}")
    return bool(tally.failed)


def _as_root_of_a_namespace() -> None:
    """Small disks are mounted: where we are not root we become it, in a namespace of our own."""
    unshare = ["unshare", "-Urm"]
    if os.geteuid() == 0 or not shutil.which("unshare"):
        return
    if subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode == 0:
        os.execvp("unshare", [*unshare, sys.executable, "-m", "tests.faults", *sys.argv[1:]])


@dataclass(slots=True)
class Tally:
    failed: list[str] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)

    def end(self, chosen: int) -> None:
        """A run that tried nothing, or too little, is no good run."""
        print(f"{chosen - len(self.untried)} of {chosen} faults tried, {len(self.untried)} not.")
        if chosen == len(self.untried):
            self.failed.append("Nothing was tried.")
        elif len(self.untried) > ALLOWED_UNTRIED:
            names = ", ".join(self.untried)
            self.failed.append(f"Not tried: {names}. FAULT_UNTRIED={ALLOWED_UNTRIED} allows less.")


def _try(fault: Fault, root: Path, tally: Tally) -> None:
    """The line of the table is printed."""
    try:
        result = run(fault, root, 1 if fault.long else TRIALS)
    except CannotBeTried as why:
        print(f"| {fault.name} | 0 | not tried: {why} | | | | | | |", flush=True)
        tally.untried.append(fault.name)
    except AssertionError as error:
        print(f"| {fault.name} | failed: {error} | | | | | | | |", flush=True)
        tally.failed.append(f"{fault.name}: {error}")
    else:
        print(result.line(), flush=True)
        tally.failed += result.faults(LATER)


def _control_fails(root: Path) -> bool:
    root.mkdir()
    result = run(Fault("control: rows taken away", kill("worker")), root, 1, harm=True)
    print(result.line(), flush=True)
    return result.finding.lost > 0 and result.finding.doubled > 0


if __name__ == "__main__":
    sys.exit(main())
