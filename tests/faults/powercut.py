"""`python -m tests.faults.powercut`: the power goes at any moment, and what was answered is there.

Receiver and worker are recorded under load. Disks are made that a cut at some point of the record
could have left, and each is opened and held against what was acknowledged before the cut. The
controls: with `synchronous=NORMAL` it must lose, with `OFF` be corrupt or lose. `FAULT_IMAGES` is
how many disks are tried (60); `FAULT_SEED` repeats the choices, on a new recording. Ends with
status 1 when an image is bad, or a control is not.
"""

import os
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import TypeVar

from tests.faults.gateway import Gateway
from tests.faults.images import (
    MODES,
    Acknowledge,
    Create,
    Disk,
    Files,
    Operation,
    Sync,
    Unlink,
    Write,
    everything,
)
from tests.faults.report import HEADING, Result
from tests.faults.scenes import ALLOWED_UNTRIED, CannotBeTried
from tests.faults.strace import DATABASE, Record, check_strace, files_of, recorded
from tests.system.farm import Farm, wait_until

IMAGES = int(os.environ.get("FAULT_IMAGES", "60"))
SEED = int(os.environ.get("FAULT_SEED", str(random.randrange(1_000_000))))
SECONDS = 8.0  # of load: some checkpoints
EXAMPLES = 5
T = TypeVar("T")


# -- recording -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recording:
    """What was there, what was done to it, and which text each token stands for."""

    before: Files
    operations: list[Operation]
    texts: dict[int, str]

    def acknowledged(self, cut: int | None = None) -> set[str]:
        done = self.operations[:cut]
        return {self.texts[one.token] for one in done if isinstance(one, Acknowledge)}

    def after(self) -> Files:
        """As it would be without a cut."""
        disk = Disk(self.before)
        for operation in self.operations:
            disk.do(operation)
        return disk.image(everything, random.Random())

    def summary(self) -> str:
        kinds = Counter(type(one).__name__ for one in self.operations)
        inside = sum(isinstance(one, Write) and one.file == DATABASE for one in self.operations)
        synced = sum(isinstance(one, Sync) and one.file == DATABASE for one in self.operations)
        return (
            f"{len(self.operations)} operations: {kinds['Write']} writes ({inside} of checkpoints,"
            f" which synced {synced} times), {kinds['Sync']} syncs,"
            f" {kinds['Acknowledge']} acknowledgements"
        )


def record(root: Path, synchronous: str, seconds: float, chance: random.Random) -> Recording:
    """Raises CannotBeTried where nothing can be recorded."""
    check_strace()
    farm = Farm(root)
    gateway = Gateway(farm)
    try:
        farm.set_up_pi()
        before = files_of(root / "pi")
        if synchronous != "FULL":
            farm.given["DJANGO_SETTINGS_MODULE"] = "tests.faults.settings_unsafe"
            farm.given["FAULT_SYNCHRONOUS"] = synchronous
        with recorded(farm, root / "record"):
            with gateway.load(chance):
                time.sleep(seconds)
            wait_until(lambda: not _waiting(farm, gateway), "all is answered and settled")
    finally:
        gateway.close()
        farm.stop()
    operations = Record(root / "pi", before).read(root / "record")
    recording = Recording(before, operations, dict(enumerate(gateway.sent, start=1)))
    assert recording.after() == files_of(root / "pi"), "The record is not what happened."
    return recording


def _waiting(farm: Farm, gateway: Gateway) -> bool:
    if len(gateway.acknowledged) < len(gateway.sent):
        return True
    file = farm.root / "pi" / DATABASE
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        (left,) = database.execute(
            "SELECT count(*) FROM lora_payload_buffer WHERE status = 'received'"
        ).fetchone()
    return bool(left)


# -- examining an image --------------------------------------------------------------------------


@dataclass(slots=True)
class Verdict:
    """`damage`: why nothing of the image counts; `where` names lost and doubled rows' places."""

    damage: str = ""
    stored: int = 0
    lost: int = 0
    doubled: int = 0
    where: list[str] = field(default_factory=list)
    seconds: float = 0.0  # until the database could be asked

    def note(self, place: str, *, lost: int = 0, doubled: int = 0) -> None:
        self.lost += lost
        self.doubled += doubled
        if lost or doubled:
            self.where.append(f"{place} {lost} lost {doubled} doubled")

    def is_bad(self) -> bool:
        return bool(self.damage or self.lost or self.doubled)


def examine(folder: Path, acknowledged: set[str]) -> Verdict:
    """Opens it as the next start would. What cannot be read has lost all that was answered."""
    verdict = Verdict()
    begun = time.monotonic()
    try:
        with closing(sqlite3.connect(folder / DATABASE)) as database:
            database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            verdict.seconds = time.monotonic() - begun
            verdict.damage = _damage(database)
            if not verdict.damage:
                _compare(database, acknowledged, verdict)
    except sqlite3.DatabaseError as error:
        verdict.damage = str(error)
    if verdict.damage:
        verdict.lost = len(acknowledged)
    return verdict


