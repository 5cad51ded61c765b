"""Connections to the database that a web process keeps between requests."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.db.utils import load_backend

from herd.storage.sqlite.base import DatabaseWrapper, kept_connections


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "pi.sqlite3"
    _filled(path, 1)
    return path


def _filled(path: Path, number: int) -> None:
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE t (n)")
        made.executemany("INSERT INTO t VALUES (?)", [(number,)] * 1000)
    made.close()


@pytest.fixture
def wrapper(database: Path, django_db_blocker: Any) -> Iterator[DatabaseWrapper]:
    """A connection of Django's, as each request makes one."""
    settings = connections.databases["default"] | {"NAME": str(database)}
    kept_connections.most = 1
    with django_db_blocker.unblock():
        yield load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
        kept_connections.most = 0
        kept_connections.close()


def asked(wrapper: DatabaseWrapper) -> tuple[object, int]:
    """The connection that a request uses, and what it reads."""
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT n FROM t LIMIT 1")
        (number,) = cursor.fetchone()
    used = wrapper.connection
    wrapper.close()
    return used, number


def test_the_next_request_uses_the_same_connection(wrapper: DatabaseWrapper) -> None:
    first, _ = asked(wrapper)
    assert asked(wrapper) == (first, 1)


def test_no_process_keeps_any_that_has_not_asked_for_it(wrapper: DatabaseWrapper) -> None:
    kept_connections.most = 0
    used, _ = asked(wrapper)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        used.execute("SELECT 1")  # type: ignore[attr-defined]


def test_what_was_not_read_to_its_end_does_not_hold_the_next_request_back(
    wrapper: DatabaseWrapper, database: Path
) -> None:
    """A statement that is still open would go on with the herd as it was at its beginning."""
    half_read = wrapper.cursor().execute("SELECT n FROM t")
    assert half_read.fetchone() == (1,)
    first = wrapper.connection
    wrapper.close()
    with sqlite3.connect(database) as other:
        other.execute("UPDATE t SET n = 2")
    other.close()
    assert asked(wrapper) == (first, 2)


def test_a_transaction_that_was_left_open_is_gone(wrapper: DatabaseWrapper, database: Path) -> None:
    wrapper.cursor().execute("BEGIN IMMEDIATE")
    first = wrapper.connection
    wrapper.close()
    with sqlite3.connect(database, timeout=0) as other:
        other.execute("UPDATE t SET n = 2")
    other.close()
    used, number = asked(wrapper)
    assert (used is first, number) == (False, 2)


def test_a_connection_that_failed_is_not_used_again(wrapper: DatabaseWrapper) -> None:
    with pytest.raises(OperationalError), wrapper.cursor() as cursor:
        cursor.execute("SELECT n FROM nowhere")
    first = wrapper.connection
    wrapper.close()
    used, _ = asked(wrapper)
    assert used is not first


def test_a_database_that_was_put_in_its_place_is_the_one_that_is_read(
    wrapper: DatabaseWrapper, database: Path
) -> None:
    asked(wrapper)
    restored = database.with_name("restored")
    _filled(restored, 3)
    restored.replace(database)
    assert asked(wrapper)[1] == 3
    assert asked(wrapper)[1] == 3


def test_more_requests_at_once_than_are_kept_open_their_own(
    wrapper: DatabaseWrapper, database: Path
) -> None:
    other = DatabaseWrapper(wrapper.settings_dict, "default")
    for one in (wrapper, other):
        one.ensure_connection()
    connection = other.connection
    wrapper.close()
    other.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
