"""Work on what hears and stores: the link, silent sources, gaps, clock, backups, disk."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from remote.attention import LEFT_EARLY, AttentionItem, Severity, moment, pi_items
from remote.office import clocks
from remote.office.mirror.mirror import LinkState, Mirror
from remote.office.pages.status import copy_items
from remote.office.work.items import Action, Kind, WorkItem
from remote.office.work.put_away import PutAway
from remote.work_keys import key_of_item

LINK: Final = "link:"
UNSENT: Final = "alerts-unsent"
SILENT: Final = "silent:"


def machine_items(mirror: Mirror) -> list[AttentionItem]:
    """Return what the link, the Pi's status and the copies of its backups show."""
    return [
        *_link(mirror.link),
        *_unsent(mirror.alert_trouble),
        *(item for item in _pi(mirror) if not item.key.startswith(LEFT_EARLY)),
        *copy_items(mirror.time.earlier()),
    ]


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


def machine_key(mirror: Mirror, item: AttentionItem) -> str:
    return key_of_item(item, clocks.today(mirror))


def _machine(mirror: Mirror, away: PutAway) -> Sequence[AttentionItem]:
    return [
        item
        for item in sorted(machine_items(mirror), key=lambda item: not item.grave)
        if item.begins and machine_key(mirror, item) not in away
    ]


def _item(mirror: Mirror, item: AttentionItem, unit: str) -> WorkItem:
    since = item.since.isoformat() if item.since else item.begun or None
    look = (Action(_("What to do"), item.link, "s"),)
    key = machine_key(mirror, item)
    return WorkItem(key, _("Radio and Pi"), item.link, item.text, since, look)


MACHINE: Final = Kind(
    "machine",
    gettext_noop("radio and Pi"),
    lambda n: ngettext("%d trouble with radio or Pi", "%d troubles with radio or Pi", n) % n,
    _machine,
    _item,
    is_grave=True,
)
