"""The snapshot's animals, straight from the database's cursor.

As objects, a quarter of a million animals take the Pi three times as long. The shape is that of
`serializers.cattle_shape`, from the same members.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from django.db import connections
from django.db.models import DateField, DateTimeField, ForeignKey

from herd.models import Animal, Batch, Pen
from herd.operations.placing import NAME_OF
from remote.api.events import READER, dumps
from remote.api.serializers import CATTLE, Column, day_of, kilograms, time_of

ROWS_AT_ONCE: Final = 200  # a thousand animals as objects are 2 MB, and no faster
LINE: Final = '{"type":"row","topic":"cattle","data":%s}'

Convert = Callable[[Any], Any]


def animals() -> Iterator[str]:
    """Yield the line of each animal, in the order of their ids."""
    columns = [cast("Column", one.column) for one in CATTLE]
    names = [one.name for one in CATTLE]
    converted = [
        (one.name, make) for one in CATTLE if (make := _conversion(one.column)) is not None
    ]
    connection = connections[READER]
    # SQLite's module calls Python for each time that it reads, unless the column is an expression.
    mark = "+" if connection.vendor == "sqlite" else ""
    read = ", ".join(f'{mark}"{column.column}"' for column in columns)
    table = Animal._meta.db_table  # noqa: SLF001 - Django's own
    with connection.chunked_cursor() as cursor:
        cursor.execute(f'SELECT {read} FROM "{table}" ORDER BY "id"')  # noqa: S608 - names of our own
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for row in rows:
                made = dict(zip(names, row, strict=True))
                for name, convert in converted:
                    if made[name] is not None:
                        made[name] = convert(made[name])
                yield LINE % dumps(made)


def _conversion(column: "Column | None") -> Convert | None:
    match column:
        case ForeignKey():
            return _references(cast("type[Batch | Pen]", column.related_model)).get
        case DateTimeField():  # before the day, of which it is a kind
            return _time
        case DateField():
            return _day
    return kilograms if column is not None and column.name.endswith("_kg") else None


def _references(model: type[Batch | Pen]) -> dict[int, dict[str, Any]]:
    name = NAME_OF[model]
    rows = model.objects.using(READER).values_list("pk", name)
    return {pk: {"id": pk, name: number} for pk, number in rows}


def _time(at: Any) -> str | None:  # noqa: ANN401 - a text of SQLite, or a time
    return at.replace(" ", "T") + "Z" if isinstance(at, str) else time_of(at)


def _day(day: Any) -> str | None:  # noqa: ANN401 - a text of SQLite, or a day
    return day if isinstance(day, str) else day_of(day)
