"""The radio log: what was heard, what became of it, and trying again."""

from remote.office.mirror import Mirror, Row
from remote.office.pages.page import Asked, Listing, Page, cut

STATUSES = ("received", "processed", "duplicate", "error")


def build(mirror: Mirror, asked: Asked) -> Page:
    found = [row for row in reversed(mirror.tables["payloads"].values()) if _fits(row, asked)]
    may_retry = asked.may_write and mirror.link.state == "live"
    listing = Listing(
        "office/_payload_row.html",
        cut(found, asked),
        (asked.unit, may_retry),
        len(found),
        asked.number(),
    )
    return Page(
        "office/payloads.html",
        "Radio log",
        frozenset({"payloads"}),
        lists={"payloads": listing},
        regions={
            "count": ("office/_count.html", {"listing": listing, "asked": asked}),
            "today": ("office/_today.html", {"today": mirror.payloads_today, "asked": asked}),
            "why": ("office/_retry_why.html", {"asked": asked, "link": mirror.link}),
        },
        context={"in_all": len(mirror.tables["payloads"]), "statuses": STATUSES},
    )


def _fits(row: Row, asked: Asked) -> bool:
    status, wanted = asked.params.get("status"), asked.search.casefold()
    if status and row["status"] != status:
        return False
    return not wanted or wanted in f"{row['raw_payload']}\n{row['source']}".casefold()
