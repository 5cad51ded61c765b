"""The rows of a sheet as the Pi understands them: days by their month's name, weights with their
unit, and which animal it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from herd.sheets import columns
from remote.office.mirror.mirror import Row
from remote.office.units import in_unit

LABELS = {name: gettext_lazy(label) for name, label in columns.LABELS.items()}
WHAT = {
    "new": gettext_lazy("new"), "changed": gettext_lazy("changed"),
    "recorded": gettext_lazy("recorded"), "suspect": gettext_lazy("suspect"),
    "pending": gettext_lazy("new and pending"), "known": gettext_lazy("known before"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Understood:
    """A table: each row is the sheet's line and a text under each heading."""

    headings: list[str]
    rows: list[tuple[int, list[str]]]


def understood(sheet: Row, unit: str) -> Understood | None:
    """Return the sheet's rows as the Pi understands them; None where it understands none. `unit` is
    the sheet's."""
    rows = sheet["understood"]
    if not rows:
        return None
    if sheet["kind"] == "weights":
        headings = [_("Animal"), _("Weight"), _("Weighed"), _("Result")]
        return Understood(headings, [(row["line"], _weighing(row, unit)) for row in rows])
    names = [name for name in sheet["fields"] if any(name in row for row in rows)]
    headings = [_("Animal"), _("Result"), *(str(LABELS[name]) for name in names)]
    return Understood(headings, [(row["line"], list(_animal(row, names))) for row in rows])


def _animal(row: Row, names: list[str]) -> Iterable[str]:
    yield row.get("animal", "")
    yield _what(row)
    for name in names:
        value = row.get(name, "")
        yield _day(value) if name in columns.DATED and value else value


def _weighing(row: Row, unit: str) -> list[str]:
    kg = row["weight_kg"]
    weight = f"{kg:.2f} kg"
    if unit == "lb":
        weight = f"{in_unit(kg, unit):.1f} lb = {weight}"
    name = row.get("animal", "")
    tag = row["tag"]
    animal = f"{name} ({tag})" if name and name != tag else tag
    return [animal, weight, _day(row["at"]) if row["at"] else _("now"), _what(row)]


def _what(row: Row) -> str:
    return str(WHAT.get(row.get("what", ""), ""))


def _day(iso: Any) -> str:  # noqa: ANN401 - text of a JSON value
    """By the farm's clock, as it was written; the hours only where they say something."""
    at = datetime.fromisoformat(iso)
    return date_format(at, "j F Y" if (at.hour, at.minute) == (0, 0) else "j F Y, H:i")
