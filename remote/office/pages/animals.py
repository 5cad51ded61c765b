"""Cattle: the list with its search by any spelling of a tag, and one animal."""

from collections.abc import Iterable, Sequence
from itertools import islice

from remote.office.mirror import Mirror, Row
from remote.office.pages.page import PER_PAGE, Asked, Listing, NoSuchPage, Page, cut, ordered

FOUND_AT_MOST = 500
COLUMNS = {
    "id": lambda row: row["id"],
    "weight": lambda row: row["last_weight_kg"],
    "gain": lambda row: row["adg_kg"],
    "seen": lambda row: row["last_seen_at"],
    "lid": lambda row: row["livestock_id"],
}


def build_list(mirror: Mirror, asked: Asked) -> Page:
    rows, total = _found(mirror, asked)
    listing = Listing("office/_animal_row.html", rows, (asked.unit,), total, asked.number())
    return Page(
        "office/cattle.html",
        "Cattle",
        frozenset({"cattle"}),
        lists={"cattle": listing},
        regions={"count": ("office/_count.html", {"listing": listing, "asked": asked})},
        context={
            "in_all": len(mirror.tables["cattle"]),
            "batch": _named(mirror.tables["batches"], asked.params.get("batch")),
            "pen": _named(mirror.tables["pens"], asked.params.get("pen")),
        },
    )


def _named(table: dict[int, Row], text: str | None) -> Row | None:
    return table.get(int(text)) if text and text.isascii() and text.isdigit() else None


def _found(mirror: Mirror, asked: Asked) -> tuple[Sequence[Row], int]:
    """One page of rows and how many there are. The plain list is not copied to be cut."""
    table = mirror.tables["cattle"]
    filters = {"batch", "pen", "status", "q", "sort"} & asked.params.keys()
    if not filters:
        first = (asked.number() - 1) * PER_PAGE
        return list(islice(reversed(table.values()), first, first + PER_PAGE)), len(table)
    found = [row for row in _candidates(mirror, asked) if _fits(row, asked)]
    if "sort" in asked.params or not asked.search:
        found = ordered(found, asked, COLUMNS, "-id")
    return cut(found, asked), len(found)


def _candidates(mirror: Mirror, asked: Asked) -> Iterable[Row]:
    if asked.search:
        return mirror.find_animals(asked.search, FOUND_AT_MOST)
    batch = _named(mirror.tables["batches"], asked.params.get("batch"))
    if batch is not None:
        return mirror.in_batch(batch["id"])
    pen = _named(mirror.tables["pens"], asked.params.get("pen"))
    return mirror.in_pen(pen["id"]) if pen is not None else mirror.tables["cattle"].values()


def _fits(row: Row, asked: Asked) -> bool:
    for name in ("batch", "pen"):
        wanted = asked.params.get(name)
        if wanted and str((row[name] or {}).get("id")) != wanted:
            return False
    status = asked.params.get("status")
    return not status or row["status"] == status


def build_detail(mirror: Mirror, asked: Asked, pk: int) -> Page:
    animal = mirror.tables["cattle"].get(pk)
    if animal is None:
        raise NoSuchPage(f"Animal no. {pk} is not in this office's copy.")
    return Page(
        "office/animal.html",
        f"Animal {name_of(animal)}",
        frozenset({"cattle"}),
        regions={"identity": ("office/_identity.html", {"animal": animal, "unit": asked.unit})},
        context={"animal": animal, "name": name_of(animal)},
    )


def name_of(animal: Row) -> str:
    """What people call it: its livestock id, visual id or a tag."""
    fields = ("livestock_id", "visual_id", "lf_tag", "uhf_tag")
    return next((str(animal[f]) for f in fields if animal[f]), f"no. {animal['id']}")
