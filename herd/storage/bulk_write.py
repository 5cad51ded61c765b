"""Many rows of one table in one statement.

The statements are written out: this is where a step of the worker and an import spend their time in
the writers' queue, and `bulk_create` of the same rows takes five times as long.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache, partial
from operator import itemgetter
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
    values = _values(rows, found)
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
    values = _values(rows, [*found, *(one for one in columns(model) if one.attname == "id")])
    is_plain = all(column.kind != "jsonb" for column in found)
    if values and is_plain and connection.vendor == "postgresql":
        typed = [(column.name, column.kind) for column in found]
        postgres_bulk.update(table, [*typed, ("id", "bigint")], values)
    else:
        _execute(f"UPDATE {table} SET {settings} WHERE id = %s", values)  # noqa: S608 - names of ours alone


class Added(NamedTuple):
    """What is added to the numbers of a row, and when it was heard, for the latest time to stay."""

    pk: int
    numbers: Sequence[float]
    heard_at: datetime | None = None


def add(
    model: type[models.Model], attnames: Sequence[str], rows: Iterable[Added], latest: str = ""
) -> None:
    """Add to these columns of the rows; `latest` is the column of the time."""
    # Added and compared by the database: who loaded the row may have been overtaken since.
    now = journal.adapt_time(timezone.now())
    values: list[list[Any]] = []
    for row in rows:
        heard = row.heard_at and journal.adapt_time(row.heard_at)
        values.append([*row.numbers, *([heard, heard and now] if latest else []), row.pk])
    if values and connection.vendor == "postgresql":
        statement, typed = _addition_in_postgres(model, tuple(attnames), latest)
        postgres_bulk.execute(statement, typed, values)
    else:
        _execute(_addition(model, tuple(attnames), latest), values)


@cache
def _addition(model: type[models.Model], attnames: tuple[str, ...], latest: str) -> str:
    settings = [f"{name} = {name} + %s" for name in attnames]
    if latest:  # SQLite's times are texts in their order
        settings.append(f"{latest} = nullif(max(ifnull({latest}, ''), ifnull(%s, '')), '')")
        settings.append("updated_at = ifnull(%s, updated_at)")
    return f"UPDATE {model._meta.db_table} SET {', '.join(settings)} WHERE id = %s"  # noqa: S608, SLF001 - names of ours alone


@cache
def _addition_in_postgres(
    model: type[models.Model], attnames: tuple[str, ...], latest: str
) -> tuple[str, postgres_bulk.Typed]:
    settings = [f"{name} = old.{name} + new.{name}" for name in attnames]
    typed = [(name, "float8") for name in attnames]
    if latest:
        settings.append(f"{latest} = greatest(old.{latest}, new.{latest})")
        settings.append("updated_at = coalesce(new.updated_at, old.updated_at)")
        typed += [(latest, "timestamptz"), ("updated_at", "timestamptz")]
    statement = f"UPDATE {model._meta.db_table} old SET {', '.join(settings)} FROM {{}}"  # noqa: S608, SLF001 - names of ours alone
    return f"{statement} WHERE old.id = new.id", [*typed, ("id", "bigint")]


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


def _execute(statement: str, rows: Iterable[Sequence[Any]]) -> None:
    if values := list(rows):
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)


def _values(rows: Iterable[models.Model], found: Sequence[Column]) -> list[tuple[Any, ...]]:
    """Return these columns of the rows as the database takes them."""
    # One call in C for all columns of a row, past the descriptors of foreign keys; and column by
    # column what has to be adapted: a step makes some 10,000 values.
    values_of = itemgetter(*(column.attname for column in found))
    made: list[Sequence[Any]] = list(zip(*(values_of(row.__dict__) for row in rows), strict=True))
    for place, column in enumerate(found) if made else ():
        if adapt := column.adapt:
            made[place] = [None if one is None else adapt(one) for one in made[place]]
    return list(zip(*made, strict=True))


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
        most, places, by_django = field.max_digits, field.decimal_places, connection.ops
        # Kept: most weights of a herd are some hundred different numbers.
        return lru_cache(maxsize=4096)(
            lambda value: by_django.adapt_decimalfield_value(value, most, places)
        )
    return None
