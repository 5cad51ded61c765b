"""Detection of a database file that is damaged while the Pi runs.

Whoever meets it leaves a mark for the other processes, and all of them end: the next start finds
the database free, and `setup` puts the newest good backup in its place.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.conf import settings

MARK: Final = "damaged"
CODES: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
SQLITE: Final = "herd.storage.sqlite"


class DatabaseDamaged(Exception):
    """Nothing can be stored or told until a start has put it right."""

    def __init__(self) -> None:
        super().__init__(
            "The database is damaged or gone. This process ends; the next start of the Pi"
            " (`manage.py setup`) puts the newest good backup in its place."
        )


def is_sqlite() -> bool:
    """Return whether the herd is a file of this machine, and not on a database server."""
    return bool(settings.DATABASES["default"]["ENGINE"] == SQLITE)


def is_damage(error: BaseException | None) -> bool:
    """Return whether SQLite found the file malformed, or no database at all."""
    # A lock, a read error or a full disk is none, and passes: one EIO was once enough to roll a
    # healthy farm back to its last backup (decision 14).
    while error is not None:
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in CODES:
            return True
        error = error.__cause__ or error.__context__
    return False


def note(error: BaseException) -> bool:
    """Return whether the error shows damage; if so, mark it for the other processes."""
    if not is_damage(error):
        return False
    mark()
    return True


def mark() -> None:
    with contextlib.suppress(OSError):  # a disk that takes nothing: each finds it by itself
        _mark().touch()


def unmark() -> None:
    _mark().unlink(missing_ok=True)


def check() -> None:
    """Raise DatabaseDamaged where that is known. Cheap enough for every turn of a loop."""
    if is_known():
        raise DatabaseDamaged


def is_known() -> bool:
    """Return whether a process has met damage, or the file is gone."""
    if not is_sqlite():
        return False  # a server keeps its own house
    if _is_gone(Path(str(settings.DATABASES["default"]["NAME"]))):
        mark()
        return True
    return _mark().exists()


@contextlib.contextmanager
def ending() -> Iterator[None]:
    """Turn an error that shows damage into DatabaseDamaged, around a process's work."""
    try:
        yield
    except Exception as error:
        if note(error):
            raise DatabaseDamaged from error
        raise


def _mark() -> Path:
    folder: Path = settings.HEXABRAND_STATE_DIR
    return folder / MARK


def _is_gone(file: Path) -> bool:
    # Moved away or cut to nothing: SQLite itself would go on in a file that nobody can reach, or
    # begin an empty one.
    if not file.is_absolute():
        return False  # a database in memory
    try:
        return file.stat().st_size == 0
    except FileNotFoundError:
        return True
    except OSError:
        return False  # a disk that does not answer for a moment
