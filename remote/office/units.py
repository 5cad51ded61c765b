"""Kilograms or pounds: each user's own choice, kept here; the Pi knows kilograms alone."""

import json
import logging
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from herd.rules.units import KG_PER_LB

log = logging.getLogger(__name__)

UNITS: Final = ("kg", "lb")
KILOGRAMS: Final = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]+)?) kg\b")


def unit_of(request: HttpRequest) -> str:
    person = getattr(request, "person", None)
    return _chosen(_file()).get(person.username if person else "", settings.WEIGHT_UNIT)


def choose_unit(username: str, unit: str) -> None:
    """For good, whichever browser the person uses at this office."""
    file = _file()
    chosen = _chosen(file)
    chosen[username] = unit
    made = file.with_suffix(".new")
    try:
        made.write_text(json.dumps(chosen))
        made.replace(file)
    except OSError as error:
        log.warning("The units that users chose cannot be kept in %s: %s", file, error)


def _file() -> Path:
    return Path(settings.HEXABRAND_STATE_DIR) / "office-units.json"


@cache
def _chosen(file: Path) -> dict[str, str]:
    """Return the unit by user name; read once, for this process alone writes it."""
    try:
        known = json.loads(file.read_text())
        return {str(name): unit for name, unit in known.items() if unit in UNITS}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        log.warning("The units that users chose cannot be read from %s: %s", file, error)
        return {}


def in_unit(kg: float, unit: str) -> float:
    return kg / float(KG_PER_LB) if unit == "lb" else kg


def sentence_in(text: str, unit: str) -> str:
    """Return a sentence of the Pi, which writes kilograms, with the weights in its reader's
    unit."""
    return KILOGRAMS.sub(_in_pounds, text) if unit == "lb" else text


def _in_pounds(found: re.Match[str]) -> str:
    return f"{found[1]}{in_unit(float(found[2]), 'lb'):.0f} lb"


def to_kg(weight: Decimal, unit: str) -> Decimal:
    kg = weight * KG_PER_LB if unit == "lb" else weight
    return kg.quantize(Decimal("0.01"))
