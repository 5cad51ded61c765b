"""The dashboard: the feedlot at a glance, and what somebody must see to."""

from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from remote.office.mirror.index import ON_FEED
from remote.office.mirror.mirror import Mirror
from remote.office.pages import dashboard_pictures, herd_alerts
from remote.office.pages.chute import open_sessions
from remote.office.pages.noise_groups import grouped
from remote.office.pages.page import Listing, Page, PageRequest
from remote.office.pages.radio_sentences import with_sentences
from remote.office.work.attention_list import all_items, listed

LATEST = 12
LOOKED_AT = 300  # payloads, of which the noise takes a line together


def build(mirror: Mirror, asked: PageRequest) -> Page:
    latest = islice(reversed(mirror.tables["payloads"].values()), LOOKED_AT)
    payloads = with_sentences(mirror, grouped(latest)[:LATEST], asked.unit)
    return Page(
        "office/dashboard.html",
        _("Dashboard"),
        frozenset({"batches", "cattle", "pens", "payloads", "weights", "sessions", "shipments"}),
        lists={
            "payloads": Listing("office/_payload_line.html", payloads, (asked.unit,), len(payloads))
        },
        regions={
            "chute": ("office/_chute_links.html", {"open": open_sessions(mirror), "asked": asked}),
            "tiles": ("office/_tiles.html", _figures(mirror, asked)),
            "attention": ("office/_attention.html", {"items": listed(all_items(mirror))}),
            **dashboard_pictures.regions(mirror, asked.unit),
        },
    )


def _figures(mirror: Mirror, asked: PageRequest) -> dict[str, Any]:
    by_status = mirror.statuses
    open_batches = [row for row in mirror.tables["batches"].values() if row["status"] == "open"]
    gain, gaining = herd_alerts.of(mirror).gain or (None, 0)
    return {
        "head": sum(by_status.get(status, 0) for status in ON_FEED),
        "gone": [(status, by_status.get(status, 0)) for status in ("exported", "sold", "dead")],
        "open_batches": len(open_batches),
        "gain": gain,
        "gaining": gaining,
        "today": mirror.payloads_today,
        "today_total": sum(mirror.payloads_today.values()),
        "unit": asked.unit,
    }
