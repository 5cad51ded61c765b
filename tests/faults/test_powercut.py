"""Crash images of small made-up records, and of the real receiver and worker."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from tests.faults.images import (
    FOLDER,
    Acknowledge,
    Create,
    Disk,
    Files,
    Operation,
    Survive,
    Sync,
    Truncate,
    Unlink,
    Write,
    everything,
    last_torn,
    nothing,
    sectors,
)
from tests.faults.powercut import Recording, examine, judge, replay, tried
from tests.faults.scenes import CannotBeTried
from tests.faults.strace import DATABASE, Record

WAL = f"{DATABASE}-wal"
SCHEMA = """
CREATE TABLE lora_payload_buffer (id INTEGER PRIMARY KEY, raw_payload TEXT, status TEXT);
CREATE TABLE journal (seq INTEGER PRIMARY KEY, kind TEXT, object_id INTEGER);
"""
PAYLOAD = "INSERT INTO lora_payload_buffer (raw_payload, status) VALUES ('A', 'received');"
RECEIVED = "INSERT INTO journal (kind, object_id) VALUES ('payload:received', 1);"


def left(operations: Sequence[Operation], survive: Survive = nothing) -> Files:
    """Of a folder in which one file held `old`."""
    disk = Disk({"file": b"old"})
    for operation in operations:
        disk.do(operation)
    return disk.image(survive, Random(1))


def database(folder: Path, statements: str) -> bytes:
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.executescript(statements)
    return (folder / DATABASE).read_bytes()


def database_and_log(folder: Path, statements: str) -> tuple[bytes, bytes]:
    """An empty database, and the -wal in which the statements stand."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.executescript("PRAGMA journal_mode=WAL;" + SCHEMA)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = (folder / DATABASE).read_bytes()
        connection.executescript(statements)
        return before, (folder / WAL).read_bytes()


# -- images --------------------------------------------------------------------------------------


def test_what_was_synced_stays_and_what_was_not_may_go() -> None:
    done: list[Operation] = [
        Write("file", 0, b"new"),
        Sync("file", begun=1),
        Write("file", 0, b"NEW"),
    ]

    assert left(done) == {"file": b"new"}
    assert left(done, everything) == {"file": b"NEW"}


def test_a_sync_holds_for_what_had_ended_before_it_began() -> None:
    assert left([Write("file", 0, b"new"), Sync("file", begun=0)]) == {"file": b"old"}


def test_a_sync_holds_for_one_file() -> None:
    done: list[Operation] = [Create("other"), Write("other", 0, b"x"), Write("file", 0, b"new")]

    assert left([*done, Sync("file", begun=3)]) == {"file": b"new"}
    assert left([*done, Sync(FOLDER, begun=3)]) == {"file": b"old", "other": b""}


def test_a_name_that_goes_and_comes_again_is_another_file() -> None:
    done: list[Operation] = [
        Unlink("file"),
        Create("file"),
        Write("file", 0, b"new"),
        Sync("file", begun=3),
    ]

    assert left(done) == {"file": b"old"}
    assert left([*done, Sync(FOLDER, begun=4)]) == {"file": b"new"}


def test_a_file_has_the_size_that_survived() -> None:
    assert left([Truncate("file", 1)], everything) == {"file": b"o"}
    assert left([Write("file", 5, b"x")], everything) == {"file": b"old\0\0x"}


@pytest.mark.parametrize("survive", [last_torn, sectors])
def test_a_write_is_torn_between_sectors_only(survive: Survive) -> None:
    disk, seen = Disk({"file": bytes(2048)}), set()
    disk.do(Write("file", 100, b"x" * 1500))
    for seed in range(200):
        image = disk.image(survive, Random(seed))["file"]
        whole = bytes(100) + b"x" * 1500 + bytes(448)
        parts = [image[n : n + 512] for n in range(0, 2048, 512)]
        assert all(part in {bytes(512), whole[n * 512 :][:512]} for n, part in enumerate(parts))
        seen.add(image)

    assert len(seen) > 3


# -- verdicts ------------------------------------------------------------------------------------


SYNCS = (Sync(WAL, begun=2), Sync(FOLDER, begun=2))


