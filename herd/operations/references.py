"""Rows that name an animal, a batch or a pen, and what becomes of them when it goes."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.db.models import SET_NULL, Model
from django.db.models.fields.reverse_related import ForeignObjectRel

from herd.models import (
    Animal,
    Batch,
    Movement,
    Pen,
    Pull,
    Session,
    ShipmentAnimal,
    Treatment,
    WeightRecord,
)
from herd.unit_of_work import UnitOfWork

# Rows that offices hold, and what tells them of one that names something else by now.
TOLD_OF: Final[dict[type[Model], str]] = {
    Treatment: "treatment:recorded",
    Pull: "pull:recorded",
    Session: "session:updated",
}


def relations(model: type[Model]) -> list[ForeignObjectRel]:
    """Return every column that names a row of this table."""
    # From the models themselves: packages above this one have such columns too, and a list here
    # would forget the next of them. Hidden ones are those without a name on the model's side.
    fields = model._meta.get_fields(include_hidden=True)  # noqa: SLF001 - Django's own
    return [one for one in fields if isinstance(one, ForeignObjectRel)]


def rows_naming(
    unit: UnitOfWork, animals: Collection[int]
) -> dict[ForeignObjectRel, dict[int, int]]:
    """Return the rows that name one of the animals: by column, the animal's number by the row's."""
    return {
        one: unit.rows_naming(one.related_model, one.field.attname, animals)
        for one in relations(Animal)
    }


def pointers(unit: UnitOfWork, animal: Animal) -> list[dict[str, Any]]:
    """Return the rows that name an animal: their model, field and numbers, as JSON."""
    return [
        {"model": one.related_model._meta.label, "field": one.field.name, "ids": list(rows)}  # noqa: SLF001 - Django's own
        for one, rows in rows_naming(unit, [animal.pk]).items()
    ]


def repoint_foreign_keys(
    unit: UnitOfWork, pointed: Iterable[Mapping[str, Any]], animal: Animal, at: datetime
) -> None:
    """Let the rows that `pointers` returned name another animal."""
    for one in pointed:
        model = apps.get_model(one["model"])
        if model is WeightRecord:
            for record in unit.weighings_by_number(one["ids"]):
                unit.change_weighing(record, animal_id=animal.pk)
                unit.note("weight:recorded", record.pk, at)  # offices hold a copy
        else:
            for row in unit.by_number(model, one["ids"]).values():
                unit.change(row, **{f"{one['field']}_id": animal.pk})
                if model in TOLD_OF:
                    unit.note(TOLD_OF[model], row.pk, at)  # see above
                if isinstance(row, ShipmentAnimal):  # offices hold the shipment's counts
                    unit.note("shipment:updated", row.shipment_id, at)


def delete_place(unit: UnitOfWork, place: Batch | Pen, at: datetime) -> None:
    """Delete an empty batch or pen; the movements of animals that came and went keep its name."""
    model: type[Model] = type(place)
    for one in relations(type(place)):
        if one.on_delete is not SET_NULL:
            continue
        column = one.field.attname
        values: dict[str, str | None] = {column: None}
        if one.related_model is Movement:
            values[f"{column.split('_')[0]}_name"] = str(place)
        if one.related_model in TOLD_OF:
            for row in unit.rows(one.related_model, column, [place.pk]):
                unit.note(TOLD_OF[one.related_model], row.pk, at)  # offices hold it
        unit.change_all(one.related_model, column, place.pk, **values)
    unit.delete(model, [place.pk])
    unit.note(f"{model._meta.model_name}:deleted", place.pk, at, str(place))  # noqa: SLF001 - Django's own
