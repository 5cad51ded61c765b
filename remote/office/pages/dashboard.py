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
GONE_AFTER = timedelta(days=14)
SILENT_NAMED = 3
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
        _("Dashboard"),
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
    gain, gaining = watch.of(mirror).gain or (None, 0)
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


def attention(mirror: Mirror, pens: list[Row]) -> list[Attention]:
    """The gravest first; an empty list is good news."""
    found = [
        *_payload_troubles(mirror), *_herd_troubles(mirror), *_pen_troubles(pens),
        *_pi_troubles(mirror.status or {}),
    ]  # fmt: skip
    return sorted(found, key=lambda item: not item.grave)


def _payload_troubles(mirror: Mirror) -> list[Attention]:
    """Of whatever day: what is in error stays here until somebody has seen to it."""
    errors = mirror.waiting()
    conflicts = sum(row["error_code"] == "tag_conflict" for row in errors)
    others, found = len(errors) - conflicts, []
    if conflicts:
        text = ngettext("%d tag conflict", "%d tag conflicts", conflicts) % conflicts
        found.append(Attention(text, "/office/payloads?code=tag_conflict", grave=True))
    if others:
        text = ngettext("%d radio message refused", "%d radio messages refused", others) % others
        found.append(Attention(text, "/office/payloads?status=error"))
    return found


def _herd_troubles(mirror: Mirror) -> list[Attention]:
    looked = watch.of(mirror)
    found = []
    for name in watch.TROUBLES:
        if count := looked.count(name):
            animals = ngettext("%d animal", "%d animals", count) % count
            told = {"animals": animals, "trouble": watch.title(name)}
            text = _("%(animals)s %(trouble)s") % told
            found.append(Attention(text, f"/office/cattle?show={name}"))
    return found


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
    found = [Attention(text, "/office/status", grave=True) for text in watch.hung(status)]
    disk = status["disk"]
    if disk["refusing"]:
        full = _("The Pi's disk is full: radio messages are not stored")
        found.append(Attention(full, "/office/status", grave=True))
    elif disk["free_bytes"] < LOW_DISK_BYTES:
        found.append(Attention(_("The Pi's disk is nearly full"), "/office/status", grave=True))
    if status["clock"]["synchronised"] is False:
        found.append(Attention(_("The Pi's clock is not synchronised"), "/office/status"))
    if missing := status.get("gaps", {}).get("count"):  # an older Pi looks for none
        text = ngettext("%d numbered event was never heard", "%d numbered events were never heard",
                        missing) % missing  # fmt: skip
        found.append(Attention(text, "/office/status"))
    return found + _silent(status["sources"])


def _silent(sources: list[Row]) -> list[Attention]:
    """The last to fall silent first; whoever has been for long is on the status page alone."""
    silent = [source for source in sources if is_silent(source) and not is_gone(source)]
    silent.sort(key=lambda source: str(source["last_heard_at"]), reverse=True)
    told = [_("%s has fallen silent") % source["name"] for source in silent[:SILENT_NAMED]]
    if rest := len(silent) - len(told):
        more = ngettext("%d more source is silent", "%d more sources are silent", rest)
        told.append(more % rest)
    return [Attention(text, "/office/status") for text in told]


def is_silent(source: Row) -> bool:
    """A radio that used to speak and has not for an hour."""
    if source["kind"] == "port" or not source["last_heard_at"]:
        return False
    return _unheard_for(source) > SILENT_AFTER


def is_gone(source: Row) -> bool:
    """Silent for so long that it was taken away rather than broke."""
    return bool(source["last_heard_at"]) and _unheard_for(source) > GONE_AFTER


def _unheard_for(source: Row) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(source["last_heard_at"])