@pytest.mark.parametrize(
    ("syncs", "is_lost"), [(SYNCS, False), (SYNCS[:1], True), (SYNCS[1:], True), ((), True)]
)
def test_an_acknowledged_row_that_was_not_synced_is_seen_as_lost(
    tmp_path: Path, syncs: tuple[Sync, ...], is_lost: object
) -> None:
    before, log = database_and_log(tmp_path, f"BEGIN; {PAYLOAD} {RECEIVED} COMMIT;")
    operations: list[Operation] = [Create(WAL), Write(WAL, 0, log), *syncs, Acknowledge(7)]
    recording = Recording({DATABASE: before}, operations, {7: "A"})

    judged = replay("cut", recording, 40, Random(1))

    assert (judged.result.finding.lost > 0) is is_lost
    assert judged.corrupt == 0


@pytest.mark.parametrize(
    ("statements", "lost", "doubled"),
    [
        (PAYLOAD + RECEIVED, 0, 0),
        (PAYLOAD, 1, 0),
        (RECEIVED, 2, 0),
        (PAYLOAD + RECEIVED + RECEIVED, 0, 1),
        (PAYLOAD + RECEIVED + PAYLOAD + RECEIVED.replace("1)", "2)"), 0, 1),
        (PAYLOAD.replace("received", "error") + RECEIVED, 1, 0),
        (PAYLOAD + RECEIVED + RECEIVED.replace("received", "processed"), 1, 0),
    ],
)
def test_rows_and_journal_are_held_against_each_other(
    tmp_path: Path, statements: str, lost: int, doubled: int
) -> None:
    database(tmp_path, SCHEMA + statements)

    verdict = examine(tmp_path, {"A"})

    assert (verdict.damage, verdict.lost, verdict.doubled) == ("", lost, doubled)


def test_a_torn_database_is_seen_as_corrupt(tmp_path: Path) -> None:
    whole = database(tmp_path, SCHEMA + PAYLOAD + RECEIVED)

    verdict = judge({DATABASE: whole[:4096] + bytes(len(whole) - 4096)}, {"A"})

    assert verdict.damage
    assert verdict.lost == 1


# -- reading strace ------------------------------------------------------------------------------


def hexed(data: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in data)


def test_interrupted_calls_count_from_their_end_and_answers_from_their_beginning() -> None:
    wal = hexed(b"/pi/pi.sqlite3-wal")
    record = Record(Path("/pi"), [DATABASE])
    for line in (
        f'10 openat(AT_FDCWD<>, "{wal}", O_RDWR|O_CREAT, 0644) = 4<{wal}>',
        f"10 fdatasync(4<{wal}> <unfinished ...>",
        f'11 pwrite64(5<{wal}>, "{hexed(b"page")}", 4, 24) = 4',
        f'11 sendto(6<>, "{hexed(bytes([2, 0, 7, 1]))}", 4, 0, {{}}, 16 <unfinished ...>',
        "10 <... fdatasync resumed>) = 0",
        "11 <... sendto resumed>) = 4",
        f"10 fsync(7<{hexed(b'/pi')}>) = 0",
        f'10 unlink("{wal}") = 0',
        f'10 pwrite64(8<{hexed(b"/pi/pi.sqlite3-shm")}>, "{hexed(b"x")}", 1, 0) = 1',
    ):
        record.add(line)

    assert record.operations == [
        Create(WAL),
        Write(WAL, 24, b"page"),
        Acknowledge(7),
        Sync(WAL, begun=1),
        Sync(FOLDER, begun=4),
        Unlink(WAL),
    ]


# -- the real processes --------------------------------------------------------------------------


@pytest.mark.system
def test_a_power_cut_loses_nothing_that_was_acknowledged() -> None:
    try:
        full, told = tried("power cut", "FULL", many=25, seconds=2.0)
        control, _ = tried("control", "OFF", many=10, seconds=1.0)
    except CannotBeTried as why:
        pytest.skip(f"A power cut cannot be tried here: {why}")

    assert full.result.acknowledged > 0
    assert not full.faults(), told
    assert control.faults()
