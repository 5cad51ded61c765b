"""Tags that were read as one but belong to two animals: what is known, and a person's decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from herd import operations
from herd.errors import BadValue, HerdError, TagConflict
from herd.models import Animal, ReversibleChange
from herd.operations.placing import tag_form
from herd.register import Register
from lora.models import LoRaPayload
from lora.payloads import Pairing, Reading, Repair, parse
from lora.retry import hand_again
from lora.signing import inner

Status = LoRaPayload.Status
CONFLICT, IGNORED = "tag_conflict", "conflict_ignored"


class UnknownPayload(HerdError):
    code = "unknown_payload"


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


@dataclass(frozen=True, slots=True)
class Outcome:
    payload: LoRaPayload
    animals: Sequence[Animal]
    changes: Sequence[ReversibleChange]


def conflict_of(payload_id: int) -> Conflict:
    """Raises UnknownPayload or NoConflict."""
    payload = LoRaPayload.objects.filter(pk=payload_id).first()
    if payload is None:
        raise UnknownPayload(f"There is no payload no. {payload_id}.")
    if payload.status != Status.ERROR or payload.error_code not in {CONFLICT, IGNORED}:
        raise NoConflict(f"Payload no. {payload_id} is not in conflict (any more).")
    lf, uhf, livestock_id = _names(payload.raw_payload)
    found: dict[int, Animal] = {}
    for name, value in (("lf_tag", lf), ("uhf_tag", uhf), ("livestock_id", livestock_id)):
        if value:
            rows = Animal.objects.select_related("batch", "pen").filter(**{name: value})
            found |= {animal.pk: animal for animal in rows}
    return Conflict(payload, lf, uhf, livestock_id, list(found.values()))


def _names(text: str) -> tuple[str, str, str]:
    match parse(inner(text)):
        case Reading(lf=lf, uhf=uhf):
            return tag_form(lf), tag_form(uhf), ""
        case Pairing(lf=lf, epc=epc, livestock_id=lid):
            return tag_form(lf), tag_form(epc), lid
        case Repair(new_lf=lf, new_epc=epc, livestock_id=lid):
            return tag_form(lf), tag_form(epc), lid
    return "", "", ""


def resolve(register: Register, payload_id: int, decision: Decision) -> Outcome:
    """Does what was decided and lets the worker apply the payload again, all in one step."""
    found = conflict_of(payload_id)
    if decision.action == "ignore":
        return _ignore(register, found, decision)
    chosen = next((one for one in found.animals if one.pk == decision.animal), None)
    if chosen is None:
        raise BadValue("Choose one of the animals of this conflict.")
    changes = (
        _merge(register, found, chosen, decision)
        if decision.action == "merge"
        else _give(register, found, chosen, decision)
    )
    hand_again(register, found.payload, None, decision.at)
    return Outcome(found.payload, found.animals, changes)


def _ignore(register: Register, found: Conflict, decision: Decision) -> Outcome:
    payload = found.payload
    payload.error_code = IGNORED
    payload.remark = f"Left as it is by {register.actor}. {decision.reason}".strip()[:200]
    payload.save(update_fields=["error_code", "remark"])
    register.note("payload:error", payload.pk, decision.at, payload.remark)
    return Outcome(payload, found.animals, [])


def _merge(
    register: Register, found: Conflict, kept: Animal, decision: Decision
) -> list[ReversibleChange]:
    others = [one for one in found.animals if one.pk != kept.pk]
    if not others:
        raise TagConflict("There is nothing left to merge: one animal bears all that was read.")
    return [
        operations.merge(
            register,
            operations.Merge(kept.pk, other.pk, decision.at, found.lf, found.uhf, decision.reason),
        )[1]
        for other in others
    ]


def _give(
    register: Register, found: Conflict, to: Animal, decision: Decision
) -> list[ReversibleChange]:
    asked = operations.Retag(
        to.pk, decision.at, found.lf, found.uhf, decision.reason, take_over=True
    )
    change = operations.retag(register, asked)[1]
    return [] if change is None else [change]
