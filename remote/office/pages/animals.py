"""Cattle: the list with its search by any spelling of a tag, and one animal."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from herd.rules.spellings import sex_of
from herd.rules.tags import eid, epc_urn
from herd.rules.withdrawal import days_until_clear, has_left_early
from remote.office import clocks
from remote.office.mirror.found import Found
from remote.office.mirror.index import ON_FEED, SORTED
from remote.office.mirror.masks import Mask, both, without
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages import herd_alerts, places
from remote.office.pages.animal_row import animal_row
from remote.office.pages.elsewhere import found_elsewhere
from remote.office.pages.page import (
    Listing,
    NoSuchPage,
    Page,
    PageRequest,
    Same,
    in_order,
    list_page,
    named,
    whole_number,
)

NARROWING = (
    *("q", "status", "held", "clear_on", "batch", "batch_number", "pen", "pen_number", "sex"),
    "show",
)
NAMED_AT_MOST: Final = 3
PLACES: Final[dict[str, places.Place]] = {"batch": "batches", "pen": "pens"}
COLUMNS = {"id": lambda row: row["id"], **SORTED}


def build_list(mirror: Mirror, asked: PageRequest) -> Page:
    listing = _listing(all_found(mirror, asked), asked, clocks.today(mirror))
    return Page(
        "office/cattle.html",
        _("Cattle"),
        frozenset({"cattle"}),
        lists={"cattle": listing},
        regions={"count": ("office/_count.html", {"listing": listing, "asked": asked})},
        context={
            "in_all": len(mirror.tables["cattle"]),
            "batch": _shown(mirror, asked, "batch"),
            "pen": _shown(mirror, asked, "pen"),
            "show": herd_alerts.title(asked.params.get("show", "")),
            "narrowed": is_narrowed(asked),
            "unknown": _unknown(mirror, asked),
            "elsewhere": found_elsewhere(mirror, asked.search),
        },
    )


def _shown(mirror: Mirror, asked: PageRequest, name: str) -> dict[str, Any]:
    """Return what the field for a batch or a pen holds and suggests."""
    place, text = PLACES[name], asked.params.get(f"{name}_number", "")
    rows = () if text else places_asked(mirror, asked, name)
    value = text or next((places.number_of(place, row) for row in rows), "")
    return {"value": value, "choices": places.suggested(mirror, place, value)}


def places_asked(mirror: Mirror, asked: PageRequest, name: str) -> Sequence[Row]:
    """Return the batches or pens that the address names, by id or by what was typed."""
    if text := asked.params.get(f"{name}_number", "").strip():
        return places.found(mirror, PLACES[name], text[:100])
    row = named(mirror.tables[PLACES[name]], asked.params.get(name))
    return [row] if row else ()


def _unknown(mirror: Mirror, asked: PageRequest) -> str:
    """Return what to say of a batch or a pen that the address names and nobody knows."""
    for name, (by_id, by_number) in _nobody_knows().items():
        if places_asked(mirror, asked, name):
            continue
        if text := asked.params.get(f"{name}_number", "").strip():
            return by_number % text
        if text := asked.params.get(name, ""):
            return by_id % text
    return ""


def _nobody_knows() -> dict[str, tuple[str, str]]:
    return {
        "batch": (
            _("There is no batch no. %s in this office's copy."),
            _("No batch's number holds “%s”."),
        ),
        "pen": (
            _("There is no pen no. %s in this office's copy."),
            _("No pen's number holds “%s”."),
        ),
    }


def all_found(mirror: Mirror, asked: PageRequest) -> Found:
    """Return every row that the filters leave, on whichever page."""
    sort = asked.params.get("sort", "")
    column = sort.removeprefix("-") if sort.removeprefix("-") in COLUMNS else ""
    masks = _masks(mirror, asked)
    downwards = sort.startswith("-")
    return mirror.held.query_animals(masks, asked.search, column, downwards=downwards)


def chosen_ids(mirror: Mirror, asked: PageRequest, ticked: Iterable[str]) -> Sequence[int]:
    """Return the animals that a list had ticked; with `all=1` every one that its filters find.

    Never the whole herd: without a filter there is nothing that somebody has looked at and meant.
    """
    if "all" in asked.params:
        # A click too many on "all" must not move 50,000 animals.
        if not is_narrowed(asked):
            raise NoSuchPage(_("This would be every animal: choose a batch, pen or filter first."))
        return all_found(mirror, asked).keys
    table = mirror.tables["cattle"]
    return [row["id"] for text in ticked if (row := named(table, text)) is not None]


def is_narrowed(asked: PageRequest) -> bool:
    return any(asked.params.get(name, "").strip() for name in NARROWING)


def group_asked(mirror: Mirror, asked: PageRequest) -> str:
    """Return the batch and pen that an address names, in words."""
    batches, pens = (places_asked(mirror, asked, name) for name in PLACES)
    names = [_("batch %s") % row["batch_number"] for row in batches]
    names += [_("pen %s") % row["pen_number"] for row in pens]
    return ", ".join(names) if len(names) <= NAMED_AT_MOST else ""


def _masks(mirror: Mirror, asked: PageRequest) -> Iterator[Mask]:
    """Yield the animals that each of the filters leaves."""
    index = mirror.held.index
    if (show := asked.params.get("show", "")) in herd_alerts.TROUBLES:
        yield herd_alerts.of(mirror).found[show]
    # In a pen are those on feed: the record of one that has left names the pen it was last in.
    params = asked.params
    in_pen = params.get("pen") or params.get("pen_number")
    if status := params.get("status") or ("on_feed" if in_pen else ""):
        yield index.mask("status", *(ON_FEED if status == "on_feed" else (status,)))
    yield from _by_withdrawal(mirror, params.get("held", ""), params.get("clear_on", ""))
    if sex := params.get("sex"):
        yield index.mask("sex", (sex_of(sex) or sex).casefold())
    for name in PLACES:
        if params.get(f"{name}_number", "").strip():
            yield index.mask(name, *(row["id"] for row in places_asked(mirror, asked, name)))
        elif number := params.get(name):
            yield index.mask(name, whole_number(number) or 0)


def _by_withdrawal(mirror: Mirror, held: str, clear_on: str) -> Iterator[Mask]:
    """Yield those on feed that are held, or not, and those that are clear from a day on."""
    index = mirror.held.index
    on_feed = index.mask("status", *ON_FEED)
    if held:
        not_clear = both(on_feed, index.clear_after(clocks.today(mirror)))
        yield not_clear if held == "held" else without(on_feed, not_clear)
    if clear_on:
        try:
            day = date.fromisoformat(clear_on)
            before = index.clear_after(day - timedelta(days=1))
        except (ValueError, OverflowError):  # nobody is clear on what is no day
            yield index.mask_of(())
            return
        yield both(on_feed, without(before, index.clear_after(day)))


def group_of(mirror: Mirror, animals: Sequence[Row], asked: PageRequest) -> Listing:
    """List the animals of a batch or a pen, the last seen first."""
    found = in_order(animals, asked, COLUMNS, "-seen")
    return _listing(found, asked, clocks.today(mirror))


def held_of(mirror: Mirror, on_feed: Sequence[Row]) -> dict[str, Any]:
    """Return how many of a batch or a pen are not clear, of how many, and until when."""
    today = clocks.today(mirror).isoformat()
    days = [day for row in on_feed if (day := row.get("clear_on")) and day > today]
    return {"held": len(days), "all": len(on_feed), "until": max(days, default="")}


def _listing(found: Sequence[Row], asked: PageRequest, today: date) -> Listing:
    return list_page(animal_row, found, asked, (asked.unit, asked.may_write, today))


def build_detail(mirror: Mirror, asked: PageRequest, pk: int) -> Page:
    animal = mirror.tables["cattle"].get(pk)
    if animal is None:
        raise NoSuchPage(_("Animal no. %d is not in this office's copy.") % pk)
    return Page(
        "office/animal.html",
        _("Animal %s") % name_of(animal),
        frozenset({"batches", "cattle", "pulls"}),
        regions={"identity": ("office/_identity.html", _identity(mirror, animal, asked))},
        context={"animal": animal, "name": name_of(animal), "back_here": f"?animal={pk}"},
        past=Same(animal),  # every weighing, read, move and re-tagging makes the row anew
    )


def _identity(mirror: Mirror, animal: Row, asked: PageRequest) -> dict[str, Any]:
    return {
        "animal": animal,
        "unit": asked.unit,
        "epc_urn": epc_urn(animal["uhf_tag"] or ""),
        "warnings": _warnings(mirror, animal),
        "pull": pull_of(mirror, animal),
        "may_write": asked.may_write,
        **_withdrawal(animal, clocks.today(mirror)),
        **herd_alerts.outlook_of(mirror, animal),
    }


def pull_of(mirror: Mirror, animal: Row) -> Row | None:
    """Return the pull of an animal on feed that is not back yet; None where there is none."""
    if animal["status"] not in ON_FEED:
        return None
    ended = ("returned_at", "voided_at")
    return next(
        (
            row
            for row in mirror.tables["pulls"].values()
            if row["cattle_id"] == animal["id"] and not any(row[name] for name in ended)
        ),
        None,
    )


def _withdrawal(animal: Row, today: date) -> dict[str, Any]:
    """Return in how many days it is clear, and whether it left before and nobody said why."""
    clear_on = animal.get("clear_on")  # an older Pi tells none
    day = date.fromisoformat(clear_on) if clear_on else None
    left_on = date.fromisoformat(animal["left_on"]) if animal["left_on"] else None
    reason = animal.get("not_clear_reason")
    return {
        "clear_in": days_until_clear(today, day) if animal["status"] in ON_FEED else 0,
        "left_early": has_left_early(animal["status"], left_on, day, reason),
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
        text = ngettext(
            "%(count)d more animal on feed has visual id %(visual)s %(color)s.",
            "%(count)d more animals on feed have visual id %(visual)s %(color)s.",
            len(same),
        )
        found.append(text % words)
    return found


def name_of(animal: Row) -> str:
    """Return what people call it: its livestock id, visual id or a tag."""
    fields = ("livestock_id", "visual_id", "lf_tag", "uhf_tag")
    return next((str(animal[f]) for f in fields if animal[f]), _("no. %d") % animal["id"])
