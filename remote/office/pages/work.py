"""Work: what needs somebody, a row for each, with why, since when and what can be done about it."""

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.page import Listing, Page, PageRequest, list_page
from remote.office.work.items import Kind, WorkItem
from remote.office.work.kinds import BY_NAME, KINDS
from remote.office.work.marks import put_away
from remote.wire import Told

FIRST: Final = 5  # of each kind, where none is chosen
TOPICS: Final[frozenset[Told]] = frozenset({"batches", "cattle", "pens", "payloads", "weights"})


def build(mirror: Mirror, asked: PageRequest) -> Page:
    away = put_away(mirror)
    found = [(kind, kind.found(mirror, away)) for kind in KINDS]
    chosen = BY_NAME.get(asked.params.get("kind", ""))
    rows = [(kind, some) for kind, some in found if kind is chosen or chosen is None]
    listing = _of_one(mirror, asked, *rows[0]) if chosen else _of_all(mirror, asked, rows)
    counts = [(kind, len(some)) for kind, some in found if len(some) or kind is chosen]
    in_all = sum(count for _kind, count in counts)
    return Page(
        "office/work.html",
        _("Work"),
        TOPICS,
        lists={"work": listing},
        regions={
            "kinds": ("office/_work_kinds.html", _kinds(counts, chosen, asked)),
            "count": ("office/_work_count.html", _count(listing, asked, chosen, in_all)),
        },
    )


def _of_one(mirror: Mirror, asked: PageRequest, kind: Kind, found: Sequence[Any]) -> Listing:
    listing = list_page("office/_work_row.html", found, asked, (asked.unit, asked.may_write))
    rows = [_row(kind, kind.item(mirror, one, asked.unit)) for one in listing.rows]
    return Listing(listing.template, rows, listing.variant, listing.total, listing.number)


def _of_all(
    mirror: Mirror, asked: PageRequest, found: Sequence[tuple[Kind, Sequence[Any]]]
) -> Listing:
    rows = [
        _row(kind, kind.item(mirror, one, asked.unit))
        for kind, some in found
        for one in some[:FIRST]
    ]
    return Listing("office/_work_row.html", rows, (asked.unit, asked.may_write), len(rows))


def _row(kind: Kind, item: WorkItem) -> Row:
    return {
        "id": item.key,
        "kind": _(kind.label),
        "grave": kind.is_grave,
        "name": item.name,
        "link": item.link,
        "why": item.why,
        "since": item.since,
        "actions": item.actions,
    }


def _kinds(
    counts: Sequence[tuple[Kind, int]], chosen: Kind | None, asked: PageRequest
) -> dict[str, Any]:
    links = [
        {
            "text": kind.titled(count),
            "link": asked.link(kind=kind.name, page=""),
            "grave": kind.is_grave and count,
            "chosen": kind is chosen,
        }
        for kind, count in counts
    ]
    return {"kinds": links, "everything": asked.link(kind="", page=""), "chosen": chosen}


def _count(
    listing: Listing, asked: PageRequest, chosen: Kind | None, in_all: int
) -> dict[str, Any]:
    return {"listing": listing, "asked": asked, "chosen": chosen, "in_all": in_all}
