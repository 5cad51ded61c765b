"""How barn devices spell a weight → kilograms."""

import re
from decimal import Decimal

# 1,250 is a bull to one scale and a kilogram and a quarter to another: nobody guesses.
# A device that turns pounds into kilograms sends all the decimals it has: 267.29999999999995.
_WEIGHT = re.compile(
    r"(?!\+?[1-5],[0-9]{3}(?![0-9]))\+?([0-9]{1,9}(?:[.,][0-9]{0,20})?|[.,][0-9]{1,20})"
    r"\s*(?:kgs?)?",
    re.IGNORECASE | re.ASCII,
)


def kilograms(text: str) -> Decimal | None:
    """As it was sent, not rounded; None where this is no number of kilograms, or not surely one."""
    found = _WEIGHT.fullmatch(text)
    return Decimal(found[1].replace(",", ".")) if found else None
