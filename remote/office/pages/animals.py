"""Cattle: the list with its search by any spelling of a tag, and one animal."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from herd.tags import eid, epc_urn
from remote.office.mirror import Mirror, Row
from remote.office.pages import watch
from remote.office.pages.page import Asked, Listing, NoSuchPage, Page, Same, cut, named, one_page
from remote.wire import Topic

ON_FEED = ("active", "pending")
NARROWING = ("q", "status", "batch", "pen", "sex", "show")
COLUMNS = {
    "id": lambda row: row["id"],
    "weight": lambda row: row["last_weight_kg"],
    "gain": lambda row: row["adg_kg"],
    "seen": lambda row: row["last_seen_at"],
    "lid": lambda row: row["livestock_id"],
}


def build_list(mirror: Mirror, asked: Asked) -> Page:
    rows, total = _found(mirror, asked)
    listing = Listing(
        "office/_animal_row.html", rows, (asked.unit, asked.may_write), total, asked.number()
    )
    return Page(
        "office/cattle.html",
        _("Cattle"),
        frozenset({"cattle"}),
        lists={"cattle": listing},
        regions={"count": ("office/_count.html", {"listing": listing, "asked": asked})},
        context={
            "in_all": len(mirror.tables["cattle"]),
            "batches": _choices(mirror, "batches", "batch_number", asked.params.get("batch")),
            "pens": _choices(mirror, "pens", "pen_number", asked.params.get("pen")),
            "show": watch.title(asked.params.get("show", "")),
            "narrowed": is_narrowed(asked),
        },
    )


def _choices(mirror: Mirror, topic: Topic, field: str, chosen: str | None) -> list[tuple[int, str]]:
    """By number; of batches those that are open, and the one that is asked for."""
    rows = [row for row in mirror.tables[topic].values()
            if row.get("status") != "closed" or str(row["id"]) == chosen]  # fmt: skip
    rows.sort(key=lambda row: (len(row[field]), row[field]))  # P2 before P10
    return [(row["id"], row[field]) for row in rows]


def all_found(mirror: Mirror, asked: Asked) -> Sequence[Row]:
    """Every row that the filters leave, on whichever page."""
    found = _filtered(_candidates(mirror, asked), asked)
    return one_page(found, asked, COLUMNS, "-id", whole=True) if "sort" in asked.params else found


def chosen_ids(mirror: Mirror, asked: Asked, ticked: Iterable[str]) -> list[int]:
    """The animals that a list had ticked; with `all=1` every one that its filters find.

    Never the whole herd: without a filter there is nothing that somebody has looked at and meant.
    """
    if "all" in asked.params:
        if not is_narrowed(asked):
            raise NoSuchPage(_("This would be every animal: choose a batch, pen or filter first."))
        return [row["id"] for row in all_found(mirror, asked)]
    table = mirror.tables["cattle"]
    return [row["id"] for text in ticked if (row := named(table, text)) is not None]


def is_narrowed(asked: Asked) -> bool:
    return any(asked.params.get(name, "").strip() for name in NARROWING)


def group_asked(mirror: Mirror, asked: Asked) -> str:
    """The batch and pen that an address names, in words."""
    batch = named(mirror.tables["batches"], asked.params.get("batch"))
    pen = named(mirror.tables["pens"], asked.params.get("pen"))
    told = [_("batch %s") % batch["batch_number"]] if batch else []
    told += [_("pen %s") % pen["pen_number"]] if pen else []
    return ", ".join(told)


def _found(mirror: Mirror, asked: Asked) -> tuple[Sequence[Row], int]:
    """One page of rows, and how many there are in all."""
    found = _filtered(_candidates(mirror, asked), asked)
    if "sort" in asked.params:
        return one_page(found, asked, COLUMNS, "-id"), len(found)
    return cut(found, asked), len(found)


def _candidates(mirror: Mirror, asked: Asked) -> Sequence[Row]:
    """As few as an index allows, the newest or the best match first."""
    if asked.search:
        return mirror.find_all_animals(asked.search)
    if asked.params.get("show") in watch.TROUBLES:
        return watch.of(mirror).rows(asked.params["show"])
    batch = named(mirror.tables["batches"], asked.params.get("batch"))
    if batch is not None:
        return mirror.in_batch(batch["id"])[::-1]
    pen = named(mirror.tables["pens"], asked.params.get("pen"))
    if pen is not None:
        return mirror.in_pen(pen["id"])[::-1]
    return list(reversed(mirror.tables["cattle"].values()))


def _filtered(rows: Sequence[Row], asked: Asked) -> Sequence[Row]:
    status = asked.params.get("status")
    if status:
        wanted = ON_FEED if status == "on_feed" else (status,)
        rows = [row for row in rows if row["status"] in wanted]
    sex = asked.params.get("sex", "").casefold()
    if sex:
        rows = [row for row in rows if row["sex"].casefold() == sex]
    for name in ("batch", "pen"):
        number = asked.params.get(name)
        if number:
            rows = [row for row in rows if str((row[name] or {}).get("id")) == number]
    return rows


def group_of(animals: Sequence[Row], asked: Asked) -> Listing:
    """The animals of a batch or a pen, the last seen first."""
    rows = one_page(animals, asked, COLUMNS, "-seen")
    variant = (asked.unit, asked.may_write)
    return Listing("office/_animal_row.html", rows, variant, len(animals), asked.number())


def build_detail(mirror: Mirror, asked: Asked, pk: int) -> Page:
    animal = mirror.tables["cattle"].get(pk)
    if animal is None:
        raise NoSuchPage(_("Animal no. %d is not in this office's copy.") % pk)
    return Page(
        "office/animal.html",
        _("Animal %s") % name_of(animal),
        frozenset({"cattle"}),
        regions={"identity": ("office/_identity.html", _identity(mirror, animal, asked))},
        context={"animal": animal, "name": name_of(animal)},
        past=Same(animal),  # every weighing, read, move and re-tagging makes the row anew
    )


def _identity(mirror: Mirror, animal: Row, asked: Asked) -> dict[str, Any]:
    return {
        "animal": animal,
        "unit": asked.unit,
        "epc_urn": epc_urn(animal["uhf_tag"] or ""),
        "warnings": _warnings(mirror, animal),
        **watch.outlook(animal),
    }


def _warnings(mirror: Mirror, animal: Row) -> list[str]:
    """What is odd about the animal's tags and ids."""
    found = []
    number = eid(animal["lf_tag"] or "")
    if number is not None and number.test:
        found.append(_("The LF tag is a test code: it was made for trying readers."))
    visual = animal["visual_id"]
    same = [
        row for row in mirror.known_as(visual)
        if row["id"] != animal["id"] and row["visual_id"] == visual and row["status"] in ON_FEED
        and row["tag_color"] == animal["tag_color"]
    ] if visual else []  # fmt: skip
    if same:
        told = {"count": len(same), "visual": visual, "color": animal["tag_color"]}
        found.append(
            _("%(count)d more animals on feed have visual id %(visual)s %(color)s.") % told
        )
    return found


def name_of(animal: Row) -> str:
    """What people call it: its livestock id, visual id or a tag."""
    fields = ("livestock_id", "visual_id", "lf_tag", "uhf_tag")
    return next((str(animal[f]) for f in fields if animal[f]), _("no. %d") % animal["id"])
