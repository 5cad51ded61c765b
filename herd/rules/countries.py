"""ISO 3166-1: the numeric country codes that an EID begins with."""

import csv
from pathlib import Path
from typing import Final


def _read(file: Path) -> dict[int, tuple[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        rows = csv.DictReader(opened)
        return {int(row["numeric"]): (row["alpha2"], row["name"]) for row in rows}


# Numeric code: alpha-2 code and short English name.
COUNTRIES: Final = _read(Path(__file__).with_name("countries.csv"))
