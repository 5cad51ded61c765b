"""The text that a barn device sent → what it says, typed. Never raises for any text.

Family 1, a tag read: `hxb:<batch>:<lf>:<uhf>`, or `hxe:` when the animal leaves.
Family 2, a barn event: `event:<id>|key:value|…`, the id `hxb` or `hxe`, kind and number.
Tags are passed on as they were spelt. None, null and n/a are what some senders print for no value.
"""

import re
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final, TypeAlias

from herd.commands import (
    CheckIn,
    Command,
    Event,
    Induction,
    PairTags,
    RepairTags,
    Source,
    TagRead,
    TreatmentGiven,
)
from herd.rules import tags
from herd.rules.spellings import sex_of
from lora.field_values import (
    LONGEST,
    LONGEST_OF,
    Refused,
    amount_of,
    check,
    kilograms,
    quoted,
    value_of,
    weight_of,
)


@dataclass(frozen=True, slots=True)
class InvalidPayload:
    """Why a text says nothing: `code` for machines, the sentence for a farm manager."""

    code: str
    message: str


Kind: TypeAlias = (
    type[Induction] | type[PairTags] | type[CheckIn] | type[RepairTags] | type[TreatmentGiven]
)
Parsed: TypeAlias = Command | InvalidPayload

_KINDS: Final = dict[str, Kind](
    ind=Induction, pai=PairTags, chi=CheckIn, rep=RepairTags, trt=TreatmentGiven
)
# Which fields tell what kind of event this is: the first kind that has one of its fields.
_TELLING: Final[tuple[tuple[Kind, frozenset[str]], ...]] = (
    (RepairTags, frozenset({"new_lf", "new_uhf", "old_lf", "old_uhf"})),
    (Induction, frozenset({"batch_number", "pen_number", "funder"})),
    (PairTags, frozenset({"lf", "uhf"})),
    (CheckIn, frozenset({"weight_kg"})),
    (TreatmentGiven, frozenset({"product"})),
)
OF_INDUCTION: Final = ("batch_number", "pen_number", "funder")
_NAMES_OF: Final = {
    kind: tuple(one.name for one in fields(kind) if not one.kw_only)[1:] for kind in _KINDS.values()
}
_REQUIRED: Final = {
    kind: tuple(one.name for one in fields(kind)[1:] if one.default is MISSING)
    for kind in _KINDS.values()
}
# Other spellings met in barns; a field is also known by its own name.
_SPELLINGS: Final = {
    "livestock_id": "lid cattle_id",
    "batch_number": "lot batch batch_name",
    "pen_number": "pen",
    "weight_kg": "weight",
    "product": "product_name medicine drug",
    "amount": "dose",
    "lot_no": "product_lot",
    "lf": "lf_id lf_tag",
    "old_lf": "old_lf_id old_lf_tag",
    "new_lf": "new_lf_id new_lf_tag",
    "uhf": "epc uhf_tag",
    "old_uhf": "old_epc old_uhf_tag",
    "new_uhf": "new_epc new_uhf_tag",
}
_NAMES: Final = {name: name for names in _NAMES_OF.values() for name in names} | {
    spelling: name for name, spellings in _SPELLINGS.items() for spelling in spellings.split()
}
_LABELS: Final = {
    "livestock_id": "livestock id (lid)",
    "batch_number": "lot",
    "pen_number": "pen",
    "place": "lot or pen",
    "weight_kg": "weight",
    "lf": "LF tag (lf)",
    "uhf": "UHF tag (epc)",
    "old_uhf": "old epc",
    "new_uhf": "new epc",
    "new_tag": "new tag (new_lf or new_epc)",
}
_SOURCES: Final[dict[str, Source]] = {"hxb": "hxb", "hxe": "hxe"}
_EVENT = re.compile(
    r"event\s*:\s*(hx[be]([a-z]{1,12})[0-9]{1,20})\s*(?:\||\Z)", re.IGNORECASE | re.ASCII
)

# A reader's own label before its number has a colon too: EID:982…, urn:epc:tag:sgtin-96:3.06….
_LABEL = r"(?:(?:urn|epc|eid|rfid|tid|tag|raw|sgtin-[0-9]{2,3})\s*:\s*){0,5}"
_WITH_LABELS = re.compile(rf"([^:]*):(\s*{_LABEL}[^:]*):(\s*{_LABEL}[^:]*)", re.IGNORECASE)


def parse(text: str) -> Parsed:
    text = text.strip()
    prefix, _, rest = text.partition(":")
    prefix = prefix.rstrip().lower()
    source = _SOURCES.get(prefix)
    try:
        if source is not None:
            return _tag_read(source, rest)
        if prefix == "event":
            return _event(text)
    except Refused as refused:
        return InvalidPayload(*refused.args)
    if not text:
        return InvalidPayload("empty", "The payload is empty.")
    return InvalidPayload(
        "unknown_prefix", f"The payload begins with {quoted(text)}, not with hxb:, hxe: or event:."
    )


def event_id(text: str) -> str | None:
    """Return the id of a barn event in lower case, None when the text is none; look no further."""
    found = _EVENT.match(text.strip())
    return found[1].lower() if found else None


def _tag_read(source: Source, rest: str) -> TagRead:
    values = [value_of(text) for text in rest.split(":")]
    if len(values) != 3 and (found := _WITH_LABELS.fullmatch(rest)):
        values = [value_of(text) for text in found.groups()]
    if len(values) != 3:
        fields = "1 field" if len(values) == 1 else f"{len(values)} fields"
        message = f"A tag read has a batch, an LF tag and a UHF tag, not {fields}."
        raise Refused("wrong_field_count", message)
    batch, lf, uhf = values
    if len(rest) > LONGEST or not rest.isprintable():
        for label, value in (("batch", batch), ("LF tag", lf), ("UHF tag", uhf)):
            check(label, value)
    if not batch:
        raise Refused("empty_batch", "The batch is empty.")
    if not lf and not uhf:
        raise Refused("missing_tags", "Both the LF tag and the UHF tag are empty.")
    if not lf or len(lf) >= tags.SHORTEST_EPC:
        lf, uhf = _in_their_fields(lf, uhf)
    return TagRead(batch, lf, uhf, source)


