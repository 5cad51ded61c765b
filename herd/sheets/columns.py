"""What a sheet's columns may hold, what people call it, and the headers it is known by."""

import re
from collections.abc import Container, Sequence
from typing import Final, Literal

from herd.sheets.reader import BadCell

SheetKind = Literal["animals", "weights"]

# What may be chosen a column for, in the order a form shows it.
FIELDS: Final[dict[SheetKind, tuple[str, ...]]] = {
    "animals": (
        "livestock_id", "lf_tag", "uhf_tag", "visual_id", "tag_color", "sex", "breed",
        "batch_number", "pen_number", "status", "induction_date", "left_on", "left_reason",
        "health", "notes",
    ),
    "weights": ("tag", "weight", "date", "time"),
}  # fmt: skip
# Of each group one field at least must have a column.
REQUIRED: Final[dict[SheetKind, tuple[tuple[str, ...], ...]]] = {
    "animals": (("livestock_id", "lf_tag", "uhf_tag"),),
    "weights": (("tag",), ("weight",)),
}
STATUSES: Final = ("active", "pending", "exported", "dead", "sold")
DATED: Final = ("date", "time", "induction_date", "left_on")  # a time may hold its day
LABELS: Final = {
    "livestock_id": "Livestock id", "lf_tag": "LF tag (EID)", "uhf_tag": "UHF tag (EPC)",
    "visual_id": "Visual id", "tag_color": "Tag colour", "sex": "Sex", "breed": "Breed",
    "batch_number": "Batch", "pen_number": "Pen", "status": "Status",
    "induction_date": "Induction date", "left_on": "Left on", "left_reason": "Why it left",
    "health": "Health", "notes": "Notes", "tag": "Animal (any tag or id)", "weight": "Weight",
    "date": "Date", "time": "Time",
}  # fmt: skip

_HOLDS: Final[dict[tuple[str, ...], str]] = {
    ("livestock_id", "lf_tag", "uhf_tag"): "the livestock id or a tag",
    ("tag",): "the animal's tag or id",
    ("weight",): "the weight",
}
# Headers of our own pages, scales, farmOS and plain sheets without case and marks, the best first.
# In our own list of weights `cattle_id` is a row's number, which another animal may have as its
# name.
_HEADERS: Final = {
    "livestock_id": "livestockid lid cattleid animalid name",
    "lf_tag": "lftag lftageid lf eid ideid electronicid electronictag rfid idtags idtag tag",
    "uhf_tag": "uhftag uhftagepc uhf epc uhfepc",
    "visual_id": "visualid vid idvid visualtag",
    "tag_color": "tagcolor tagcolour",
    "sex": "sex gender",
    "breed": "breed animaltype",
    "batch_number": "batchnumber batch lot lotnumber",
    "pen_number": "pennumber pen",
    "status": "status archived",
    "induction_date": "inductiondate induction inducted dateinducted arrivaldate",
    "left_on": "lefton dateleft",
    "left_reason": "leftreason whyitleft",
    "health": "health",
    "notes": "notes note",
    "tag": "animalanytagorid eid ideid electronicid electronictag rfid lftag lf idtags idtag tag"
    " uhftag uhf epc uhfepc vid idvid visualid visualtag lid livestockid name cattleid animalid",
    "weight": "weight weightkg weightlb weightlbs liveweight liveweightkg liveweightlb",
    "date": "recordedat datetime dateandtime timestamp date weighdate sessiondate",
    "time": "time",
}


def labels(names: Sequence[str]) -> str:
    """As the form calls them."""
    return " or ".join(f"“{LABELS[name]}”" for name in names)


def missing(kind: SheetKind, chosen: Container[str]) -> list[tuple[str, ...]]:
    """Return the groups of which no field has a column."""
    return [group for group in REQUIRED[kind] if not any(name in chosen for name in group)]


def ask_for(groups: Sequence[tuple[str, ...]]) -> str:
    """Return a sentence for each group, "" for none."""
    return " ".join(f"Tell which column holds {_HOLDS[group]}." for group in groups)


def guess_columns(kind: SheetKind, headers: Sequence[str]) -> dict[str, str]:
    """Field → header, for what is known by its name."""
    known = {re.sub(r"[\W_]", "", header.casefold()): header for header in reversed(headers)}
    guessed = {}
    for name in FIELDS[kind]:
        found = next((known[one] for one in _HEADERS[name].split() if one in known), None)
        if found is not None:
            guessed[name] = found
    return guessed


def is_header(kind: SheetKind, cells: Sequence[str]) -> bool:
    """Two names that are known stand in no title and in no animal's row."""
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
