"""Kilograms or pounds: each user's own choice, kept here; the Pi knows kilograms alone."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from herd.rules.units import KG_PER_LB, MOST_KG
from remote.office.choices import Choices
from remote.office.link.client import Person
from remote.office.refusal_text import refusal_text

UNITS: Final = ("kg", "lb")
KILOGRAMS: Final = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]+)?) kg\b")


class ChosenUnits(Choices):
    def __init__(self, file: Path) -> None:
        super().__init__(file, UNITS, "units")

    def of(self, person: Person | None) -> str:
        return super().of(person) or settings.WEIGHT_UNIT


def in_unit(kg: float, unit: str) -> float:
    return kg / float(KG_PER_LB) if unit == "lb" else kg


def sentence_in(text: str, unit: str) -> str:
    """Return a sentence of the Pi, which writes English and kilograms, in the reader's unit; and in
    the reader's language where it says why a weight is doubted or something was refused."""
    text = KILOGRAMS.sub(_in_pounds, text) if unit == "lb" else text
    for pattern, told in DOUBTS:
        if found := pattern.fullmatch(text):
            return told(found)
    return refusal_text(text)


def _too_fast(found: re.Match[str]) -> str:
    days = int(found[2])
    told = ngettext(
        "%(change)s in %(days)d day: too fast to be right",
        "%(change)s in %(days)d days: too fast to be right",
        days,
    )
    return told % {"change": found[1], "days": days}


# The sentences of herd/rules/weight_outliers.py.
DOUBTS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (re.compile(r"([-+]\d+ \w+) in (\d+) days?: too fast to be right"), _too_fast),
    (
        re.compile(r"([-+]\d+ \w+) on one day: too fast to be right"),
        lambda found: _("%s on one day: too fast to be right") % found[1],
    ),
    (
        re.compile(r"(\S+ \w+): no animal weighs that"),
        lambda found: _("%s: no animal weighs that") % found[1],
    ),
)


def _in_pounds(found: re.Match[str]) -> str:
    return f"{found[1]}{in_unit(float(found[2]), 'lb'):.0f} lb"


def to_kg_float(text: str, unit: str) -> float | None:
    """Return the kilograms of a number as it is typed; None of what is no number."""
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return float(to_kg(value, unit)) if value.is_finite() and 0 < value < MOST_KG * 3 else None


def to_kg(weight: Decimal, unit: str) -> Decimal:
    kg = weight * KG_PER_LB if unit == "lb" else weight
    return kg.quantize(Decimal("0.01"))  # what the Pi stores
