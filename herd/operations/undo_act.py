"""An act of a person taken back, from what the unit of work saw it change.

It goes animal by animal: what somebody has built on since stays as it is and is named, the rest is
as before.
"""

from datetime import datetime
from typing import Any, Final, NamedTuple

from django.apps import apps

from herd.errors import UndoImpossible
from herd.models import Animal, ReversibleChange
from herd.operations.undo_animal import Past, take_animal_back
from herd.operations.undo_row import Part, restore_deleted, take_row_back
from herd.unit_of_work import UnitOfWork

OF_A_SHIPMENT: Final = "herd.ShipmentAnimal"  # planned or loaded: of one animal, with its undo


class Kept(NamedTuple):
    """An animal that stays as it is, and why; of another row, no animal."""

    cattle_id: int | None
    name: str
    why: str


def pens_of(unit: UnitOfWork, steps: dict[str, Any]) -> set[int | None]:
    """Return the pens that the animals of the act are in, or come back to."""
    animals = {animal: told for _, _, animal, told in steps["changed"] if animal}
    now = unit.by_number(Animal, animals).values()
    before = {told["pen_id"][0] for told in animals.values() if "pen_id" in told}
    return before | {one.pen_id for one in now}


def take_act_back(
    unit: UnitOfWork, change: ReversibleChange, steps: dict[str, Any], detail: str, at: datetime
) -> list[Kept]:
    """Take back what can be, and return what stays. Raise UndoImpossible where that is all."""
    for label, _, _, columns in steps["deleted"]:
        if label != OF_A_SHIPMENT:
            restore_deleted(unit, apps.get_model(label), columns, at)
    parts = parts_of(steps)
    past = Past.of(unit, change.made_at, parts)
    tried = (_tried(unit, part, past, detail, at) for part in parts)
    kept = [one for one in tried if one is not None]
    if kept and len(kept) == len(parts):
        raise UndoImpossible(kept[0].why)
    return kept


def _tried(unit: UnitOfWork, part: Part, past: Past, detail: str, at: datetime) -> Kept | None:
    """Take back what the act did to one animal; return it where it stays as it is."""
    try:
        with unit.savepoint():
            if part.animal:
                take_animal_back(unit, part, past, detail, at)
            else:
                take_row_back(unit, part, detail, at)
    except UndoImpossible as error:
        return kept_of(unit, part.animal, str(error))
    return None


def kept_of(unit: UnitOfWork, animal: int, why: str) -> Kept:
    found = unit.by_number(Animal, [animal] if animal else []).get(animal)
    return Kept(animal or None, str(found or ""), why)


def parts_of(steps: dict[str, Any]) -> list[Part]:
    """Return what the act did, by animal, and by row of what belongs to none."""
    parts: dict[Any, Part] = {}
    for key in ("changed", "made", "deleted"):
        for label, pk, animal, columns in steps[key]:
            if key == "deleted" and label != OF_A_SHIPMENT:
                continue
            part = parts.setdefault(animal or (label, pk), Part(animal))
            getattr(part, key).append((apps.get_model(label), pk, columns))
    return list(parts.values())
