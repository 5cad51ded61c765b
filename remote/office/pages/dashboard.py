"""The dashboard: the feedlot at a glance, and what needs somebody."""

from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from remote.office.mirror.mirror import Mirror
from remote.office.pages import herd_alerts
from remote.office.pages.animals import ON_FEED
from remote.office.pages.attention import all_items, listed
from remote.office.pages.page import Listing, Page, PageRequest
from remote.office.pages.pens import all_pens

LATEST = 12
PENS_SHOWN = 12


def build(mirror: Mirror, asked: PageRequest) -> Page:
    pens = all_pens(mirror)
    payloads = list(islice(reversed(mirror.tables["payloads"].values()), LATEST))
    fullest = sorted(pens, key=lambda pen: -(pen["percent"] or -1))[:PENS_SHOWN]
    return Page(
        "office/dashboard.html",
        _("Dashboard"),
        frozenset({"batches", "cattle", "pens", "payloads", "weights"}),
        lists={
            "payloads": Listing("office/_payload_line.html", payloads, (asked.unit,), len(payloads))
        },
        regions={
            "tiles": ("office/_tiles.html", _figures(mirror, asked)),
            "pens": ("office/_pen_bars.html", {"pens": fullest}),
            "attention": ("office/_attention.html", {"items": listed(all_items(mirror, pens))}),
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
