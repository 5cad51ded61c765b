"""Errors of operations, one for each situation. The text is for the person at the chute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

MOST_SHOWN = 200  # rows of a sheet that are listed one by one


class HerdError(Exception):
    """Base: `code` for machines, the sentence for people, `field` for the one it is about."""

    code = "herd"

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field

    def more(self) -> dict[str, Any]:
        """Return what machines may want to know beside the sentence."""
        return {}


class BadTag(HerdError):
    code = "bad_tag"


class TagConflict(HerdError):
    """Two tags that were read together belong to two animals; nobody guesses which is right."""

    code = "tag_conflict"


class UnknownAnimal(HerdError):
    code = "unknown_animal"


class NothingToChange(HerdError):
    code = "nothing_to_change"


class UnknownWeight(HerdError):
    code = "unknown_weight"


class UnknownSession(HerdError):
    code = "unknown_session"


class SourceInUse(HerdError):
    """Another open session listens to the same source: a reading would belong to both."""

    code = "source_in_use"


class UnknownShipment(HerdError):
    code = "unknown_shipment"


class WrongState(HerdError):
    """A shipment is not planned, loading or shipped, as what is asked would need it."""

    code = "wrong_state"


class InShipment(HerdError):
    """Animals stand in another shipment that has not left yet."""

    code = "in_shipment"


class UnknownPlace(HerdError):
    """No such batch or pen."""

    code = "unknown_place"


class UnknownMark(HerdError):
    code = "unknown_work_mark"


class UnknownProduct(HerdError):
    """Nobody has entered a product of this name or number; none is ever invented."""

    code = "unknown_product"


class UnknownTreatment(HerdError):
    code = "unknown_treatment"


class UnknownPull(HerdError):
    code = "unknown_pull"


class AlreadyPulled(HerdError):
    """The animal was pulled before, and nobody has said that it is back."""

    code = "already_pulled"


class NameTaken(HerdError):
    code = "name_taken"


class PenFull(HerdError):
    """More head than the pen holds; a move can be forced with a reason."""

    code = "pen_full"


class PenInUse(HerdError):
    code = "pen_in_use"


class ReasonNeeded(HerdError):
    code = "reason_needed"


class NotOnFeed(HerdError):
    """The animal is not in the feedlot, and what is asked fits only one that is."""

    code = "not_on_feed"


class HasLeft(HerdError):
    """Some of many animals that are to leave are gone in another way already."""

    code = "has_left"


@dataclass(frozen=True, slots=True)
class Held:
    """An animal that is not clear yet, and how many days are left."""

    animal_id: int
    name: str
    clear_on: date
    days: int


class NotClear(HerdError):
    """Animals would leave before they are clear of what they were treated with."""

    code = "not_clear"

    def __init__(self, held: Sequence[Held]) -> None:
        named = [f"{one.name} is clear on {one.clear_on}, in {_days(one)}" for one in held[:5]]
        named += [f"and {len(held) - 5} more"] if len(held) > 5 else []
        super().__init__(
            f"{len(held)} {'animals are' if len(held) > 1 else 'animal is'} not clear:"
            f" {'; '.join(named)}. Wait, or say why they may leave all the same.",
            field="override",
        )
        self.held = held

    def more(self) -> dict[str, Any]:
        return {
            "not_clear": [
                {"id": one.animal_id, "name": one.name, "days": one.days}
                | {"clear_on": one.clear_on.isoformat()}
                for one in self.held[:MOST_SHOWN]
            ],
            "not_clear_count": len(self.held),
        }


def _days(held: Held) -> str:
    return "1 day" if held.days == 1 else f"{held.days} days"


class StatusDiffers(HerdError):
    """One of two records that are to be one has left, and the other has not, or otherwise."""

    code = "status_differs"


class BadValue(HerdError):
    code = "bad_value"


class ChangedSince(HerdError):
    """Somebody else changed what the person saw and was about to change: `now` by field."""

    code = "changed_since"

    def __init__(self, now: dict[str, Any]) -> None:
        names = ", ".join(name.replace("_", " ") for name in now)
        super().__init__(f"Somebody else has changed this meanwhile: {names}.")
        self.now = now

    def more(self) -> dict[str, Any]:
        return {"now": self.now}


class UnknownScaleStep(HerdError):
    code = "unknown_scale_step"


class UnknownChange(HerdError):
    code = "unknown_change"


class UndoImpossible(HerdError):
    """Something has been done since that taking the change back would destroy."""

    code = "undo_impossible"


@dataclass(slots=True)
class FullPen:
    """A pen that would hold more than it can, with all animals of a sheet."""

    would_hold: int
    capacity: int
    refused: int = 0  # of them


class RowsRefused(HerdError):
    """Rows of a sheet cannot be taken, so none was: `rows` are line and sentence."""

    code = "rows_refused"

    def __init__(
        self, rows: list[tuple[int, str]], full_pens: Mapping[str, FullPen] | None = None
    ) -> None:
        count = f"{len(rows)} rows" if len(rows) > 1 else "One row"
        self.rows, self.full_pens = rows, full_pens or {}
        sentence = f"{count} cannot be taken, so nothing was changed."
        super().__init__(" ".join([sentence, *map(_would_hold, self.full_pens.items())]))

    def more(self) -> dict[str, Any]:
        shown = self.rows[:MOST_SHOWN]
        errors = [{"line": line, "column": "", "text": text} for line, text in shown]
        full_pens = full_pens_shape(self.full_pens)
        return {"errors": errors, "error_count": len(self.rows), "full_pens": full_pens}


def _would_hold(pen: tuple[str, FullPen]) -> str:
    number, full = pen
    return f"{number} would hold {full.would_hold:,} of {full.capacity:,}."


def full_pens_shape(pens: Mapping[str, FullPen]) -> list[dict[str, Any]]:
    """Return the pens that would be too full as JSON."""
    return [
        {"pen": one[0], "would_hold": one[1].would_hold, "capacity": one[1].capacity}
        | {"text": _would_hold(one)}
        for one in pens.items()
    ]
