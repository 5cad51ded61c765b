"""Work on radio messages: tags that belong to two animals, and what was refused, by reason and
source."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.labels import refusal
from remote.office.pages.noise_groups import NOISE_CODES
from remote.office.refusal_text import refusal_text
from remote.office.work.items import Action, Kind, WorkItem, coming_back
from remote.office.work.put_away import PutAway
from remote.work_keys import key_of

CONFLICT: Final = "tag_conflict"
DECIDED: Final = "conflict_ignored"  # somebody left both as they are
RADIO_LOG: Final = "/office/payloads"


def conflicts(mirror: Mirror, away: PutAway) -> Sequence[Row]:
    return [
        row
        for row in reversed(mirror.held.waiting())
        if row["error_code"] == CONFLICT and key_of("conflict", row["id"]) not in away
    ]


def _conflict_item(mirror: Mirror, row: Row, unit: str) -> WorkItem:
    at = f"{RADIO_LOG}/{row['id']}"
    actions = (
        Action(_("Decide"), coming_back(f"{at}/conflict", "conflict"), "m"),
        Action(_("Correct"), coming_back(f"{at}/correct", "conflict"), "c"),
    )
    key, link = key_of("conflict", row["id"]), f"{RADIO_LOG}?code={CONFLICT}"
    why = refusal_text(row["error_message"])
    return WorkItem(key, row["source"], link, why, row["received_at"], actions)


@dataclass(slots=True)
class Refused:
    """Messages of one source that were refused for one reason, the oldest first."""

    code: str  # "" for what could not be read at all, whatever the damage
    source: str
    rows: list[Row] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Return a key that stays while more come; noise is known by its source alone."""
        if not self.code:
            return key_of("noise", self.source)
        return key_of("refused", self.code, self.source, self.rows[0]["id"])

    @property
    def count(self) -> int:
        return sum(row.get("lines") or 1 for row in self.rows)


def refused_groups(mirror: Mirror, away: PutAway) -> list[Refused]:
    """Return what was refused and not put away, those with the newest message first."""
    groups: dict[tuple[str, str], Refused] = {}
    dismissed = _dismissed_through(away)
    for row in mirror.held.waiting():
        code = row["error_code"]
        if code in {CONFLICT, DECIDED}:
            continue
        code, source = "" if code in NOISE_CODES else code, row["source"]
        if row["id"] <= dismissed.get((code, source), 0):
            continue
        groups.setdefault((code, source), Refused(code, source)).rows.append(row)
    found = [group for group in groups.values() if group.key not in away]
    return sorted(found, key=lambda group: -group.rows[-1]["id"])


def _dismissed_through(away: PutAway) -> dict[tuple[str, str], int]:
    """Return up to which message those of a reason and a source were put away."""
    found: dict[tuple[str, str], int] = {}
    for key in away.of("refused"):
        _kind, code, rest = key.split(":", 2)
        source = rest.rpartition(":")[0]
        newest = away.through[key] or 0
        found[code, source] = max(newest, found.get((code, source), 0))
    return found


def _refused_item(mirror: Mirror, group: Refused, unit: str) -> WorkItem:
    newest, count = group.rows[-1], group.count
    if group.code:
        said = ngettext("%(count)d message: %(why)s", "%(count)d messages: %(why)s", count)
        why = said % {"count": count, "why": refusal(group.code)}
        if newest["error_message"]:
            why = f"{why}. {refusal_text(newest['error_message'])}"
    else:
        why = ngettext("%d unreadable line", "%d unreadable lines", count) % count
    look = _listed(group)
    return WorkItem(
        group.key,
        group.source,
        look,
        why,
        group.rows[0]["received_at"],
        (Action(_("Show each"), look, "s"), *_one_alone(group)),
        newest["id"],
    )


def _listed(group: Refused) -> str:
    asked = {"status": "error", "source": group.source, "each": "1"}
    return f"{RADIO_LOG}?{urlencode(asked | ({'code': group.code} if group.code else {}))}"


def _one_alone(group: Refused) -> tuple[Action, ...]:
    """Return what is done with a message that stands alone."""
    if len(group.rows) > 1 or not group.code:
        return ()
    at = f"{RADIO_LOG}/{group.rows[0]['id']}"
    return (
        Action(_("Correct"), coming_back(f"{at}/correct", "refused"), "c"),
        Action(_("Try again"), f"{at}/retry", "y", posts=True),
    )


CONFLICTS: Final = Kind(
    "conflict",
    gettext_noop("tag conflict"),
    lambda n: ngettext("%d tag conflict", "%d tag conflicts", n) % n,
    conflicts,
    _conflict_item,
    is_grave=True,
)
REFUSED: Final = Kind(
    "refused",
    gettext_noop("refused messages"),
    lambda n: ngettext("%d reason to refuse messages", "%d reasons to refuse messages", n) % n,
    refused_groups,
    _refused_item,
)
