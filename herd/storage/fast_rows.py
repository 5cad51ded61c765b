"""Rows of a table without Django's `Model.__init__` and query compiler.

A step of the worker and an import load and make thousands of rows, and these two took half of their
time. The instances have no signals, and a column that was not loaded is asked for when it is read.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache, partial
from typing import Any, Final, TypeVar, cast

from django.db import connection, models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)


def find(
    model: type[M],
    any_of: Mapping[str, Collection[Any]],
    *,
    names: Sequence[str] = (),
    where: str = "TRUE",
    order: str = "",
) -> Iterator[M]:
    """Yield the rows that have one of the values in one of the columns.

    `any_of` and `names`, the columns to load (all of them), are names as in Python; `where` and
    `order` are SQL of ours.
    """
    wanted = {name: values for name, values in any_of.items() if values}
    if not wanted:
        return iter(())
    columns = _columns(model)
    tests = " OR ".join(f"{columns[name]} {among()}" for name in wanted)
    params = list(map(listed, wanted.values()))
    return select(model, f"({tests}) AND {where}{order}", params, names)


def select(
    model: type[M], where: str, params: Sequence[Any], names: Sequence[str] = ()
) -> Iterator[M]:
    """Yield the rows of `SELECT … WHERE <where>`, a text of ours."""
    names = tuple(names) or attnames(model)
    for row in select_values(model, where, params, names):
        yield _made(model, dict(zip(names, row, strict=True)))


def find_values(
    model: type[models.Model],
    name: str,
    values: Collection[Any],
    names: Sequence[str],
    where: str = "",
) -> Iterator[tuple[Any, ...]]:
    """Yield the columns `names` of the rows that have one of the values in the column `name`."""
    test = f"{_columns(model)[name]} {among()}"
    return select_values(model, test + where, [listed(values)], names)


def select_values(
    model: type[models.Model], where: str, params: Sequence[Any], names: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield the values of these columns: for a report, an instance costs as much again."""
    statement, converters = _selection(model, tuple(names))
    with connection.cursor() as cursor:
        cursor.execute(statement + where, params)
        # By columns: to look at each row for what is to be converted took twice as long.
        columns: list[Iterable[Any]] = list(zip(*cursor.fetchall(), strict=True))
    for place, convert in converters if columns else ():
        columns[place] = [None if one is None else convert(one) for one in columns[place]]
    return zip(*columns, strict=True)


def refer(rows: Sequence[M], model: type[M], name: str) -> None:
    """Load what the rows of a model refer to by this name, with one query for all of them."""
    referred = cast("type[models.Model]", model._meta.get_field(name).related_model)  # noqa: SLF001 - Django's own
    named = {getattr(row, f"{name}_id") for row in rows} - {None}
    found = {one.pk: one for one in find(referred, {"id": named})}
    for row in rows:
        setattr(row, name, found.get(getattr(row, f"{name}_id")))


def new(model: type[M], **values: Any) -> M:
    """Return a row that is not written yet; `values` by the columns' names in Python."""
    row = _made(model, _defaults(model) | values)
    row._state.adding = True  # noqa: SLF001 - as Django's own constructor
    return row


def _made(model: type[M], values: dict[str, Any]) -> M:
    row = model.__new__(model)
    row.__dict__ = values
    row._state = state = ModelState()  # noqa: SLF001 - as Django's own constructor
    state.db, state.adding = "default", False
    return row


def among() -> str:
    """Return the test of a column against one parameter, which `listed` makes of many values."""
    # The statement's text is the same for any number of values.
    if connection.vendor == "postgresql":
        return "= ANY(%s)"
    return "IN (SELECT value FROM json_each(%s))"


def listed(values: Collection[Any]) -> Any:  # noqa: ANN401 - the driver's own
    return list(values) if connection.vendor == "postgresql" else json.dumps(list(values))


@cache
def _selection(
    model: type[models.Model], names: tuple[str, ...]
) -> tuple[str, list[tuple[int, Callable[[Any], Any]]]]:
    """Return `SELECT … WHERE ` and what makes Python's values of the driver's, by their places."""
    meta = model._meta  # noqa: SLF001 - Django's own
    by_name = {one.attname: one for one in meta.concrete_fields}
    columns = ", ".join(_selected(by_name[name]) for name in names)
    made = [(place, _converter(by_name[name])) for place, name in enumerate(names)]
    converters = [(place, convert) for place, convert in made if convert]
    return f"SELECT {columns} FROM {meta.db_table} WHERE ", converters  # noqa: S608 - names of ours alone


def _selected(column: "models.Field[Any, Any]") -> str:
    name = f'"{column.column}"'
    if connection.vendor == "postgresql":
        return name
    # As expressions, which have no type: the driver, as Django sets it up, would make a time, a day
    # or a truth by Python's code. A time gets its zone, so that one call in C reads it.
    return f"{name} || '+00:00'" if isinstance(column, models.DateTimeField) else f"+{name}"


def _converter(column: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    if isinstance(column, models.JSONField):
        return partial(json.loads, cls=column.decoder)
    if connection.vendor == "postgresql":  # its driver makes all others
        return None
    if isinstance(column, models.DecimalField):
        return partial(_decimal, column.decimal_places or 0)
    return next((convert for kind, convert in _CONVERTERS if isinstance(column, kind)), None)


_CONVERTERS: Final[tuple[tuple[type[Any], Callable[[Any], Any]], ...]] = (
    (models.BooleanField, bool),
    (models.DateTimeField, datetime.fromisoformat),  # before days, of which times are a kind
    (models.DateField, date.fromisoformat),
)


@lru_cache(maxsize=4096)
def _decimal(places: int, number: float) -> Decimal:
    # Kept: most weights of a herd are some hundred different numbers.
    return Decimal(repr(number)).quantize(Decimal(1).scaleb(-places))


@cache
def _columns(model: type[models.Model]) -> dict[str, str]:
    return {one.attname: one.column or "" for one in model._meta.concrete_fields}  # noqa: SLF001 - Django's own


@cache
def attnames(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(column.attname for column in model._meta.concrete_fields)  # noqa: SLF001 - Django's own


@cache
def _defaults(model: type[models.Model]) -> dict[str, Any]:
    # Columns whose default is made anew each time are not in the herd's tables.
    return {column.attname: column.get_default() for column in model._meta.concrete_fields}  # noqa: SLF001 - Django's own
