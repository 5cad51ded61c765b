"""Pens, batches, products and shipments that the search of every page finds beside animals."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from django.utils.translation import gettext_noop as _

from herd.rules.searching import unaccented
from remote.office.mirror.mirror import Mirror, Row

NAMED_AT_MOST: Final = 10


class Found(NamedTuple):
    label: str  # to be translated when it is shown
    name: str
    link: str


_Table = Callable[[Mirror], dict[int, Row]]
TABLES: Final[tuple[tuple[_Table, str, str, str], ...]] = (
    (lambda mirror: mirror.tables["pens"], "pen_number", _("Pen"), "/office/pens/{id}"),
    (lambda mirror: mirror.tables["batches"], "batch_number", _("Batch"), "/office/batches/{id}"),
    (lambda mirror: mirror.tables["products"], "name", _("Product"), "/office/products/{id}/edit"),
    (
        lambda mirror: mirror.tables["shipments"],
        "shipment_number",
        _("Shipment"),
        "/office/shipments/{id}",
    ),
)


def found_elsewhere(mirror: Mirror, text: str) -> list[Found]:
    """Return what has this name or, where nothing has, what holds the text in its name."""
    wanted = unaccented(text.strip())
    if not wanted:
        return []
    holding = list(_holding(mirror, wanted))
    exact = [one for one in holding if unaccented(one.name) == wanted]
    return exact or holding[:NAMED_AT_MOST]


def _holding(mirror: Mirror, wanted: str) -> Iterator[Found]:
    for table, field, label, link in TABLES:
        for row in reversed(table(mirror).values()):
            if wanted in unaccented(str(row[field])):
                yield Found(label, str(row[field]), link.format(id=row["id"]))


def the_only_one(mirror: Mirror, text: str) -> str | None:
    """Return where the only thing of this name is shown; None where an animal may be meant."""
    found = found_elsewhere(mirror, text)
    is_named = len(found) == 1 and unaccented(found[0].name) == unaccented(text.strip())
    return found[0].link if is_named and not mirror.finds(text) else None