def _in_their_fields(lf: str, uhf: str) -> tuple[str, str]:
    """Return both tags, an EID that stands in the UHF field, or an EPC in the other, moved."""
    # A UHF reader may print an animal's 840 number: as a UHF tag it would be a second animal.
    swapped = (not lf or tags.kind_of(lf) == "uhf") and (not uhf or tags.kind_of(uhf) == "lf")
    return (uhf, lf) if swapped else (lf, uhf)


def _event(text: str) -> Event:
    found = _EVENT.match(text)
    if not found:
        raise Refused("bad_event_id", "The event id is not written as in event:hxbchi000001.")
    known, extra = _read_fields(text[found.end() :])
    by_id = _KINDS.get(found[2].lower())
    is_treatment = by_id is TreatmentGiven and not _lacking(by_id, known)
    kind = TreatmentGiven if is_treatment else _kind(known, by_id)  # also beside a weight
    values: dict[str, Any] = {name: known.pop(name, "") for name in _NAMES_OF[kind]}
    if "weight_kg" in values:
        values["weight_kg"] = weight = weight_of(values["weight_kg"])
        if weight is None and kind is CheckIn:
            raise Refused("missing_weight", "The weight is 0, which is not a weight.")
    if kind is TreatmentGiven:
        values["amount"], values["unit"] = amount_of(values["amount"], values["unit"])
    if kind is PairTags:
        values["lf"], values["uhf"] = _in_their_fields(values["lf"], values["uhf"])
    values |= {"extra": (*extra, *known.items()), "mismatched": kind is not by_id}
    return kind(found[1].lower(), **values)


def _read_fields(text: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Read `key:value|…`: the fields we know under their names, the others as they were sent."""
    known: dict[str, str] = {}
    extra: list[tuple[str, str]] = []
    for part in text.split("|"):
        key, colon, value = part.partition(":")
        key, value = key.strip(), value_of(value)
        name = _name(key, value)
        if name is None:
            if value or (key and not colon):
                check(f"field {quoted(key)}", key + value, len(part))
                extra.append((key, value))
        elif value:
            if len(value) > LONGEST or not value.isprintable():
                check(label_of(name), value, LONGEST_OF.get(name, LONGEST))
            value = (sex_of(value) or "").lower() if name == "sex" else value
            if not _same(name, known.setdefault(name, value), value):
                both = f"{quoted(known[name])} and {quoted(value)}"
                raise Refused("ambiguous_field", f"The {label_of(name)} is given as {both}.")
    return known, extra


def _name(key: str, value: str) -> str | None:
    name = _NAMES.get(key.lower())
    return None if name == "sex" and sex_of(value) is None else name


def _same(name: str, one: str, other: str) -> bool:
    weight = kilograms(one) if name == "weight_kg" else None
    return one == other if weight is None else weight == kilograms(other)


def _kind(known: dict[str, str], by_id: Kind | None) -> Kind:
    """Return the event's kind. The fields decide, since some senders give every event the id of an
    induction.

    Where they promise a kind that they do not complete, any that they complete stands, the id's
    first: a check-in that mentions its pen is no induction. Not where the id's own lacks one field.
    """
    by_fields = next((kind for kind, names in _TELLING if not names.isdisjoint(known)), None)
    if by_fields not in {None, Induction} and not _lacking(by_fields, known):
        return by_fields
    complete = [kind for kind, _ in _TELLING if not _lacking(kind, known)]
    if Induction in complete and not _is_induction(known, by_id, complete):
        complete.remove(Induction)
    for kind in (by_fields, by_id):
        if kind is not None and kind in complete:
            return kind
    if (kind := by_fields or by_id) is None:
        raise Refused("unknown_event", "Neither the event's id nor its fields tell its kind.")
    lacking = _lacking(kind, known)
    if complete and (len(lacking) != 1 or kind is Induction or kind is not by_id):
        return complete[0]
    if not lacking and by_id is not None:  # no induction, as its id says
        kind, lacking = by_id, _lacking(by_id, known)
    code = "missing_weight" if lacking == ["weight_kg"] else "missing_field"
    raise Refused(code, f"The {kind.called} lacks: {', '.join(map(label_of, lacking))}.")


def _is_induction(known: dict[str, str], by_id: Kind | None, complete: list[Kind]) -> bool:
    """Return whether an event that names an animal and a lot or a pen brings it there.

    A pairing or a check-in may mention one of them; one that names two of lot, pen and funder does
    not, unless its id says so.
    """
    others = [kind for kind in complete if kind is not Induction]
    if CheckIn in others and kilograms(known["weight_kg"]) == 0:  # an empty scale
        others.remove(CheckIn)
    missing = [name for name in OF_INDUCTION if name not in known]
    if by_id in others:
        return not missing
    return len(missing) <= 1 or (not others and by_id in {Induction, None})


def _lacking(kind: Kind, known: dict[str, str]) -> list[str]:
    lacking = [name for name in _REQUIRED[kind] if name not in known]
    if kind is RepairTags and "new_lf" not in known and "new_uhf" not in known:
        lacking.append("new_tag")
    if kind is Induction and "batch_number" not in known and "pen_number" not in known:
        lacking.append("place")
    return lacking


def label_of(name: str) -> str:
    return _LABELS.get(name, name.replace("_", " "))
