"""The chute: one box, one card. What radios bring meanwhile comes by the page's socket."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from remote.office import written
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.animals import name_of
from remote.office.pages.chute_words import chute_words
from remote.office.pages.page import Page, PageRequest
from remote.office.units import sentence_in

HEARD: Final = 20  # of the newest: a page that is told late catches up


def build(mirror: Mirror, asked: PageRequest) -> Page:
    heard = sorted(_heard(mirror, asked.unit), key=lambda one: one["at"])
    return Page(
        "office/chute.html",
        _("Chute"),
        frozenset({"cattle", "weights", "payloads"}),
        regions={"heard": ("office/_chute_heard.html", {"heard": heard})},
        context={"chute_words": chute_words()},
    )


def _heard(mirror: Mirror, unit: str) -> Iterator[dict[str, Any]]:
    """Yield the newest weights and reads that radios brought, each once."""
    weights = mirror.tables["weights"].values()
    by_radio = (row for row in reversed(weights) if row["source"] == "radio")
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
    for row in islice(read, HEARD):
        yield _of(mirror, f"p{row['id']}", row["cattle_id"], row["received_at"])


def _of(mirror: Mirror, key: str, animal_id: int, at: str) -> dict[str, Any]:
    animal: Row | None = mirror.tables["cattle"].get(animal_id)
    name = name_of(animal) if animal else _("no. %d") % animal_id
    return {
        "key": key,
        "id": animal_id,
        "name": name,
        "at": round(datetime.fromisoformat(at).timestamp() * 1000),
    }
