"""Shipments: they are planned, loaded, shipped or cancelled, and reported; never deleted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from herd.errors import BadValue, NameTaken, NotClear, NothingToChange
from herd.local_time import localdate
from herd.models import Animal, Shipment, ShipmentAnimal
from herd.operations.loading import State, check_state, counted, rows_of
from herd.operations.moves import LEAVING, Leaving, leave
from herd.operations.placing import check_years
from herd.operations.reversible_changes import as_json, save_reversible_change
from herd.rules.withdrawal import is_held
from herd.shipments_table import OPEN_STATES
from herd.storage import fast_rows
from herd.unit_of_work import UnitOfWork

# Kept of each animal in the manifest, as it was when it left.
NAMED_BY = ("livestock_id", "visual_id", "lf_tag", "uhf_tag", "sex", "breed", "last_weight_kg")
PREVIEWED = "preview"  # instead of the reason why one may leave before it is clear
TOLD = (
    *("shipment_number", "destination", "carrier", "premises_from", "premises_to"),
    *("planned_head", "notes", "loading_by"),
)


def create_shipment(unit: UnitOfWork, values: Mapping[str, Any], at: datetime) -> Shipment:
    """Plan a shipment. Without a number its day is its number. Raise NameTaken."""
    check_years(values)
    told = {"day": localdate(at), "planned_at": at, "planned_by": unit.actor, **values}
    shipment: Shipment = fast_rows.new(Shipment, **told)
    shipment.shipment_number = shipment.shipment_number.strip() or _free_number(unit, shipment)
    _check_number(unit, shipment)
    unit.add(shipment)
    unit.note("shipment:created", shipment.pk, at, shipment.shipment_number)
    return counted(unit, shipment)


def edit_shipment(
    unit: UnitOfWork, shipment: Shipment, changes: Mapping[str, Any], at: datetime
) -> Shipment:
    """Change what is given, until the shipment has left; from then on its notes alone."""
    differing = {name: one for name, one in changes.items() if getattr(shipment, name) != one}
    if differing.keys() - {"notes"}:
        check_state(shipment, *OPEN_STATES)
    if differing:
        check_years(differing)
        unit.change(shipment, **differing)
        _check_number(unit, shipment)
        unit.note("shipment:updated", shipment.pk, at, ", ".join(differing))
    return counted(unit, shipment)


def _check_number(unit: UnitOfWork, shipment: Shipment) -> None:
    if not shipment.shipment_number.strip():
        raise BadValue("A shipment needs a number.", field="shipment_number")
    alike = unit.named_alike(shipment, "shipment_number")
    if alike:
        raise NameTaken(f"There is a shipment {alike[0]} already.", field="shipment_number")


def _free_number(unit: UnitOfWork, shipment: Shipment) -> str:
    """Return `2026-03-01`, with a number behind it where that day has such a shipment."""
    number, name = 1, str(shipment.day)
    while unit.rows(Shipment, "shipment_number", [name]):
        number += 1
        name = f"{shipment.day} ({number})"
    return name


def begin_loading(unit: UnitOfWork, shipment: Shipment, at: datetime) -> Shipment:
    """Let a planned shipment be loaded. Twice is as once."""
    if shipment.state != State.LOADING:
        check_state(shipment, State.PLANNED)
        unit.change(shipment, state=State.LOADING, loading_at=at, loading_by=unit.actor)
        unit.note("shipment:loading", shipment.pk, at, shipment.shipment_number)
    return counted(unit, shipment)


def cancel_shipment(
    unit: UnitOfWork, shipment: Shipment, at: datetime, reason: str = ""
) -> Shipment:
    """Cancel a shipment that has not left; its animals are free for another. Twice is as once."""
    if shipment.state != State.CANCELLED:
        check_state(shipment, *OPEN_STATES)
        unit.change(shipment, state=State.CANCELLED, cancelled_at=at, cancelled_by=unit.actor)
        detail = f"{shipment.shipment_number}: {reason.strip()}".removesuffix(": ")
        unit.note("shipment:cancelled", shipment.pk, at, detail)
    return counted(unit, shipment)


def report_shipment(
    unit: UnitOfWork, shipment: Shipment, on: date | None, at: datetime
) -> Shipment:
    """Note on which day a shipment was reported to the national database, or that it was not."""
    check_state(shipment, State.SHIPPED)
    if on is not None and not (shipment.shipped_on or on) <= on <= localdate(at):
        sentence = "It can have been reported from the day on which it left until today."
        raise BadValue(sentence, field="on")
    if shipment.reported_on != on:
        unit.change(shipment, reported_on=on, reported_by=unit.actor if on else "")
        unit.note("shipment:reported", shipment.pk, at, str(on or "not reported"))
    return counted(unit, shipment)


@dataclass(frozen=True, slots=True)
class Shipping:
    """A shipment that leaves: with those that are planned and loaded, and the named extra ones."""

    at: datetime
    on: date
    with_extra: Sequence[int] | None = ()  # None: all of them
    override: str = ""  # why they may leave before they are clear


def ship(unit: UnitOfWork, shipment: Shipment, shipping: Shipping) -> Shipment:
    """Let the shipment leave: its animals are exported, all or none. Twice is as once.

    Raises NothingToChange where none is loaded, BadValue for an extra one that is not, and what
    `leave` raises.
    """
    if shipment.state == State.SHIPPED:
        return counted(unit, shipment)
    check_state(shipment, State.LOADING)
    rows = rows_of(unit, shipment)
    going = _going(rows, shipping.with_extra)
    animals = unit.animals(dict.fromkeys(row.animal_id for row in going))
    before = {animal.pk: _departure(animal) for animal in animals}
    leave(unit, _leaving(shipment, shipping, before))
    _mark_shipped(unit, shipment, shipping, going)
    unit.change(shipment, manifest=_manifest(unit, shipment, rows, animals))
    _keep_undo(unit, shipment, before, shipping.at)
    unit.note("shipment:shipped", shipment.pk, shipping.at, f"{shipment}: {len(animals)} head")
    return counted(unit, shipment)


def look_at_shipping(
    unit: UnitOfWork, shipment: Shipment, shipping: Shipping
) -> tuple[Shipment, NotClear | None]:
    """Ship, and return why it would be refused where some are not clear. Of a preview alone: it
    goes on as if somebody had said why they may leave, to tell all of it."""
    try:
        with unit.savepoint():
            return ship(unit, shipment, shipping), None
    except NotClear as error:
        return ship(unit, shipment, replace(shipping, override=PREVIEWED)), error


def _going(rows: list[ShipmentAnimal], with_extra: Sequence[int] | None) -> list[ShipmentAnimal]:
    planned = {row.animal_id for row in rows if row.planned}
    loaded = {row.animal_id for row in rows if row.loaded_at}
    extra = loaded - planned
    named = extra if with_extra is None else set(with_extra)
    if wrong := sorted(named - extra):
        sentence = f"Animal no. {wrong[0]} is not loaded as an extra one."
        raise BadValue(sentence, field="with_extra")
    going = loaded & planned | named
    if not going:
        raise NothingToChange("None of the planned animals is loaded, and no extra one is named.")
    return [row for row in rows if row.animal_id in going]


def _leaving(shipment: Shipment, shipping: Shipping, animals: Iterable[int]) -> Leaving:
    return Leaving(
        list(animals),
        Animal.Status.EXPORTED,
        shipping.on,
        shipping.at,
        f"shipment {shipment}",
        override=shipping.override,
    )


def _mark_shipped(
    unit: UnitOfWork, shipment: Shipment, shipping: Shipping, going: Iterable[ShipmentAnimal]
) -> None:
    for row in going:
        unit.change(row, shipped=True)
    unit.change(
        shipment,
        state=State.SHIPPED,
        shipped_on=shipping.on,
        shipped_at=shipping.at,
        shipped_by=unit.actor,
    )


def _departure(animal: Animal) -> dict[str, Any]:
    return {name: as_json(animal, name) for name in LEAVING}


def _keep_undo(
    unit: UnitOfWork, shipment: Shipment, before: dict[int, dict[str, Any]], at: datetime
) -> None:
    animals = [
        {"animal": animal.pk, "before": before[animal.pk], "after": _departure(animal)}
        for animal in unit.animals(before)
    ]
    to = f" to {shipment.destination}" if shipment.destination else ""
    summary = f"{len(animals)} head left on shipment {shipment}{to}"
    steps = {"shipment": shipment.pk, "animals": animals}
    change = save_reversible_change(unit, "shipment", summary, at, steps)
    unit.change(shipment, change_id=change.pk)


# -- the manifest -------------------------------------------------------------------------------


def _manifest(
    unit: UnitOfWork, shipment: Shipment, rows: list[ShipmentAnimal], gone: list[Animal]
) -> dict[str, Any]:
    """Return what is known of the shipment as it leaves."""
    left, loaded = {animal.pk for animal in gone}, {row.animal_id for row in rows if row.loaded_at}
    stayed = {row.animal_id: None for row in rows if row.animal_id not in left}
    planned = {row.animal_id for row in rows if row.planned}
    on = shipment.shipped_on or shipment.day
    unit.link([*gone, *unit.animals(stayed)])
    return {
        **{name: getattr(shipment, name) for name in TOLD},
        **{name: str(getattr(shipment, name)) for name in ("day", "shipped_on")},
        "shipped_by": shipment.shipped_by,
        "head": len(gone),
        "held_count": sum(is_held(one.clear_on, on) for one in gone),
        "animals": [{**_named(one, on), "extra": one.pk not in planned} for one in gone],
        "missing": [_named(one, on) for one in unit.animals(stayed) if one.pk not in loaded],
        "left_behind": [_named(one, on) for one in unit.animals(stayed) if one.pk in loaded],
    }


def _named(animal: Animal, on: date) -> dict[str, Any]:
    weight = animal.last_weight_kg
    places = {"batch": str(animal.batch or ""), "pen": str(animal.pen or "")}
    columns = {name: getattr(animal, name) or "" for name in NAMED_BY}
    return {"cattle_id": animal.pk, **columns, **places} | {
        "last_weight_kg": None if weight is None else float(weight),
        "held": is_held(animal.clear_on, on),
        "clear_on": animal.clear_on and animal.clear_on.isoformat(),
        "not_clear_reason": animal.not_clear_reason or "",
    }
