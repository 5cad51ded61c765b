"""What a barn device tells of the herd: made by the parser, taken by the operations. Pure.

Tags are as they were spelt; a text that is absent is "".
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, Literal, TypeAlias

Source: TypeAlias = Literal["hxb", "hxe"]


@dataclass(frozen=True, slots=True)
class TagRead:
    """A reading of an animal's tags; either may be "", not both."""

    batch_number: str
    lf: str
    uhf: str
    source: Source


@dataclass(frozen=True, slots=True)
class _BarnEvent:
    """What all barn events share.

    `event_id` is in lower case, `extra` holds the fields that this kind of event has no use for,
    `mismatched` says that the id names another kind.
    """

    event_id: str
    livestock_id: str
    extra: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)
    mismatched: bool = field(default=False, kw_only=True)

    @property
    def source(self) -> Source:
        return "hxe" if self.event_id.startswith("hxe") else "hxb"


@dataclass(frozen=True, slots=True)
class Induction(_BarnEvent):
    """An animal comes into the feedlot: its lot becomes its batch, its pen is where it stands."""

    called: ClassVar = "induction"
    batch_number: str
    pen_number: str
    funder: str
    lot_group: str = ""
    pen_location: str = ""
    sex: str = ""
    tag_color: str = ""
    visual_id: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class PairTags(_BarnEvent):
    """Tags are put on the animal of a livestock id, which may be weighed with it."""

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
    """New tags for an animal, at least one. An old tag that is given must be the one it bears."""

    called: ClassVar = "repair"
    old_lf: str = ""
    new_lf: str = ""
    old_uhf: str = ""
    new_uhf: str = ""
    reason: str = ""


Event: TypeAlias = Induction | PairTags | CheckIn | RepairTags
Command: TypeAlias = TagRead | Event
