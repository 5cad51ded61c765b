"""Cattle: the list with its search by any spelling of a tag, and one animal."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from herd.rules.tags import eid, epc_urn
from remote.office import clocks
from remote.office.mirror.found import Found
from remote.office.mirror.index import ON_FEED, SORTED, natural
from remote.office.mirror.masks import Mask
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages import herd_alerts
from remote.office.pages.page import (
    Listing,
    NoSuchPage,
    Page,
    PageRequest,
    Same,
    in_order,
    list_page,
    named,
)
from remote.wire import Topic

NARROWING = ("q", "status", "batch", "pen", "sex", "show")
COLUMNS = {"id": lambda row: row["id"], **SORTED}


def build_list(mirror: Mirror, asked: PageRequest) -> Page:
    listing = _listing(all_found(mirror, asked), asked)
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
            "show": herd_alerts.title(asked.params.get("show", "")),
            "narrowed": is_narrowed(asked),
            "unknown": _unknown(mirror, asked),
        },
    )


def _choices(
    mirror: Mirror, topic: Topic, field: str, chosen: str | None
) -> list[tuple[int | str, str]]:
    """Return choices by number; of batches those that are open, and the one asked for."""
    table = mirror.tables[topic]
    held = table.values()
    rows = [row for row in held if row.get("status") != "closed" or str(row["id"]) == chosen]
    rows.sort(key=lambda row: natural(row[field]))
    known: list[tuple[int | str, str]] = [(row["id"], row[field]) for row in rows]
    if chosen and named(table, chosen) is None:
        known.append((chosen, _("not known here: no. %s") % chosen))
    return known


def _unknown(mirror: Mirror, asked: PageRequest) -> str:
    """Return what to say of a batch or a pen that the address names and nobody knows."""
    batch, pen = asked.params.get("batch"), asked.params.get("pen")
    if batch and named(mirror.tables["batches"], batch) is None:
        return _("There is no batch no. %s in this office's copy.") % batch
    if pen and named(mirror.tables["pens"], pen) is None:
        return _("There is no pen no. %s in this office's copy.") % pen
    return ""


def all_found(mirror: Mirror, asked: PageRequest) -> Found:
    """Return every row that the filters leave, on whichever page."""
    sort = asked.params.get("sort", "")
    column = sort.removeprefix("-") if sort.removeprefix("-") in COLUMNS else ""
    masks = _masks(mirror, asked)
    downwards = sort.startswith("-")
    return mirror.held.query_animals(masks, asked.search, column, downwards=downwards)


def chosen_ids(mirror: Mirror, asked: PageRequest, ticked: Iterable[str]) -> list[int]:
    """Return the animals that a list had ticked; with `all=1` every one that its filters find.

    Never the whole herd: without a filter there is nothing that somebody has looked at and meant.
    """
    if "all" in asked.params:
        # A click too many on "all" must not move 50,000 animals.
        if not is_narrowed(asked):
            raise NoSuchPage(_("This would be every animal: choose a batch, pen or filter first."))
        return list(all_found(mirror, asked).keys)
    table = mirror.tables["cattle"]
    return [row["id"] for text in ticked if (row := named(table, text)) is not None]


def is_narrowed(asked: PageRequest) -> bool:
    return any(asked.params.get(name, "").strip() for name in NARROWING)


def group_asked(mirror: Mirror, asked: PageRequest) -> str:
    """Return the batch and pen that an address names, in words."""
    batch = named(mirror.tables["batches"], asked.params.get("batch"))
    pen = named(mirror.tables["pens"], asked.params.get("pen"))
    names = [_("batch %s") % batch["batch_number"]] if batch else []
    names += [_("pen %s") % pen["pen_number"]] if pen else []
    return ", ".join(names)


def _masks(mirror: Mirror, asked: PageRequest) -> Iterator[Mask]:
    """Yield the animals that each of the filters leaves."""
    index = mirror.held.index
    if (show := asked.params.get("show", "")) in herd_alerts.TROUBLES:
        yield herd_alerts.of(mirror).found[show]
    # In a pen are those on feed: the record of one that has left names the pen it was last in.
    if status := asked.params.get("status") or ("on_feed" if asked.params.get("pen") else ""):
        yield index.mask("status", *(ON_FEED if status == "on_feed" else (status,)))
    if sex := asked.params.get("sex"):
        yield index.mask("sex", sex.casefold())
    for name in ("batch", "pen"):
        if number := asked.params.get(name):
            yield index.mask(name, int(number) if number.isascii() and number.isdigit() else 0)


def group_of(animals: Sequence[Row], asked: PageRequest) -> Listing:
    """List the animals of a batch or a pen, the last seen first."""
    return _listing(in_order(animals, asked, COLUMNS, "-seen"), asked)


def _listing(found: Sequence[Row], asked: PageRequest) -> Listing:
    return list_page("office/_animal_row.html", found, asked, (asked.unit, asked.may_write))


def build_detail(mirror: Mirror, asked: PageRequest, pk: int) -> Page:
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


def _identity(mirror: Mirror, animal: Row, asked: PageRequest) -> dict[str, Any]:
    return {
        "animal": animal,
        "unit": asked.unit,
        "epc_urn": epc_urn(animal["uhf_tag"] or ""),
        "warnings": _warnings(mirror, animal),
        **herd_alerts.outlook(animal, clocks.today(mirror)),
    }


def _warnings(mirror: Mirror, animal: Row) -> list[str]:
    """Return what is odd about the animal's tags and ids."""
    found = []
    number = eid(animal["lf_tag"] or "")
    if number is not None and number.test:
        found.append(_("The LF tag is a test code: it was made for trying readers."))
    visual = animal["visual_id"]
    held = mirror.held.known_as(visual) if visual else []
    others = [row for row in held if row["id"] != animal["id"] and row["status"] in ON_FEED]
    looks = ("visual_id", "tag_color")
    same = [row for row in others if all(row[name] == animal[name] for name in looks)]
    if same:
        words = {"count": len(same), "visual": visual, "color": animal["tag_color"]}
        text = _("%(count)d more animals on feed have visual id %(visual)s %(color)s.")
        found.append(text % words)
    return found


def name_of(animal: Row) -> str:
    """Return what people call it: its livestock id, visual id or a tag."""
    fields = ("livestock_id", "visual_id", "lf_tag", "uhf_tag")
    return next((str(animal[f]) for f in fields if animal[f]), _("no. %d") % animal["id"])
