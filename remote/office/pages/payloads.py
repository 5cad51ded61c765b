"""The radio log: what was heard, what became of it, and trying again."""

from remote.office.mirror import Mirror, Row
from remote.office.pages.page import Asked, Listing, Page, cut

STATUSES = ("received", "processed", "duplicate", "error")


def build(mirror: Mirror, asked: Asked) -> Page:
    found = all_found(mirror, asked)
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


def all_found(mirror: Mirror, asked: Asked) -> list[Row]:
    """Of the payloads held here, every one that the filters leave, the newest first."""
    return [row for row in reversed(mirror.tables["payloads"].values()) if _fits(row, asked)]


def _fits(row: Row, asked: Asked) -> bool:
    status, wanted = asked.params.get("status"), asked.search.casefold()
    if status and row["status"] != status:
        return False
    if asked.params.get("code") and row["error_code"] != asked.params["code"]:
        return False
    return not wanted or wanted in f"{row['raw_payload']}\n{row['source']}".casefold()
