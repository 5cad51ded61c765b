"""Tags that were read as one but belong to two animals: what is known, and a person's decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from herd import operations
from herd.commands import PairTags, RepairTags, TagRead
from herd.errors import BadValue, HerdError, TagConflict
from herd.lookups import Lookups
from herd.models import Animal, ReversibleChange, WeightRecord
from herd.operations.placing import NO_OVERFILL, Overfill, tag_form
from herd.operations.reversible_changes import row_as_json
from herd.operations.undo_reading import Reading, remove_unused_batch, undo_reading
from herd.unit_of_work import UnitOfWork
from lora.models import LoRaPayload
from lora.payloads import parse
from lora.retry import hand_again, payload_no
from lora.signing import inner

Status = LoRaPayload.Status
CONFLICT, IGNORED = "tag_conflict", "conflict_ignored"
# Among a change's steps: the payload whose conflict it decided, the animal as the payload found it
# then, and the batch that was not there yet.
ASKED_BY, BEFORE_READING, NEW_BATCH = "payload", "before_reading", "new_batch"


class NoConflict(HerdError):
    """The payload is not, or no longer, in conflict."""

    code = "no_conflict"


@dataclass(frozen=True, slots=True)
class Conflict:
    """The payload, the tags it names in their one form, and the animals that bear them."""

    payload: LoRaPayload
    lf: str
    uhf: str
    livestock_id: str
    animals: list[Animal]


@dataclass(frozen=True, slots=True)
class Decision:
    """`merge`: all are one animal, kept as `animal`; `give`: `animal` gets the tags; `ignore`."""

    action: Literal["merge", "give", "ignore"]
    animal: int | None
    reason: str
    at: datetime
    status_from: int | None = None  # of a merge: the animal whose status counts
    force: bool = False  # fills a pen beyond its capacity, and needs the reason
    override: str = ""  # of a merge: why the animal may have left before it was clear


@dataclass(frozen=True, slots=True)
class Outcome:
    payload: LoRaPayload
    animals: Sequence[Animal]
    changes: Sequence[ReversibleChange]


def conflict_of(payload_id: int, lookups: Lookups | None = None) -> Conflict:
    """Return the conflict of a payload. Raise UnknownPayload or NoConflict."""
    lookups = lookups or Lookups()
    payload = payload_no(lookups, payload_id)
    if payload.status != Status.ERROR or payload.error_code not in {CONFLICT, IGNORED}:
        raise NoConflict(f"Payload no. {payload_id} is not in conflict (any more).")
    lf, uhf, livestock_id = _names(payload.raw_payload)
    bearers = (
        lookups.animal_by_tag("lf", lf),
        lookups.animal_by_tag("uhf", uhf),
        lookups.animal(livestock_id) if livestock_id else None,
    )
    found = {animal.pk: animal for animal in bearers if animal is not None}
    return Conflict(payload, lf, uhf, livestock_id, list(found.values()))


def _names(text: str) -> tuple[str, str, str]:
    match parse(inner(text)):
        case TagRead(lf=lf, uhf=uhf):
            return tag_form(lf), tag_form(uhf), ""
        case PairTags(lf=lf, uhf=uhf, livestock_id=lid):
            return tag_form(lf), tag_form(uhf), lid
        case RepairTags(new_lf=lf, new_uhf=uhf, livestock_id=lid):
            return tag_form(lf), tag_form(uhf), lid
    return "", "", ""


def resolve(unit: UnitOfWork, payload_id: int, decision: Decision) -> Outcome:
    """Do what was decided and let the worker apply the payload again, all in one step."""
    found = conflict_of(payload_id, unit)
    if decision.action == "ignore":
        return _ignore(unit, found, decision)
    chosen = next((one for one in found.animals if one.pk == decision.animal), None)
    if chosen is None:
        raise BadValue("Choose one of the animals of this conflict.", field="animal")
    decide = _merge if decision.action == "merge" else _give
    changes = decide(unit, found, chosen, decision)
    for change in changes:
        unit.change(change, steps=change.steps | _reading_steps(unit, found, chosen))
    hand_again(unit, found.payload, None, decision.at)
    return Outcome(found.payload, found.animals, changes)


def _reading_steps(unit: UnitOfWork, found: Conflict, chosen: Animal) -> dict[str, Any]:
    """Return what is kept of the herd as it is before the payload is applied."""
    match parse(inner(found.payload.raw_payload)):
        case TagRead(batch_number=number) if unit.batch(number) is None:
            new_batch = number
        case _:
            new_batch = ""
    before = row_as_json(chosen)
    return {ASKED_BY: found.payload.pk, BEFORE_READING: before, NEW_BATCH: new_batch}


def _ignore(unit: UnitOfWork, found: Conflict, decision: Decision) -> Outcome:
    payload = found.payload
    remark = f"Left as it is by {unit.actor}. {decision.reason}".strip()[:200]
    unit.change(payload, error_code=IGNORED, remark=remark)
    unit.note("payload:error", payload.pk, decision.at, remark)
    unit.concerned.update(one.pk for one in found.animals)
    return Outcome(payload, found.animals, [])


def _merge(
    unit: UnitOfWork, found: Conflict, kept: Animal, decision: Decision
) -> list[ReversibleChange]:
    others = [one.pk for one in found.animals if one.pk != kept.pk]
    if not others:
        raise TagConflict("Nothing is left to merge: one animal wears all tags that were read.")
    leaver = decision.status_from
    if leaver not in {None, kept.pk, *others}:
        sentence = "Choose one of the animals of this conflict for the status."
        raise BadValue(sentence, field="status_from")
    at, tags, reason = decision.at, (found.lf, found.uhf), decision.reason
    changes = []
    for pk in sorted(others, key=lambda one: one != leaver):  # its status is the kept one's then
        status_from = leaver if leaver in {None, pk} else kept.pk
        force, override = decision.force, decision.override
        asked = operations.Merge(kept.pk, pk, at, *tags, reason, status_from, force, override)
        changes.append(operations.merge(unit, asked)[1])
    return changes


def _give(
    unit: UnitOfWork, found: Conflict, to: Animal, decision: Decision
) -> list[ReversibleChange]:
    asked = operations.Retag(
        to.pk, decision.at, found.lf, found.uhf, decision.reason, take_over=True
    )
    change = operations.retag(unit, asked)[1]
    return [] if change is None else [change]


def undo(
    unit: UnitOfWork,
    change_id: int,
    at: datetime,
    overfill: Overfill = NO_OVERFILL,
    override: str = "",
) -> ReversibleChange:
    """Undo a change, and ask anew what it decided. Raise as `operations.undo` does."""
    with unit.savepoint():
        payload = _take_back_reading(unit, change_id)
        change = operations.undo(unit, change_id, at, overfill, override)
        if payload is not None:
            _reopen(unit, payload, at)
            remove_unused_batch(unit, change.steps.get(NEW_BATCH, ""), at)
    return change


def _take_back_reading(unit: UnitOfWork, change_id: int) -> LoRaPayload | None:
    """Return the payload that was applied by what the change decided, and take back what it did to
    the animal."""
    change = unit.by_number(ReversibleChange, [change_id]).get(change_id)
    if change is None or change.undone_at is not None:
        return None
    asked_by = change.steps.get(ASKED_BY)
    payload = unit.by_number(LoRaPayload, [asked_by]).get(asked_by)
    if payload is None or payload.status != Status.PROCESSED:
        return None
    # A change from before the columns were kept has those of a merge alone.
    was = change.steps.get(BEFORE_READING) or change.steps.get("after")
    if was is not None and payload.animal_id == was["id"]:
        _, _, livestock_id = _names(payload.raw_payload)
        animal = unit.animal_no(was["id"])
        undo_reading(unit, animal, Reading(payload.read_at, livestock_id), was)
    return payload


def _reopen(unit: UnitOfWork, payload: LoRaPayload, at: datetime) -> None:
    """Put the payload in conflict again, and void its weight."""
    # The weight, found by the payload's exact time, is the next decision's.
    animal = unit.by_number(Animal, [payload.animal_id or 0]).get(payload.animal_id or 0)
    for one in list(unit.weighings(animal)) if animal else ():
        if (one.recorded_at, one.source) == (payload.received_at, WeightRecord.Source.RADIO):
            why = "The decision whose tags were read is taken back."
            operations.void_weight(unit, one.pk, why, at)
    unit.change(
        payload,
        status=Status.ERROR,
        error_code=CONFLICT,
        error_message="The decision about these tags was taken back. Decide which is right.",
        animal_id=None,
        batch_id=None,
    )
    unit.note("payload:error", payload.pk, at, "the decision was taken back")
