"""Work on pens and batches: those that hold too many, and those that only a read founded."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.pens import filling
from remote.office.work.items import Action, Kind, WorkItem, coming_back
from remote.office.work.put_away import PutAway
from remote.work_keys import key_of

FEW: Final = 2  # head in a place that a damaged number founded
TOLD_OF_A_BATCH: Final = ("funder", "lot_group", "induction_date", "notes")
TOLD_OF_A_PEN: Final = ("location", "capacity", "description")


def overfull(mirror: Mirror, away: PutAway) -> Sequence[Row]:
    """Return the pens that hold more than they can, the fullest first."""
    pens = mirror.tables["pens"].values()
    over = (pen for pen in pens if 0 < pen["capacity"] < pen["head_count"])
    found = [pen for pen in map(filling, over) if pen["percent"] > 100]
    kept = [pen for pen in found if _full_key(pen) not in away]
    return sorted(kept, key=lambda pen: -pen["percent"])


def _full_key(pen: Row) -> str:
    # One more head is another cause: who dismissed 31 of 30 has not seen 40.
    return key_of("pen-over", pen["id"], pen["head_count"], pen["capacity"])


def _full_item(mirror: Mirror, pen: Row, unit: str) -> WorkItem:
    words = {"head": pen["head_count"], "capacity": pen["capacity"], "percent": pen["percent"]}
    at = f"/office/pens/{pen['id']}"
    actions = (
        Action(_("Edit"), coming_back(f"{at}/edit", "pen-over"), "e"),
        Action(_("Show animals"), at, "s"),
    )
    why = _("holds %(head)d of %(capacity)d, %(percent)d %%") % words
    return WorkItem(_full_key(pen), pen["pen_number"], at, why, None, actions)


class Founded(NamedTuple):
    """A batch or a pen of which nobody ever said anything."""

    place: str  # batches or pens
    row: Row

    @property
    def key(self) -> str:
        return key_of("stray-place", self.place, self.row["id"])


def founded_by_reads(mirror: Mirror, away: PutAway) -> Sequence[Founded]:
    tables = mirror.tables
    batches = (row for row in tables["batches"].values() if _is_bare(row, TOLD_OF_A_BATCH))
    pens = (row for row in tables["pens"].values() if _is_bare(row, TOLD_OF_A_PEN))
    found = [Founded("batches", row) for row in batches] + [Founded("pens", row) for row in pens]
    return [one for one in reversed(found) if one.key not in away]


def _is_bare(row: Row, told: tuple[str, ...]) -> bool:
    return 0 < row["head_count"] <= FEW and not any(row.get(name) for name in told)


def _founded_item(mirror: Mirror, one: Founded, unit: str) -> WorkItem:
    head = one.row["head_count"]
    if one.place == "batches":
        name = _("batch %s") % one.row["batch_number"]
        why = ngettext(
            "only reads know it: %d head, no funder, no induction, no notes",
            "only reads know it: %d head, no funder, no induction, no notes",
            head,
        )
    else:
        name = _("pen %s") % one.row["pen_number"]
        why = ngettext(
            "only the barn knows it: %d head, no capacity, no location",
            "only the barn knows it: %d head, no capacity, no location",
            head,
        )
    at = f"/office/{one.place}/{one.row['id']}"
    actions = (
        Action(_("Edit"), coming_back(f"{at}/edit", "stray-place"), "e"),
        Action(_("Show animals"), at, "s"),
    )
    return WorkItem(one.key, name, at, why % head, one.row.get("created_at"), actions)


FULL: Final = Kind(
    "pen-over",
    gettext_noop("over capacity"),
    lambda n: ngettext("%d pen is over capacity", "%d pens are over capacity", n) % n,
    overfull,
    _full_item,
)
FOUNDED: Final = Kind(
    "stray-place",
    gettext_noop("known by reads alone"),
    lambda n: (
        ngettext(
            "%d batch or pen that only reads know", "%d batches or pens that only reads know", n
        )
        % n
    ),
    founded_by_reads,
    _founded_item,
)
