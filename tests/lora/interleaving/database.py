"""Real databases made anew for each run, of the kind that the settings name: a file of SQLite as
the Pi opens it, or one on PostgreSQL's server where DATABASE_URL names it."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from django.core.management import call_command
from django.db import connections
from django.test import override_settings

T = TypeVar("T")


class Databases:
    """`fresh` points Django at a copy of the one that `build` filled, with a state folder of its
    own. Connections belong to threads: whoever asks the database does so `in_thread`."""

    def __init__(self, folder: Path, build: Callable[[], None]) -> None:
        self._folder, self._numbers = folder, count()
        self._settings: dict[str, Any] = connections.settings["default"]
        self._is_file = "sqlite" in self._settings["ENGINE"]
        self._given = self._settings["NAME"]
        self._template = str(folder / "template.sqlite3") if self._is_file else "hexa_template"
        if not self._is_file:
            self._on_server(f"CREATE DATABASE {self._template}")
        with self._at(self._template):
            in_thread(lambda: self._make(build))

    @staticmethod
    def _make(build: Callable[[], None]) -> None:
        call_command("migrate", verbosity=0)
        build()

    @contextmanager
    def fresh(self) -> Iterator[None]:
        number = next(self._numbers)
        name = str(self._folder / f"{number}.sqlite3") if self._is_file else f"hexa_{number}"
        if self._is_file:
            shutil.copy(self._template, name)
        else:
            self._on_server(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        try:
            with self._at(name):
                yield
        finally:
            if self._is_file:
                for suffix in ("", "-wal", "-shm"):
                    Path(name + suffix).unlink(missing_ok=True)
            else:
                self._on_server(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def _at(self, name: str) -> Iterator[None]:
        state = self._folder / f"state-{Path(name).stem}"
        state.mkdir()
        self._settings["NAME"] = name
        try:
            with override_settings(HEXABRAND_STATE_DIR=state):
                yield
        finally:
            self._settings["NAME"] = self._given
            shutil.rmtree(state)

    def _on_server(self, statement: str) -> None:
        import psycopg

        given = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
        values = {name: self._settings[key] for name, key in given.items() if self._settings[key]}
        with psycopg.connect(dbname="postgres", autocommit=True, **values) as server:
            server.execute(statement)


def in_thread(act: Callable[[], T]) -> T:
    """Return what `act` does in a thread, and so on a connection, of its own."""
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(act())
        except BaseException as error:  # noqa: BLE001 - raised again by the caller
            failed.append(error)
        finally:
            with suppress(Exception):
                connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return done[0]
