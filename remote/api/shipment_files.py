"""The files that a shipment is reported with, and the state of each of its animals."""

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone

from herd.models import Animal, Shipment, ShipmentAnimal
from herd.rules.withdrawal import is_held
from remote.api.serializers import Shape, cattle_shape, time_of
from remote.csv_cells import safe_cell

Made = Callable[[Shape, Shape], str]


def file_of(manifest: Shape, name: str) -> str:
    """Return a CSV file with the columns of the setting, a line for each animal that has left."""
    columns = settings.SHIPMENT_FILES[name]
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow([header for header, _ in columns])
    for animal in manifest["animals"]:
        lines.writerow([safe_cell(_value(field, animal, manifest)) for _, field in columns])
    return out.getvalue()


def _value(field: str, animal: Shape, manifest: Shape) -> str:
    left_on = date.fromisoformat(manifest["shipped_on"])
    match field:
        case "tag":
            return str(animal["lf_tag"] or animal["uhf_tag"])
        case "day":
            return left_on.isoformat()
        case "day_dmy":
            return f"{left_on:%d/%m/%Y}"
        case "day_compact":
            return f"{left_on:%Y%m%d}"
        case "empty":
            return ""
    return str(animal[field] if field in animal else manifest[field])


def animals_of(shipment: Shipment) -> list[Shape]:
    """Return the shipment's animals in the order in which they came to it, each once."""
    rows = ShipmentAnimal.objects.filter(shipment=shipment).select_related(
        "animal", "animal__batch", "animal__pen"
    )
    on = shipment.clear_by(timezone.localdate())
    found: dict[int, Shape] = {}
    for row in rows:
        told = found.setdefault(row.animal_id, _shape(row.animal, on))
        told["planned"] |= row.planned
        told["shipped"] |= row.shipped
        if row.loaded_at is not None:
            told |= {"loaded_at": time_of(row.loaded_at), "loaded_by": row.loaded_by}
    return [one | {"state": _state(one)} for one in found.values()]


def _shape(animal: Animal, on: date) -> dict[str, Any]:
    nothing = {"planned": False, "loaded_at": None, "loaded_by": "", "shipped": False}
    return {"cattle": cattle_shape(animal), **nothing, "held": is_held(animal.clear_on, on)}


def _state(one: Shape) -> str:
    if one["loaded_at"] is None:
        return "missing"
    return "loaded" if one["planned"] else "extra"
