"""The database of a running farm is damaged: its processes end, and the next start recovers it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.farm import Farm, wait_until

pytestmark = pytest.mark.system
PI = ("receiver", "worker", "pi web")


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    """With one animal in the backup, and another that came after it."""
    running = Farm(tmp_path)
    try:
        running.start_pi()
        running.hear("hxb:KEPT:LFKEPT1:UHFKEPT1")
        running.payload_that_says("hxb:KEPT:LFKEPT1:UHFKEPT1")
        running.manage("pi", "backup")
        running.hear("hxb:LOST:LFLOST1:UHFLOST1")
        running.payload_that_says("hxb:LOST:LFLOST1:UHFLOST1")
        yield running
    finally:
        running.stop()


def damage(file: Path, how: str) -> None:
    """In place: the processes have it open."""
    wal = file.with_name(f"{file.name}-wal")
    with file.open("r+b") as database, wal.open("r+b") as log:
        if how == "empty":
            os.truncate(database.fileno(), 0)
        else:
            for one in (database, log):
                size = os.fstat(one.fileno()).st_size
                one.write(b"\xa5" * size)


def have_ended(farm: Farm) -> bool:
    return not any(farm.processes[name].is_running() for name in PI)


@pytest.mark.parametrize("how", ["overwritten", "empty", "gone"])
def test_a_farm_whose_database_is_damaged_ends_and_its_next_start_recovers(
    farm: Farm, how: str
) -> None:
    file = farm.root / "pi" / "pi.sqlite3"
    file.rename(file.with_name("elsewhere")) if how == "gone" else damage(file, how)
    farm.hear("hxb:LATE:LFLATE1:UHFLATE1")  # somebody has to meet it
    wait_until(lambda: have_ended(farm), "receiver, worker and web end", 15)
    for name in PI:
        assert farm.processes[name].end() == 1
        told = [line for line in farm.log(name).splitlines() if "database is damaged" in line]
        assert len(told) == 1, farm.log(name)
        assert "Traceback" not in farm.log(name)
    recovers(farm)


def test_setup_ends_those_who_have_not_noticed_and_recovers(farm: Farm) -> None:
    file = farm.root / "pi" / "pi.sqlite3"
    with file.open("r+b") as database:
        database.seek(os.fstat(database.fileno()).st_size // 2)
        database.write(b"\xa5" * 65536)
    os.truncate(file.with_name("pi.sqlite3-wal"), 0)
    recovers(farm)


def kept(farm: Farm) -> set[str]:
    """Return the tags, but for one that was heard since and may stand in the spill file."""
    return {animal["lf_tag"] for animal in farm.rows("cattle")} - {"LFLATE1"}


def recovers(farm: Farm) -> None:
    farm.manage("pi", "setup", "--json")
    assert have_ended(farm)
    for name in PI:
        farm.start(name)
    farm.wait_until_pi_answers()
    assert kept(farm) == {"LFKEPT1"}
    restored = farm.get("status").json()["restored"]
    assert restored["cut_off"] is not None
    assert (farm.root / "pi" / restored["set_aside"]).is_dir()


def test_without_a_service_manager_the_web_process_recovers_at_its_start(farm: Farm) -> None:
    damage(farm.root / "pi" / "pi.sqlite3", "overwritten")
    farm.hear("hxb:LATE:LFLATE1:UHFLATE1")
    wait_until(lambda: have_ended(farm), "receiver, worker and web end", 15)
    farm.start("pi web")
    farm.wait_until_pi_answers()
    assert kept(farm) == {"LFKEPT1"}
