"""Kilograms or pounds: each user's own choice, kept here; the Pi knows kilograms alone."""

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from django.conf import settings

from herd.rules.units import KG_PER_LB, MOST_KG
from remote.office.choices import Choices
from remote.office.link.client import Person

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
    """Return a sentence of the Pi, which writes kilograms, with weights in the reader's unit."""
    return KILOGRAMS.sub(_in_pounds, text) if unit == "lb" else text


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
