"""The queries behind a unit of work's look-ups; a test puts rows in memory in their place."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from django.db.models import Model

from herd.models import Animal, Batch, Pen, WeightRecord
from herd.storage import fast_rows

R = TypeVar("R", bound=Model)
NAMES = ("lf_tag", "uhf_tag", "livestock_id")  # by which an animal is found
# Unique, and no column of two tables: a name is looked up by column and value.
NAMED: Final[dict[type[Model], tuple[str, ...]]] = {
    Animal: NAMES,
    Batch: ("batch_number",),
    Pen: ("pen_number",),
}
NAME_COLUMNS: Final = frozenset(name for names in NAMED.values() for name in names)


class Loader:
    """Reads the rows as they are in the database, and changes nothing."""

    def named(self, names: Mapping[str, Collection[str]]) -> Iterator[Model]:
        """Yield the animals, batches and pens with these names, by column, in three queries."""
        for model, columns in NAMED.items():
            yield from fast_rows.find(model, {name: names[name] for name in columns})

    def rows(self, model: type[R], attname: str, values: Collection[Any]) -> Iterator[R]:
        """Yield the rows with one of these values in this column."""
        yield from fast_rows.find(model, {attname: values})

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

    def weighings(self, animals: Collection[int]) -> Iterator[WeightRecord]:
        """Yield the animals' weighings that are not void, the newest first."""
        counted, newest_first = "quality <> 'void'", " ORDER BY recorded_at DESC, id DESC"
        yield from fast_rows.find(
            WeightRecord, {"animal_id": animals}, where=counted, order=newest_first
        )
