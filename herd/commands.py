"""What a barn device tells of the herd: made by the parser, taken by the operations. Pure.

Tags are as they were spelt; a text that is absent is "".
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, Literal, TypeAlias

Source: TypeAlias = Literal["hxb", "hxe"]


@dataclass(frozen=True, slots=True)
class TagRead:
    batch_number: str
    lf: str  # either tag may be "", not both
    uhf: str
    source: Source


@dataclass(frozen=True, slots=True)
class _BarnEvent:
    """What all barn events share."""

    event_id: str  # in lower case
    livestock_id: str
    # What this kind of event has no use for.
    extra: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)
    mismatched: bool = field(default=False, kw_only=True)  # the id names another kind of event

    @property
    def source(self) -> Source:
        return "hxe" if self.event_id.startswith("hxe") else "hxb"


@dataclass(frozen=True, slots=True)
class Induction(_BarnEvent):
    """An animal comes into the feedlot, into a batch (the barn's lot) or a pen, or both."""

    called: ClassVar = "induction"
    batch_number: str = ""
    pen_number: str = ""
    funder: str = ""
    lot_group: str = ""
    pen_location: str = ""
    sex: str = ""
    tag_color: str = ""
    visual_id: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class PairTags(_BarnEvent):
    """Tags are put on an animal, which may be weighed at the same time."""

    called: ClassVar = "pairing"
    lf: str
    uhf: str
    weight_kg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CheckIn(_BarnEvent):
    called: ClassVar = "check-in"
    weight_kg: Decimal


@dataclass(frozen=True, slots=True)
class RepairTags(_BarnEvent):
    """An animal gets at least one new tag."""

    called: ClassVar = "repair"
    old_lf: str = ""  # where it is given, it must be the one that the animal bears
    new_lf: str = ""
    old_uhf: str = ""
    new_uhf: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TreatmentGiven(_BarnEvent):
    called: ClassVar = "treatment"
    product: str
    amount: Decimal | None = None  # None: by the animal's weight
    unit: str = ""
    lot_no: str = ""
    reason: str = ""


Event: TypeAlias = Induction | PairTags | CheckIn | RepairTags | TreatmentGiven
Command: TypeAlias = TagRead | Event
