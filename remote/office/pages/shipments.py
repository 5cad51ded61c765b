"""Shipments: the list, one as it is loaded, and its manifest on paper."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from herd.rules.searching import SEARCHED, searched_text, unaccented
from remote.office import clocks
from remote.office.mirror.index import natural
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.animals import name_of
from remote.office.pages.chute_words import chute_words
from remote.office.pages.page import NoSuchPage, Page, PageRequest, in_order, list_page

COLUMNS = {
    "number": lambda row: natural(row["shipment_number"]),
    "id": lambda row: row["id"],
    "day": lambda row: row["day"],
}
# What the list of its animals and the tools beside its name rest on.
TOLD = ("state", "reported_on", "planned_count", "loaded_count", "extra_count", "missing_count")
STATES = ("missing", "extra", "loaded")
MOST_NAMED = 60  # of a group of a shipment that is about to leave
NOT_REPORTED = "not_reported"  # among the states that the list is asked for


def build_list(mirror: Mirror, asked: PageRequest) -> Page:
    found = [_with_days_left(row, clocks.today(mirror)) for row in all_found(mirror, asked)]
    listing = list_page("office/_shipment_row.html", found, asked, ())
    waiting = sum(map(_is_to_be_reported, mirror.tables["shipments"].values()))
    return Page(
        "office/shipments.html",
        _("Shipments"),
        frozenset({"shipments"}),
        lists={"shipments": listing},
        regions={
            "count": ("office/_count.html", {"listing": listing, "asked": asked}),
            "waiting": ("office/_shipments_to_report.html", {"waiting": waiting}),
        },
        context={"in_all": len(mirror.tables["shipments"])},
    )


def all_found(mirror: Mirror, asked: PageRequest) -> Sequence[Row]:
    """Return every row that the filters leave, on whichever page."""
    state, wanted = asked.params.get("state", ""), unaccented(asked.search)
    found = [
        row
        for row in mirror.tables["shipments"].values()
        if (state in {"", row["state"]} or (state == NOT_REPORTED and _is_to_be_reported(row)))
        and (not wanted or wanted in _haystack(row))
    ]
    return in_order(found, asked, COLUMNS, "-id")


def _haystack(row: Row) -> str:
    return searched_text(row[name] for name in SEARCHED["shipments"])


def _is_to_be_reported(row: Row) -> bool:
    return row["state"] == "shipped" and row["reported_on"] is None


def _with_days_left(row: Row, today: date) -> Row:
    """Add `days_left` to one that is not reported yet."""
    if not _is_to_be_reported(row):
        return row
    return {**row, "days_left": (date.fromisoformat(row["report_by"]) - today).days}


def build_detail(mirror: Mirror, asked: PageRequest, pk: int) -> Page:
    """Build a shipment's page: its counts are live, and who is missing is asked of the Pi anew
    whenever they change."""
    shipment = shipment_of(mirror, pk)
    shown = _with_days_left(shipment, clocks.today(mirror))
    return Page(
        "office/shipment.html",
        _("Shipment %s") % shipment["shipment_number"],
        frozenset({"shipments"}),
        regions={"figures": ("office/_shipment_figures.html", {"shipment": shown})},
        context={"shipment": shipment, "chute_words": chute_words()},
        past=tuple(shipment[name] for name in TOLD),
    )


def holds(mirror: Mirror, text: str) -> bool:
    """Return whether any shipment's number, destination or carrier holds the text."""
    wanted = unaccented(text)
    return any(wanted in _haystack(row) for row in mirror.tables["shipments"].values())


def build_manifest(mirror: Mirror, asked: PageRequest, pk: int) -> Page:
    shipment = shipment_of(mirror, pk)
    title = _("Shipment %s") % shipment["shipment_number"]
    return Page("office/manifest.html", title, frozenset(), context={"shipment": shipment})


def shipment_of(mirror: Mirror, pk: int) -> Row:
    shipment: Row | None = mirror.tables["shipments"].get(pk)
    if shipment is None:
        raise NoSuchPage(_("Shipment no. %d is not in this office's copy.") % pk)
    return shipment


def by_state(rows: Sequence[Row]) -> dict[str, Any]:
    """Return a shipment's animals by how they stand: missing, extra, loaded; held ones first."""
    shown = [{**one["cattle"], "held": one.get("held"), "state": one["state"]} for one in rows]
    shown.sort(key=lambda row: not row["held"])
    found = {state: [row for row in shown if row["state"] == state] for state in STATES}
    return found | {"held": [row for row in shown if row["held"]]}


def named_apart(manifest: Row) -> dict[str, Any]:
    """Return those of a manifest that people ask for: who stayed, and who left and was held."""
    stayed = {
        one: {"count": len(manifest[one]), "names": ", ".join(map(_name_of, manifest[one]))}
        for one in ("missing", "left_behind")
    }
    held = [row | {"name": _name_of(row)} for row in manifest["animals"] if row.get("held")]
    return {**stayed, "held": held}


def leaving_apart(manifest: Row) -> list[dict[str, Any]]:
    """Return who would leave with a shipment, who of them is held, and who stays: each with names,
    the first MOST_NAMED of them."""
    groups = {
        "held": [one for one in manifest["animals"] if one["held"]],
        "planned": [one for one in manifest["animals"] if not one["extra"]],
        "extra": [one for one in manifest["animals"] if one["extra"]],
        "missing": manifest["missing"],
    }
    return [
        {
            "group": group,
            "count": len(some),
            "named": [one | {"name": _name_of(one)} for one in some[:MOST_NAMED]],
            "more": max(0, len(some) - MOST_NAMED),
        }
        for group, some in groups.items()
    ]


def _name_of(told: Row) -> str:
    return name_of({**told, "id": told["cattle_id"]})


def loaded(answer: Row) -> dict[str, Any]:
    """Return what the Pi said of a scan while a shipment is loading, for the page's script."""
    told = "loaded" if answer["planned"] else "extra"
    return {
        "told": "held" if answer.get("held") else told,
        "name": name_of(answer["cattle"]),
        "until": answer["cattle"].get("clear_on") or "",
    }
