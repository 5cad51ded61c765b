"""The office's copy beside the Pi's own rows, column by column, as a person downloads them."""

import csv
import io
from collections import Counter
from typing import Any

import requests

from tests.system.farm import Farm

Row = dict[str, Any]
Line = tuple[tuple[str, str], ...]
TOPICS = ("batches", "cattle", "pens")
ONLY_SHOWN = {"percent"}  # the page's own, not the Pi's


def all_rows(farm: Farm, path: str) -> list[Row]:
    """Every row of a list, page after page."""
    answer = farm.get(path, limit=500).json()
    rows: list[Row] = answer["data"]
    while answer["next"]:
        answer = farm.get(path, limit=500, cursor=answer["next"]).json()
        rows += answer["data"]
    return rows


def differences(farm: Farm, topic: str, clerk: requests.Session) -> tuple[int, int]:
    """How many of the Pi's rows the copy lacks, and how many it has that the Pi has not."""
    lines = _shown(farm, topic, clerk)
    columns = [name for name, _ in next(iter(lines), ())]
    rows = Counter(
        tuple((name, _told(row[name], name)) for name in columns) for row in all_rows(farm, topic)
    )
    return (rows - lines).total(), (lines - rows).total()


def _shown(farm: Farm, topic: str, clerk: requests.Session) -> Counter[Line]:
    answer = clerk.get(f"{farm.office_url}/office/{topic}?format=csv", timeout=30)
    assert answer.headers["Content-Type"].startswith("text/csv"), answer.url
    rows = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))
    return Counter(
        tuple((name, _bare(cell)) for name, cell in row.items() if name not in ONLY_SHOWN)
        for row in rows
    )


def _bare(cell: str) -> str:
    """Without what keeps a spreadsheet from reading a tag as a number."""
    return cell[2:-1] if cell.startswith('="') else cell


def _told(value: Any, name: str) -> str:
    """As the sheet has it: the farm's clock is UTC here, its scale in kilograms."""
    match value:
        case None:
            return ""
        case {"batch_number": told} | {"pen_number": told}:
            return str(told)
        case int() | float() if name.endswith("_kg"):
            return f"{value:.2f}"
        case str() if name.endswith("_at"):
            return value[:19].replace("T", " ")
        case _:
            return str(value)
