"""What this machine can do at best, measured in the same run: the yardstick beside each figure."""

import multiprocessing
import socket
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from multiprocessing.pool import Pool
from pathlib import Path


def connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _new_file(folder: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=folder)) / "floor.sqlite3"


def group_commit_rows_per_second(folder: Path, rows: int = 40_000, group: int = 500) -> float:
    """Two bare inserts a row (payload, journal), `group` rows in a commit."""
    connection = connect(_new_file(folder))
    connection.execute("CREATE TABLE payload (id INTEGER PRIMARY KEY, text TEXT, at TEXT)")
    connection.execute("CREATE TABLE journal (seq INTEGER PRIMARY KEY, kind TEXT, object INTEGER)")
    start = time.perf_counter()
    for first in range(0, rows, group):
        numbers = range(first, first + group)
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO payload (text, at) VALUES (?, ?)",
            [(f"hxb:LOT0001:840003{n:09d}:E28011{n:018X}", "2026-01-01 00:00:00") for n in numbers],
        )
        connection.executemany(
            "INSERT INTO journal (kind, object) VALUES (?, ?)", [("received", n) for n in numbers]
        )
        connection.execute("COMMIT")
    return rows / (time.perf_counter() - start)


def effects_per_second(folder: Path, payloads: int = 20_000, step: int = 200) -> float:
    """The bare statements of one payload's effect, `step` payloads in a commit: two look-ups by
    index, one insert, one update, three history and journal rows."""
    connection = connect(_new_file(folder))
    connection.execute("CREATE TABLE cattle (id INTEGER PRIMARY KEY, tag TEXT UNIQUE, seen TEXT)")
    connection.execute("CREATE TABLE journal (seq INTEGER PRIMARY KEY, kind TEXT, object INTEGER)")
    connection.execute("CREATE TABLE payload (id INTEGER PRIMARY KEY, status TEXT)")
    connection.executemany("INSERT INTO payload (status) VALUES (?)", [("received",)] * payloads)
    start = time.perf_counter()
    for first in range(1, payloads, step):
        connection.execute("BEGIN IMMEDIATE")
        for n in range(first, first + step):
            for tag in (str(n), str(-n)):
                connection.execute("SELECT id FROM cattle WHERE tag = ?", (tag,)).fetchone()
            connection.execute("INSERT INTO cattle (tag, seen) VALUES (?, ?)", (str(n), "now"))
            connection.execute("UPDATE payload SET status = 'processed' WHERE id = ?", (n,))
            for kind in ("created", "processed", "updated"):
                connection.execute("INSERT INTO journal (kind, object) VALUES (?, ?)", (kind, n))
        connection.execute("COMMIT")
    return payloads / (time.perf_counter() - start)


def commit_ms(folder: Path, times: int = 200) -> float:
    """One durable commit, the median."""
    connection = connect(_new_file(folder))
    connection.execute("CREATE TABLE t (a TEXT)")
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        connection.execute("INSERT INTO t VALUES ('x')")
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def socket_loss(rate: int, seconds: float = 2.0) -> float:
    """The share of datagrams that a bare loop of `recv` misses at this rate, nothing stored."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(2.0)  # a busy machine may begin to send late
    heard = 0

    def listen() -> None:
        nonlocal heard
        try:
            while receiver.recv(2048):
                heard += 1
        except TimeoutError:
            return

    thread = threading.Thread(target=listen)
    with a_sender() as sender:
        thread.start()
        sent = sender.apply(send_at, (rate, int(rate * seconds), receiver.getsockname()))
    thread.join()
    receiver.close()
    return 1 - heard / int(sent)


@contextmanager
def a_sender() -> Iterator[Pool]:
    """A process of its own that is ready: a sender in this one would share its interpreter."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(time.perf_counter)
        yield pool


def send_at(rate: int, count: int, address: tuple[str, int], first: int = 0) -> int:
    """Sends tag reads on an even schedule, in small bursts of a millisecond's worth."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(address)
    texts = [
        f"hxb:LOT0001:840003{n:09d}:E28011{n:018X}".encode() for n in range(first, first + count)
    ]
    start = time.perf_counter()
    sent = 0
    while sent < count:
        due = min(count, int((time.perf_counter() - start) * rate) + 1)
        for text in texts[sent:due]:
            sender.send(text)
        sent = max(sent, due)
        time.sleep(0.0005)
    sender.close()
    return sent


def insert(
    connection: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, object]]
) -> None:
    """Rows by column name, as fast as the engine takes them."""
    ordered = iter(rows)
    first = next(ordered)
    names, marks = ", ".join(first), ", ".join(f":{name}" for name in first)
    connection.executemany(
        f"INSERT INTO {table} ({names}) VALUES ({marks})",
        chain([first], ordered),
    )
