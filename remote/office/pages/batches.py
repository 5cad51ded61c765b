"""Batches: the list, and one with its animals."""

from collections import Counter
from typing import Any

from remote.office.mirror import Mirror, Row
from remote.office.pages.animals import group_of
from remote.office.pages.page import Asked, Listing, NoSuchPage, Page, one_page

COLUMNS = {
    "number": lambda row: row["batch_number"],
    "id": lambda row: row["id"],
    "head": lambda row: row["head_count"],
    "weight": lambda row: row["mean_weight_kg"],
    "gain": lambda row: row["adg_kg"],
    "read": lambda row: row["last_read_at"],
    "induction": lambda row: row["induction_date"],
}


def build_list(mirror: Mirror, asked: Asked) -> Page:
    table = mirror.tables["batches"]
    found = _matching(table.values(), asked)
    rows = one_page(found, asked, COLUMNS, "-id")
    listing = Listing("office/_batch_row.html", rows, (asked.unit,), len(found), asked.number())
    return Page(
        "office/batches.html",
        "Batches",
        frozenset({"batches"}),
        lists={"batches": listing},
        regions={"count": ("office/_count.html", {"listing": listing, "asked": asked})},
        context={"in_all": len(table)},
    )


def _matching(rows: Any, asked: Asked) -> list[Row]:  # noqa: ANN401 - a view of rows
    status, source = asked.params.get("status"), asked.params.get("source")
    wanted = asked.search.casefold()
    return [
        row
        for row in rows
        if (not status or row["status"] == status)
        and (not source or row["source_type"] == source)
        and (not wanted or wanted in _haystack(row))
    ]


def _haystack(row: Row) -> str:
    return f"{row['batch_number']}\n{row['funder']}\n{row['lot_group']}".casefold()


def build_detail(mirror: Mirror, asked: Asked, pk: int) -> Page:
    batch = mirror.tables["batches"].get(pk)
    if batch is None:
        raise NoSuchPage(f"Batch no. {pk} is not in this office's copy.")
    animals = mirror.in_batch(pk)
    listing = group_of(animals, asked)
    figures = {
        "batch": batch,
        "unit": asked.unit,
        "statuses": sorted(Counter(row["status"] for row in animals).items()),
        "weighed": sum(row["last_weight_kg"] is not None for row in animals),
    }
    return Page(
        "office/batch.html",
        f"Batch {batch['batch_number']}",
        frozenset({"batches", "cattle"}),
        lists={"animals": listing},
        regions={
            "figures": ("office/_batch_figures.html", figures),
            "count": ("office/_count.html", {"listing": listing, "asked": asked}),
        },
        context={"batch": batch},
    )
