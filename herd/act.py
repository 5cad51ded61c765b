"""What a unit of work did, as the rules that tell it in a sentence ask about it (`herd.acts`)."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from django.db.models import Model

from herd.captured_rows import Captured
from herd.lookups import Lookups, Row
from herd.models import ReversibleChange
from herd.storage.journal import Entry

Kind = ReversibleChange.Kind
MOST_NAMED: Final = 3


class Told(NamedTuple):
    """What an operation was, in a word, a sentence and the reason that was given."""

    kind: str
    summary: str
    reason: str = ""
    steps: dict[str, Any] | None = None  # None: what was changed, made and deleted
    touched: int = 0  # animals; 0: those that its journal rows name


class Act(NamedTuple):
    """What a unit of work did, and the unit, which knows rows by their numbers."""

    did: Captured
    unit: Lookups
    entries: Sequence[Entry]

    def changed(self, model: type[Model], *names: str) -> list[tuple[Row, dict[str, Any]]]:
        """Return the rows of which one of these columns was changed."""
        return [one for one in self.did.changed.get(model, ()) if any(n in one[1] for n in names)]

    def made(self, model: type[Model]) -> list[Row]:
        return self.did.made.get(model, [])

    def deleted(self, model: type[Model]) -> list[Row]:
        return self.did.deleted.get(model, [])

    def named(self, rows: Iterable[Row]) -> str:
        """Return `A1`, or `A1, A2, A3 and 4 more`."""
        names = list(dict.fromkeys(map(self._name_of, rows)))
        more = len(names) - MOST_NAMED
        text = ", ".join(names[:MOST_NAMED])
        return f"{text} and {more} more" if more > 0 else text

    def head(self, rows: Sequence[Row]) -> str:
        """Return `A1`, or `4 head`."""
        return self.named(rows) if len(rows) == 1 else f"{len(rows)} head"

    def _name_of(self, row: Row) -> str:
        animal = getattr(row, "animal_id", None)
        return str(row) if animal is None else str(self.unit.animal_no(animal))


def count_of(entries: Iterable[Entry]) -> int:
    """Return how many animals the entries name, or how many rows where they name none."""
    by_word: dict[str, set[int]] = {}
    for one in entries:
        by_word.setdefault(one.kind.partition(":")[0], set()).add(one.object_id)
    return len(by_word.get("cattle", ())) or sum(map(len, by_word.values()))


def reason_of(rows: Iterable[Row], name: str) -> str:
    """Return the first reason that is given in one of the rows."""
    return next((text for row in rows if (text := getattr(row, name))), "")
