"""What a unit of work changed, made and deleted, as its undo log tells it: of an act of a person,
that is what an undo needs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import setitem
from typing import Any, Final

from django.db.models import Model

from herd.fields import ANIMAL, BATCH, PEN
from herd.lookups import Row
from herd.models import (
    Animal,
    Batch,
    Pen,
    Product,
    ScaleStep,
    Session,
    Shipment,
    ShipmentAnimal,
    WeightRecord,
)

VOID: Final = WeightRecord.Quality.VOID
# What is worked out anew when the rest is put back.
WORKED_OUT: Final[dict[type[Model], frozenset[str]]] = {
    Animal: frozenset(
        (
            *("last_weighed_at", "last_weight_kg", "expected_kg", "adg_kg", "adg_confidence"),
            *("forecast_kg", "adg_doubt_kg", "clear_on"),
        )
    ),
    WeightRecord: frozenset(("expected_kg",)),
    ScaleStep: frozenset(("judged_to",)),
}
# What people and sheets tell of a row: what differs later is somebody else's work.
WATCHED: Final[dict[type[Model], tuple[str, ...]]] = {
    model: tuple(one.attname for one in table if one.is_watched)
    for model, table in ((Animal, ANIMAL), (Batch, BATCH), (Pen, PEN))
}
JUDGED: Final = {"quality", "reason"}  # of a weight: worked out too, unless a person voids it


@dataclass(slots=True)
class Captured:
    """Rows by their table; of changed ones the columns as they were and as they are."""

    changed: dict[type[Model], list[tuple[Row, dict[str, tuple[Any, Any]]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    made: dict[type[Model], list[Row]] = field(default_factory=dict)
    deleted: dict[type[Model], list[Row]] = field(default_factory=lambda: defaultdict(list))

    def animals(self) -> set[int]:
        """Return the numbers of the animals whose rows these are."""
        changed = [row for rows in self.changed.values() for row, _ in rows]
        others = [*self.made.values(), *self.deleted.values()]
        every = [*changed, *(row for rows in others for row in rows)]
        return {animal for row in every if (animal := _place(row)[2])}

    def steps(self) -> dict[str, Any]:
        """Return it as JSON: the table, the row's number, its animal's, and the columns."""
        return {
            "changed": [
                [*_place(row), {name: [*map(as_json, both)] for name, both in told.items()}]
                for rows in self.changed.values()
                for row, told in rows
            ],
            "made": [[*_place(row), as_made(row)] for rows in self.made.values() for row in rows],
            "deleted": [
                [*_place(row), as_made(row, whole=True)]
                for rows in self.deleted.values()
                for row in rows
            ],
        }


def _place(row: Row) -> tuple[str, int, int]:
    """Return the row's table, its number, and that of its animal, 0 for none."""
    animal = row.pk if isinstance(row, Animal) else getattr(row, "animal_id", None)
    return row._meta.label, row.pk, animal or 0  # noqa: SLF001 - Django's own


def captured(
    undo_log: Iterable[tuple[Any, ...]],
    rows: Mapping[type[Model], dict[int, Any]],
    deleted: Mapping[type[Model], Iterable[int]],
    new: Mapping[type[Model], list[Row]],
) -> Captured:
    """Return what the log says that was changed; `rows`, `deleted` and `new` are the unit's own."""
    found = Captured(made={model: list(some) for model, some in new.items() if some})
    fresh = {id(row) for some in new.values() for row in some}
    before: dict[int, tuple[Row, dict[str, Any]]] = {}
    held = {id(some): model for model, some in rows.items()}
    for act, *arguments in undo_log:
        if act is setattr and isinstance(arguments[0], Model) and id(arguments[0]) not in fresh:
            row, name, value = arguments
            before.setdefault(id(row), (row, {}))[1].setdefault(name, value)
        elif act is setitem and (model := held.get(id(arguments[0]))) is not None:
            _, pk, row = arguments
            if pk in deleted.get(model, ()):
                found.deleted[model].append(row)
    for row, told in before.values():
        if row.pk in deleted.get(type(row), ()):
            continue
        if columns := _differing(row, told):
            found.changed[type(row)].append((row, columns))
    return found


def _differing(row: Row, before: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the columns that are other than before, but for those that are worked out."""
    left_out = WORKED_OUT.get(type(row), frozenset())
    if isinstance(row, WeightRecord) and VOID not in {row.quality, before.get("quality")}:
        left_out |= JUDGED
    return {
        name: (value, getattr(row, name))
        for name, value in before.items()
        if name not in left_out and getattr(row, name) != value
    }


def as_made(row: Row, *, whole: bool = False) -> dict[str, Any]:
    """Return as JSON what is told of a row, with `whole` all its columns; of what is never deleted,
    as a weight, nothing."""
    model = type(row)
    names = WATCHED.get(model, ())
    if whole or model in {Product, Session, Shipment, ShipmentAnimal}:
        names = tuple(one.attname for one in model._meta.concrete_fields)  # noqa: SLF001 - Django's own
    return {name: as_json(getattr(row, name)) for name in names}


def as_json(value: Any) -> Any:  # noqa: ANN401 - any column's value
    """Return a column's value as JSON, a time to its last microsecond."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def value_of(model: type[Model], name: str, value: Any) -> Any:  # noqa: ANN401 - see above
    """Return what `as_json` made of a column's value as the column holds it."""
    column: Any = model._meta.get_field(name)  # noqa: SLF001 - Django's own
    return column.to_python(value)
