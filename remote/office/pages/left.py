"""What left on some days: each animal with its day, why it left and its batch."""

from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from remote.office import clocks
from remote.office.mirror.found import Found
from remote.office.mirror.masks import Mask
from remote.office.mirror.mirror import Mirror
from remote.office.pages.animals import places_asked
from remote.office.pages.deaths import days_asked
from remote.office.pages.page import Page, PageRequest, list_page

WAYS: Final = ("exported", "sold", "dead")
DAYS: Final = 30  # where the address names no first day


def build(mirror: Mirror, asked: PageRequest) -> Page:
    listing = list_page("office/_left_row.html", all_found(mirror, asked), asked, (asked.unit,))
    return Page(
        "office/left.html",
        _("What left"),
        frozenset({"cattle"}),
        lists={"left": listing},
        regions={
            "figures": ("office/_left_figures.html", {"counts": _counts(mirror, asked)}),
            "count": ("office/_count.html", {"listing": listing, "asked": asked}),
        },
        context={"span": _span(mirror, asked)},
    )


def all_found(mirror: Mirror, asked: PageRequest) -> Found:
    """Return every animal that the filters leave, the last to leave first."""
    way = asked.params.get("status", "")
    ways = (way,) if way in WAYS else WAYS
    return Found(mirror.held.rows["cattle"], _keys(mirror, asked, *ways))


def _counts(mirror: Mirror, asked: PageRequest) -> list[tuple[str, int]]:
    return [(way, len(_keys(mirror, asked, way))) for way in WAYS]


def _keys(mirror: Mirror, asked: PageRequest, *ways: str) -> list[int]:
    index, span = mirror.held.index, _span(mirror, asked)
    keys = index.left_between(span["first"], span["last"])
    return index.among(index.among(keys, index.mask("status", *ways)), _of_batch(mirror, asked))


def _of_batch(mirror: Mirror, asked: PageRequest) -> Mask:
    index = mirror.held.index
    if not asked.params.get("batch_number", "").strip():
        return index.everybody()
    return index.mask("batch", *(row["id"] for row in places_asked(mirror, asked, "batch")))


def _span(mirror: Mirror, asked: PageRequest) -> dict[str, Any]:
    days = {name: date.fromisoformat(day) for name, day in days_asked(asked).items()}
    last = days.get("last") or clocks.today(mirror)
    earliest = max(last.toordinal() - DAYS + 1, date.min.toordinal())
    return {"first": days.get("first") or date.fromordinal(earliest), "last": last}
