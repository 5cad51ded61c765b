"""Errors of operations, one for each situation. The text is for the person at the chute."""

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


class UnknownPlace(HerdError):
    """No such batch or pen."""

    code = "unknown_place"


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


class UnknownChange(HerdError):
    code = "unknown_change"


class UndoImpossible(HerdError):
    """Something has been done since that taking the change back would destroy."""

    code = "undo_impossible"


class RowsRefused(HerdError):
    """Rows of a sheet cannot be taken, so none was: `rows` are line and sentence."""

    code = "rows_refused"

    def __init__(self, rows: list[tuple[int, str]]) -> None:
        count = f"{len(rows)} rows" if len(rows) > 1 else "One row"
        super().__init__(f"{count} cannot be taken, so nothing was changed.")
        self.rows = rows

    def more(self) -> dict[str, Any]:
        shown = self.rows[:MOST_SHOWN]
        errors = [{"line": line, "column": "", "text": text} for line, text in shown]
        return {"errors": errors, "error_count": len(self.rows)}
