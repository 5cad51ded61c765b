"""What each reading does to the herd: one operation each."""

from collections.abc import Iterable
from datetime import datetime

from herd import operations
from herd.commands import (
    CheckIn,
    Command,
    Induction,
    PairTags,
    RepairTags,
    TagRead,
    TreatmentGiven,
)
from herd.models import Animal, Treatment, WeightRecord
from herd.operations.loading_by_radio import loading_by_radio
from herd.operations.placing import animal_called
from herd.rules import tags
from herd.unit_of_work import Prefetch, UnitOfWork
from lora.payloads import InvalidPayload


def apply(unit: UnitOfWork, command: Command, at: datetime) -> Animal:
    """Run the command's operation; raise HerdError where the herd says no."""
    match command:
        case TagRead():
            animal = operations.record_read(unit, command, at)
            if command.source == "hxe":
                loading_by_radio(unit).note(unit, animal, at)
            return animal
        case Induction():
            return operations.induct(unit, command, at)
        case PairTags():
            return operations.pair_tags(unit, command, at)
        case CheckIn():
            return check_in(unit, command, at)
        case RepairTags():
            return operations.repair_tags(unit, command, at)
        case TreatmentGiven():
            return treat(unit, command, at)


def check_in(
    unit: UnitOfWork, said: CheckIn, at: datetime, noted_at: datetime | None = None
) -> Animal:
    """Record a weight of the animal, a pending one where nobody knows it."""
    name = said.livestock_id
    animal = animal_called(unit, name, at) or operations.animal_or_pending(unit, name, at)
    weighing = operations.Weighing(said.weight_kg, at, WeightRecord.Source.RADIO, noted_at)
    operations.record_weight(unit, animal, weighing)
    return animal


def treat(
    unit: UnitOfWork, said: TreatmentGiven, at: datetime, noted_at: datetime | None = None
) -> Animal:
    """Record a treatment of the animal, a pending one where nobody knows it; raise UnknownProduct
    before that."""
    product, name = unit.product_named(said.product), said.livestock_id
    animal = animal_called(unit, name, at) or operations.animal_or_pending(unit, name, at)
    given = said.amount, said.unit, said.lot_no
    dose = operations.Dose(product.id, at, *given, reason=said.reason)
    source = Treatment.Source.RADIO
    operations.treat(unit, operations.Treating([animal.id], dose, noted_at or at, source))
    return animal


def prefetch(commands: Iterable[Command | InvalidPayload]) -> Prefetch:
    """Return all that these commands will look up, so that it is loaded in one go."""
    found: dict[str, set[str]] = {name: set() for name in Prefetch.__slots__}
    for command in commands:
        _add_wanted(command, found)
    return Prefetch(**{kind: frozenset(names - {""}) for kind, names in found.items()})


def _add_wanted(command: Command | InvalidPayload, found: dict[str, set[str]]) -> None:
    """Add each name that a command will look up, by the field of `Prefetch` it belongs to."""
    match command:
        case InvalidPayload():
            return
        case TagRead(batch_number=batch, lf=lf, uhf=uhf):
            found["batches"].add(batch)
            _add_tags(normal_form(lf), normal_form(uhf), found)
            return
        case Induction(batch_number=batch, pen_number=pen):
            found["batches"].add(batch)
            found["pens"].add(pen)
        case TreatmentGiven(product=product):
            found["products"].add(product)
        case PairTags(livestock_id=name, weight_kg=weight):
            lf, uhf = normal_form(command.lf), normal_form(command.uhf)
            _add_tags(lf, uhf, found)
            if weight:
                found["weighed"].update((name, lf, uhf))
        case CheckIn(livestock_id=name):
            found["weighed"].update((name, tags.whole_tag(name)))
    tag = tags.whole_tag(command.livestock_id)
    found["livestock_id"].add(command.livestock_id)
    _add_tags(tag, tag, found)


def _add_tags(lf: str, uhf: str, found: dict[str, set[str]]) -> None:
    found["lf_tag"].add(lf)
    found["uhf_tag"].add(uhf)


def normal_form(text: str) -> str:
    """Return the tag's one form; a bad one is refused by its own operation, not here."""
    try:
        return tags.normalise(text) if text else ""
    except tags.TagError:
        return ""
