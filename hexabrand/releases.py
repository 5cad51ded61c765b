"""Which release made the herd's tables: older code refuses those of a newer one, untouched."""

import pkgutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

from herd.storage.database_corruption import is_sqlite
from remote.wire import RELEASE

Migration = tuple[str, str]  # app and name
Select = Callable[[str], list[tuple[Any, ...]]]

APPLIED: Final = "SELECT app, name FROM django_migrations"
LATEST: Final = "SELECT release FROM releases ORDER BY id DESC LIMIT 1"
# All others may change the tables or trust them. `restore` is the cure.
_OF_CODE: Final = ("check", "diffsettings", "help", "makemigrations", "spectacular")
WITHOUT_TABLES: Final = frozenset({*_OF_CODE, "compilemessages", "makemessages", "restore"})
LOCK_PATIENCE: Final = 2.0  # seconds
SERVER_PATIENCE: Final = 5  # seconds


class NewerTables(Exception):
    """The text says which release is needed, and what can be done."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The migrations that a database has seen, and the release that prepared it last, "" where
    that was before releases were recorded."""

    applied: frozenset[Migration]
    release: str


def unknown_migrations(applied: Iterable[Migration]) -> list[str]:
    """Return those that this release does not have, as `herd.0005_name`, sorted."""
    known = {
        (config.label, module.name)
        for config in apps.get_app_configs()
        for module in pkgutil.iter_modules([str(Path(config.path) / "migrations")])
    }
    return sorted(f"{app}.{name}" for app, name in set(applied) - known)


def tables_of(file: Path) -> Tables | None:
    """Return what an SQLite database tells, read-only; None where it cannot be read or has none."""
    try:
        address = f"{file.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=LOCK_PATIENCE)) as database:
            return _tables(lambda query: database.execute(query).fetchall())
    except (sqlite3.Error, OSError):
        return None


def refuse_newer_herd(command: str = "") -> None:
    """Raise NewerTables where `command` would work on tables of a newer release. A database that
    cannot be asked now says nothing: the command meets it, and tells its own sentence."""
    if not settings.IS_PI_BACKEND or command in WITHOUT_TABLES:
        return
    tables = _herd()
    unknown = unknown_migrations(tables.applied) if tables else []
    if tables is None or not unknown:
        return
    named = tables.release not in {"", RELEASE}
    maker = f"HexaBrand {tables.release}" if named else "a newer release of HexaBrand"
    raise NewerTables(
        f"This herd was made by {maker}, and this is {RELEASE}, which does not know its tables"
        f" ({', '.join(unknown)}). Nothing was changed. Install {'that' if named else 'the newer'}"
        " release, or restore a backup of this one: manage.py restore FILE"
    )


def record_release() -> None:
    """Remember in the database, which backups and several machines share, who prepared it last."""
    from remote.api.models import Release  # noqa: PLC0415 - models: Pi only

    latest = Release.objects.order_by("-id").first()
    if latest is None or latest.release != RELEASE:
        Release.objects.create(release=RELEASE, prepared_at=timezone.now())


def _herd() -> Tables | None:
    if is_sqlite():
        file = Path(str(settings.DATABASES["default"]["NAME"]))
        return tables_of(file) if file.is_file() else None
    server = connections["default"].copy()
    server.settings_dict["OPTIONS"]["connect_timeout"] = SERVER_PATIENCE
    try:
        with server.cursor() as cursor:

            def select(query: str) -> list[tuple[Any, ...]]:
                cursor.execute(query)
                return list(cursor.fetchall())

            return _tables(select)
    except DatabaseError:
        return None
    finally:
        server.close()


def _tables(select: Select) -> Tables:
    applied = frozenset((str(app), str(name)) for app, name in select(APPLIED))
    release = ""
    with suppress(sqlite3.Error, DatabaseError):  # before 1.1.0 there was no such table
        release = "".join(str(row[0]) for row in select(LATEST))
    return Tables(applied, release)
