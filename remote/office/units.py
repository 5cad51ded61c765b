"""Kilograms or pounds: each user's own choice, kept here; the Pi knows kilograms alone."""

import json
import logging
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from django.conf import settings

from herd.rules.units import KG_PER_LB, MOST_KG
from remote.office.link.client import Person

log = logging.getLogger(__name__)

UNITS: Final = ("kg", "lb")
KILOGRAMS: Final = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]+)?) kg\b")


class ChosenUnits:
    """The unit by user name, in a file that the offices of one process share."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._chosen = self._read()

    def of(self, person: Person | None) -> str:
        return self._chosen.get(person.username if person else "", settings.WEIGHT_UNIT)

    def choose(self, person: Person, unit: str) -> None:
        """Keep the choice for good, whichever browser the person uses at this office."""
        # Another office of this process may have written since; its people keep their choice.
        self._chosen |= self._read() | {person.username: unit}
        made = self._file.with_suffix(".new")  # a power cut must not leave half a file
        try:
            made.write_text(json.dumps(self._chosen))
            made.replace(self._file)
        except OSError as error:
            log.warning("The units that users chose cannot be kept in %s: %s", self._file, error)

    def _read(self) -> dict[str, str]:
        try:
            known = json.loads(self._file.read_text())
            return {str(name): unit for name, unit in known.items() if unit in UNITS}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError) as error:
            log.warning("The units that users chose cannot be read from %s: %s", self._file, error)
            return {}


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
