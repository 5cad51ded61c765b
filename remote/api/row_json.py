"""Rows as the feed and the snapshot send them, straight from the database's cursor.

As objects, a quarter of a million animals take the Pi three times as long, and an import's 40,000
events twice. The shapes are those of `serializers`, from the same members.
"""

import json
from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import Any, Final, NamedTuple, cast

from django.db import connections
from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    ForeignKey,
    JSONField,
    Model,
    QuerySet,
)

from herd.models import (
    Animal,
    Batch,
    Pen,
    Product,
    Pull,
    Session,
    Shipment,
    Treatment,
    WeightRecord,
    WorkMark,
)
from herd.operations.placing import NAME_OF
from herd.storage import fast_rows
from lora.models import LoRaPayload
from remote.api import serializers as shapes
from remote.api.models import ImportRun
from remote.api.serializers import Column, Member, Shape, day_of, kilograms, time_of
from remote.wire import Told

# A connection that never writes: reads see one state, and wait for no writer.
READER: Final = "reader"
ROWS_AT_ONCE: Final = 200  # a thousand animals as objects are 2 MB, and no faster

Convert = Callable[[Any], Any]


class _Source(NamedTuple):
    """A table whose columns are the members of its JSON, and what completes that."""

    model: type[Model]
    members: tuple[Member, ...]
    completed: Callable[[Shape], Shape] = lambda made: made


SOURCES: Final[dict[Told, _Source]] = {
    "pens": _Source(Pen, shapes.PENS),
    "cattle": _Source(Animal, shapes.CATTLE),
    "weights": _Source(WeightRecord, shapes.WEIGHTS),
    "sessions": _Source(Session, shapes.SESSIONS),
    "products": _Source(Product, shapes.PRODUCTS),
    "treatments": _Source(Treatment, shapes.TREATMENTS),
    "work_marks": _Source(WorkMark, shapes.WORK_MARKS),
    "pulls": _Source(Pull, shapes.PULLS),
    "imports": _Source(ImportRun, shapes.IMPORTS),
    "payloads": _Source(LoRaPayload, shapes.PAYLOADS, shapes.completed_payload),
}


def rows(table: Told, ids: Collection[int] | None = None) -> Iterator[Shape]:
    """Yield the JSON of the rows with these ids, or of all, in the order of their ids."""
    if table == "batches":
        yield from map(shapes.batch_shape, _batches(ids))
        return
    if table == "shipments":
        yield from map(shapes.shipment_shape, _shipments(ids))
        return
    source = SOURCES[table]
    names = [one.name for one in source.members]
    converted = list(_conversions(table))
    references = [(one.name, one.column) for one in source.members if _is_reference(one)]
    for some in _read(table, ids):
        found = [dict(zip(names, row, strict=True)) for row in some]
        for name, column in references:
            model = cast("type[Batch | Pen]", cast("ForeignKey[Any, Any]", column).related_model)
            _refer(found, name, model)
        for made in found:
            for name, convert in converted:
                if made[name] is not None:  # most animals lack half of these
                    made[name] = convert(made[name])
            yield source.completed(made)


def _batches(ids: Collection[int] | None) -> QuerySet[Batch]:
    # Few, and their means are worked out by the model.
    batches = Batch.objects.using(READER).order_by("pk")
    return batches if ids is None else batches.filter(pk__in=ids)


def _shipments(ids: Collection[int] | None) -> QuerySet[Shipment]:
    shipments = Shipment.objects.using(READER).counted().order_by("pk")
    return shipments if ids is None else shipments.filter(pk__in=ids)


def _read(table: Told, ids: Collection[int] | None) -> Iterator[list[tuple[Any, ...]]]:
    where = "" if ids is None else f'WHERE "id" {fast_rows.among()}'
    params = [] if ids is None else [fast_rows.listed(ids)]
    with connections[READER].chunked_cursor() as cursor:
        cursor.execute(f'{_selection(table)} {where} ORDER BY "id"', params)
        while some := cursor.fetchmany(ROWS_AT_ONCE):
            yield some


@cache
def _selection(table: Told) -> str:
    model, members, _ = SOURCES[table]
    # SQLite's module calls Python for each time that it reads, unless the column is an expression.
    mark = "+" if connections[READER].vendor == "sqlite" else ""
    columns = [cast("Column", one.column).column for one in members]
    read = ", ".join(f'{mark}"{column}"' for column in columns)
    return f'SELECT {read} FROM "{model._meta.db_table}"'  # noqa: S608, SLF001 - names of our own


def _refer(found: list[Shape], name: str, model: type[Batch | Pen]) -> None:
    """Put id and name of a batch or pen in the place of its id."""
    named = NAME_OF[model]
    ids = {made[name] for made in found} - {None}
    rows = model.objects.using(READER).filter(pk__in=ids).values_list("pk", named)
    references = {pk: {"id": pk, named: number} for pk, number in rows}
    for made in found:
        made[name] = references.get(made[name])


def _is_reference(member: Member) -> bool:
    column = member.column
    return isinstance(column, ForeignKey) and member.attribute == column.name


@cache
def _conversions(table: Told) -> tuple[tuple[str, Convert], ...]:
    members = SOURCES[table].members
    return tuple((one.name, made) for one in members if (made := _conversion(one)) is not None)


def _conversion(member: Member) -> Convert | None:
    match member.column:
        case DateTimeField():  # before the day, of which it is a kind
            return time_text
        case DateField():
            return _day
        case BooleanField():
            return bool
        case JSONField():
            return json.loads
        case DecimalField():
            return kilograms
    return kilograms if member.name.endswith("_kg") else None


def time_text(at: Any) -> str | None:  # noqa: ANN401 - a text of SQLite, or a time
    """Return a time of the database as JSON has it."""
    return at.replace(" ", "T") + "Z" if isinstance(at, str) else time_of(at)


def _day(day: Any) -> str | None:  # noqa: ANN401 - a text of SQLite, or a day
    return day if isinstance(day, str) else day_of(day)
