"""The queries behind a unit of work's look-ups; a test puts rows in memory in their place."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from django.db import connection
from django.db.models import Model

from herd.models import Animal, Batch, Pen, Product, WeightRecord
from herd.scales_table import ScaleStep
from herd.storage import fast_rows

R = TypeVar("R", bound=Model)
NAMES = ("lf_tag", "uhf_tag", "livestock_id")  # by which an animal is found
# Unique, and no column of two tables: a name is looked up by column and value.
NAMED: Final[dict[type[Model], tuple[str, ...]]] = {
    Animal: NAMES,
    Batch: ("batch_number",),
    Pen: ("pen_number",),
    Product: ("name",),
}
NAME_COLUMNS: Final = frozenset(name for names in NAMED.values() for name in names)


class Loader:
    """Reads the rows as they are in the database, and changes nothing."""

    def named(self, names: Mapping[str, Collection[str]]) -> Iterator[Model]:
        """Yield the animals, batches and pens with these names, by column, in three queries."""
        for model, columns in NAMED.items():
            if model is Product:  # these are found in any case, among all of them
                continue
            yield from fast_rows.find(model, {name: names[name] for name in columns})

    def rows(self, model: type[R], attname: str, values: Collection[Any]) -> Iterator[R]:
        """Yield the rows with one of these values in this column."""
        return fast_rows.find(model, {attname: values})

    def products(self) -> Iterator[Product]:
        """Yield all products: a farm has some dozens."""
        return fast_rows.select(Product, "TRUE", [])

    def column(
        self, model: type[Model], attname: str, values: Collection[Any]
    ) -> Iterator[tuple[int, Any]]:
        """Yield number and value of the rows with one of these values in this column."""
        for row in fast_rows.find(model, {attname: values}, names=("id", attname)):
            yield row.pk, getattr(row, attname)

    def alike(self, model: type[Model], name: str, value: str) -> Iterable[tuple[int, str]]:
        """Return number and name of the rows with this name in upper or lower case."""
        rows = model._default_manager.filter(**{f"{name}__iexact": value})  # noqa: SLF001 - Django's own
        return rows.values_list("pk", name)

    def scale_steps(self) -> Iterator[ScaleStep]:
        """Yield the days on which a scale was adjusted: a handful in a year."""
        return fast_rows.select(ScaleStep, "undone_at IS NULL", ())

    def weighings(self, animals: Collection[int]) -> Iterator[WeightRecord]:
        """Yield the animals' weighings that are not void, the newest first."""
        counted, newest_first = "quality <> 'void'", " ORDER BY recorded_at DESC, id DESC"
        return fast_rows.find(
            WeightRecord, {"animal_id": animals}, where=counted, order=newest_first
        )

    def recent_weighings(self, animals: Collection[int]) -> Iterator[WeightRecord]:
        """Yield, as `weighings`, the animals' latest 64, all of 135 days before the newest, and
        the oldest one, which says whether these are all."""
        is_postgres = connection.vendor == "postgresql"
        ids: object = list(animals) if is_postgres else json.dumps(list(animals))
        where = _RECENT_IN_POSTGRES if is_postgres else _RECENT
        return fast_rows.select(WeightRecord, where, [ids, ids])


RECENT: Final = 64  # weighings: more than six weigh days, of most scales
# 120 days are judged together, and what is expected rests on those of a fortnight before.
RECENT_DAYS: Final = 135
_OF_ONE: Final = "FROM cattle_weight_history WHERE animal_id = a.value AND quality <> 'void'"
_NTH_NEWEST: Final = f"(SELECT recorded_at {_OF_ONE} ORDER BY recorded_at DESC LIMIT 1 OFFSET %d)"
# By a join: SQLite looks up the animal's limit once, and reads no row from before it.
_CHOSEN: Final = f"""id IN (
 SELECT w.id FROM {{animals}} JOIN cattle_weight_history AS w
 ON w.animal_id = a.value AND w.recorded_at >= {{limit}}
 UNION ALL SELECT (SELECT id {_OF_ONE} ORDER BY recorded_at, id LIMIT 1) FROM {{animals}}
) AND quality <> 'void' ORDER BY recorded_at DESC, id DESC"""  # noqa: S608 - names of ours alone
_NEWEST, _LAST = _NTH_NEWEST % 0, _NTH_NEWEST % (RECENT - 1)
_RECENT: Final = _CHOSEN.format(
    animals="json_each(%s) AS a",
    limit=f"MIN(datetime({_NEWEST}, '-{RECENT_DAYS} days'), COALESCE({_LAST}, ''))",
)
_RECENT_IN_POSTGRES: Final = _CHOSEN.format(
    animals="unnest(%s::bigint[]) AS a(value)",
    limit=f"LEAST({_NEWEST} - interval '{RECENT_DAYS} days', COALESCE({_LAST}, '-infinity'))",
)
