"""The dashboard: the feedlot at a glance, and the one list of what somebody must see to.

A new kind of trouble is one more item here, or in `remote.attention` where the Pi's status shows
it; the dashboard lists it and alerts tell it.
"""

from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from remote.attention import AttentionItem, Severity, moment, pi_items
from remote.office import clocks
from remote.office.mirror.index import ON_FEED
from remote.office.mirror.mirror import LinkState, Mirror, Row
from remote.office.pages import herd_alerts
from remote.office.pages.chute import open_sessions
from remote.office.pages.noise_groups import grouped
from remote.office.pages.page import Listing, Page, PageRequest
from remote.office.pages.pens import all_pens
from remote.office.pages.status import copy_items

LATEST = 12
LOOKED_AT = 300  # payloads, of which the noise takes a line together
PENS_SHOWN = 12


def build(mirror: Mirror, asked: PageRequest) -> Page:
    pens = all_pens(mirror)
    latest = islice(reversed(mirror.tables["payloads"].values()), LOOKED_AT)
    payloads = grouped(latest)[:LATEST]
    fullest = sorted(pens, key=lambda pen: -(pen["percent"] or -1))[:PENS_SHOWN]
    return Page(
        "office/dashboard.html",
        _("Dashboard"),
        frozenset({"batches", "cattle", "pens", "payloads", "weights", "sessions"}),
        lists={
            "payloads": Listing("office/_payload_line.html", payloads, (asked.unit,), len(payloads))
        },
        regions={
            "chute": ("office/_chute_links.html", {"open": open_sessions(mirror), "asked": asked}),
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


SILENT_NAMED: Final = 3
SILENT: Final = "silent:"
LINK: Final = "link:"
UNSENT: Final = "alerts-unsent"


def all_items(mirror: Mirror, pens: list[Row] | None = None) -> list[AttentionItem]:
    """Return every item, the gravest first; an empty list is good news."""
    found = [
        *_link(mirror.link),
        *_unsent(mirror.alert_trouble),
        *_payloads(mirror),
        *_herd(mirror),
        *_pens(all_pens(mirror) if pens is None else pens),
        *_pi(mirror),
        *copy_items(mirror.time.earlier()),
    ]
    return sorted(found, key=lambda item: not item.grave)


def listed(items: list[AttentionItem]) -> list[AttentionItem]:
    """Return what the dashboard shows of them: of silent sources the first few and a count."""
    shown = [item for item in items if item.begins]
    # A gateway that dies takes all its nodes along: thirty lines would hide the rest of the list.
    silent = [item for item in shown if item.key.startswith(SILENT)]
    rest = silent[SILENT_NAMED:]
    shown = [item for item in shown if item not in rest]
    if rest:
        more = ngettext("%d more source is silent", "%d more sources are silent", len(rest))
        shown.append(AttentionItem("silent-rest", more % len(rest)))
    return shown


def _pi(mirror: Mirror) -> list[AttentionItem]:
    """Return what the Pi's status shows, and whose clock is wrong where the two differ."""
    found, items = clocks.difference(mirror), pi_items(clocks.judged(mirror.status or {}, mirror))
    if found is None or abs(found.ahead) < clocks.TOLD_FROM:
        return items
    differs = AttentionItem("clocks-differ", found.text, severity="grave")
    # The Pi only says that its clock is not vouched for; here it is known by how much it is off.
    return [differs, *(item for item in items if item.key != "clock")]


def _link(link: LinkState) -> list[AttentionItem]:
    """Return what is wrong with the link; one that is only being set up is nothing to see to."""
    if link.state != "away" and not (link.state == "no_copy" and link.code):
        return []
    said = {
        "certificate-changed": _(
            "The certificate at the Pi's address is not the one this office trusts: nothing is sent"
            " there until somebody pairs anew"
        ),
        "key-refused": _("The Pi refuses this office's key: pair the two anew"),
        "database-away": _("The Pi is there, and its database does not answer"),
        "not-paired": _("This office is paired with no Pi yet"),
    }
    text = said.get(link.code) or _away(link)
    # Keys are what alerts know an item by: one whose text changes is still the same.
    code = link.code if link.code in said else "pi-away"
    severity: Severity = "notice" if code == "not-paired" else "urgent"
    return [AttentionItem(LINK + code, text, severity=severity, since=link.since)]


def _away(link: LinkState) -> str:
    if link.since is None:
        return _("The Pi does not answer")
    return _("The Pi has been away since %(since)s") % {"since": moment(link.since)}


def _unsent(trouble: str) -> list[AttentionItem]:
    if not trouble:
        return []
    text = _("Alerts cannot be sent: %(reason)s") % {"reason": trouble}
    return [AttentionItem(UNSENT, text, severity="grave")]


def _payloads(mirror: Mirror) -> list[AttentionItem]:
    """Return what is in error, of whatever day: it stays until somebody has seen to it."""
    errors = mirror.held.waiting()
    conflicts = sum(row["error_code"] == "tag_conflict" for row in errors)
    others, found = len(errors) - conflicts, []
    if conflicts:
        text = ngettext("%d tag conflict", "%d tag conflicts", conflicts) % conflicts
        link = "/office/payloads?code=tag_conflict"
        found.append(AttentionItem("tag-conflicts", text, link, "grave"))
    if others:
        text = ngettext("%d radio message refused", "%d radio messages refused", others) % others
        found.append(AttentionItem("refused", text, "/office/payloads?status=error"))
    return found


def _herd(mirror: Mirror) -> list[AttentionItem]:
    looked = herd_alerts.of(mirror)
    found = []
    for name in herd_alerts.TROUBLES:
        if count := looked.count(name):
            animals = ngettext("%d animal", "%d animals", count) % count
            words = {"animals": animals, "trouble": herd_alerts.title(name)}
            text = _("%(animals)s %(trouble)s") % words
            found.append(AttentionItem(f"cattle-{name}", text, f"/office/cattle?show={name}"))
    return found


def _pens(pens: list[Row]) -> list[AttentionItem]:
    return [
        AttentionItem(
            f"pen-over:{pen['id']}",
            _("Pen %(pen)s holds %(head)d of %(capacity)d")
            % {"pen": pen["pen_number"], "head": pen["head_count"], "capacity": pen["capacity"]},
            f"/office/pens/{pen['id']}",
        )
        for pen in pens
        if pen["percent"] is not None and pen["percent"] > 100
    ]
