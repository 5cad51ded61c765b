"""Which animals a shipment holds: planned ones, and those that are loaded, live."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from herd.errors import HasLeft, InShipment, NotOnFeed, UnknownAnimal, UnknownShipment, WrongState
from herd.local_time import localdate
from herd.models import ON_FEED, Animal, Shipment, ShipmentAnimal
from herd.operations.moves import MOST_NAMED, status_since
from herd.operations.placing import tag_form
from herd.shipments_table import OPEN_STATES
from herd.storage import fast_rows
from herd.unit_of_work import UnitOfWork

State = Shipment.State
_DONE: Final = {  # what is said of a state that does not fit
    State.PLANNED: "is not being loaded yet: begin loading first",
    State.LOADING: "is being loaded: ship it first",
    State.SHIPPED: "has left: take the shipping back first",
    State.CANCELLED: "was cancelled",
}


def shipment_no(unit: UnitOfWork, pk: int) -> Shipment:
    """Return the shipment of this number. Raise UnknownShipment."""
    found = unit.by_number(Shipment, [pk])
    if not found:
        raise UnknownShipment(f"Shipment no. {pk} does not exist.")
    return found[pk]


def check_state(shipment: Shipment, *states: str) -> None:
    if shipment.state not in states:
        raise WrongState(f"Shipment {shipment} {_DONE[State(shipment.state)]}.", field="state")


def rows_of(unit: UnitOfWork, shipment: Shipment) -> list[ShipmentAnimal]:
    return unit.rows(ShipmentAnimal, "shipment_id", [shipment.pk])


def counted(unit: UnitOfWork, shipment: Shipment) -> Shipment:
    """Return the shipment with the counts that it has after the change."""
    shipment.count(rows_of(unit, shipment))
    return shipment


def plan_animals(
    unit: UnitOfWork, shipment: Shipment, animals: Iterable[int], at: datetime
) -> Shipment:
    """Plan animals for a shipment, all or none; those that are planned stay so. Raises NotOnFeed,
    InShipment or UnknownAnimal."""
    check_state(shipment, *OPEN_STATES)
    found = unit.animals(animals)
    there = {row.animal_id: row for row in rows_of(unit, shipment)}
    new = [one for one in found if one.pk not in there]
    for animal in new:
        check_on_feed(animal)
    check_free(unit, shipment, new)
    for animal in new:
        unit.add(fast_rows.new(ShipmentAnimal, shipment_id=shipment.pk, animal_id=animal.pk))
    extras = [row for one in found if (row := there.get(one.pk)) and not row.planned]
    for row in extras:
        unit.change(row, planned=True)
    return _noted(unit, shipment, at, is_changed=bool(new or extras))


def plan_no_longer(
    unit: UnitOfWork, shipment: Shipment, animals: Collection[int], at: datetime
) -> Shipment:
    """Take animals out of the plan. One that is loaded stays, as an extra one."""
    check_state(shipment, *OPEN_STATES)
    rows = [row for row in rows_of(unit, shipment) if row.animal_id in animals and row.planned]
    # A row that goes keeps what it was: an undo puts it back as it is at its end.
    unit.delete(ShipmentAnimal, [row.pk for row in rows if row.loaded_at is None])
    for row in rows:
        if row.loaded_at is not None:
            unit.change(row, planned=False)
    return _noted(unit, shipment, at, is_changed=bool(rows))


def load(unit: UnitOfWork, shipment: Shipment, animal: Animal, at: datetime) -> Shipment:
    """Load an animal: a planned one is ticked, another one stands there as extra. Twice is as
    once."""
    check_state(shipment, State.LOADING)
    rows = [row for row in rows_of(unit, shipment) if row.animal_id == animal.pk]
    if any(row.loaded_at for row in rows):
        return counted(unit, shipment)
    check_still_here(shipment, animal)
    if not rows:
        check_free(unit, shipment, [animal])
    tick(unit, shipment, animal, rows, at)
    return counted(unit, shipment)


def tick(
    unit: UnitOfWork,
    shipment: Shipment,
    animal: Animal,
    rows: list[ShipmentAnimal],
    at: datetime,
) -> None:
    """Note that the animal is loaded; `rows` are those that name it in this shipment."""
    told = {"loaded_at": at, "loaded_by": unit.actor}
    if rows:
        unit.change(rows[0], **told)
    else:
        named = {"shipment_id": shipment.pk, "animal_id": animal.pk, "planned": False}
        unit.add(fast_rows.new(ShipmentAnimal, **named, **told))
    unit.note("shipment:updated", shipment.pk, at)


def unload(unit: UnitOfWork, shipment: Shipment, animal: Animal, at: datetime) -> Shipment:
    """Take back that an animal was loaded. Twice is as once."""
    check_state(shipment, State.LOADING)
    loaded = [
        row for row in rows_of(unit, shipment) if row.animal_id == animal.pk and row.loaded_at
    ]
    unit.delete(ShipmentAnimal, [row.pk for row in loaded if not row.planned])
    for row in loaded:
        if row.planned:
            unit.change(row, loaded_at=None, loaded_by="")
    return _noted(unit, shipment, at, is_changed=bool(loaded))


def _noted(unit: UnitOfWork, shipment: Shipment, at: datetime, *, is_changed: bool) -> Shipment:
    if is_changed:
        unit.note("shipment:updated", shipment.pk, at)
    return counted(unit, shipment)


def check_on_feed(animal: Animal) -> None:
    if animal.status not in ON_FEED:
        raise NotOnFeed(f"Animal {animal} is {status_since(animal)}, and cannot be planned.")


def check_still_here(shipment: Shipment, animal: Animal) -> None:
    # A radio at the ramp exports what it reads: such a one left with this truck.
    if animal.status in ON_FEED:
        return
    begun = localdate(shipment.loading_at) if shipment.loading_at else shipment.day
    is_this_truck = animal.status == Animal.Status.EXPORTED
    if not (is_this_truck and animal.left_on is not None and animal.left_on >= begun):
        raise HasLeft(f"Animal {animal} is {status_since(animal)}, and cannot be loaded.")


def check_free(unit: UnitOfWork, shipment: Shipment, animals: Collection[Animal]) -> None:
    """Raise InShipment where one of the animals stands in another shipment that has not left."""
    named = {animal.pk: animal for animal in animals}
    rows = unit.rows(ShipmentAnimal, "animal_id", named)
    others = unit.by_number(Shipment, {row.shipment_id for row in rows} - {shipment.pk})
    taken = [row for row in rows if _is_open(others.get(row.shipment_id))]
    if taken:
        told = {
            row.animal_id: f"{named[row.animal_id]} in {others[row.shipment_id]}" for row in taken
        }
        sentences = list(told.values())[:MOST_NAMED]
        sentences += [f"{len(told) - MOST_NAMED} more"] if len(told) > MOST_NAMED else []
        raise InShipment(
            f"{len(told)} of {len(animals)} {'stands' if len(told) == 1 else 'stand'} in another"
            f" shipment that has not left: {', '.join(sentences)}."
        )


def _is_open(shipment: Shipment | None) -> bool:
    return shipment is not None and shipment.state in OPEN_STATES


def animal_with_tag(unit: UnitOfWork, text: str) -> Animal:
    """Return the animal that wears a tag, in any spelling. Raise BadTag or UnknownAnimal."""
    tag = tag_form(text.strip(), "tag")
    animal = unit.animal_by_tag("lf", tag) or unit.animal_by_tag("uhf", tag)
    if animal is None:
        raise UnknownAnimal(f"No animal wears the tag {text.strip()}.", field="tag")
    return animal