def _damage(database: sqlite3.Connection) -> str:
    (said,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        return " ".join(str(said).split())
    broken = database.execute("PRAGMA foreign_key_check").fetchone()
    return f"a row of {broken[0]} names one that is not there" if broken else ""


def _compare(database: sqlite3.Connection, acknowledged: set[str], verdict: Verdict) -> None:
    rows = database.execute("SELECT id, raw_payload, status FROM lora_payload_buffer").fetchall()
    texts = Counter(text for _, text, _ in rows)
    verdict.stored = len(rows)
    verdict.note("table", lost=len(acknowledged - set(texts)), doubled=len(rows) - len(texts))
    received: Counter[int] = Counter()
    settled: Counter[tuple[int, str]] = Counter()
    for kind, pk in database.execute(
        "SELECT kind, object_id FROM journal WHERE kind LIKE 'payload:%'"
    ):
        if kind == "payload:received":
            received[pk] += 1
        else:
            settled[pk, kind] += 1
    _hold("journal, received", {pk for pk, _, _ in rows}, received, verdict)
    there = {(pk, f"payload:{status}") for pk, _, status in rows if status != "received"}
    _hold("journal, settled", there, settled, verdict)


def _hold(place: str, wanted: set[T], found: Counter[T], verdict: Verdict) -> None:
    """Each is found once, and nothing else."""
    verdict.note(place, lost=len(wanted - set(found)), doubled=found.total() - len(found))
    verdict.note(f"{place}, of nothing stored", lost=len(set(found) - wanted))


# -- many images ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Replay:
    """`unsettled`: images whose cut had something to take."""

    result: Result
    corrupt: int = 0
    unsettled: int = 0

    def enter(self, verdict: Verdict, name: str) -> None:
        """`stored` is that of the fullest image."""
        found = self.result.finding
        self.result.recovered_in(verdict.seconds)
        self.corrupt += bool(verdict.damage)
        found.stored = max(found.stored, verdict.stored)
        found.lost += verdict.lost
        found.doubled += verdict.doubled
        if verdict.is_bad() and len(found.where) < EXAMPLES:
            found.where.append(f"{name}: {verdict.damage or ', '.join(verdict.where)}")

    def faults(self) -> list[str]:
        bad = self.corrupt or self.result.finding.lost or self.result.finding.doubled
        where = "; ".join(self.result.finding.where)
        return [f"{self.result.fault}: {self.corrupt} corrupt; {where}"] if bad else []


def cut_points(operations: list[Operation], many: int, chance: random.Random) -> list[int]:
    """How many operations were done, ascending. In turn anywhere, right after an acknowledgement,
    in the middle of a checkpoint, and where the -wal comes or goes."""
    numbered = list(enumerate(operations, start=1))
    pools = [
        list(range(len(operations) + 1)),
        [n for n, one in numbered if isinstance(one, Acknowledge)],
        [n for n, one in numbered if isinstance(one, Write) and one.file == DATABASE],
        [
            m
            for n, one in numbered
            if isinstance(one, Create | Unlink)
            for m in range(max(0, n - 5), min(len(operations), n + 5) + 1)
        ],
    ]
    turns = islice(cycle([pool for pool in pools if pool]), many)
    return sorted(chance.choice(pool) for pool in turns)


def replay(name: str, recording: Recording, many: int, chance: random.Random) -> Replay:
    disk, done, modes = Disk(recording.before), 0, cycle(MODES)
    judged = Replay(Result(name, acknowledged=len(recording.acknowledged())))
    for cut in cut_points(recording.operations, many, chance):
        for operation in recording.operations[done:cut]:
            disk.do(operation)
        done, mode = cut, next(modes)
        judged.unsettled += disk.owes() > 0
        verdict = judge(disk.image(mode, chance), recording.acknowledged(cut))
        judged.enter(verdict, f"cut {cut}, {mode.__name__} survived")
    return judged


def judge(image: Files, acknowledged: set[str]) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="hexabrand-image-") as folder:
        for name, content in image.items():
            (Path(folder) / name).write_bytes(content)
        return examine(Path(folder), acknowledged)


def tried(name: str, synchronous: str, many: int, seconds: float = SECONDS) -> tuple[Replay, str]:
    """What became of the images, and of what they were made."""
    chance = random.Random(f"{SEED} {name}")
    with tempfile.TemporaryDirectory(prefix="hexabrand-powercut-") as folder:
        recording = record(Path(folder), synchronous, seconds, chance)
    judged = replay(name, recording, many, chance)
    told = (
        f"{name}: {judged.corrupt} corrupt; {judged.unsettled} of {many} cuts had something"
        f" to take; {recording.summary()}"
    )
    return judged, told


def main() -> int:
    print(f"seed {SEED}\n\n{HEADING}", flush=True)
    rows = {
        "FULL": f"power cut, synchronous=FULL ({IMAGES} images)",
        "OFF": "control: power cut with synchronous=OFF",
        "NORMAL": "control: power cut with synchronous=NORMAL",
    }
    judged, told = {}, []
    try:
        for synchronous, name in rows.items():
            judged[synchronous], words = tried(name, synchronous, IMAGES)
            told.append(words)
            print(judged[synchronous].result.line(), flush=True)
    except CannotBeTried as why:
        print(f"| power cut | 0 | not tried: {why} | | | | | | |")
        return int(ALLOWED_UNTRIED < 1)
    failed = judged.pop("FULL").faults()
    failed += [f"{one.result.fault}: lost nothing" for one in judged.values() if not one.faults()]
    print("", *told, *(f"FAILED {one}" for one in failed), sep="\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
