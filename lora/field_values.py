"""What one field of a payload says: a weight, an amount, a text, or no value. Pure."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from herd.rules.units import MOST_KG

# As printed by Python, JavaScript, C, R and by people. NaN is no weight, and is told as one.
_NO_VALUE: Final = frozenset(
    {"none", "null", "(null)", "nil", "undefined", "n/a", "#n/a", "na", "n.a.", "<na>", "-", "--"}
)
LONGEST: Final = 50  # characters of a field
LONGEST_UNIT: Final = 20
LONGEST_OF: Final = {"notes": 500, "product": 100}

# 1,250 is a bull to one scale and a kilogram and a quarter to another: nobody guesses.
# A device that turns pounds into kilograms sends all the decimals it has: 267.29999999999995.
_WEIGHT = re.compile(
    r"(?!\+?[1-5],[0-9]{3}(?![0-9]))\+?([0-9]{1,9}(?:[.,][0-9]{0,20})?|[.,][0-9]{1,20})"
    r"\s*(?:kgs?)?",
    re.IGNORECASE | re.ASCII,
)
# 12.5 ml, 12,5ml or 2 tablets.
_AMOUNT = re.compile(
    r"(?![1-9][0-9]{0,2},[0-9]{3}(?![0-9]))([0-9]{1,5}(?:[.,][0-9]{1,2})?)\s*([^\d\s.,].{0,19})?",
    re.ASCII,
)


class Refused(Exception):
    """Takes the code and message of an InvalidPayload from where the fault is found to `parse`."""


def weight_of(text: str) -> Decimal | None:
    """Return kilograms to 10 g, None for none."""
    # An empty scale reads 0.
    weight = kilograms(text)
    if not text or weight == 0:
        return None
    if weight is None or weight > MOST_KG:
        limits = f"not a number of kilograms from 0 to {MOST_KG}"
        raise Refused("bad_weight", f"The weight {quoted(text)} is {limits}.")
    return weight.quantize(Decimal("0.01"), ROUND_HALF_UP) or None


def amount_of(text: str, unit: str) -> tuple[Decimal | None, str]:
    """Return how much was given and in which unit, None and "" where nothing is said."""
    check("unit", unit, LONGEST_UNIT)
    if not text:
        return None, unit
    found = _AMOUNT.fullmatch(text)
    amount = Decimal(found[1].replace(",", ".")) if found else None
    if not found or not amount or (unit and found[2] and unit.lower() != found[2].lower()):
        raise Refused("bad_amount", f"The amount {quoted(text)} is no number with its unit.")
    return amount, found[2] or unit


def kilograms(text: str) -> Decimal | None:
    """Return a weight as it was sent, not rounded; None where it may be no number of kilograms."""
    found = _WEIGHT.fullmatch(text)
    return Decimal(found[1].replace(",", ".")) if found else None


def value_of(text: str) -> str:
    text = text.strip()
    return "" if text.lower() in _NO_VALUE else text


def check(label: str, value: str, longest: int = LONGEST) -> None:
    if len(value) > longest:
        raise Refused("field_too_long", f"The {label} has more than {longest} characters.")
    if not value.isprintable():
        raise Refused("not_printable", f"The {label} has characters that cannot be printed.")


def quoted(text: str) -> str:
    """Quote the beginning of a text that may be long, or hold anything."""
    start = "".join(c if c.isprintable() else "?" for c in text[:40])
    return f'"{start}…"' if len(text) > 40 else f'"{start}"'
