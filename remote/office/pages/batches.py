"""Batches: the list, and one with its animals."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Any

from django.utils.translation import gettext as _

from herd.rules.growth import coefficient_of_variation, days_on_feed
from herd.rules.searching import SEARCHED, searched_text, unaccented
from remote.office import clocks
from remote.office.charts import histogram
from remote.office.mirror.index import ON_FEED, natural
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages import herd_alerts
from remote.office.pages.animals import group_of, held_of
from remote.office.pages.page import NoSuchPage, Page, PageRequest, in_order, list_page
from remote.office.units import in_unit

COLUMNS = {
    "number": lambda row: natural(row["batch_number"]),
    "id": lambda row: row["id"],
    "head": lambda row: row["on_feed_count"],
    "weight": lambda row: row["mean_weight_kg"],
    "gain": lambda row: row["adg_kg"],
    "read": lambda row: row["last_read_at"],
    "induction": lambda row: row["induction_date"],
}
GROWN = ("weighed_count", "mean_weight_kg", "on_feed_count", "head_count")  # growth is asked anew


def build_list(mirror: Mirror, asked: PageRequest) -> Page:
    found = all_found(mirror, asked)
    listing = list_page("office/_batch_row.html", found, asked, (asked.unit,))
    return Page(
        "office/batches.html",
        _("Batches"),
        frozenset({"batches"}),
        lists={"batches": listing},
        regions={"count": ("office/_count.html", {"listing": listing, "asked": asked})},
        context={"in_all": len(mirror.tables["batches"])},
    )


def all_found(mirror: Mirror, asked: PageRequest) -> Sequence[Row]:
    """Return every row that the filters leave, on whichever page."""
    status, source = asked.params.get("status"), asked.params.get("source")
    wanted = unaccented(asked.search)
    found = [
        row
        for row in mirror.tables["batches"].values()
        if (not status or row["status"] == status)
        and (not source or row["source_type"] == source)
        and (not wanted or wanted in _haystack(row))
    ]
    return in_order(found, asked, COLUMNS, "-id")


def _haystack(row: Row) -> str:
    return searched_text(row[name] for name in SEARCHED["batches"])


def build_detail(mirror: Mirror, asked: PageRequest, pk: int) -> Page:
    batch = mirror.tables["batches"].get(pk)
    if batch is None:
        raise NoSuchPage(_("Batch no. %d is not in this office's copy.") % pk)
    animals = mirror.held.in_batch(pk)
    listing = group_of(mirror, animals, asked)
    return Page(
        "office/batch.html",
        _("Batch %s") % batch["batch_number"],
        frozenset({"batches", "cattle"}),
        lists={"animals": listing},
        regions={
            "figures": ("office/_batch_figures.html", _figures(mirror, batch, animals, asked.unit)),
            "spread": ("office/_histogram.html", spread(animals, asked.unit)),
            "count": ("office/_count.html", {"listing": listing, "asked": asked}),
        },
        context={"batch": batch},
        past=tuple(batch[name] for name in GROWN),
    )


def _figures(mirror: Mirror, batch: Row, animals: Sequence[Row], unit: str) -> dict[str, Any]:
    on_feed = [row for row in animals if row["status"] in ON_FEED]
    return {
        "batch": batch,
        "unit": unit,
        "withdrawal": held_of(mirror, on_feed),
        "statuses": sorted(Counter(row["status"] for row in animals).items()),
        "read": read_rate(on_feed, clocks.surely_now(mirror)),
        "target": target_of(on_feed, batch),
        "gaining": sum(row["adg_kg"] is not None for row in animals),
        "days_on_feed": mean_stay(on_feed, clocks.today(mirror)),
    }


def target_of(on_feed: Sequence[Row], batch: Row) -> dict[str, Any] | None:
    """Return the day by which half of those whose gain is known have the target weight, and its
    spread: the days of a tenth and of nine tenths."""
    kg = herd_alerts.batch_aim(batch).kg
    known = [row for row in on_feed if row["adg_kg"] is not None]
    mates = herd_alerts.mates_of(on_feed)
    found = (herd_alerts.target_day(row, mates, kg) for row in known)
    days = sorted(day for day in found if day is not None)
    tenth, half, most = (max(1, -(-len(known) * part // 10)) for part in (1, 5, 9))
    if not known or len(days) < half:
        return None  # more than half of them never will
    spread = {"first": days[tenth - 1], "last": days[min(most, len(days)) - 1]}
    return {"day": days[half - 1], "head": len(known), "kg": kg, **spread}


def mean_stay(on_feed: Sequence[Row], today: date) -> float | None:
    came = [row["induction_date"] or row["first_seen_at"][:10] for row in on_feed]
    days = [days_on_feed(date.fromisoformat(day), today) for day in came]
    return fmean(days) if days else None


def read_rate(on_feed: Sequence[Row], now: datetime) -> dict[str, float] | None:
    """Return how many per cent of those on feed were seen within a day and a week."""
    if not on_feed:
        return None
    # Times of the Pi are in UTC and of one form: text sorts as time, and need not be parsed.
    seen, spans = [row["last_seen_at"] for row in on_feed], {"day": 1, "week": 7}
    since = {name: (now - timedelta(days=days)).isoformat() for name, days in spans.items()}
    return {name: 100 * fmean(at >= first for at in seen) for name, first in since.items()}


def spread(animals: Sequence[Row], unit: str) -> dict[str, Any]:
    """Return the distribution of the last weights, for a picture and its table."""
    kgs = [row["last_weight_kg"] for row in animals if row["last_weight_kg"]]
    return distribution([in_unit(kg, unit) for kg in kgs], unit)


def distribution(weights: Sequence[float], unit: str) -> dict[str, Any]:
    variation = coefficient_of_variation(weights)
    return {
        "unit": unit,
        "chart": histogram(weights, lambda value: f"{value:.0f}"),
        "mean": fmean(weights) if weights else None,
        "variation": None if variation is None else variation * 100,
    }
