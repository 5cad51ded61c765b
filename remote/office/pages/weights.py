"""The chute session: what has gone over the scale since the last long pause."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from statistics import stdev
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.animals import name_of
from remote.office.pages.batches import distribution
from remote.office.pages.page import Page, PageRequest, Same, list_page
from remote.office.units import in_unit

IDENTITIES = ("lf_tag", "uhf_tag", "visual_id", "livestock_id")
PAUSE = timedelta(hours=1)
RECENTLY = timedelta(minutes=10)
SHORTEST_PACE_SECONDS = 60.0


def build(mirror: Mirror, asked: PageRequest) -> Page:
    session, variant = session_of(mirror), (asked.unit, asked.may_write)
    listing = list_page("office/_weight_row.html", session, asked, variant)
    listing = replace(listing, rows=[with_name(row, mirror) for row in listing.rows])
    last = with_name(session[0], mirror) if session else None
    shown = figures(session, asked.unit, mirror.time.now())
    held = _held_of_longer(mirror, session)
    return Page(
        "office/weights.html",
        _("Weighings"),
        frozenset({"weights", "cattle"}),
        lists={"weights": listing},
        regions={
            "session": ("office/_session.html", {**shown, "last": last, "held": held}),
            "count": ("office/_count.html", {"listing": listing, "asked": asked}),
            "spread": ("office/_histogram.html", shown),
        },
    )


def session_of(mirror: Mirror) -> list[Row]:
    """Return the weighings back to the last pause of an hour, newest first; voided ones too."""
    session: list[Row] = []
    later: datetime | None = None
    chute = (row for row in mirror.tables["weights"].values() if row["source"] != "import")
    # By the time on the scale: what somebody dates back does not cut the session in two.
    for row in sorted(chute, key=lambda one: one["recorded_at"], reverse=True):
        at = datetime.fromisoformat(row["recorded_at"])
        if later is not None and abs(later - at) > PAUSE:
            break
        session.append(row)
        later = at
    return session


def _held_of_longer(mirror: Mirror, session: Sequence[Row]) -> int | None:
    """Return how many weighings are held here, where the session is longer than that."""
    oldest = mirror.held.oldest_recent("weights")
    goes_back_further = any(row["id"] == oldest for row in session)
    return len(mirror.tables["weights"]) if goes_back_further else None


def figures(session: Sequence[Row], unit: str, now: datetime) -> dict[str, Any]:
    """Return count, pace, mean and spread; suspect and void ones are counted apart."""
    good = [row for row in session if row["quality"] == "ok"]
    weights = [in_unit(row["weight_kg"], unit) for row in good]
    return distribution(weights, unit) | {
        "count": len(good),
        "doubtful": len(session) - len(good),
        "first_at": session[-1]["recorded_at"] if session else None,
        "last_at": session[0]["recorded_at"] if session else None,
        "pace": _pace(session, now),
        "spread": stdev(weights) if len(weights) > 1 else None,
        "low": min(weights, default=None),
        "high": max(weights, default=None),
    }


def _pace(session: Sequence[Row], now: datetime) -> float | None:
    """Return head an hour in the session's last ten minutes; None within its first minute."""
    if not session:
        return None
    last = datetime.fromisoformat(session[0]["recorded_at"])
    if now - last > PAUSE:
        return None  # it is over
    times = [datetime.fromisoformat(row["recorded_at"]) for row in islice(session, 500)]
    recent = [at for at in times if last - at <= RECENTLY]
    span = (last - min(recent)).total_seconds()
    return (len(recent) - 1) * 3600 / span if span >= SHORTEST_PACE_SECONDS else None


def with_name(weight: Row, mirror: Mirror) -> Row:
    animal = mirror.tables["cattle"].get(weight["cattle_id"])
    return _with_name(Same(weight), Same(animal) if animal else None, get_language())


@lru_cache(maxsize=4_000)
def _with_name(weight: Same, animal: Same | None, language: str | None) -> Row:
    """`language` keeps what is held in one language from pages in another."""
    name = name_of(animal.row) if animal else _("no. %d") % weight.row["cattle_id"]
    known = animal.row if animal else {}
    gain = {field: known.get(field) for field in ("adg_kg", "adg_confidence", *IDENTITIES)}
    return {**weight.row, "name": name, **gain}
