"""The herd on a PostgreSQL server: what one worker does in a second, and two and three of them."""

import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import LiteralString

import psycopg

from benchmarks import backlog
from benchmarks.figures import Figure, at_least
from benchmarks.intake import COUNT
from tests.system.farm import Farm, Process, wait_until
from tests.system.postgres import HOW_TO_GET_IT, Server, programs

PAYLOADS = 20_000
RUNS = (1, 2, 3, 3, 2, 1)  # workers; each number twice, so that a change of the machine shows
WAITING = "SELECT count(*) FROM lora_payload_buffer WHERE status = 'received'"
BARE_TABLES: tuple[LiteralString, ...] = (
    "bare_cattle (id serial PRIMARY KEY, tag text UNIQUE, seen text)",
    "bare_journal (seq serial PRIMARY KEY, kind text, object int)",
    "bare_payload (id int PRIMARY KEY, status text)",
)
WARM_UP = 0.1  # of the backlog, until each of them is at work


def show(root: Path) -> list[Figure]:
    print(f"\nPostgreSQL: a backlog of {PAYLOADS:,} with every effect, by one worker and by more")
    if programs() is None:
        print(f"  not installed: {HOW_TO_GET_IT}")
        return []
    # Another folder than ours, which the server's user may not enter.
    with tempfile.TemporaryDirectory(prefix="hexabrand-pg-") as folder:
        Path(folder).chmod(0o755)
        with Server(Path(folder) / "server") as server:
            rates = [_rate(server.url, root, number, many) for number, many in enumerate(RUNS)]
            bare = _bare_rows_per_second(server.url)
    by = {
        many: statistics.mean(rate for run, rate in zip(RUNS, rates, strict=True) if run == many)
        for many in RUNS
    }
    return [
        Figure("PostgreSQL, payloads applied by one worker", by[1], "/s", bare, at_least(3_000)),
        Figure("PostgreSQL, two workers against one", by[2] / by[1], "", None, at_least(1.6)),
        Figure("PostgreSQL, three workers against one", by[3] / by[1]),
    ]


def _rate(url: str, root: Path, number: int, workers: int) -> float:
    """Payloads a second, on a database of their own."""
    name = f"farm{number}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    (root / name).mkdir()
    farm = Farm(root / name)
    farm.given = {"DATABASE_URL": f"{url.rpartition('/')[0]}/{name}"}
    running: list[Process] = []
    try:
        farm.set_up_pi()
        farm.start("receiver")
        farm.wait_until_it_listens()
        with psycopg.connect(farm.given["DATABASE_URL"], autocommit=True) as connection:
            backlog.fill(farm, PAYLOADS)
            wait_until(lambda: _count(connection, COUNT) == PAYLOADS, "the backlog is stored", 300)
            running += [Process(farm, "pi", "runworker") for _ in range(workers)]
            rate = _worked_off_per_second(connection)
    finally:
        for worker in running:
            worker.kill()
        farm.stop()
    print(f"  {workers} workers: {rate:.0f}/s")
    return rate


def _worked_off_per_second(connection: psycopg.Connection) -> float:
    """The clock runs from where each of them is surely at work."""
    most = int((1 - WARM_UP) * _count(connection, WAITING))
    wait_until(lambda: _count(connection, WAITING) <= most, "they are at work", 120)
    left, start = _count(connection, WAITING), time.perf_counter()
    wait_until(lambda: _count(connection, WAITING) == 0, "all is applied", 600)
    return left / (time.perf_counter() - start)


def _count(connection: psycopg.Connection, query: LiteralString) -> int:
    time.sleep(0.05)  # each look is work of the server that is measured
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _bare_rows_per_second(url: str) -> float:
    """The floor: an insert, an update and three journal rows of each payload, by `executemany`."""
    with closing(psycopg.connect(url)) as connection, connection.cursor() as cursor:
        for table in BARE_TABLES:
            cursor.execute(f"CREATE TABLE {table}")
        cursor.executemany(
            "INSERT INTO bare_payload VALUES (%s, 'received')", [(n,) for n in range(PAYLOADS)]
        )
        connection.commit()
        start = time.perf_counter()
        for first in range(0, PAYLOADS, backlog.STEP):
            _write_bare_step(cursor, range(first, first + backlog.STEP))
            connection.commit()
        return PAYLOADS / (time.perf_counter() - start)


def _write_bare_step(cursor: psycopg.Cursor, numbers: range) -> None:
    cursor.executemany(
        "INSERT INTO bare_cattle (tag, seen) VALUES (%s, 'now')", [(f"{n}",) for n in numbers]
    )
    cursor.executemany(
        "UPDATE bare_payload SET status = 'processed' WHERE id = %s", [(n,) for n in numbers]
    )
    cursor.executemany(
        "INSERT INTO bare_journal (kind, object) VALUES (%s, %s)",
        [(kind, n) for n in numbers for kind in ("created", "processed", "updated")],
    )
