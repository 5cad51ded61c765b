"""Deaths and pulls of some days. The Pi tells them; the mirror knows when there are others."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from remote.office import clocks
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.animals import name_of
from remote.office.pages.page import Listing, Page, PageRequest, list_page

KINDS: Final = ("death", "pull")
TABLES: Final = {
    "by_batch": "office/_death_batch_row.html",
    "by_cause": "office/_death_count_row.html",
    "by_day": "office/_death_count_row.html",
}
SPAN: Final = ("first", "last")


def build(mirror: Mirror, asked: PageRequest) -> Page:
    return Page(
        "office/deaths.html",
        _("Deaths and pulls"),
        frozenset({"cattle", "pulls"}),
        context={"days": days_asked(asked)},
        past=fingerprint(mirror),
    )


def fingerprint(mirror: Mirror) -> object:
    """Return what is another thing once an animal has died or was pulled, or it is tomorrow."""
    names = ("cause", "returned_at", "voided_at", "cattle_id")
    pulls = mirror.tables["pulls"].values()
    told = tuple(hash(tuple(row[name] for name in names)) for row in pulls)
    return clocks.today(mirror), mirror.statuses.get("dead", 0), hash(told)


def days_asked(asked: PageRequest) -> dict[str, str]:
    """Return the days that the address names; what is no day is not asked for."""
    return {name: text for name in SPAN if (text := _day(asked.params.get(name, "")))}


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def kept(report: Mapping[str, Any]) -> Row:
    """Return the report as it is kept: each row with its animal's name, and a key of its own."""
    counts = {name: _numbered(report[name]) for name in TABLES}
    return {**report, **counts, "data": [_kept_row(row) for row in report["data"]]}


def _numbered(rows: list[Row]) -> list[Row]:
    return [{**row, "id": number} for number, row in enumerate(rows)]


def _kept_row(row: Row) -> Row:
    name = name_of({**row, "id": row["cattle_id"]})
    return {**row, "id": f"{row['kind']}-{row['id']}", "name": name}


def rows_of(report: Row, asked: PageRequest) -> list[Row]:
    """Return the deaths or the pulls alone, where the address says so."""
    kind = asked.params.get("kind")
    return [row for row in report["data"] if kind not in KINDS or row["kind"] == kind]


def with_report(report: Row, asked: PageRequest) -> dict[str, Any]:
    """Return what a page shows of a report that is kept."""
    variant = (asked.unit, asked.may_write)
    listing = list_page("office/_death_row.html", rows_of(report, asked), asked, variant)
    counts = {
        name: Listing(template, report[name], variant, len(report[name])).rendered()
        for name, template in TABLES.items()
    }
    return {"report": report, "listing": listing, "rows": listing.rendered(), **counts}
