"""Whoever waits for another process's commit notices it, at once where Linux tells of writes."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from herd.storage import commit_notifier
from herd.storage.commit_notifier import Polled, open_notifier
from herd.storage.file_writes import FileWrites, writes_to

NEVER = threading.Event()
PATIENCE = 30.0  # seconds: far more than a commit takes, far less than for ever


@pytest.fixture
def other(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another connection to a database that is as the Pi's."""
    path = tmp_path / "pi.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE t (n)")
        yield made


@pytest.fixture(params=["told of writes", "polling alone"])
def notifier(
    request: Any,
    other: sqlite3.Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_db_blocker: Any,
) -> Iterator[Polled]:
    settings = connections.databases["default"] | {"NAME": str(tmp_path / "pi.sqlite3")}
    monkeypatch.setitem(connections.databases, "notified", settings)
    if request.param == "polling alone":
        monkeypatch.setattr(commit_notifier, "writes_to", lambda _path: None)
    with django_db_blocker.unblock():
        made = open_notifier("notified")
        assert isinstance(made, Polled)
        yield made
        connections["notified"].close()
        del connections["notified"]


def test_a_commit_of_another_is_noticed(other: sqlite3.Connection, notifier: Polled) -> None:
    for _ in range(3):
        writer = threading.Timer(0.05, other.execute, ["INSERT INTO t VALUES (1)"])
        writer.start()
        began = time.monotonic()
        assert notifier.wait(NEVER, PATIENCE)
        assert time.monotonic() - began < PATIENCE
        # Its commit is seen before its call returns, and a connection closed under it would crash.
        writer.join()


def test_a_commit_long_after_its_write_is_noticed(
    other: sqlite3.Connection, notifier: Polled
) -> None:
    """A disk that stalls, or a long transaction that has spilled: the write is told long before."""
    other.execute("PRAGMA cache_size=1")
    other.execute("BEGIN IMMEDIATE")
    other.executemany("INSERT INTO t VALUES (zeroblob(5000))", [()] * 50)
    assert not notifier.wait(NEVER, 0.3)
    other.execute("COMMIT")
    assert notifier.wait(NEVER, PATIENCE)


def test_what_was_committed_before_the_wait_is_noticed(
    other: sqlite3.Connection, notifier: Polled
) -> None:
    other.execute("INSERT INTO t VALUES (1)")
    assert notifier.wait(NEVER, 0)
    assert not notifier.wait(NEVER, 0.02)


def test_who_is_told_to_stop_waits_no_longer(notifier: Polled) -> None:
    stop = threading.Event()
    threading.Timer(0.05, stop.set).start()
    began = time.monotonic()
    assert not notifier.wait(stop, PATIENCE)
    assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize("notifier", ["told of writes"], indirect=True)
def test_a_quiet_database_is_not_polled(notifier: Polled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit_notifier, "LOOK_FOR", 0.0)
    looks = []

    def look() -> bool:
        looks.append(1)
        return False

    monkeypatch.setattr(notifier, "_arrived", look)
    assert not notifier.wait(NEVER, 0.5)
    assert len(looks) < 40  # a hundred of them, and more, would be polling


def test_a_write_is_told_once_and_others_files_are_not(tmp_path: Path) -> None:
    writes = FileWrites(tmp_path, "one-wal")
    (tmp_path / "other-wal").write_text("a")
    assert not writes.wait(0.01)
    (tmp_path / "one-wal").write_text("a")
    assert writes.wait(PATIENCE)
    assert not writes.wait(0.01)


def test_a_folder_that_is_not_there_tells_nothing(tmp_path: Path) -> None:
    assert writes_to(tmp_path / "gone" / "pi.sqlite3-wal") is None
