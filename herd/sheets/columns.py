"""What a sheet's columns may hold, what people call it, and the headers it is known by."""

import re
from collections.abc import Container, Sequence
from typing import Final, Literal

from herd.fields import ANIMAL, Field
from herd.fields import gettext_noop as _
from herd.sheets.reader import BadCell

SheetKind = Literal["animals", "weights"]

# In our own export of weights `cattle_id` is a row's number, which another animal may have as its
# name: so it comes last among the headers of a tag.
_WEIGHTS: Final = (
    Field(
        "tag",
        _("Animal (any tag or id)"),
        headers="animalanytagorid eid ideid electronicid electronictag rfid lftag lf idtags idtag"
        " tag uhftag uhf epc uhfepc vid idvid visualid visualtag lid livestockid name cattleid"
        " animalid",
    ),
    Field(
        "weight",
        _("Weight"),
        headers="weight weightkg weightlb weightlbs liveweight liveweightkg liveweightlb",
        holds="number",
    ),
    Field(
        "date",
        _("Date"),
        headers="recordedat datetime dateandtime timestamp date weighdate sessiondate",
        holds="date",
    ),
    Field("time", _("Time"), headers="time", holds="time"),
)
_BY_KIND: Final[dict[SheetKind, tuple[Field, ...]]] = {
    "animals": tuple(one for one in ANIMAL if "sheet" in one.set_by),
    "weights": _WEIGHTS,
}
BY_NAME: Final = {one.sheet_name: one for table in _BY_KIND.values() for one in table}
# What may be chosen a column for, in the order a form shows it.
FIELDS: Final = {kind: tuple(one.sheet_name for one in table) for kind, table in _BY_KIND.items()}
LABELS: Final = {name: one.label for name, one in BY_NAME.items()}
# Columns whose days tell the sheet's order of day and month; a time may hold its day.
DATED: Final = tuple(name for name, one in BY_NAME.items() if one.holds in {"date", "time"})
# Of each group one field at least must have a column.
REQUIRED: Final[dict[SheetKind, tuple[tuple[str, ...], ...]]] = {
    "animals": (("livestock_id", "lf_tag", "uhf_tag"),),
    "weights": (("tag",), ("weight",)),
}
STATUSES: Final = ("active", "pending", "exported", "dead", "sold")

_HOLDS: Final[dict[tuple[str, ...], str]] = {
    ("livestock_id", "lf_tag", "uhf_tag"): "the livestock id or a tag",
    ("tag",): "the animal's tag or id",
    ("weight",): "the weight",
}


def labels(names: Sequence[str]) -> str:
    """Return the labels of these fields, as a sentence names them."""
    return " or ".join(f"“{LABELS[name]}”" for name in names)


def missing(kind: SheetKind, chosen: Container[str]) -> list[tuple[str, ...]]:
    """Return the groups of which no field has a column."""
    return [group for group in REQUIRED[kind] if not any(name in chosen for name in group)]


def ask_for(groups: Sequence[tuple[str, ...]]) -> str:
    """Return a sentence for each group, "" for none."""
    return " ".join(f"Tell which column holds {_HOLDS[group]}." for group in groups)


def guess_columns(kind: SheetKind, headers: Sequence[str]) -> dict[str, str]:
    """Return by field the header that is known for it."""
    # Reversed, so that of two columns with one name the first counts.
    known = {re.sub(r"[\W_]", "", header.casefold()): header for header in reversed(headers)}
    guessed = {}
    for name in FIELDS[kind]:
        found = next((known[one] for one in BY_NAME[name].headers.split() if one in known), None)
        if found is not None:
            guessed[name] = found
    return guessed


def is_header(kind: SheetKind, cells: Sequence[str]) -> bool:
    """Return whether these cells are headers."""
    # One known word may stand in a title, such as Weight; two stand in headers alone.
    return len(guess_columns(kind, cells)) >= 2


def status_of(cell: str) -> str:
    """Return the status that a cell, or farmOS's column `archived`, says; raise BadCell."""
    word = cell.casefold()
    if word in {"archived", "1", "true", "yes"}:
        raise BadCell(
            "An archived animal may be exported, dead or sold: write which, and on which day in"
            " a column for “Left on”."
        )
    if word in {"0", "false", "no"}:
        return "active"
    if word and word not in STATUSES:
        raise BadCell(f'"{cell[:40]}" is not a status; write one of {", ".join(STATUSES)}.')
    return word
