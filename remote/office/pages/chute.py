"""The chute: one box, one card, and the session that both belong to. What radios bring meanwhile
comes by the page's socket."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from herd.fields import SEXES
from remote.office import written
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.animals import name_of
from remote.office.pages.chute_words import chute_words
from remote.office.pages.page import Page, PageRequest, named
from remote.office.pages.products import expired
from remote.office.units import sentence_in

HEARD: Final = 20  # of the newest: a page that is told late catches up
OFFERED: Final = 8  # open sessions to go on with


def build(mirror: Mirror, asked: PageRequest) -> Page:
    session = named(mirror.tables["sessions"], asked.params.get("session"))
    heard = sorted(_heard(mirror, session, asked.unit), key=lambda one: one["at"])
    shown = {"session": session, "head": _head(mirror, session), "asked": asked}
    return Page(
        "office/chute.html",
        _("Chute"),
        frozenset({"cattle", "weights", "payloads", "sessions", "products", "pens"}),
        regions={
            "heard": ("office/_chute_heard.html", {"heard": heard}),
            "session": ("office/_chute_session.html", {**shown, "open": open_sessions(mirror)}),
            "told": ("office/_chute_told.html", {"told": session_told(mirror, session)}),
        },
        context={"chute_words": chute_words(), "session": session, "sexes": SEXES},
    )


def session_told(mirror: Mirror, session: Row | None) -> dict[str, Any] | None:
    """Return what the script knows of the session; pens by their numbers."""
    if session is None:
        return None
    sort = session["tasks"].get("sort")
    rules = [
        {**rule, "pen": _pen(mirror, rule.get("pen_id"))} for rule in (sort or {}).get("rules", ())
    ]
    return {
        "id": session["id"],
        "pen_id": session["pen_id"],
        "batch_id": session["batch_id"],
        "pen": _pen(mirror, session["pen_id"]),
        "pair": bool(session["tasks"].get("pair_tags")),
        "sort": {**sort, "rules": rules} if sort else None,
        "treat": list(_products(mirror, session["tasks"].get("treat") or ())),
    }


def _products(mirror: Mirror, numbers: Iterable[int]) -> Iterator[dict[str, Any]]:
    """Yield the session's products that are in use."""
    for pk in numbers:
        product = mirror.tables["products"].get(pk)
        if product is not None and product["active"]:
            told = {name: product[name] for name in ("id", "name", "ml_per_100kg")}
            yield {**told, "expired": expired(mirror, product)}


def _pen(mirror: Mirror, pk: int | None) -> str:
    pen = mirror.tables["pens"].get(pk) if pk is not None else None
    return str(pen["pen_number"]) if pen else ""


def _head(mirror: Mirror, session: Row | None) -> int:
    """Return how many animals the session has weighed, of those weights that are held here."""
    if session is None:
        return 0
    weights = mirror.tables["weights"].values()
    here = (row for row in weights if row.get("session_id") == session["id"])
    return len({row["cattle_id"] for row in here if row["quality"] != "void"})


def open_sessions(mirror: Mirror) -> list[Row]:
    """Return the newest that somebody may go on with."""
    sessions = reversed(mirror.tables["sessions"].values())
    return list(islice((row for row in sessions if row["ended_at"] is None), OFFERED))


def _heard(mirror: Mirror, session: Row | None, unit: str) -> Iterator[dict[str, Any]]:
    """Yield the newest weights and reads that radios brought, each once: those of the source that
    the session listens to, or without a session all."""
    weights = reversed(mirror.tables["weights"].values())
    by_radio = (row for row in weights if row["source"] == "radio" and _is_of(row, session))
    for row in islice(by_radio, HEARD):
        told = {
            "weight": written.weight(row["weight_kg"], unit),
            "weight_id": row["id"],
            "quality": row["quality"],
            "reason": sentence_in(row["reason"], unit),
        }
        yield _of(mirror, f"w{row['id']}", row["cattle_id"], row["recorded_at"]) | told
    payloads = reversed(mirror.tables["payloads"].values())
    read = (row for row in payloads if row["cattle_id"] and row["status"] == "processed")
    here = (row for row in read if session is None or row["source"] == session["source"])
    for row in islice(here, HEARD):
        yield _of(mirror, f"p{row['id']}", row["cattle_id"], row["received_at"])


def _is_of(weight: Row, session: Row | None) -> bool:
    return session is None or weight.get("session_id") == session["id"]


def _of(mirror: Mirror, key: str, animal_id: int, at: str) -> dict[str, Any]:
    animal: Row | None = mirror.tables["cattle"].get(animal_id)
    name = name_of(animal) if animal else _("no. %d") % animal_id
    return {
        "key": key,
        "id": animal_id,
        "name": name,
        "at": round(datetime.fromisoformat(at).timestamp() * 1000),
    }
