"""What somebody did to a shipment that has not left taken back: its plan, what is loaded on it,
that its loading began, that it was cancelled."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from herd.captured_rows import as_json, value_of
from herd.errors import HasLeft, InShipment, NotOnFeed, UndoImpossible, WrongState
from herd.models import Animal, Shipment, ShipmentAnimal
from herd.operations.loading import (
    State,
    check_free,
    check_on_feed,
    check_state,
    check_still_here,
    rows_of,
    shipment_no,
)
from herd.operations.shipping import cancel_shipment
from herd.shipments_table import OPEN_STATES
from herd.unit_of_work import UnitOfWork

Columns = dict[str, Any]
OF_ITS_LOADING = {"loaded_at", "loaded_by"}
ANY_TIME = {"notes", "reported_on", "reported_by"}  # what may change once it has left


@contextmanager
def refused_as_undo() -> Iterator[None]:
    """Let a refusal of loading say why an act cannot be taken back."""
    try:
        yield
    except (HasLeft, InShipment, NotOnFeed, WrongState) as error:
        raise UndoImpossible(str(error)) from error


# -- the animals of a shipment --------------------------------------------------------------------


def change_back(unit: UnitOfWork, pk: int, told: Columns, animal: Animal, at: datetime) -> None:
    """Let an animal be planned or loaded as before the act. Raise UndoImpossible."""
    row = _as_left(unit, pk, animal, {name: after for name, (_, after) in told.items()})
    before = {name: value_of(ShipmentAnimal, name, was) for name, (was, _) in told.items()}
    shipment = _open(unit, row.shipment_id, is_loading=bool(OF_ITS_LOADING & told.keys()))
    with refused_as_undo():
        if before.get("loaded_at"):
            check_still_here(shipment, animal)
    unit.change(row, **before)
    unit.note("shipment:updated", shipment.pk, at)


def take_out(unit: UnitOfWork, pk: int, made: Columns, animal: Animal, at: datetime) -> None:
    """Take an animal out of a shipment into which the act put it. Raise UndoImpossible."""
    row = _as_left(unit, pk, animal, made)
    shipment = _open(unit, row.shipment_id, is_loading=row.loaded_at is not None)
    unit.delete(ShipmentAnimal, [row.pk])
    unit.note("shipment:updated", shipment.pk, at)


def put_back(unit: UnitOfWork, was: Columns, animal: Animal, at: datetime) -> None:
    """Put an animal back into a shipment out of which the act took it. Raise UndoImpossible."""
    columns = {name: value_of(ShipmentAnimal, name, value) for name, value in was.items()}
    row = ShipmentAnimal(**columns)
    shipment = _open(unit, row.shipment_id, is_loading=row.loaded_at is not None)
    if any(one.animal_id == animal.pk for one in rows_of(unit, shipment)):
        raise UndoImpossible(f"{animal} is in shipment {shipment} again by now.")
    with refused_as_undo():
        if row.loaded_at:
            check_still_here(shipment, animal)
        else:
            check_on_feed(animal)
        check_free(unit, shipment, [animal])
    unit.add(row)
    unit.note("shipment:updated", shipment.pk, at)


def _as_left(unit: UnitOfWork, pk: int, animal: Animal, left: Columns) -> ShipmentAnimal:
    """Return the row, if it is as the act left it."""
    row = unit.by_number(ShipmentAnimal, [pk]).get(pk)
    if row is None:
        raise UndoImpossible(f"{animal} was taken out of the shipment since.")
    if any(as_json(getattr(row, name)) != value for name, value in left.items()):
        shipment = _called(unit, row)
        if row.loaded_at:
            raise UndoImpossible(
                f"{animal} in shipment {shipment} is loaded by now: take it off first."
            )
        raise UndoImpossible(f"{animal} in shipment {shipment} was changed since.")
    return row


def _called(unit: UnitOfWork, row: ShipmentAnimal) -> str:
    return str(shipment_no(unit, row.shipment_id))


def _open(unit: UnitOfWork, pk: int, *, is_loading: bool) -> Shipment:
    """Return the shipment, if it still is in a state in which the act could be done."""
    shipment = shipment_no(unit, pk)
    with refused_as_undo():
        check_state(shipment, *([State.LOADING] if is_loading else OPEN_STATES))
    return shipment


# -- the shipment itself --------------------------------------------------------------------------


def check_shipment(unit: UnitOfWork, shipment: Shipment, told: Columns) -> None:
    """Raise UndoImpossible where a shipment cannot get back what an act changed of it."""
    with refused_as_undo():
        if "state" in told:
            check_state(shipment, told["state"][1])
        elif told.keys() - ANY_TIME:
            check_state(shipment, *OPEN_STATES)
        if shipment.state == State.CANCELLED:
            animals = [row.animal_id for row in rows_of(unit, shipment)]
            check_free(unit, shipment, unit.animals(dict.fromkeys(animals)))
    if "state" in told and shipment.state == State.LOADING:
        loaded = sum(row.loaded_at is not None for row in rows_of(unit, shipment))
        if loaded:
            raise UndoImpossible(
                f"{'One is' if loaded == 1 else f'{loaded} are'} loaded on shipment {shipment} by"
                " now. Take them off."
            )


def cancel_again(unit: UnitOfWork, shipment: Shipment, detail: str, at: datetime) -> None:
    """Cancel a shipment that the act planned: none is ever deleted. Raise UndoImpossible."""
    if rows_of(unit, shipment):
        raise UndoImpossible(
            f"Shipment {shipment} holds animals by now. Take them out of it, or cancel it."
        )
    cancel_shipment(unit, shipment, at, detail)
