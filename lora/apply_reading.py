"""What each reading does to the herd: one operation each."""

from collections.abc import Iterable
from datetime import datetime

from herd import operations
from herd.models import Animal, WeightRecord
from herd.rules import tags
from herd.unit_of_work import Prefetch, UnitOfWork
from lora.payloads import CheckIn, Induction, InvalidPayload, Pairing, Reading, Repair

Applicable = Reading | Induction | Pairing | CheckIn | Repair


def apply(unit: UnitOfWork, reading: Applicable, at: datetime) -> Animal:
    """Run the reading's operation; raise HerdError where the herd says no."""
    match reading:
        case Reading():
            read = operations.Read(reading.batch, reading.lf, reading.uhf, reading.source, at)
            return operations.record_read(unit, read)
        case Induction():
            return operations.induct(unit, _induction(reading, at))
        case Pairing():
            return operations.pair_tags(
                unit,
                operations.Pairing(
                    reading.livestock_id, reading.lf, reading.epc, at, reading.weight_kg
                ),
            )
        case CheckIn():
            return _check_in(unit, reading, at)
        case Repair():
            return operations.repair_tags(unit, _repair(reading, at))


def _induction(reading: Induction, at: datetime) -> operations.Induction:
    return operations.Induction(
        livestock_id=reading.livestock_id,
        batch_number=reading.batch,
        pen_number=reading.pen,
        funder=reading.funder,
        at=at,
        source=reading.source,
        lot_group=reading.lot_group,
        pen_location=reading.pen_location,
        sex=reading.sex,
        tag_color=reading.tag_color,
        visual_id=reading.visual_id,
        notes=reading.notes,
    )


def _check_in(unit: UnitOfWork, reading: CheckIn, at: datetime) -> Animal:
    animal = operations.animal_or_pending(unit, reading.livestock_id, at)
    weighing = operations.Weighing(reading.weight_kg, at, WeightRecord.Source.RADIO)
    operations.record_weight(unit, animal, weighing)
    return animal


def _repair(reading: Repair, at: datetime) -> operations.Repair:
    return operations.Repair(
        livestock_id=reading.livestock_id,
        at=at,
        new_lf=reading.new_lf,
        new_uhf=reading.new_epc,
        old_lf=reading.old_lf,
        old_uhf=reading.old_epc,
        reason=reading.reason,
    )


def wanted(readings: Iterable[Applicable | InvalidPayload]) -> Prefetch:
    """All that these readings will look up, so that it is loaded in one go."""
    found: dict[str, set[str]] = {name: set() for name in Prefetch.__slots__}
    for reading in readings:
        match reading:
            case Reading():
                found["lf_tag"].add(_form(reading.lf))
                found["uhf_tag"].add(_form(reading.uhf))
                found["batches"].add(reading.batch)
            case Induction():
                found["livestock_id"].add(reading.livestock_id)
                found["batches"].add(reading.batch)
                found["pens"].add(reading.pen)
            case Pairing():
                found["lf_tag"].add(_form(reading.lf))
                found["uhf_tag"].add(_form(reading.epc))
                found["livestock_id"].add(reading.livestock_id)
            case CheckIn() | Repair():
                found["livestock_id"].add(reading.livestock_id)
    return Prefetch(**{name: frozenset(values - {""}) for name, values in found.items()})


def _form(text: str) -> str:
    """Return the tag's one form; a bad one is refused by its own operation, not here."""
    try:
        return tags.normalise(text) if text else ""
    except tags.TagError:
        return ""
