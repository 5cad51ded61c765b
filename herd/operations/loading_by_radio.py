"""Animals that a radio reads for export while a shipment is loading: they are ticked in it."""

from collections import defaultdict
from datetime import datetime

from herd.models import Animal, Shipment, ShipmentAnimal
from herd.operations.loading import tick
from herd.shipments_table import OPEN_STATES
from herd.unit_of_work import UnitOfWork

State = Shipment.State


class LoadingByRadio:
    """The shipments that have not left, for all export reads of one step, in two queries."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._open = {one.pk: one for one in unit.rows(Shipment, "state", OPEN_STATES)}
        self._loading = [one for one in self._open.values() if one.state == State.LOADING]
        self._rows: defaultdict[int, list[ShipmentAnimal]] = defaultdict(list)
        if self._loading:
            for row in unit.rows(ShipmentAnimal, "shipment_id", self._open):
                self._rows[row.animal_id].append(row)
        unit.conditions.append(lambda changed: "shipment" in changed)

    def note(self, unit: UnitOfWork, animal: Animal, at: datetime) -> None:
        """Tick the animal where it is planned; one that is in no shipment is an extra one of the
        only shipment that is loading. What was read before loading began counts for none."""
        if animal.status == Animal.Status.DEAD:
            return
        rows = self._rows[animal.pk] + [
            row for row in unit.new_rows(ShipmentAnimal) if row.animal_id == animal.pk
        ]
        there = {row.shipment_id for row in rows}
        found = [one for one in self._loading if one.pk in there]
        if not rows and len(self._loading) == 1:
            found = self._loading  # of two trucks nobody knows onto which it went
        for shipment in found:
            named = [row for row in rows if row.shipment_id == shipment.pk]
            begun = shipment.loading_at is not None and shipment.loading_at <= at
            if begun and not any(row.loaded_at for row in named):
                tick(unit, shipment, animal, named, at)


def loading_by_radio(unit: UnitOfWork) -> LoadingByRadio:
    """Return what this unit knows of the shipments, looked up at its first export read."""
    found = unit.kept.get(LoadingByRadio)
    if found is None:
        found = unit.kept[LoadingByRadio] = LoadingByRadio(unit)
    return found
