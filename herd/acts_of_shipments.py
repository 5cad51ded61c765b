"""What somebody did to a shipment in a sentence: planned, loaded, taken off, cancelled, reported.

That it left is told by the operation, which keeps the steps of its own undo.
"""

from typing import Any, Final

from herd.act import Act, Kind, Told
from herd.lookups import Row
from herd.models import Shipment, ShipmentAnimal

LOADED: Final = ("taken off", "loaded on")  # before a shipment's number
PLANNED: Final = ("taken out of the plan of", "planned for")
BECAME: Final = {
    Shipment.State.PLANNED: "is planned again",
    Shipment.State.LOADING: "is being loaded",
    Shipment.State.CANCELLED: "cancelled",
}


def shipment_act(act: Act) -> Told | None:
    """Return what the act was; None for one that is about no shipment, or edits one."""
    if made := act.made(Shipment):
        return Told(Kind.LOADING, f"Shipment {_way(made[0])} planned")
    if changed := act.changed(Shipment, "state"):
        shipment = changed[0][0]
        what = f"Shipment {_way(shipment)} {BECAME.get(shipment.state, shipment.state)}"
        return Told(Kind.LOADING, what, _why(act, shipment))
    if changed := act.changed(Shipment, "reported_on"):
        shipment = changed[0][0]
        day = f"reported on {shipment.reported_on}" if shipment.reported_on else "not reported"
        return Told(Kind.LOADING, f"Shipment {_way(shipment)} {day}")
    return _animals(act)


def _animals(act: Act) -> Told | None:
    done = [(row, _became(row.loaded_at)) for row in act.made(ShipmentAnimal)]
    done += [(row, _was(row.loaded_at)) for row in act.deleted(ShipmentAnimal)]
    done += [
        (row, _word(told)) for row, told in act.changed(ShipmentAnimal, "planned", "loaded_at")
    ]
    if not done:
        return None
    rows = [row for row, _ in done]
    shipment = act.unit.by_number(Shipment, [rows[0].shipment_id])[rows[0].shipment_id]
    what = f"{act.head(rows)} {done[0][1]} shipment {_way(shipment)}"
    return Told(Kind.LOADING, what, touched=len({row.animal_id for row in rows}))


def _became(loaded_at: object) -> str:
    return LOADED[1] if loaded_at else PLANNED[1]


def _was(loaded_at: object) -> str:
    return LOADED[0] if loaded_at else PLANNED[0]


def _word(told: dict[str, Any]) -> str:
    if "loaded_at" in told:
        return LOADED[bool(told["loaded_at"][1])]
    return PLANNED[told["planned"][1]]


def _way(shipment: Shipment) -> str:
    to = f" to {shipment.destination}" if shipment.destination else ""
    return f"{shipment}{to}"


def _why(act: Act, shipment: Row) -> str:
    """Return why it was cancelled, which its journal row alone keeps."""
    for one in act.entries:
        if one.kind == "shipment:cancelled" and one.object_id == shipment.pk:
            return one.detail.removeprefix(str(shipment)).removeprefix(": ")
    return ""
