"""The floor of all that writes: the same rows once more, in bare statements.

Two states of a database are held against each other; what the later one has besides is written into
the earlier one by `executemany`, with its indexes and as durably, and nobody thinks about it.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import floor


class Write(NamedTuple):
    statement: str
    rows: list[tuple[Any, ...]]

    def part(self, number: int, parts: int) -> list[tuple[Any, ...]]:
        count = len(self.rows)
        return self.rows[count * number // parts : count * (number + 1) // parts]


def seconds(before: Path, after: Path, commits: int = 1) -> float:
    """Write into `before`, in so many commits, what `after` has besides; return what it took."""
    with closing(floor.connect(before)) as connection:
        connection.execute("ATTACH ? AS later", [f"{after}"])
        work = [write for table in _tables(connection) for write in _writes(connection, table)]
        connection.execute("DETACH later")
        start = time.perf_counter()
        for number in range(commits):
            connection.execute("BEGIN IMMEDIATE")
            for write in work:
                connection.executemany(write.statement, write.part(number, commits))
            connection.execute("COMMIT")
        return time.perf_counter() - start


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return [name for (name,) in rows]


def _writes(connection: sqlite3.Connection, table: str) -> Iterator[Write]:
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    names = [name for _, name, *_ in columns]
    keys = [name for _, name, *_, key in columns if key]
    if len(keys) != 1:
        return
    (key,) = keys
    marks = ", ".join("?" * len(names))
    new = f"SELECT * FROM later.{table} WHERE {key} NOT IN (SELECT {key} FROM main.{table})"
    # A tag that moves may meet its old bearer: the floor need not be right, only as much work.
    yield Write(
        f"INSERT OR IGNORE INTO main.{table} VALUES ({marks})", connection.execute(new).fetchall()
    )
    if changed := _changed(connection, table, key, [name for name in names if name != key]):
        yield _update(connection, table, key, changed)


def _changed(connection: sqlite3.Connection, table: str, key: str, names: list[str]) -> list[str]:
    """Return the columns that differ in any row that both have."""
    if not names:
        return []
    differs = ", ".join(f"max(a.{name} IS NOT b.{name})" for name in names)
    row = connection.execute(
        f"SELECT {differs} FROM main.{table} a JOIN later.{table} b USING ({key})"
    ).fetchone()
    return [name for name, is_changed in zip(names, row, strict=True) if is_changed]


def _update(connection: sqlite3.Connection, table: str, key: str, names: list[str]) -> Write:
    differs = " OR ".join(f"a.{name} IS NOT b.{name}" for name in names)
    values = ", ".join(f"b.{name}" for name in names)
    rows = connection.execute(
        f"SELECT {values}, b.{key} FROM main.{table} a JOIN later.{table} b USING ({key})"
        f" WHERE {differs}"
    )
    given = ", ".join(f"{name} = ?" for name in names)
    return Write(f"UPDATE OR IGNORE main.{table} SET {given} WHERE {key} = ?", rows.fetchall())
