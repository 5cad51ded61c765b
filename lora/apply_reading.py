"""What each reading does to the herd: one operation each."""

from collections.abc import Iterable, Iterator
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
                loading_by_radio(unit).note(animal, at)
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
        for kind, name in _wanted(command):
            found[kind].add(name)
    return Prefetch(**{kind: frozenset(names - {""}) for kind, names in found.items()})


def _wanted(command: Command | InvalidPayload) -> Iterator[tuple[str, str]]:
    """Yield each name that a command will look up, behind the field of `Prefetch` it belongs to."""
    match command:
        case TagRead(lf=lf, uhf=uhf) | PairTags(lf=lf, uhf=uhf):
            yield "lf_tag", normal_form(lf)
            yield "uhf_tag", normal_form(uhf)
    match command:
        case TagRead(batch_number=batch):
            yield "batches", batch
        case Induction(batch_number=batch, pen_number=pen):
            yield from (("batches", batch), ("pens", pen))
        case TreatmentGiven(product=product):
            yield "products", product
        case PairTags(livestock_id=name, lf=lf, uhf=uhf, weight_kg=weight) if weight:
            yield from (("weighed", one) for one in (name, normal_form(lf), normal_form(uhf)))
        case CheckIn(livestock_id=name):
            yield from (("weighed", one) for one in (name, tags.whole_tag(name)))
    if not isinstance(command, TagRead | InvalidPayload):
        yield "livestock_id", command.livestock_id
        tag = tags.whole_tag(command.livestock_id)
        yield from (("lf_tag", tag), ("uhf_tag", tag))


def normal_form(text: str) -> str:
    """Return the tag's one form; a bad one is refused by its own operation, not here."""
    try:
        return tags.normalise(text) if text else ""
    except tags.TagError:
        return ""
