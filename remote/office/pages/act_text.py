"""What an act was, in the reader's language: the Pi's sentence by its parts, people's own words as
they are (decision 58)."""

import re
from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext, ngettext

from herd.causes import CAUSES
from herd.fields import ANIMAL, BATCH, PEN
from herd.rules.act_sentences import Parts, parts_of, parts_of_any
from remote.office.mirror.mirror import Row
from remote.office.pages.labels import named
from remote.office.refusal_text import refusal_text
from remote.office.units import sentence_in

HEAD: Final = re.compile(r"(\d+) head")
AND_MORE: Final = re.compile(r"(.+) and (\d+) more", re.DOTALL)
COUNTED: Final = re.compile(r"(\d+) (\w+)")
NUMBER: Final = re.compile(r"\bno\. (\d+)")
FIELDS: Final = {
    one.name.replace("_", " "): one for table in (PEN, BATCH, ANIMAL) for one in table if one.label
}


def with_text(act: Row, unit: str) -> Row:
    """Return the act with its summary, and why it or a part of it stays as it is, in the reader's
    language and unit."""
    kept = act.get("remainder") or ()
    told = {
        "summary": act_text(act.get("kind", ""), act["summary"], unit),
        "refused": refusal_text(act.get("refused", "")),
        "remainder": [{**one, "why": refusal_text(one["why"])} for one in kept],
    }
    return {**act, **told}


def act_text(kind: str, summary: str, unit: str) -> str:
    parts = parts_of(kind, summary)
    return sentence_in(summary, unit) if parts is None else _said(parts, unit)


def _said(parts: Parts, unit: str) -> str:
    values = {
        name: VALUES.get(name, _as_it_is)(value, unit) for name, value in parts.values.items()
    }
    return gettext(parts.sentence).format(**values)


def _as_it_is(text: str, unit: str) -> str:
    return text


def _who(text: str, unit: str) -> str:
    if found := HEAD.fullmatch(text):
        count = int(found[1])
        return ngettext("%d head", "%d head", count) % count
    if found := AND_MORE.fullmatch(text):
        told = {"names": found[1], "count": found[2]}
        return gettext("%(names)s and %(count)s more") % told
    return text


def _count(text: str, unit: str) -> str:
    """Return `3 weights`, of whatever the Pi counts."""
    found = COUNTED.fullmatch(text)
    if found is None:
        return text
    count = int(found[1])
    counted = {
        "animal": lambda: ngettext("%d animal", "%d animals", count),
        "weight": lambda: ngettext("%d weight", "%d weights", count),
        "treatment": lambda: ngettext("%d treatment", "%d treatments", count),
        "pen": lambda: ngettext("%d pen", "%d pens", count),
        "batche": lambda: ngettext("%d batch", "%d batches", count),
    }.get(found[2].removesuffix("s"))
    return counted() % count if counted else text


def _way(text: str, unit: str) -> str:
    return " → ".join(_numbered(_count(one, unit), unit) for one in text.split(" → "))


def _numbered(text: str, unit: str) -> str:
    return _who(NUMBER.sub(lambda found: gettext("no. %d") % int(found[1]), text), unit)


def _name(text: str, unit: str) -> str:
    """Return a name; of a shipment, `S1 to Rio`."""
    one, mark, other = text.partition(" to ")
    return gettext("%(one)s to %(other)s") % {"one": one, "other": other} if mark else text


def _tags(text: str, unit: str) -> str:
    one, mark, other = text.partition(" and ")
    return gettext("%(one)s and %(other)s") % {"one": one, "other": other} if mark else text


def _causes(text: str, unit: str) -> str:
    known = set(CAUSES.values())
    return ", ".join(gettext(one) if one in known else one for one in text.split(", "))


def _changes(text: str, unit: str) -> str:
    """Return `breed: – → Angus; …` with the fields' labels, and the values that have names."""
    return "; ".join(_change(one) for one in text.split("; "))


def _change(text: str) -> str:
    name, mark, values = text.partition(": ")
    field = FIELDS.get(name)
    if field is None or not mark or gettext(field.label) == field.label:
        return text  # in English it reads as the Pi tells it
    if field.holds == "choice" or field.name == "sex":  # else it may be what people wrote
        values = " → ".join(map(named, values.split(" → ")))
    return f"{gettext(field.label)}: {values}"


def _marks(text: str, unit: str) -> str:
    kind, mark, about = text.partition(": ")
    return sentence_in(f"{named(kind)}{mark}{about}", unit)


def _summary(text: str, unit: str) -> str:
    parts = parts_of_any(text)
    return sentence_in(text, unit) if parts is None else _said(parts, unit)


VALUES: Final[dict[str, Callable[[str, str], str]]] = {
    "who": _who,
    "way": _way,
    "animals": _count,
    "weights": _count,
    "treatments": _count,
    "kg": sentence_in,
    "was_kg": sentence_in,
    "name": _name,
    "days": _name,
    "tags": _tags,
    "causes": _causes,
    "changes": _changes,
    "numbers": _numbered,
    "marks": _marks,
    "summary": _summary,
}
