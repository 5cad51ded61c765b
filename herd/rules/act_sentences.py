"""The sentences in which acts are told (by `herd/acts.py`, imports, merges, shipments), and their
parts: who reads them in another language puts them together anew (decision 58)."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from herd.fields import gettext_noop as _

_DAY: Final = r"\d{4}-\d\d-\d\d"
_KG: Final = r"[0-9.e+]+ kg"
_N: Final = r"\d+"

# By the kind of the act, the first that fits. A name that people gave is whatever stands there.
SENTENCES: Final[Mapping[str, Sequence[str]]] = {
    "move": [_("{who} moved {way}")],
    "leaving": [
        _("{who} died on {day}"),
        _("{who} sold on {day}"),
        _("{who} exported on {day}"),
        _("{who} died"),
        _("{who} sold"),
        _("{who} exported"),
        _("{who} back on feed"),
    ],
    "weight": [_("{kg} of {who}"), _("{n} weights of {who}")],
    "replace": [_("Weight of {who}: {was_kg} → {kg}")],
    "void": [_("Weight of {kg} of {who} void"), _("{n} weights of {who} void")],
    "unvoid": [_("Weight of {kg} of {who} void no more"), _("{n} weights of {who} void no more")],
    "accept": [_("Weight of {kg} of {who} accepted"), _("{n} weights of {who} accepted")],
    "treatment": [_("{who} treated with {products}")],
    "treatment_void": [_("Treatment of {who} with {products} void")],
    "pull": [
        _("{who} pulled: {causes}"),
        _("{who} not pulled after all"),
        _("{who} sent back to the pen"),
    ],
    "create": [
        _("Animal {who} entered"),
        _("Batch {who} entered"),
        _("Pen {who} entered"),
        _("Product {who} entered"),
    ],
    "delete": [_("Animal {who} deleted"), _("Batch {who} deleted"), _("Pen {who} deleted")],
    "session": [
        _("Session {name} begun"),
        _("Session {name} ended"),
        _("Session {name} resumed"),
        _("Session {name} {changes}"),
    ],
    "edit": [
        _("Animal {name}: {changes}"),
        _("Batch {name}: {changes}"),
        _("Pen {name}: {changes}"),
        _("Product {name}: {changes}"),
        _("Shipment {name}: {changes}"),
    ],
    "scale_step": [_("Scale {name} not adjusted on {day}"), _("Scale {name} adjusted on {day}")],
    "message": [
        _("Radio message {numbers} tried again"),
        _("Radio message {numbers} decided on"),
    ],
    "work": [_("Work {marks} (ended)"), _("Work {marks}")],
    "loading": [
        _("Shipment {name} planned"),
        _("Shipment {name} is planned again"),
        _("Shipment {name} is being loaded"),
        _("Shipment {name} cancelled"),
        _("Shipment {name} reported on {day}"),
        _("Shipment {name} not reported"),
        _("{who} taken off shipment {name}"),
        _("{who} loaded on shipment {name}"),
        _("{who} taken out of the plan of shipment {name}"),
        _("{who} planned for shipment {name}"),
    ],
    "shipment": [_("{who} left on shipment {name}")],
    "merge": [_("{who} merged into {name}")],
    "retag": [_("{tags} given to {name}")],
    "scale": [_("{weights} of the scale {name}, {days}, times {factor}: {reason}")],
    "import": [
        _("{name}: {animals} new, {n} changed, {weights}"),
        _("{name}: {animals} new, {n} changed"),
        _("{name}: {weights}, {animals} new and pending"),
        _("{name}: {weights}"),
        _("{name}: {treatments}"),
    ],
    "undo": [_("Taken back: {summary}")],
}
_FORMS: Final = {
    "day": _DAY,
    "days": rf"{_DAY}(?: to {_DAY})?",
    "n": _N,
    "kg": _KG,
    "was_kg": _KG,
    "animals": rf"{_N} animals?",
    "weights": rf"{_N} weights?",
    "treatments": rf"{_N} treatments?",
    "factor": r"[0-9.]+",
    "way": r".+ → .+",
    "changes": r"[^:→]+: .*→.*",
    "numbers": r"no\. .+",
}


class Parts(NamedTuple):
    """A sentence with gaps, and what stands in them."""

    sentence: str
    values: Mapping[str, str]


def parts_of_any(summary: str) -> Parts | None:
    """Return the parts of a summary whose act is of a kind that nobody tells."""
    found = (parts_of(kind, summary) for kind in SENTENCES)
    return next((one for one in found if one), None)


def parts_of(kind: str, summary: str) -> Parts | None:
    """Return the parts of an act's summary; None of one that is told in another way."""
    for sentence in SENTENCES.get(kind, ()):
        if found := pattern_of(sentence).fullmatch(summary):
            return Parts(sentence, found.groupdict())
    return None


@cache
def pattern_of(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", sentence)
    gaps = [
        f"(?P<{part}>{_FORMS.get(part, '.+')})" if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    ]
    return re.compile("".join(gaps), re.DOTALL)
