"""Sessions: the list, and one with what was done in it. Of old ones the Pi tells the figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from statistics import fmean
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from herd.rules.searching import searched_text, unaccented
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.animals import name_of
from remote.office.pages.page import (
    Listing,
    NoSuchPage,
    Page,
    PageRequest,
    Same,
    in_order,
    list_page,
    paginate,
)

MOST_OTHERS: Final = 30  # sessions of the same pen or batch to be compared with
ANIMAL: Final = "office/_session_animal.html"
MOST_DOUBTED: Final = 50
TOLD: Final = "session figures"  # by the Pi, kept with the copy
COLUMNS = {
    "id": lambda row: row["id"],
    "name": lambda row: unaccented(row["name"]),
    "begun": lambda row: row["started_at"],
}


@dataclass(frozen=True, slots=True)
class Figures:
    head: int = 0
    weighed: int = 0
    suspect: int = 0
    mean_weight_kg: float | None = None


def build_list(mirror: Mirror, asked: PageRequest) -> Page:
    listing = list_page(
        "office/_session_row.html", all_found(mirror, asked), asked, (asked.unit, asked.may_write)
    )
    held = held_weights(mirror)
    listing = replace(listing, rows=[_listed(mirror, row, held) for row in listing.rows])
    return Page(
        "office/sessions.html",
        _("Sessions"),
        frozenset({"sessions", "weights"}),
        lists={"sessions": listing},
        regions={"count": ("office/_count.html", {"listing": listing, "asked": asked})},
        context={"in_all": len(mirror.tables["sessions"])},
    )


def all_found(mirror: Mirror, asked: PageRequest) -> Sequence[Row]:
    """Return every row that the filters leave, on whichever page."""
    wanted, status = unaccented(asked.search), asked.params.get("status")
    found = [
        row
        for row in mirror.tables["sessions"].values()
        if (not status or status == ("closed" if row["ended_at"] else "open"))
        and (not wanted or wanted in searched_text((row["name"], *places_of(mirror, row))))
    ]
    return in_order(found, asked, COLUMNS, "-id")


def with_all_figures(mirror: Mirror, asked: PageRequest) -> Sequence[Row]:
    """Return every row that the filters leave, with its figures as far as they are known here."""
    held = held_weights(mirror)
    return [_listed(mirror, row, held) for row in all_found(mirror, asked)]


def on_page(mirror: Mirror, asked: PageRequest) -> list[int]:
    """Return the sessions whose figures the list's page shows."""
    return [row["id"] for row in paginate(all_found(mirror, asked), asked)]


def held_weights(mirror: Mirror) -> dict[int, list[Row]]:
    """Return the weights that are held here by their session."""
    found: dict[int, list[Row]] = {}
    for row in mirror.tables["weights"].values():
        if (pk := row.get("session_id")) is not None:
            found.setdefault(pk, []).append(row)
    return found


def fingerprint(session: Row, held: Mapping[int, Sequence[Row]]) -> object:
    """Return what is another thing once more was done in a session, as far as that is held."""
    weights = held.get(session["id"], ())
    return session["ended_at"], tuple((row["id"], row["quality"]) for row in weights)


def _figures(mirror: Mirror, pk: int, held: Mapping[int, Sequence[Row]]) -> Figures:
    """Return a session's figures as the Pi told them or, where more is held by now, of that."""
    _, told = mirror.worked_out.get(TOLD, {}).get(pk, (None, Figures()))
    weights = held.get(pk, ())
    good = [row["weight_kg"] for row in weights if row["quality"] == "ok"]
    if len(good) < told.weighed:
        return told  # type: ignore[no-any-return]  # what pages worked out has any type
    suspect = sum(row["quality"] == "suspect" for row in weights)
    head = len({row["cattle_id"] for row in weights})
    return Figures(head, len(good), suspect, fmean(good) if good else None)


def place_of(mirror: Mirror, session: Row) -> str:
    """Return the numbers of its pen and its batch."""
    return " · ".join(places_of(mirror, session))


def places_of(mirror: Mirror, session: Row) -> list[str]:
    pen = mirror.tables["pens"].get(session["pen_id"] or 0)
    batch = mirror.tables["batches"].get(session["batch_id"] or 0)
    names = (pen and pen["pen_number"], batch and batch["batch_number"])
    return [str(name) for name in names if name]


def _listed(mirror: Mirror, session: Row, held: Mapping[int, Sequence[Row]]) -> Row:
    figures = _figures(mirror, session["id"], held)
    return _with_figures(Same(session), place_of(mirror, session), figures, get_language())


@lru_cache(maxsize=1_000)
def _with_figures(session: Same, place: str, figures: Figures, language: str | None) -> Row:
    """`language` keeps what is held in one language from pages in another."""
    told = {name: getattr(figures, name) for name in Figures.__slots__}
    return {**session.row, "place": place, **told}


def build_detail(mirror: Mirror, asked: PageRequest, pk: int) -> Page:
    session = mirror.tables["sessions"].get(pk)
    if session is None:
        raise NoSuchPage(_("Session no. %d is not in this office's copy.") % pk)
    held = held_weights(mirror)
    facts = {"session": session, "place": place_of(mirror, session)}
    return Page(
        "office/session.html",
        str(session["name"]),
        frozenset({"sessions", "weights"}),
        regions={"facts": ("office/_session_facts.html", facts)},
        context={"session": session, "others": _others(mirror, session)},
        past=fingerprint(session, held),
    )


def _others(mirror: Mirror, session: Row) -> list[Row]:
    """Return the newest other sessions of its pen or batch."""
    places = ("pen_id", "batch_id")
    alike = (
        row
        for row in reversed(mirror.tables["sessions"].values())
        if any(row[name] and row[name] == session[name] for name in places)
        and row["id"] != session["id"]
    )
    return list(islice(alike, MOST_OTHERS))


def kept(answer: Mapping[str, Any]) -> Row:
    """Return a session's summary as it is kept: each animal with its name, its own key, and what
    leads back to the session from the forms of its weight."""
    pk = answer["id"]
    rows = [
        {
            **row,
            "id": row["id"] or f"moved-{row['cattle_id']}",
            "name": name_of({**row, "id": row["cattle_id"]}),
            "back_here": f"?animal={row['cattle_id']}&session={pk}",
        }
        for row in answer["data"]
    ]
    return {**answer, "data": rows}


def with_summary(summary: Row, asked: PageRequest) -> dict[str, Any]:
    """Return what a page shows of a summary that is kept."""
    rows, variant = summary["data"], (asked.unit, asked.may_write)
    doubted = [row for row in rows if row["quality"] == "suspect"][:MOST_DOUBTED]
    listing = list_page(ANIMAL, rows, asked, variant)
    return {
        "summary": summary,
        "listing": listing,
        "rows": listing.rendered(),
        "doubted": Listing(ANIMAL, doubted, variant, len(doubted)).rendered(),
    }
