"""A shipment taken back: its animals are as they were before, and it is loading again."""

from datetime import datetime
from typing import Any

from herd.errors import UndoImpossible
from herd.models import Animal, Shipment
from herd.operations.loading import check_free, rows_of
from herd.operations.reversible_changes import as_column, as_json
from herd.unit_of_work import UnitOfWork


def pens_of(unit: UnitOfWork, steps: dict[str, Any]) -> set[int | None]:
    """Return the pens that the animals come back into: those that their rows still name."""
    found = unit.by_number(Animal, [one["animal"] for one in steps["animals"]])
    return {animal.pen_id for animal in found.values()}


def unship(unit: UnitOfWork, steps: dict[str, Any], detail: str, at: datetime) -> None:
    """Undo the shipping. Raise UndoImpossible where an animal was changed since, or the shipment
    was reported."""
    shipment = unit.by_number(Shipment, [steps["shipment"]])[steps["shipment"]]
    if shipment.reported_on is not None:
        raise UndoImpossible(
            f"Shipment {shipment} was reported on {shipment.reported_on}. Note first that it was"
            " not, or was taken back there."
        )
    animals = unit.by_number(Animal, [one["animal"] for one in steps["animals"]])
    for one in steps["animals"]:
        _check_unchanged(animals.get(one["animal"]), one)
    for one in steps["animals"]:
        animal = animals[one["animal"]]
        unit.change(animal, **{name: as_column(name, was) for name, was in one["before"].items()})
        unit.record_change("cattle:updated", animal, at, detail)
    _load_again(unit, shipment, at, detail)


def _check_unchanged(animal: Animal | None, one: dict[str, Any]) -> None:
    if animal is None:
        raise UndoImpossible(
            f"Animal no. {one['animal']} was merged into another one since the shipment left."
        )
    if {name: as_json(animal, name) for name in one["after"]} != one["after"]:
        raise UndoImpossible(
            f"Animal {animal} was changed since the shipment left: it is {animal.status}"
            f"{f' on {animal.left_on}' if animal.left_on else ''}."
        )


def _load_again(unit: UnitOfWork, shipment: Shipment, at: datetime, detail: str) -> None:
    rows = rows_of(unit, shipment)
    # Those that stayed behind may have been planned for the next truck.
    check_free(unit, shipment, unit.animals(dict.fromkeys(row.animal_id for row in rows)))
    for row in rows:
        unit.change(row, shipped=False)
    nobody = {"shipped_at": None, "shipped_by": "", "shipped_on": None}
    unit.change(shipment, state=Shipment.State.LOADING, manifest=None, change_id=None, **nobody)
    unit.note("shipment:updated", shipment.pk, at, detail)
