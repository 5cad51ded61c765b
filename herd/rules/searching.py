"""What the search of a list looks at, and how: the Pi and the office find the same rows. Pure."""

import unicodedata
from collections.abc import Iterable
from itertools import filterfalse
from typing import Final

# By table, the columns whose text is searched.
SEARCHED: Final[dict[str, tuple[str, ...]]] = {
    "batches": ("batch_number", "funder", "lot_group"),
    "pens": ("pen_number", "location"),
    "products": ("name", "kind", "lot_no"),
    "shipments": ("shipment_number", "destination", "carrier"),
}


def unaccented(text: str) -> str:
    """Return the text in small letters without accents: who types muller finds Müller."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return parts if parts.isascii() else "".join(filterfalse(unicodedata.combining, parts))


def searched_text(values: Iterable[object]) -> str:
    """Return the text of a row in which an unaccented search is looked for."""
    return unaccented("\n".join(str(value or "") for value in values))
