"""Work on animals of which the Pi itself says that somebody is to see to them."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from remote.office.mirror.mirror import Mirror, Row
from remote.office.work.animal_work import leading_back
from remote.office.work.items import Action, Kind, WorkItem, animal_link
from remote.office.work.put_away import PutAway
from remote.work_keys import key_of

# -- gone before they were clear ------------------------------------------------------------------


def left_early(mirror: Mirror, away: PutAway) -> Sequence[Row]:
    rows = (mirror.status or {}).get("left_early", [])  # an older Pi knows of no treatments
    return [row for row in rows if _left_key(row) not in away]


def _left_key(row: Row) -> str:
    return key_of("left-early", row["cattle_id"], row["left_on"])


def _left_item(mirror: Mirror, row: Row, unit: str) -> WorkItem:
    why = _("left on %(left)s, and is not clear until %(clear)s: say what was done")
    answer = Action(_("Answer"), animal_link(row["cattle_id"], "/leave"), "n")
    return WorkItem(
        _left_key(row),
        row["name"],
        animal_link(row["cattle_id"]),
        why % {"left": row["left_on"], "clear": row["clear_on"]},
        row["left_on"],
        leading_back("left-early", answer),
    )


# -- a read that turned back what a person had said ----------------------------------------------


def _turned_back(mirror: Mirror, away: PutAway) -> Sequence[Row]:
    rows = (mirror.status or {}).get("turned_back", [])  # an older Pi looks for none
    return [row for row in rows if _turned_key(row) not in away]


def _turned_key(row: Row) -> str:
    return key_of("turned-back", row["cattle_id"], row["kind"], row["at"])


def _turned_item(mirror: Mirror, row: Row, unit: str) -> WorkItem:
    why = _("a read took off %(tag)s, which %(who)s had put on: say which is right")
    who = row["given"].partition(":")[2] or row["given"]
    tags = Action(_("Tags"), animal_link(row["cattle_id"], "/tags"), "g")
    return WorkItem(
        _turned_key(row),
        row["name"],
        animal_link(row["cattle_id"]),
        why % {"tag": row["tag"], "who": who},
        row["at"],
        leading_back("turned-back", tags),
    )


GONE: Final = Kind(
    "left-early",
    gettext_noop("left too early"),
    lambda n: (
        ngettext("%d animal left before it was clear", "%d animals left before they were clear", n)
        % n
    ),
    left_early,
    _left_item,
    is_grave=True,
)
TURNED_BACK: Final = Kind(
    "turned-back",
    gettext_noop("re-tagging turned back"),
    lambda n: ngettext("%d re-tagging was turned back", "%d re-taggings were turned back", n) % n,
    _turned_back,
    _turned_item,
)
