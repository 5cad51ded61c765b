"""The fields of an animal, a batch and a pen: each stands here once, with all that is known of it.

Sheets, forms and exports show them in this order, JSON in the order of the model's columns. Pure:
the office reads this too. `tests/herd/test_fields.py` holds models and every list against it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

# "computed" has no column: it is worked out from others. "lines" is text with line ends.
Holds: TypeAlias = Literal[
    "text", "lines", "tag", "choice", "date", "time", "number", "reference", "computed"
]
# "radio" is what a reading moves on by itself; "induction" what a barn's event tells in words.
Setter: TypeAlias = Literal["person", "sheet", "induction", "radio"]


def gettext_noop(text: str) -> str:
    """Mark a text for makemessages, which looks for this name; who shows it translates it."""
    # Not Django's own: this module knows no framework, since the office reads it too (decision 3).
    return text


_ = gettext_noop


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `set_by` says who may set it; without anybody it follows from other rows."""

    name: str  # as the model, REST and CSV spell it
    label: str = ""  # of a sheet's column, and of the form
    headers: str = ""  # of sheets, without case and marks, the best first
    set_by: tuple[Setter, ...] = ()
    longest: int = 0  # characters; a reference's are those of the name that it points to
    holds: Holds = "text"
    in_form: str = ""  # the form's label, where it is another
    required: bool = False
    in_json: bool = True
    in_export: bool = True
    identifies: bool = False  # a spreadsheet must not take 0012 for 12, or 3-4 for a day

    @property
    def form_label(self) -> str:
        return self.in_form or self.label

    @property
    def attname(self) -> str:
        """Return the attribute that holds a reference's number, as Django names it."""
        return f"{self.name}_id" if self.holds == "reference" else self.name

    @property
    def sheet_name(self) -> str:
        """Return the name of a sheet's field: a sheet names a batch by its number."""
        return f"{self.name}_number" if self.holds == "reference" else self.name

    @property
    def is_merged(self) -> bool:
        """Return whether a merge fills the field from the other record."""
        # Tags, status and times have rules of their own there: see `herd/operations/merging.py`.
        return "person" in self.set_by or self.holds == "reference"

    @property
    def is_watched(self) -> bool:
        """Return whether the undo of an import refuses when the field was changed since."""
        # No flag of its own: a field that forgot it would lose a person's edit with the import.
        return bool(self.set_by)


# `induction_date` is not told by an induction: the day on which it is heard counts.
PERSON: Final = ("person",)
SHEET: Final = ("sheet",)
PERSON_OR_SHEET: Final = ("person", "sheet")
ANYBODY: Final = ("person", "sheet", "induction")
PERSON_OR_INDUCTION: Final = ("person", "induction")
RADIO: Final = ("radio",)

SEXES: Final = ("Steer", "Heifer", "Bull", "Cow", "Mixed")  # offered; a barn may send another word

ANIMAL: Final = (
    Field(
        "livestock_id",
        _("Livestock id"),
        "livestockid lid cattleid animalid name",
        PERSON_OR_SHEET,
        50,
        identifies=True,
    ),
    Field(
        "lf_tag",
        _("LF tag (EID)"),
        "lftag lftageid lf eid ideid electronicid electronictag rfid idtags idtag tag",
        SHEET,
        64,
        "tag",
        identifies=True,
    ),
    Field(
        "uhf_tag",
        _("UHF tag (EPC)"),
        "uhftag uhftagepc uhf epc uhfepc",
        SHEET,
        64,
        "tag",
        identifies=True,
    ),
    Field(
        "visual_id", _("Visual id"), "visualid vid idvid visualtag", ANYBODY, 50, identifies=True
    ),
    Field("tag_color", _("Tag colour"), "tagcolor tagcolour", ANYBODY, 50),
    Field("sex", _("Sex"), "sex gender", ANYBODY, 10),
    Field("breed", _("Breed"), "breed animaltype", PERSON_OR_SHEET, 50),
    Field(
        "batch",
        _("Batch"),
        "batchnumber batch lot lotnumber",
        SHEET,
        50,
        "reference",
        identifies=True,
    ),
    Field("pen", _("Pen"), "pennumber pen", SHEET, 50, "reference", identifies=True),
    Field("status", _("Status"), "status archived", SHEET, 8, "choice"),
    Field(
        "induction_date",
        _("Induction date"),
        "inductiondate induction inducted dateinducted arrivaldate",
        PERSON_OR_SHEET,
        holds="date",
        in_form=_("Induction"),
    ),
    Field("last_weight_kg", holds="number"),
    Field("last_weighed_at", holds="time"),
    Field("adg_kg", holds="number"),
    Field("adg_confidence", longest=4),
    Field("expected_kg", holds="number", in_export=False),
    Field("forecast_kg", holds="number", in_export=False),
    Field("adg_doubt_kg", holds="number", in_export=False),
    Field("first_seen_at", holds="time", in_export=False),
    Field("last_seen_at", set_by=RADIO, holds="time"),
    Field("left_on", _("Left on"), "lefton dateleft", SHEET, holds="date"),
    Field("left_reason", _("Why it left"), "leftreason whyitleft", SHEET, 200),
    Field("left_cause", _("Cause of death"), longest=12, holds="choice"),
    Field("clear_on", _("Clear on"), holds="date"),
    Field("not_clear_reason", _("Why it left before it was clear"), longest=200),
    Field("health", _("Health"), "health", PERSON_OR_SHEET, 200, in_form=_("Health note")),
    Field("notes", _("Notes"), "notes note", ANYBODY, 4000, "lines"),
)
BATCH: Final = (
    Field("batch_number", _("Number"), set_by=PERSON, longest=50, required=True, identifies=True),
    Field("source_type", _("Source"), set_by=PERSON, longest=3, holds="choice", in_export=False),
    Field("source", holds="computed"),
    Field("status", _("Status"), set_by=PERSON, longest=6, holds="choice"),
    Field("funder", _("Funder"), set_by=PERSON_OR_INDUCTION, longest=50),
    Field("lot_group", _("Lot group"), set_by=PERSON_OR_INDUCTION, longest=50, identifies=True),
    Field("induction_date", _("Induction"), set_by=PERSON, holds="date"),
    Field("target_kg", _("Target weight"), set_by=PERSON, holds="number"),
    Field("target_on", _("Target day"), set_by=PERSON, holds="date"),
    Field("head_count", holds="number"),
    Field("on_feed_count", holds="number"),
    Field("weighed_count", holds="number", in_export=False),
    Field("mean_weight_kg", holds="computed"),
    Field("adg_kg", holds="computed"),
    Field("last_read_at", set_by=RADIO, holds="time"),
    Field("created_at", holds="time", in_export=False),
    Field("updated_at", holds="time", in_export=False),
    Field("notes", _("Notes"), set_by=PERSON, longest=4000, holds="lines"),
)
PEN: Final = (
    Field("pen_number", _("Number"), set_by=PERSON, longest=50, required=True, identifies=True),
    Field("location", _("Location"), set_by=PERSON, longest=50),
    Field("capacity", _("Capacity"), set_by=PERSON, holds="number"),
    Field("head_count", holds="number"),
    Field("percent", holds="computed", in_json=False),
    Field("description", _("Description"), set_by=PERSON, longest=4000, holds="lines"),
)


def set_by(setter: Setter, table: Iterable[Field]) -> tuple[str, ...]:
    """Return the names of the fields that a person, a sheet or an induction may set."""
    return tuple(one.name for one in table if setter in one.set_by)
