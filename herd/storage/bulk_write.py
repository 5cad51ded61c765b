"""Many rows of one table in one statement.

The statements are written out: this is where a step of the worker and an import spend their time in
the writers' queue, and `bulk_create` of the same rows takes five times as long.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from operator import attrgetter
from typing import Any, Final, NamedTuple

from django.db import connection, models
from django.utils import timezone

from herd.storage import journal, postgres_bulk

Adapt = Callable[[Any], Any]


class Column(NamedTuple):
    """`attname` in Python, `name` and `kind` in the table, and what makes a value its own."""

    attname: str
    name: str
    kind: str
    adapt: Adapt | None


def insert(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Insert rows that have their ids."""
    found = columns(model)
    names = [column.name for column in found]
    marks = ", ".join(["%s"] * len(found))
    table = model._meta.db_table  # noqa: SLF001 - Django's own
    values = list(map(_maker(model, tuple(column.attname for column in found)), rows))
    if values and connection.vendor == "postgresql":
        postgres_bulk.copy(table, names, values)
    else:
        _execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)  # noqa: S608 - names of ours alone


def update(
    model: type[models.Model], rows: Iterable[models.Model], attnames: Sequence[str]
) -> None:
    """Write these columns of the rows."""
    found = [column for column in columns(model) if column.attname in attnames]
    settings = ", ".join(f"{column.name} = %s" for column in found)
    table = model._meta.db_table  # noqa: SLF001 - Django's own
    values = list(map(_maker(model, (*(column.attname for column in found), "id")), rows))
    is_plain = all(column.kind != "jsonb" for column in found)
    if values and is_plain and connection.vendor == "postgresql":
        typed = [(column.name, column.kind) for column in found]
        postgres_bulk.update(table, [*typed, ("id", "bigint")], values)
    else:
        _execute(f"UPDATE {table} SET {settings} WHERE id = %s", values)  # noqa: S608 - names of ours alone


def write_latest(model: type[models.Model], attname: str, times: Mapping[int, datetime]) -> None:
    """Write times by row number, each where the row has none or an earlier one."""
    # Compared by the database: who loaded the row may have been overtaken since.
    table = model._meta.db_table  # noqa: SLF001 - Django's own
    now = journal.adapt_time(timezone.now())
    values = [[journal.adapt_time(at), now, pk] for pk, at in times.items()]
    if connection.vendor == "postgresql" and values:
        settings = f"{attname} = greatest(old.{attname}, new.at), updated_at = new.now"
        statement = f"UPDATE {table} old SET {settings} FROM {{}} WHERE old.id = new.id"  # noqa: S608 - names of ours alone
        typed = (("at", "timestamptz"), ("now", "timestamptz"), ("id", "bigint"))
        postgres_bulk.execute(statement, typed, values)
    elif values:
        latest = f"max(ifnull({attname}, ''), %s)"  # SQLite's times are texts in their order
        settings = f"{attname} = {latest}, updated_at = %s"
        _execute(f"UPDATE {table} SET {settings} WHERE id = %s", values)  # noqa: S608 - names of ours alone


def delete(model: type[models.Model], pks: Iterable[int]) -> None:
    """Delete rows. What names them is the caller's: the database refuses at the commit."""
    table = model._meta.db_table  # noqa: SLF001 - Django's own
    _execute(f"DELETE FROM {table} WHERE id = %s", ([pk] for pk in pks))  # noqa: S608 - names of ours alone


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
    rows = [[journal.adapt_time(at), kind, tag] for at, kind, tag in ended]
    if rows and connection.vendor == "postgresql":
        postgres_bulk.execute(_END_PAIRINGS, _ENDED, rows)
    else:
        _execute(_END_PAIRING, rows)


_END_PAIRING: Final = (
    "UPDATE tag_pairings SET to_at = %s WHERE kind = %s AND tag = %s AND to_at IS NULL"
)
_END_PAIRINGS: Final = (
    "UPDATE tag_pairings p SET to_at = new.at FROM {}"
    " WHERE p.kind = new.kind AND p.tag = new.tag AND p.to_at IS NULL"
)
_ENDED: Final = (("at", "timestamptz"), ("kind", "text"), ("tag", "text"))


def _execute(statement: str, rows: Iterable[list[Any]]) -> None:
    if values := list(rows):
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)


@cache
def _maker(model: type[models.Model], attnames: tuple[str, ...]) -> Callable[[Any], list[Any]]:
    by_name = {column.attname: column.adapt for column in columns(model)}
    # One call in C for all of a row's columns: a step makes some 10,000 values.
    values_of = attrgetter(*attnames)
    adapted = [(n, adapt) for n, name in enumerate(attnames) if (adapt := by_name[name])]

    def make(row: Any) -> list[Any]:  # noqa: ANN401 - of the model
        values = list(values_of(row))
        for n, adapt in adapted:
            if values[n] is not None:
                values[n] = adapt(values[n])
        return values

    return make


@cache
def columns(model: type[models.Model]) -> tuple[Column, ...]:
    return tuple(
        Column(field.attname, str(field.column), str(field.db_type(connection)), _adapter(field))
        for field in model._meta.concrete_fields  # noqa: SLF001 - Django's own
    )


def _adapter(field: "models.Field[Any, Any]") -> Adapt | None:
    """Return what the database needs of a value; None where it takes it as it is."""
    if isinstance(field, models.JSONField):
        return partial(connection.ops.adapt_json_value, encoder=field.encoder)
    if connection.vendor == "postgresql":
        return None
    if isinstance(field, models.DateTimeField):
        return journal.adapt_time
    if isinstance(field, models.DateField):
        return connection.ops.adapt_datefield_value
    if isinstance(field, models.DecimalField):
        most, places = field.max_digits, field.decimal_places
        return lambda value: connection.ops.adapt_decimalfield_value(value, most, places)
    return None
