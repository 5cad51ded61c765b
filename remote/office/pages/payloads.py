"""The radio log: what was heard, what became of it, and trying again."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.labels import refusal
from remote.office.pages.noise_groups import grouped
from remote.office.pages.page import PER_PAGE, Listing, Page, PageRequest, paginate
from remote.office.pages.payload_row import payload_row
from remote.wire import ERRORS_HELD, RECENT

STATUSES = ("received", "processed", "duplicate", "error")
FILTERS = {"status": "status", "code": "error_code", "source": "source"}
EACH = "each"  # in the address: noise too has a line for every row
ON_THE_PI = {"q": "search", **FILTERS, "before": "before"}


def build(mirror: Mirror, asked: PageRequest) -> Page:
    """Build the radio log. With `before` in the address the rows are the Pi's, and stay."""
    table = mirror.tables["payloads"]
    page = Page(
        "office/payloads.html",
        _("Radio log"),
        frozenset({"payloads"}),
        regions={
            "today": ("office/_today.html", {"today": mirror.payloads_today, "asked": asked}),
            "why": ("office/_retry_why.html", {"asked": asked, "link": mirror.link}),
        },
        context={
            "in_all": len(table),
            "sources": sorted({row["source"] for row in table.values()}),
            "codes": _codes(mirror, asked),
        },
    )
    if "before" not in asked.params:
        _add_held(page, mirror, asked)
    return page


def _codes(mirror: Mirror, asked: PageRequest) -> list[tuple[str, str]]:
    """Return the error codes that there are, and the one asked for, by their sentences."""
    codes = {row["error_code"] for row in mirror.held.waiting()} | {asked.params.get("code", "")}
    return sorted(((code, refusal(code)) for code in codes - {""}), key=lambda pair: pair[1])


def _add_held(page: Page, mirror: Mirror, asked: PageRequest) -> None:
    found = all_found(mirror, asked)
    if EACH not in asked.params:
        found = grouped(found)
    listing = listing_of(mirror, paginate(found, asked), asked, len(found))
    page.lists["payloads"] = listing
    held = {"before": _oldest_held(mirror, asked), "recent": RECENT, "errors": ERRORS_HELD}
    context = {"listing": listing, "asked": asked, **held}
    page.regions["count"] = ("office/_payload_count.html", context)


def listing_of(mirror: Mirror, rows: Sequence[Row], asked: PageRequest, total: int = 0) -> Listing:
    may_retry = asked.may_write and mirror.link.state == "live"
    variant = (asked.unit, may_retry)
    return Listing(payload_row, rows, variant, total, asked.number(total), asked.per_page)


def question(asked: PageRequest) -> dict[str, Any]:
    """Return the same filters in the Pi's own words."""
    params = {theirs: asked.params.get(ours, "") for ours, theirs in ON_THE_PI.items()}
    return {"limit": PER_PAGE} | {name: value for name, value in params.items() if value}


def _oldest_held(mirror: Mirror, asked: PageRequest) -> int | None:
    """Return the id before which the Pi has more; None where all are here."""
    if asked.params.get("status") == "error" or asked.params.get("code"):
        # What waits for a person is held however old it is: the list of errors ends elsewhere.
        waiting = mirror.held.waiting()
        return waiting[0]["id"] if len(waiting) >= ERRORS_HELD else None
    return mirror.held.oldest_recent("payloads")


def all_found(mirror: Mirror, asked: PageRequest) -> list[Row]:
    """Return the payloads held here that the filters leave, the newest first."""
    return [row for row in reversed(mirror.tables["payloads"].values()) if _fits(row, asked)]


def _fits(row: Row, asked: PageRequest) -> bool:
    wanted = asked.search.casefold()
    for name, field in FILTERS.items():
        if asked.params.get(name) and row[field] != asked.params[name]:
            return False
    return not wanted or wanted in f"{row['raw_payload']}\n{row['source']}".casefold()
