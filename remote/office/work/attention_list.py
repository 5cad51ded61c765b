"""What needs somebody, a line for each kind: for the dashboard, and for alerts by mail and hook."""

from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from remote.attention import AttentionItem
from remote.office.mirror.mirror import Mirror
from remote.office.pages import herd_alerts
from remote.office.work.animal_work import animals_of, suspect_weights
from remote.office.work.items import WORK_PAGE
from remote.office.work.machine_work import SILENT, machine_items, machine_key
from remote.office.work.marks import put_away
from remote.office.work.message_work import conflicts, refused_groups
from remote.office.work.place_work import founded_by_reads, overfull
from remote.office.work.put_away import PutAway
from remote.office.work.told_by_pi import TURNED_BACK, left_early

SILENT_NAMED: Final = 3


def all_items(mirror: Mirror) -> list[AttentionItem]:
    """Return every item, the gravest first; an empty list is good news."""
    away = put_away(mirror)
    found = [
        *_messages(mirror, away),
        *_herd(mirror, away),
        *_places(mirror, away),
        *_left_early(mirror, away),
        *_machine(mirror, away),
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
        shown.append(AttentionItem("silent-rest", more % len(rest), work_link("machine")))
    return shown


def work_link(kind: str) -> str:
    return f"{WORK_PAGE}?kind={kind}"


def _messages(mirror: Mirror, away: PutAway) -> list[AttentionItem]:
    """Return what is in error, of whatever day: it stays until somebody has seen to it."""
    found = []
    if count := len(conflicts(mirror, away)):
        text = ngettext("%d tag conflict", "%d tag conflicts", count) % count
        found.append(AttentionItem("tag-conflicts", text, work_link("conflict"), "grave"))
    if count := sum(group.count for group in refused_groups(mirror, away)):
        text = ngettext("%d radio message refused", "%d radio messages refused", count) % count
        found.append(AttentionItem("refused", text, work_link("refused")))
    if count := len(TURNED_BACK.found(mirror, away)):
        text = TURNED_BACK.titled(count)
        found.append(AttentionItem("turned-back", text, work_link(TURNED_BACK.name)))
    return found


def _herd(mirror: Mirror, away: PutAway) -> list[AttentionItem]:
    found = []
    if count := len(suspect_weights(mirror, away)):
        text = ngettext("%d suspect weight", "%d suspect weights", count) % count
        found.append(AttentionItem("suspect-weights", text, work_link("suspect")))
    return found + [
        AttentionItem(f"cattle-{kind}", herd_alerts.counted(kind, count), work_link(kind))
        for kind in herd_alerts.TROUBLES
        if (count := animals_of(mirror, kind, away).count(1))
    ]


def _places(mirror: Mirror, away: PutAway) -> list[AttentionItem]:
    found = [
        AttentionItem(
            f"pen-over:{pen['id']}",
            _("Pen %(pen)s holds %(head)d of %(capacity)d")
            % {"pen": pen["pen_number"], "head": pen["head_count"], "capacity": pen["capacity"]},
            work_link("pen-over"),
        )
        for pen in overfull(mirror, away)
    ]
    if count := len(founded_by_reads(mirror, away)):
        text = ngettext(
            "%d batch or pen that only reads know", "%d batches or pens that only reads know", count
        )
        found.append(AttentionItem("stray-places", text % count, work_link("stray-place")))
    return found


def _left_early(mirror: Mirror, away: PutAway) -> list[AttentionItem]:
    text = _("%(name)s left on %(left)s and is not clear until %(clear)s: say what was done")
    return [
        AttentionItem(
            f"left-early:{row['cattle_id']}",
            text % {"name": row["name"], "left": row["left_on"], "clear": row["clear_on"]},
            work_link("left-early"),
            "grave",
        )
        for row in left_early(mirror, away)
    ]


def _machine(mirror: Mirror, away: PutAway) -> list[AttentionItem]:
    # What was put away begins no alert, and one that was sent is not over by it.
    return [
        replace(item, begins=item.begins and machine_key(mirror, item) not in away)
        for item in machine_items(mirror)
    ]
