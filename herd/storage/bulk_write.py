"""Many rows of one table in one statement, with ids that are known before they are written.

The statements are written out: this is where a step of the worker and an import spend their time in
the writers' queue, and `bulk_create` of the same rows takes five times as long.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from django.db import connection, models

Adapt = Callable[[Any], Any]
BLOCK: Final = 50  # ids that a database server gives at once


class Column(NamedTuple):
    """`attname` in Python, `name` in the table, and what makes a value the database's own."""

    attname: str
    name: str
    adapt: Adapt | None


class Ids:
    """Ids for rows that are not written yet; ours until the commit."""

    def __init__(self) -> None:
        self._last: dict[str, int] | None = None  # by table, of SQLite: it has one writer
        self._free: dict[str, list[int]] = {}  # by table, of PostgreSQL: the next one last

    def next(self, model: type[models.Model]) -> int:
        table = model._meta.db_table  # noqa: SLF001 - Django's own
        if connection.vendor == "sqlite":
            if self._last is None:
                self._last = _last_ids()
            self._last[table] = self._last.get(table, 0) + 1
            return self._last[table]
        free = self._free.get(table)
        if not free:
            free = self._free[table] = _reserved(table)
        return free.pop()

    def forget(self) -> None:
        """Ask the database again: others may have inserted rows in another way."""
        self._last = None


def _last_ids() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence")
        return dict(cursor.fetchall())


def _reserved(table: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, BLOCK],
        )
        return sorted((pk for (pk,) in cursor.fetchall()), reverse=True)


def insert(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Insert rows that have their ids."""
    found = columns(model)
    names = ", ".join(column.name for column in found)
    marks = ", ".join(["%s"] * len(found))
    table = model._meta.db_table  # noqa: SLF001 - Django's own
    _execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names of ours alone
        [_values(row, found) for row in rows],
    )


def update(
    model: type[models.Model], rows: Iterable[models.Model], attnames: Sequence[str]
) -> None:
    """Write these columns of the rows."""
    found = [column for column in columns(model) if column.attname in attnames]
    settings = ", ".join(f"{column.name} = %s" for column in found)
    table = model._meta.db_table  # noqa: SLF001 - Django's own
    _execute(
        f"UPDATE {table} SET {settings} WHERE id = %s",  # noqa: S608 - names of ours alone
        [[*_values(row, found), row.pk] for row in rows],
    )


def clear(rows: Iterable[models.Model], attnames: Sequence[str]) -> None:
    """Set these columns to NULL: others may get the values before these rows get new ones."""
    for model in {type(row) for row in rows}:
        nulls = ", ".join(f"{c.name} = NULL" for c in columns(model) if c.attname in attnames)
        table = model._meta.db_table  # noqa: SLF001 - Django's own
        _execute(
            f"UPDATE {table} SET {nulls} WHERE id = %s",  # noqa: S608 - names of ours alone
            [[row.pk] for row in rows],
        )


def end_pairings(ended: Iterable[tuple[datetime, str, str]]) -> None:
    """End open pairings: when, kind, tag."""
    adapt = connection.ops.adapt_datetimefield_value
    _execute(_END_PAIRING, [[adapt(at), kind, tag] for at, kind, tag in ended])


_END_PAIRING: Final = (
    "UPDATE tag_pairings SET to_at = %s WHERE kind = %s AND tag = %s AND to_at IS NULL"
)


def _execute(statement: str, rows: list[list[Any]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def _values(row: models.Model, found: Sequence[Column]) -> list[Any]:
    values = []
    for attname, _, adapt in found:
        value = getattr(row, attname)
        values.append(value if adapt is None or value is None else adapt(value))
    return values


@cache
def columns(model: type[models.Model]) -> tuple[Column, ...]:
    return tuple(
        Column(field.attname, str(field.column), _adapter(field))
        for field in model._meta.concrete_fields  # noqa: SLF001 - Django's own
    )


def _adapter(field: "models.Field[Any, Any]") -> Adapt | None:
    """Return what the database needs of a value; None where it takes it as it is."""
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, models.DateField):
        return connection.ops.adapt_datefield_value
    if isinstance(field, models.DecimalField):
        most, places = field.max_digits, field.decimal_places
        return lambda value: connection.ops.adapt_decimalfield_value(value, most, places)
    return None
