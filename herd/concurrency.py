"""Operations think in a view of one moment, outside the writers' queue, and are written in one turn
of it: what others have written meanwhile is noticed by the journal's position.

The queue is held for the check and the write alone, and not at all by a preview, by what is refused
and by what changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from typing import Final, Generic, TypeVar

from django.db import connection

from herd.loader import NAMES
from herd.models import Animal, Batch, Pen
from herd.storage import journal
from herd.storage.row_numbers import RowNumbers
from herd.unit_of_work import UnitOfWork

T = TypeVar("T")
Changed = Mapping[str, set[int]]  # ids by the first word of the journal's kind

AT_ONCE: Final = 500  # ids in one query
SETTLED: Final = "settled"  # payloads, by a worker


def nothing_more(_unit: UnitOfWork, _result: object) -> None:
    """Finish nothing."""


def carry_out(
    actor: str,
    think: Callable[[UnitOfWork], T],
    timeout: float | None = None,
    *,
    preview: bool = False,
    finish: Callable[[UnitOfWork, T], None] = nothing_more,
) -> T:
    """Run operations and write what they leave; return what `think` returns.

    `think` runs again, in the queue, where others changed the herd meanwhile; with
    `unit.by_lookups`, what it had looked up. `finish` runs after the write, in its transaction. A
    preview is not written. Raise JournalBusy after `timeout` seconds in the queue.
    """
    with closing(Change(actor, think, finish, RowNumbers(provisional=preview))) as change:
        with journal.reading():
            change.think()
            if preview:
                change.settle()
        if not preview and change.is_to_be_written():
            with journal.writing(timeout):
                change.write()
    return change.result


class Change(Generic[T]):
    """What operations came to, and the journal's position when they were thought."""

    unit: UnitOfWork
    result: T

    def __init__(
        self,
        actor: str,
        think: Callable[[UnitOfWork], T],
        finish: Callable[[UnitOfWork, T], None],
        numbers: RowNumbers,
    ) -> None:
        self._actor, self._think, self._finish, self.numbers = actor, think, finish, numbers
        self.since = 0

    def think(self) -> None:
        # And not the same ones again where others were given some since: of two weighings of one
        # moment the one with the higher number is the later one.
        self.numbers.give_back()
        self.since = self.numbers.newest_entry()
        self.unit = UnitOfWork(self._actor, numbers=self.numbers)
        self.result = self._think(self.unit)

    def settle(self) -> None:
        self.unit.settle()
        self._finish(self.unit, self.result)

    def is_to_be_written(self) -> bool:
        return self._finish is not nothing_more or self.unit.has_changes()

    def write(self) -> None:
        """Write it; think again where others have changed what was looked at."""
        changed = changed_since(self.since)
        if changed and (not self.unit.by_lookups or is_touched(self.unit, changed)):
            self.think()
        self.unit.write()
        self._finish(self.unit, self.result)

    def close(self) -> None:
        """Give back the numbers that no row has got."""
        self.numbers.give_back()


def changed_since(seq: int) -> Changed:
    """Return what the journal says was changed after this entry."""
    changed: dict[str, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED_SINCE, [seq])
        rows = cursor.fetchall()
    for kind, pk, actor in rows:
        word = kind.partition(":")[0]
        # Of payloads, what a person decided is one thing, and what a worker has settled another.
        changed[SETTLED if (word, actor) == ("payload", "radio") else word].add(pk)
    return changed


# What a receiver stores is not settled yet: it changes nothing that anybody has looked up.
_CHANGED_SINCE: Final = (
    "SELECT kind, object_id, actor FROM journal"
    " WHERE seq > %s AND NOT (actor = '' AND kind LIKE 'payload:%%')"
)


def is_touched(unit: UnitOfWork, changed: Changed) -> bool:
    """Return whether the changes touch what the unit has looked up, or has missed."""
    return (
        any(is_touching(changed) for is_touching in unit.conditions)
        or _is_animal_touched(unit, changed.get("cattle", set()))
        or any(_is_place_touched(unit, model, changed.get(word, set())) for word, model in WORDS)
    )


WORDS: Final[tuple[tuple[str, type[Batch] | type[Pen]], ...]] = (("batch", Batch), ("pen", Pen))


def _is_animal_touched(unit: UnitOfWork, ids: set[int]) -> bool:
    # Others' animals matter where one has a name by now that this unit has looked for in vain.
    return unit.has_any_animal(ids) or any(
        unit.has_asked_for(name, value)
        for some in _blocks(ids)
        for row in Animal.objects.filter(pk__in=some).values_list(*NAMES)
        for name, value in zip(NAMES, row, strict=True)
        if value is not None
    )


def _is_place_touched(unit: UnitOfWork, model: type[Batch] | type[Pen], ids: set[int]) -> bool:
    now: dict[int, Batch | Pen] = {}
    for some in _blocks(ids):
        now |= model._default_manager.in_bulk(some)  # noqa: SLF001 - Django's own
    return any(unit.is_place_touched(model, pk, now.get(pk)) for pk in ids)


def _blocks(ids: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(ids)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))
