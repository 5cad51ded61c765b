"""What `make bench` counts is what happened, and what it calls reached is."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import (
    backlog,
    durable_appends,
    floor,
    growth,
    imports,
    same_rows,
    treated,
    years,
)
from benchmarks.farms import TracedFarm, database, stopped_at_last
from benchmarks.figures import Figure, at_least, at_most, table
from tests.system.farm import Farm, wait_until

pytestmark = pytest.mark.system


def test_a_traced_pi_writes_down_each_turn_in_the_queue(tmp_path: Path) -> None:
    farm = TracedFarm(tmp_path)
    farm.step = 10
    with stopped_at_last(farm):
        farm.set_up_pi()
        farm.start("receiver")
        farm.wait_until_it_listens()
        backlog.measure(farm, 60)
        wait_until(lambda: len(farm.turns("worker")) >= 6, "each step has its turn")
        turns = farm.turns("worker")
    assert all(turn.held_ms > 0 for turn in turns)
    assert min(turn.statements for turn in turns[:6]) > 2  # it reads, begins and writes


def test_an_import_is_over_when_it_is_said_to_be(farm: Farm) -> None:
    before = farm.get("cattle").json()["total"]
    imports.post(farm, "animals", imports.animals(5), preview=True)
    assert farm.get("cattle").json()["total"] == before
    imports.post(farm, "animals", imports.animals(5))
    assert farm.get("cattle").json()["total"] == before + 5


@pytest.mark.parametrize("fill", [growth.fill, treated.fill], ids=["growth", "treated"])
def test_a_herd_to_measure_fits_the_tables_of_today(
    tmp_path: Path, fill: Callable[[Farm, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "PAYLOADS", 100)
    farm = Farm(tmp_path)
    farm.set_up_pi()
    fill(farm, 2_000)
    with closing(sqlite3.connect(database(farm))) as connection:
        floor.insert(connection, "journal", islice(years.entries(), 10))
        assert not connection.execute("PRAGMA foreign_key_check").fetchall()


def test_the_floor_writes_what_the_later_database_has_besides(tmp_path: Path) -> None:
    for name, rows in (("before", [(1, "a", 0)]), ("after", [(1, "a", 7), (2, "b", 0)])):
        with closing(sqlite3.connect(tmp_path / name)) as connection, connection:
            connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, tag TEXT UNIQUE, kg REAL)")
            connection.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    assert same_rows.seconds(tmp_path / "before", tmp_path / "after", commits=3) > 0
    with closing(sqlite3.connect(tmp_path / "before")) as connection:
        written = connection.execute("SELECT * FROM t ORDER BY id").fetchall()
    assert written == [(1, "a", 7), (2, "b", 0)]


@pytest.mark.skipif(not durable_appends.is_installed(), reason="NO REDIS, its floor is not tried")
def test_redis_answers_each_append(tmp_path: Path) -> None:
    assert durable_appends.per_second(tmp_path / "redis", group=10, rows=95) > 0


def test_a_figure_stands_beside_its_floor_and_its_goal() -> None:
    lines = table(
        [
            Figure("applied", 4500, "/s", 9000, at_least(9000)),
            Figure("held", 12.25, "ms", None, at_most(40)),
        ]
    ).splitlines()
    assert lines[2:] == [
        "| applied | 4,500 /s | 9,000 /s | 1 : 2 | ≥ 9,000 /s | no |",
        "| held | 12.2 ms |  |  | ≤ 40 ms | yes |",
    ]
