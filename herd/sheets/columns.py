"""What a sheet's columns may hold, what people call it, and the headers it is known by."""

from collections.abc import Container, Sequence
from functools import cache
from typing import Final, Literal

from herd.fields import ANIMAL, Field
from herd.fields import gettext_noop as _
from herd.rules import spellings
from herd.sheets.header_words import (
    DATE_WORDS,
    EID,
    OF_ANIMALS,
    OF_TREATMENTS,
    OF_WEIGHTS,
    OTHER_DATE_WORDS,
    OTHER_WEIGHT_WORDS,
    WEIGHT_WORDS,
)
from herd.sheets.headers import known_forms, named, words
from herd.sheets.table import BadCell

SheetKind = Literal["animals", "weights", "treatments"]

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
    Field("unit", _("Unit")),
    # Not "indicator" or "source": what animals' sheets and our own exports call otherwise.
    Field(
        "scale",
        _("Scale"),
        headers="scale scalename scaleid scaleno scaleserialnumber weighscale device devicename"
        " deviceid deviceserialnumber reader readername",
        longest=120,
    ),
)
_TREATMENTS: Final = (
    _WEIGHTS[0],
    Field("product", _("Product"), longest=100),
    *_WEIGHTS[2:4],
    Field("amount", _("Amount"), holds="number"),
    _WEIGHTS[4],
    Field("lot_no", _("Lot number"), longest=50),
    Field("route", _("Route"), longest=50),
    Field("reason", _("Reason"), longest=200),
)
# What an animals' sheet may say of a weighing beside the animal itself.
_OF_A_WEIGHING: Final = ("weight", "date", "time", "unit", "scale")
_BY_KIND: Final[dict[SheetKind, tuple[Field, ...]]] = {
    "animals": (*(one for one in ANIMAL if "sheet" in one.set_by), *_WEIGHTS[1:]),
    "weights": _WEIGHTS,
    "treatments": _TREATMENTS,
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
    "treatments": (("tag",), ("product",), ("date",)),
}

_HOLDS: Final[dict[tuple[str, ...], str]] = {
    ("livestock_id", "lf_tag", "uhf_tag"): "the livestock id or a tag",
    ("tag",): "the animal's tag or id",
    ("weight",): "the weight",
    ("product",): "the product",
    ("date",): "the day of the treatment",
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
    guessed = _known_columns(kind, headers)
    for name, is_one in (("weight", _is_weight), ("date", _is_date)):
        if name not in guessed and (kind == "weights" or name == "date"):
            found = [one for one in headers if one not in guessed.values() and is_one(one)]
            guessed |= {name: found[0]} if len(found) == 1 else {}
    if "weight" not in guessed:
        # The day on which a wand read the animal is none of the animal itself.
        return {name: one for name, one in guessed.items() if _is_of(kind, name)}
    return guessed


def _is_of(kind: SheetKind, name: str) -> bool:
    return kind != "animals" or name not in _OF_A_WEIGHING


def _known_columns(kind: SheetKind, headers: Sequence[str]) -> dict[str, str]:
    known: dict[str, str] = {}
    # Reversed, so that of two columns with one name the first counts; the whole header counts more
    # than a part of it.
    for place in (2, 1, 0):
        known |= {known_forms(header)[place]: header for header in reversed(headers)}
    guessed: dict[str, str] = {}
    for name in FIELDS[kind]:
        found = (known[one] for one in _spellings(kind, name) if one in known)
        free = next((one for one in found if one not in guessed.values()), None)
        if free is not None:
            guessed[name] = free
    return guessed


@cache
def _spellings(kind: SheetKind, name: str) -> tuple[str, ...]:
    more = OF_WEIGHTS if kind == "weights" or name in {"tag", *_OF_A_WEIGHING} else OF_ANIMALS
    first, last = BY_NAME[name].headers.split(), more.get(name, "").split()
    if kind == "treatments" and name in OF_TREATMENTS:
        return (*OF_TREATMENTS[name].split(), *first, *last)
    if name == "tag":
        # An electronic number is the surest; in our own export of weights `cattle_id` is a row's
        # number, and stays the last of all.
        return (*EID.split(), *first[:-4], *last, *first[-4:])
    return (*first, *last)


def _is_date(header: str) -> bool:
    said = set(words(header))
    return bool(said & DATE_WORDS) and not said & OTHER_DATE_WORDS


def _is_weight(header: str) -> bool:
    said = set(words(header))
    return bool(said & WEIGHT_WORDS) and not said & OTHER_WEIGHT_WORDS


def is_header(kind: SheetKind, cells: Sequence[str]) -> bool:
    """Return whether these cells are headers."""
    # One known word may stand in a title, such as Weight; two stand in headers alone.
    return len(_known_columns(kind, [named(cell) for cell in cells])) >= 2


def status_of(cell: str) -> str:
    """Return the status that a cell, or farmOS's column `archived`, says; raise BadCell."""
    word = spellings.folded(cell)
    if word in spellings.YES:
        raise BadCell(
            "An archived animal may be exported, dead or sold: write which, and on which day in"
            " a column for “Left on”."
        )
    if word in spellings.NO:
        return "active"
    status = spellings.status_of(cell)
    if word and status is None:
        names = ", ".join(spellings.STATUSES)
        raise BadCell(f'"{cell[:40]}" is not a status; write one of {names}.')
    return status or ""
