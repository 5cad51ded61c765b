"""Pens: the occupancy board, and one pen with its animals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from statistics import fmean
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from herd.rules.growth import group_gain, occupancy
from herd.rules.searching import SEARCHED, searched_text, unaccented
from remote.office import clocks
from remote.office.mirror.index import ON_FEED
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.animal_row import sheet_row
from remote.office.pages.animals import COLUMNS, group_of, held_of, name_of
from remote.office.pages.batches import spread
from remote.office.pages.page import (
    PRINTED_AT_MOST,
    NoSuchPage,
    Page,
    PageRequest,
    Same,
    in_order,
    list_page,
)
from remote.office.pages.places import by_number

ORDERS: Final[dict[str, Callable[[Row], tuple[bool, int, int]]]] = {
    # Those whose room nobody knows come after the others, with the most head first.
    "fullest": lambda pen: (pen["percent"] is None, -(pen["percent"] or 0), -pen["head_count"]),
    "emptiest": lambda pen: (pen["percent"] is None, pen["percent"] or 0, -pen["head_count"]),
    "head": lambda pen: (False, -pen["head_count"], 0),
}


def filling(pen: Row) -> Row:
    """Return the pen with how full it is, worked out once for each row."""
    return _filling(Same(pen))


@lru_cache(maxsize=2_000)
def _filling(same: Same) -> Row:
    """Add `percent`, `bar` and `state`: available, near, full, or "" where nobody knows."""
    pen = same.row
    fill = occupancy(pen["head_count"], pen["capacity"])
    percent = None if fill is None else round(fill.ratio * 100)
    state = "" if fill is None else fill.state
    return pen | {"percent": percent, "bar": min(percent or 0, 100), "state": state}


def all_pens(mirror: Mirror) -> list[Row]:
    pens = mirror.tables["pens"].values()
    return [filling(pen) for pen in sorted(pens, key=lambda pen: by_number(pen["pen_number"]))]


def held_by_pen(mirror: Mirror, pens: Sequence[Row]) -> dict[int, tuple[int, str]]:
    """Return of each of the pens how many on feed are not clear, and until which day."""
    index, today = mirror.held.index, clocks.today(mirror)
    on_feed, found = index.mask("status", *ON_FEED), {}
    for pen in pens:
        if days := index.clear_days(index.group("pen", pen["id"]), on_feed, today):
            found[pen["id"]] = len(days), max(days).isoformat()
    return found


def _with_held(pen: Row, held: Mapping[int, tuple[int, str]]) -> Row:
    return _told_with_held(Same(pen), *held.get(pen["id"], (0, "")))


@lru_cache(maxsize=2_000)
def _told_with_held(pen: Same, held: int, until: str) -> Row:
    told = {"all": pen.row["head_count"], "held": held, "until": until}
    return {**pen.row, "withdrawal": told}


def all_found(mirror: Mirror, asked: PageRequest) -> list[Row]:
    """Return the pens by number, or the fullest, the emptiest or the most head first."""
    wanted = unaccented(asked.search)
    found = [
        pen
        for pen in all_pens(mirror)
        if wanted in searched_text(pen[name] for name in SEARCHED["pens"])
    ]
    key = ORDERS.get(asked.params.get("sort", ""))
    return sorted(found, key=key) if key else found


def build_board(mirror: Mirror, asked: PageRequest) -> Page:
    found, in_all = all_found(mirror, asked), len(mirror.tables["pens"])
    listing = list_page("office/_pen_card.html", found, asked, ())
    held = held_by_pen(mirror, listing.rows)
    listing = replace(listing, rows=[_with_held(pen, held) for pen in listing.rows])
    figures = {
        "pens": len(found),
        "head": sum(pen["head_count"] for pen in found),
        "full": sum(pen["state"] == "full" for pen in found),
        "near": sum(pen["state"] == "near" for pen in found),
        "unknown": sum(pen["percent"] is None for pen in found),
        "in_all": in_all,
    }
    return Page(
        "office/pens.html",
        _("Pens"),
        frozenset({"pens", "cattle"}),
        lists={"pens": listing},
        regions={
            "board": ("office/_pen_board.html", {"figures": figures}),
            "count": ("office/_count.html", {"listing": listing, "asked": asked}),
        },
        context={"in_all": in_all},
    )


def build_detail(mirror: Mirror, asked: PageRequest, pk: int) -> Page:
    """Build a pen's page; with `print` in the address, the sheet of all who stand there now."""
    pen = mirror.tables["pens"].get(pk)
    if pen is None:
        raise NoSuchPage(_("Pen no. %d is not in this office's copy.") % pk)
    # Who was shipped or died has left the pen, though its record still names it.
    on_feed = [row for row in mirror.held.in_pen(pk) if row["status"] in ON_FEED]
    if "print" in asked.params:
        return _sheet(mirror, pen, on_feed, asked)
    listing = group_of(mirror, on_feed, asked)
    return Page(
        "office/pen.html",
        _("Pen %s") % pen["pen_number"],
        frozenset({"pens", "cattle"}),
        lists={"animals": listing},
        regions={
            "figures": (
                "office/_pen_figures.html",
                {"pen": filling(pen), "unit": asked.unit, **_figures(mirror, on_feed)},
            ),
            "spread": ("office/_histogram.html", spread(on_feed, asked.unit)),
            "count": ("office/_count.html", {"listing": listing, "asked": asked}),
        },
        context={"pen": pen},
    )


def _sheet(mirror: Mirror, pen: Row, on_feed: Sequence[Row], asked: PageRequest) -> Page:
    animals = in_order(on_feed, asked, COLUMNS, "lid")
    shown = animals[:PRINTED_AT_MOST]
    return Page(
        "office/pen_sheet.html",
        _("Pen %s") % pen["pen_number"],
        frozenset(),
        context={
            "pen": filling(pen),
            "rows": {row["id"]: sheet_row(row, name_of(row), asked.unit) for row in shown},
            "head": len(shown),
            "left_out": len(animals) - len(shown),
            "printed_at": timezone.localtime(mirror.time.now()),
            **_figures(mirror, on_feed),
        },
    )


def _figures(mirror: Mirror, on_feed: Sequence[Row]) -> dict[str, Any]:
    weights = [row["last_weight_kg"] for row in on_feed if row["last_weight_kg"] is not None]
    gain = group_gain(row["adg_kg"] for row in on_feed if row["adg_kg"] is not None)
    return {
        "mean": fmean(weights) if weights else None,
        "weighed": len(weights),
        "gain": gain[0] if gain else None,
        "gaining": gain[1] if gain else 0,
        "withdrawal": held_of(mirror, on_feed),
    }
