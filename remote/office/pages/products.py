"""Products: what animals are treated with, and for how long they are held by it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from herd.rules.searching import SEARCHED, searched_text, unaccented
from remote.office import clocks
from remote.office.mirror.index import natural
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.page import Page, PageRequest, in_order, list_page

COLUMNS = {
    "name": lambda row: natural(row["name"]),
    "days": lambda row: row["withdrawal_days"],
    "expires": lambda row: row["expires_on"],
}


def build(mirror: Mirror, asked: PageRequest) -> Page:
    variant = (asked.unit, asked.may_write)
    listing = list_page("office/_product_row.html", all_found(mirror, asked), asked, variant)
    return Page(
        "office/products.html",
        _("Products"),
        frozenset({"products"}),
        lists={"products": listing},
        regions={"count": ("office/_count.html", {"listing": listing, "asked": asked})},
        context={"in_all": len(mirror.tables["products"])},
    )


def all_found(mirror: Mirror, asked: PageRequest) -> Sequence[Row]:
    """Return every row that the search leaves, on whichever page."""
    wanted = unaccented(asked.search)
    found = [row for row in mirror.tables["products"].values() if wanted in _haystack(row)]
    return in_order(found, asked, COLUMNS, "name")


def expired(mirror: Mirror, product: Row) -> str:
    """Return a sentence where the product's lot has expired, else ""."""
    day = product["expires_on"]
    if not day or clocks.today(mirror).isoformat() <= day:
        return ""
    told = {"lot": product["lot_no"], "day": day}
    return str(_("lot %(lot)s expired on %(day)s") % told)


def _haystack(row: Row) -> str:
    return searched_text(row[name] for name in SEARCHED["products"])
