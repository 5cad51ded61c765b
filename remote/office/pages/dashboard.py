"""The dashboard: the feedlot at a glance, and what needs somebody."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from remote.office.mirror import Mirror, Row
from remote.office.pages import watch
from remote.office.pages.animals import ON_FEED
from remote.office.pages.page import Asked, Listing, Page
from remote.office.pages.pens import all_pens

LATEST = 12
SILENT_AFTER = timedelta(hours=1)
LOW_DISK_BYTES = 1_000_000_000
PENS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that needs a person, and where to see to it."""

    text: str
    link: str
    grave: bool = False


def build(mirror: Mirror, asked: Asked) -> Page:
    pens = all_pens(mirror)
    payloads = list(islice(reversed(mirror.tables["payloads"].values()), LATEST))
    fullest = sorted(pens, key=lambda pen: -(pen["percent"] or -1))[:PENS_SHOWN]
    return Page(
        "office/dashboard.html",
        "Dashboard",
        frozenset({"batches", "cattle", "pens", "payloads", "weights"}),
        lists={
            "payloads": Listing("office/_payload_line.html", payloads, (asked.unit,), len(payloads))
        },
        regions={
            "tiles": ("office/_tiles.html", _figures(mirror, asked)),
            "pens": ("office/_pen_bars.html", {"pens": fullest}),
            "attention": ("office/_attention.html", {"items": attention(mirror, pens)}),
        },
    )


def _figures(mirror: Mirror, asked: Asked) -> dict[str, Any]:
    by_status = mirror.statuses
    open_batches = [row for row in mirror.tables["batches"].values() if row["status"] == "open"]
    gaining = [row for row in open_batches if row["adg_kg"] is not None]
    head = sum(row["head_count"] for row in gaining)
    gain = sum(row["adg_kg"] * row["head_count"] for row in gaining) / head if head else None
    return {
        "head": sum(by_status.get(status, 0) for status in ON_FEED),
        "exported": by_status.get("exported", 0),
        "open_batches": len(open_batches),
        "gain": gain,
        "today": mirror.payloads_today,
        "today_total": sum(mirror.payloads_today.values()),
        "unit": asked.unit,
    }


def attention(mirror: Mirror, pens: list[Row]) -> list[Attention]:
    """The gravest first; an empty list is good news."""
    found = [
        *_payload_troubles(mirror), *_herd_troubles(mirror), *_pen_troubles(pens),
        *_pi_troubles(mirror.status or {}),
    ]  # fmt: skip
    return sorted(found, key=lambda item: not item.grave)


def _payload_troubles(mirror: Mirror) -> list[Attention]:
    errors = [row for row in mirror.tables["payloads"].values() if row["status"] == "error"]
    conflicts = [row for row in errors if row["error_code"] == "tag_conflict"]
    found = []
    if conflicts:
        text = ngettext("%d tag conflict", "%d tag conflicts", len(conflicts)) % len(conflicts)
        found.append(Attention(text, "/office/payloads?code=tag_conflict", grave=True))
    others = mirror.payloads_today["error"] - len(conflicts)
    if others > 0:
        text = ngettext(
            "%d payload of today was refused", "%d payloads of today were refused", others
        )
        found.append(Attention(text % others, "/office/payloads?status=error"))
    return found


def _herd_troubles(mirror: Mirror) -> list[Attention]:
    looked = watch.of(mirror)
    return [
        Attention(f"{looked.count(name)} {title}", f"/office/cattle?show={name}")
        for name, title in watch.TITLES.items()
        if looked.count(name)
    ]


def _pen_troubles(pens: list[Row]) -> list[Attention]:
    return [
        Attention(
            _("Pen %(pen)s holds %(head)d of %(capacity)d")
            % {"pen": pen["pen_number"], "head": pen["head_count"], "capacity": pen["capacity"]},
            f"/office/pens/{pen['id']}",
        )
        for pen in pens
        if pen["percent"] is not None and pen["percent"] > 100
    ]


def _pi_troubles(status: Row) -> list[Attention]:
    if not status:
        return []
    found = []
    disk = status["disk"]
    if disk["refusing"]:
        full = _("The Pi's disk is full: what the radios say is not stored")
        found.append(Attention(full, "/office/status", grave=True))
    elif disk["free_bytes"] < LOW_DISK_BYTES:
        found.append(Attention(_("The Pi's disk is nearly full"), "/office/status", grave=True))
    if status["clock"]["synchronised"] is False:
        found.append(Attention(_("The Pi's clock is not synchronised"), "/office/status"))
    silent = [source for source in status["sources"] if is_silent(source)]
    found += [
        Attention(_("%s has fallen silent") % source["name"], "/office/status")
        for source in silent[:3]
    ]
    return found


def is_silent(source: Row) -> bool:
    """A radio that used to speak and has not for an hour."""
    if source["kind"] == "port" or not source["last_heard_at"]:
        return False
    heard = datetime.fromisoformat(source["last_heard_at"])
    return datetime.now(UTC) - heard > SILENT_AFTER
