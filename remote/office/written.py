"""Weights and times as a person reads them, for templates and for rows that are made by hand."""

from datetime import datetime

from django.utils.safestring import SafeString, mark_safe

from herd.local_time import localtime
from remote.office.units import in_unit

ABSENT = "–"
DAY_LENGTH = len("2026-11-27")


def weight(kg: float | None, unit: str) -> str:
    """Write `354.2` in kg or lb, without the unit; a dash where there is none."""
    return ABSENT if kg is None else in_figures(in_unit(kg, unit), unit)


def in_figures(weight: float | None, unit: str) -> str:
    """Write a weight that is in the reader's unit already: pounds have no decimals."""
    if weight is None:
        return ABSENT
    return f"{weight:.0f}" if unit == "lb" else f"{weight:.1f}"


def gain(kg: float | None, unit: str) -> str:
    return ABSENT if kg is None else f"{in_unit(kg, unit):.2f}"


def written_time(iso: str | None) -> str:
    """Write `2026-11-20 14:02`, as paper needs it: "3 min ago" is true on a screen alone."""
    return localtime(datetime.fromisoformat(iso)).isoformat(" ")[:16] if iso else ABSENT


def moment(iso: str | datetime | None) -> SafeString | str:
    """Show a time; the page keeps "3 min ago" in front of it and leaves the day out as long as that
    says it. On paper the whole time stands."""
    if not iso:
        return ABSENT
    if isinstance(iso, str) and len(iso) == DAY_LENGTH:
        return iso  # no time of the day is known
    at = datetime.fromisoformat(iso) if isinstance(iso, str) else iso
    # Cut from one text, and nothing to escape in it: a page shows fifty of them.
    whole = localtime(at).isoformat(" ")[:19]
    return mark_safe(  # noqa: S308 - the digits of a time
        f'<time datetime="{at.isoformat()}" title="{whole}">'
        f"<span>{whole[:10]} </span>{whole[11:16]}</time>"
    )
