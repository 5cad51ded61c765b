"""What a radio message says, as a sentence: "890904611 read in LOT8895, pen P04"."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.animals import name_of
from remote.office.pages.page import Same
from remote.office.written import weight

SENTENCES_KEPT: Final = 2_000
KIND: Final = re.compile(
    r"(?:sig:[^:]+:\d+:[^:]+:)?\s*(hxb|hxe|event)\s*:\s*(?:hx[be](\w{3}))?", re.IGNORECASE
)
WEIGHED: Final = re.compile(r"\|\s*weight(?:_kg)?\s*:\s*([\d.]+)", re.IGNORECASE)
PRODUCT: Final = re.compile(
    r"\|\s*(?:product|medicine|drug)(?:_name)?\s*:\s*([^|]+)", re.IGNORECASE
)


def with_sentences(mirror: Mirror, payloads: Sequence[Row], unit: str) -> list[Row]:
    """Return the payloads with `sentence`, "" where the text alone says what came."""
    cattle, look = mirror.tables["cattle"], (unit, get_language())
    rows = []
    for payload in payloads:
        animal = cattle.get(payload.get("cattle_id") or 0)
        rows.append(_told(Same(payload), None if animal is None else Same(animal), *look))
    return rows


@lru_cache(maxsize=SENTENCES_KEPT)
def _told(payload: Same, animal: Same | None, unit: str, _language: str | None) -> Row:
    sentence = sentence_of(payload.row, animal.row, unit) if animal else ""
    return payload.row | {"sentence": sentence}


def sentence_of(payload: Row, animal: Row, unit: str) -> str:
    """Return what was read or told of the animal, and where it stands now."""
    text = payload["raw_payload"]
    found = KIND.match(text)
    if payload["status"] != "processed" or found is None:
        return ""
    door, kind = found[1].lower(), (found[2] or "").lower()
    batch, pen = ((animal[name] or {}).get(number) for name, number in PLACES)
    words = {"animal": name_of(animal), "batch": batch or "–", "pen": pen or "–"}
    if door != "event":
        told = _("%(animal)s read leaving %(batch)s") if door == "hxe" else _read(pen)
    elif kind in TOLD:
        told = TOLD[kind]()
    else:
        return ""
    return told % (words | _measured(text, unit))


PLACES: Final = (("batch", "batch_number"), ("pen", "pen_number"))
TOLD: Final[dict[str, Callable[[], str]]] = {
    "ind": lambda: _("%(animal)s inducted into %(batch)s, pen %(pen)s"),
    "pai": lambda: _("%(animal)s was given its tags"),
    "rep": lambda: _("%(animal)s was given a new tag"),
    "chi": lambda: _("%(animal)s weighed: %(weight)s %(unit)s"),
    "trt": lambda: _("%(animal)s treated with %(product)s"),
}


def _read(pen: str | None) -> str:
    if pen:
        return _("%(animal)s read in %(batch)s, pen %(pen)s")
    return _("%(animal)s read in %(batch)s")


def _measured(text: str, unit: str) -> dict[str, str]:
    weighed, product = WEIGHED.search(text), PRODUCT.search(text)
    try:
        kg = float(weighed[1]) if weighed else None
    except ValueError:
        kg = None
    return {
        "weight": weight(kg, unit),
        "unit": unit,
        "product": product[1].strip() if product else "–",
    }
