"""Backups, restores, and what a start does with a damaged database: with the real commands."""

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.hexabrand.test_commands import MANAGE, manage
from tests.system.farm import ROOT, Farm, wait_until

PI = "pi.sqlite3"


@pytest.fixture
def pi(tmp_path: Path, first_pi: Path) -> Path:
    """A Pi that has been set up and has heard one animal."""
    return Path(shutil.copytree(first_pi, tmp_path / "pi"))


@pytest.fixture(scope="session")
def first_pi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Set up once: each test has its own copy."""
    state = tmp_path_factory.mktemp("first") / "pi"
    assert manage(state, "setup", "--json").returncode == 0
    with closing(sqlite3.connect(state / PI)) as database, database:
        database.execute(
            "INSERT INTO batches (id, batch_number, source_type, status, funder, lot_group, notes,"
            " head_count, on_feed_count, weighed_count, weight_sum_kg, gaining_count, gain_sum_kg,"
            " created_at, updated_at) VALUES (1, 'LOT1', 'hxb', 'open', '', '', '', 0, 0, 0, 0, 0,"
            " 0, '2026-11-01', '2026-11-01')"
        )
        database.execute(
            "INSERT INTO journal (seq, mark, kind, object_id, at, actor, detail)"
            " VALUES (1, 77, 'batch:created', 1, '2026-11-01 10:00:00', '', '')"
        )
    return state


def backed_up(state: Path, *more: str) -> Path:
    done = manage(state, "backup", *more)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def asked(state: Path, question: str) -> Any:
    with closing(sqlite3.connect(state / PI)) as database:
        return database.execute(question).fetchone()[0]


def test_a_backup_on_an_empty_box_is_the_same_pi_and_offices_load_anew(
    pi: Path, tmp_path: Path
) -> None:
    file, other = backed_up(pi), tmp_path / "other"
    other.mkdir()
    done = manage(other, "restore", str(file))
    assert done.returncode == 0, done.stderr
    assert "up to 2026-11-01 10:00:00" in done.stdout
    assert asked(other, "SELECT batch_number FROM batches") == "LOT1"
    assert asked(other, "SELECT mark FROM journal") != 77
    assert manage(other, "pairing").stdout == manage(pi, "pairing").stdout
    for name in ("pi-tls.key", "pi-secret.key", "pi-office.key"):
        assert (other / name).read_bytes() == (pi / name).read_bytes()
        assert (other / name).stat().st_mode & 0o077 == 0


def test_a_backup_is_its_owners_alone_and_the_oldest_go(pi: Path) -> None:
    made = []
    for _ in range(3):
        made.append(backed_up(pi, "--keep", "2"))
        assert made[-1].stat().st_mode & 0o077 == 0
        wait_a_second()
    assert sorted((pi / "backups").iterdir()) == made[1:]


def wait_a_second() -> None:
    """Backups are named by the second."""
    subprocess.run(["sleep", "1.1"], check=True)


def shell(state: Path, script: str, **more: str) -> Any:
    """`$BACKUP` is the command."""
    environment = (
        os.environ
        | more
        | {
            "DJANGO_SETTINGS_MODULE": "hexabrand.settings.pi",
            "HEXABRAND_STATE_DIR": str(state),
            "BACKUP": f"{sys.executable} {MANAGE} backup",
        }
    )
    return subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not here")
def test_what_a_killed_backup_left_goes_with_the_next_one(pi: Path) -> None:
    inject = "-e trace=rename -e inject=rename:signal=KILL:when=2"  # the first is the record's
    shell(pi, f"strace -f -qq -o /dev/null {inject} $BACKUP", PYTHONDONTWRITEBYTECODE="1")
    assert sorted(file.suffix for file in (pi / "backups").iterdir()) == [".part", ".sqlite3"]
    made = backed_up(pi)
    assert [*(pi / "backups").iterdir()] == [made]


def test_a_second_backup_at_the_same_time_refuses(pi: Path) -> None:
    with (pi / "backup.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = manage(pi, "backup")
    assert done.returncode == 1
    assert "A backup is running here already" in done.stderr


def test_without_room_no_backup_is_made_and_none_is_dropped_for_it(pi: Path) -> None:
    made = [backed_up(pi)]
    wait_a_second()
    made.append(backed_up(pi))
    done = manage(pi, "backup", "--keep", "1", DISK_RESERVE="1000000")
    assert done.returncode == 1
    assert "No backup was made" in done.stderr
    assert "MB are needed" in done.stderr
    assert sorted((pi / "backups").iterdir()) == made


MAY_MOUNT = subprocess.run(["unshare", "-Urm", "true"], check=False, capture_output=True)


@pytest.mark.skipif(MAY_MOUNT.returncode != 0, reason="no namespaces on this machine")
@pytest.mark.parametrize(("disks", "stays"), [(4.0, 1), (3.2, 1), (2.3, None)])
def test_old_backups_make_room_where_it_is_short_but_never_the_newest(
    pi: Path, disks: float, stays: int | None
) -> None:
    """`disks`: its size in databases. Two old backups of one database each lie on it, of which
    `stays` are there afterwards, None where the backup is refused."""
    size = sum(file.stat().st_size for file in pi.glob(f"{PI}*"))
    folder = pi / "backups"
    script = (
        f"mkdir -p {folder} && mount -t tmpfs -o size={int(size * disks)} tmpfs {folder} &&"
        f" head -c {size} /dev/zero > {folder}/hexabrand-20200101-000000.tar &&"
        f" head -c {size} /dev/zero > {folder}/hexabrand-20200102-000000.tar &&"
        f" {{ $BACKUP --keep 2 >&2; ls {folder}; }}"
    )
    done = shell(pi, f"unshare -Urm /bin/sh -c '{script}'", DISK_RESERVE="0")
    there = done.stdout.split()
    if stays is None:
        assert "No backup was made" in done.stderr
        assert there == ["hexabrand-20200101-000000.tar", "hexabrand-20200102-000000.tar"]
    else:
        assert len(there) == stays + 1, (there, done.stderr)
        assert "hexabrand-20200102-000000.tar" in there


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "gone"])
def test_a_damaged_database_is_set_aside_and_the_newest_backup_takes_its_place(
    pi: Path, damage: str
) -> None:
    backed_up(pi)
    with closing(sqlite3.connect(pi / PI)) as database, database:
        database.execute("DELETE FROM batches")  # after the backup: this will be missing
    harmed = harm(pi / PI, damage)
    done = manage(pi, "setup", "--json")
    assert done.returncode == 0, done.stderr
    assert "what was stored after 2026-11-01" in done.stderr
    assert asked(pi, "SELECT batch_number FROM batches") == "LOT1"
    note = json.loads((pi / "restored.json").read_text())
    assert note["cut_off"] == "2026-11-01 10:00:00"
    if damage != "gone":
        assert (pi / note["set_aside"] / PI).read_bytes() == harmed


def harm(file: Path, damage: str) -> bytes:
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = file.read_bytes()
    middle = len(whole) // 2
    harmed = {
        "empty": b"",
        "cut": whole[: middle + 100],
        "gone": b"",
        "flipped": whole[:4096]
        + bytes(byte ^ 0xFF for byte in whole[4096:middle])
        + whole[middle:],
    }[damage]
    file.write_bytes(harmed)
    if damage == "gone":
        file.unlink()
    return harmed


def test_without_a_backup_a_damaged_pi_does_not_start_with_an_empty_farm(pi: Path) -> None:
    harmed = harm(pi / PI, "flipped")
    done = manage(pi, "setup", "--json")
    assert done.returncode == 1
    assert "There is no good backup" in done.stderr
    assert "Traceback" not in done.stderr
    assert (pi / PI).read_bytes() == harmed


def test_a_damaged_backup_is_passed_over_for_an_older_one(pi: Path) -> None:
    backed_up(pi)
    wait_a_second()
    newest = backed_up(pi)
    newest.write_bytes(newest.read_bytes()[:5000])
    harm(pi / PI, "empty")
    assert manage(pi, "setup", "--json").returncode == 0
    assert asked(pi, "SELECT batch_number FROM batches") == "LOT1"


@pytest.mark.parametrize("content", [b"", b"no archive at all"])
def test_what_is_no_backup_is_refused_and_nothing_is_touched(pi: Path, content: bytes) -> None:
    file = pi / "strange.tar"
    file.write_bytes(content)
    done = manage(pi, "restore", str(file))
    assert done.returncode == 1
    assert "Nothing was changed" in done.stderr
    assert asked(pi, "SELECT mark FROM journal") == 77


@contextmanager
def a_pi_at_work(root: Path) -> Iterator[Farm]:
    farm = Farm(root)
    try:
        farm.start_pi()
        yield farm
    finally:
        farm.stop()


def test_a_backup_under_load_is_consistent_and_a_running_pi_is_not_restored(
    tmp_path: Path,
) -> None:
    with a_pi_at_work(tmp_path) as farm:
        farm.manage("pi", "simulate", "--count", "400", "--rate", "400", "--seed", "5")
        file = Path(farm.manage("pi", "backup").strip())
        with pytest.raises(AssertionError, match="is running here already"):
            farm.manage("pi", "restore", str(file))
        wait_until(lambda: farm.get("status").json()["backlog"]["count"] == 0, "all is settled")
        for name in list(farm.processes):
            farm.processes[name].end()
        farm.manage("pi", "restore", str(file))
        for name in list(farm.processes):
            farm.start(name)
        farm.wait_until_pi_answers()
        restored = farm.get("status").json()["restored"]
        assert restored["backup"] == file.name
        head = sum(row["head_count"] for row in farm.rows("batches", limit=500))
        assert head == len(farm.rows("cattle", limit=500))
