"""Work: what needs somebody, a row for each, with why, since when and what can be done about it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages import labels
from remote.office.pages.page import Listing, Page, PageRequest, list_page
from remote.office.work import marks
from remote.office.work.items import WORK_PAGE, Action, Kind, WorkItem
from remote.office.work.kinds import BY_NAME, KINDS
from remote.wire import Told

FIRST: Final = 5  # of each kind, where none is chosen
TOPICS: Final[frozenset[Told]] = frozenset(
    {"batches", "cattle", "pens", "payloads", "weights", "work_marks"}
)
STATES: Final = ("later", "dismissed")
Counted = Sequence[tuple[Kind, Sequence[Any]]]


def build(mirror: Mirror, asked: PageRequest) -> Page:
    away = marks.put_away(mirror)
    found = [(kind, kind.found(mirror, away)) for kind in KINDS]
    chosen = BY_NAME.get(asked.params.get("kind", ""))
    state = asked.params.get("state", "") if asked.params.get("state") in STATES else ""
    listing = _listing(mirror, asked, found, chosen, state)
    in_all = sum(len(some) for _kind, some in found)
    shown = {"chosen": chosen, "state": state}
    count = {"listing": listing, "asked": asked, "in_all": in_all, **shown}
    return Page(
        "office/work.html",
        _("Work"),
        TOPICS,
        lists={"work": listing},
        regions={
            "kinds": ("office/_work_kinds.html", {**_links(mirror, found, chosen), **shown}),
            "count": ("office/_work_count.html", count),
        },
        context=shown,
    )


def _listing(
    mirror: Mirror, asked: PageRequest, found: Counted, chosen: Kind | None, state: str
) -> Listing:
    variant = (asked.unit, asked.may_write)
    if state:
        rows = marks.of_state(mirror, state)
        return list_page("office/_work_mark_row.html", rows, asked, variant)
    if chosen is None:
        most = asked.per_page if "print" in asked.params else FIRST
        some = [(kind, one) for kind, those in found for one in those[:most]]
        listing = Listing("office/_work_row.html", [], variant, len(some))
    else:
        listing = list_page("office/_work_row.html", dict(found)[chosen], asked, variant)
        some = [(chosen, one) for one in listing.rows]
    remarks = marks.remarks(mirror)
    items = [(kind, kind.item(mirror, one, asked.unit)) for kind, one in some]
    return replace(listing, rows=[_row(kind, item, remarks.get(item.key)) for kind, item in items])


def all_found(mirror: Mirror, asked: PageRequest) -> list[Row]:
    """Return every item of the kind that is asked for, or of all, as a file has it; or what was
    dismissed or put off."""
    if (state := asked.params.get("state", "")) in STATES:
        marked = marks.of_state(mirror, state)
        return [_of_mark(row) for row in marked]
    away, chosen = marks.put_away(mirror), BY_NAME.get(asked.params.get("kind", ""))
    return [
        _in_file(kind, kind.item(mirror, one, asked.unit))
        for kind in ([chosen] if chosen else KINDS)
        for one in kind.found(mirror, away)
    ]


def _in_file(kind: Kind, item: WorkItem) -> Row:
    told = {name: getattr(item, name) for name in ("name", "why", "since", "link")}
    return {"kind": _(kind.label), "cattle_id": item.cattle_id, **told}


def _of_mark(mark: Row) -> Row:
    told = {"kind": labels.named(mark["kind"]), "name": mark["text"], "by": mark["made_by"]}
    days = {"since": mark["made_at"], "until": mark["until"]}
    return {"cattle_id": None, "reason": mark["reason"], **told, **days}


def _row(kind: Kind, item: WorkItem, remarks: Sequence[Row] | None) -> Row:
    return {
        "id": item.key,
        "kind": _(kind.label),
        "grave": kind.is_grave,
        "name": item.name,
        "link": item.link,
        "why": item.why,
        "since": item.since,
        "actions": (*item.actions, *_of_any(kind, item)),
        "marks": remarks or (),
    }


def _of_any(kind: Kind, item: WorkItem) -> tuple[Action, ...]:
    back = f"{WORK_PAGE}?kind={kind.name}"
    about, key = urlencode({"id": item.key, "back": back}), urlencode({"key": item.key})
    return (
        Action(_("Dismiss"), f"{WORK_PAGE}/dismiss?{about}", "d"),
        Action(_("Seen by me"), f"{WORK_PAGE}/seen?{key}", "b", posts=True),
        Action(_("Remind me"), f"{WORK_PAGE}/remind?{about}", "i"),
    )


def _links(mirror: Mirror, found: Counted, chosen: Kind | None) -> dict[str, Any]:
    links = [
        {
            "text": kind.titled(len(some)),
            "link": f"{WORK_PAGE}?kind={kind.name}",
            "grave": kind.is_grave and len(some),
            "chosen": kind is chosen,
        }
        for kind, some in found
        if len(some) or kind is chosen
    ]
    return {"kinds": links, **{state: len(marks.of_state(mirror, state)) for state in STATES}}
