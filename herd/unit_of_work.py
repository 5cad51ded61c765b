"""One transaction's view of animals, batches and pens, and what it will write.

Operations look things up here, change them in memory, and leave new rows, history and journal rows
here. Many operations can share one unit of work: what they need is loaded in a few queries, and
what they leave is written in a few statements, at the end of the transaction.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from herd.act import Act, Told, count_of
from herd.acts import tell
from herd.captured_rows import captured
from herd.changed_rows import ChangedRows
from herd.counters import NOWHERE, Contribution
from herd.loader import NAMES, Loader
from herd.lookups import TAG_FIELDS, Prefetch, TagKind
from herd.models import Animal, Batch, Movement, OperationAnimal, Pen, ReversibleChange, TagPairing
from herd.pending_rows import Pending
from herd.storage import fast_rows, journal
from herd.storage.row_numbers import RowNumbers
from herd.withdrawal_lookups import not_clear, why_early

__all__ = ["NAMES", "TAG_FIELDS", "Prefetch", "TagKind", "UnitOfWork", "open_unit_of_work"]


class UnitOfWork(ChangedRows):
    """Made by `herd.concurrency.carry_out`; `actor` is the person or "radio", for journal and
    history."""

    def __init__(
        self,
        actor: str,
        *,
        loader: Loader | None = None,
        numbers: RowNumbers | None = None,
    ) -> None:
        super().__init__(loader, numbers)
        self.actor = actor
        self.session_id: int | None = None  # of what is weighed and moved from now on
        self.heard_by = ""  # of the reading at hand: its signer, gateway or reader
        self.kept: dict[type, Any] = {}  # what an operation loaded for all others of this unit
        self._has_written_rows = False
        self.told: Told | None = None  # what the act was, where what it changed does not say it
        self.concerned: set[int] = set()  # animals that it was about, of which no row is changed
        self.is_part = False  # of an operation whose last part claims the journal rows of all
        # Operations that are kept already, each with the number of entries at its end.
        self._operations: list[tuple[int, ReversibleChange]] = []

    def head_in(self, pen: Pen) -> int:
        """Return the head in the pen, with those that this transaction has moved."""
        self._heads_asked[pen.id] = pen.head_count
        return pen.head_count + self._pending.figures.in_pen(pen.id)

    def has_changes(self) -> bool:
        return any(self._deleted.values()) or not self._pending.is_empty()

    # -- leaving rows -----------------------------------------------------------------------

    def note(self, kind: str, object_id: int, at: datetime, detail: str = "") -> None:
        """Leave a journal row."""
        if kind.endswith(":updated"):  # once for each thing, however often it is touched
            key = (kind, object_id)
            if key in self._pending.updates:
                return
            self._pending.updates.add(key)
            self._undo.append((self._pending.updates.discard, key))
        self._tell(kind, object_id, at, detail)

    def _tell(self, kind: str, object_id: int, at: datetime, detail: str = "") -> None:
        self._pending.entries.append(journal.Entry(kind, object_id, at, self.actor, detail))

    def record_change(self, kind: str, animal: Animal, at: datetime, detail: str = "") -> None:
        """Leave the journal row of an animal that was changed, and count it anew.

        An animal that did not come from this unit of work is a KeyError: how it counted is unknown.
        Raise NotClear for one that leaves before it is clear; see `accept_early`.
        """
        # By differences and not counted anew, so that one weight costs the same with 1 or 100,000
        # animals in the batch (decision 6).
        before, now, tell = self._counted[animal.id], Contribution.of(animal), self.note
        if now.left_early and not before.left_early:  # here, where every change comes by
            self._let_go_early(animal)
            now, detail = Contribution.of(animal), f"{detail}; {why_early(animal)}".lstrip("; ")
            tell = self._tell  # an update that was told before says nothing of the override
        tell(kind, animal.id, at, detail)
        if before != now:
            self._set_entry(self._counted, animal.id, now)
            self._move_figures(before, now)
            # Not as sets, whose order is by the numbers: those differ by who else was thinking.
            for batch_id in dict.fromkeys((before.batch_id, now.batch_id)):
                if batch_id is not None:
                    self.note("batch:updated", batch_id, at)
            for pen_id in dict.fromkeys((before.pen_id, now.pen_id)):
                if pen_id is not None:
                    self.note("pen:updated", pen_id, at)

    def _let_go_early(self, animal: Animal) -> None:
        if not self.override:
            raise not_clear([animal])
        self.change(animal, not_clear_reason=self.override[:200])

    def _move_figures(self, before: Contribution, now: Contribution) -> None:
        self._undo.append((self._pending.figures.move(before, now),))

    def record_delete(self, animal: Animal, at: datetime, detail: str = "") -> None:
        """Delete an animal that nothing names, and count it no longer."""
        self._move_figures(self._counted[animal.id], NOWHERE)
        self._drop_entry(self._counted, animal.id)
        self.delete(Animal, [animal.id])
        if animal.batch_id is not None:
            self.note("batch:updated", animal.batch_id, at)
        if animal.pen_id is not None:
            self.note("pen:updated", animal.pen_id, at)
        self.note("cattle:deleted", animal.id, at, detail)

    def paired(self, animal: Animal, kind: TagKind, at: datetime, reason: str = "") -> None:
        pairing = fast_rows.new(
            TagPairing,
            animal_id=animal.id,
            kind=kind,
            tag=getattr(animal, TAG_FIELDS[kind]),
            from_at=at,
            reason=reason,
            recorded_by=self.actor,
        )
        self.add(pairing)
        self._set_entry(self._named, (kind, pairing.tag), pairing)

    def end_pairing(self, kind: TagKind, tag: str, at: datetime) -> None:
        """End the pairing of a tag that somebody bears now; who bore it stays in the history."""
        held = self._named.get((kind, tag))
        if held is None:
            self._pending.ended.append((at, kind, tag))
            self._undo.append((list.pop, self._pending.ended))
        else:
            self.change(held, to_at=at)
        self._set_entry(self._named, (kind, tag), None)

    def reopen_pairing(self, pairing: TagPairing) -> None:
        """Let a pairing go on as if it had not been ended."""
        self.change(pairing, to_at=None)
        self._set_entry(self._named, (pairing.kind, pairing.tag), pairing)

    def moved(self, animal: Animal, at: datetime, **places: int | str | None) -> None:
        """Leave a movement; `places` are `from_batch_id`, `to_batch_id`, … and `reason`."""
        told = {"moved_at": at, "recorded_by": self.actor, "session_id": self.session_id}
        self.add(fast_rows.new(Movement, animal_id=animal.id, **told, **places))

    def batch_read(self, batch: Batch, at: datetime) -> None:
        """Note that the batch was heard; it is written once for many reads, the latest."""
        if (before := batch.last_read_at) is None or before < at:
            self._undo.append((setattr, batch, "last_read_at", before))
            batch.last_read_at = at
        self._set_entry(self._pending.read, batch.id, batch.last_read_at)

    # -- the operation to which the journal rows belong -------------------------------------

    def keep_operation(self, operation: ReversibleChange) -> None:
        """Keep an operation to which belongs what was done here since the last one."""
        begin, end = self._operations[-1][0] if self._operations else 0, len(self._pending.entries)
        operation.count = operation.count or count_of(self._pending.entries[begin:end])
        self.add(operation)
        self._operations.append((end, operation))
        self._undo.append((list.pop, self._operations))

    def _keep_act(self) -> None:
        """Keep what a person did here as an operation, unless that is kept already."""
        entries = self._pending.entries
        if self.actor in journal.MACHINES or self.is_part or self._operations or not entries:
            return
        did = captured(self._undo, self._rows, self._deleted, self._pending.new)
        told = self.told or tell(Act(did, self, entries))
        kept = ReversibleChange(
            kind=told.kind,
            summary=told.summary[:300],
            reason=told.reason[:200],
            count=told.touched,
            made_at=max(one.at for one in entries),
            made_by=self.actor,
            steps=did.steps() if told.steps is None else told.steps,
        )
        self.keep_operation(kept)
        named = {one.object_id for one in entries if one.kind.startswith("cattle:")}
        for animal in sorted((did.animals() | self.concerned) - named):
            self.add(fast_rows.new(OperationAnimal, operation_id=kept.pk, animal_id=animal))

    def _operations_of_entries(self) -> list[int | None]:
        """Return the number of each entry's operation; what came after the last belongs to it."""
        numbers: list[int | None] = []
        for end, operation in self._operations:
            numbers += [operation.pk] * (end - len(numbers))
        return numbers and numbers + numbers[-1:] * (len(self._pending.entries) - len(numbers))

    # -- writing ----------------------------------------------------------------------------

    def write_early(self) -> None:
        """Write the rows that no other unit changes, before a turn; `write` does the rest."""
        self._pending.write_rows(self._deleted, early=True)
        self._has_written_rows = True

    def write(self) -> None:
        """Write everything that was left here."""
        pending = self._pending
        self._keep_act()
        if not self._has_written_rows:
            pending.write_rows(self._deleted)
        self.settle()
        pending.write_shared()
        for batch_id, at in pending.read.items():
            self.note("batch:updated", batch_id, at)
        journal.record_many(pending.entries, self._operations_of_entries())
        self._pending = Pending()
        self._has_written_rows = False
        self._deleted.clear()
        self._undo.clear()
        self._operations.clear()
        self._numbers.keep()

    def settle(self) -> None:
        """Give held batches and pens the figures that they have after the write."""
        for place in (*self._rows[Batch].values(), *self._rows[Pen].values()):
            self._pending.figures.add_to(place)

    def link(self, animals: Iterable[Animal]) -> None:
        """Let the animals name their batch and pen as objects, for an answer that shows them."""
        for animal in animals:
            places = animal._state.fields_cache  # noqa: SLF001 - where Django keeps them
            places["batch"] = animal.batch_id and self.batch_no(animal.batch_id)
            places["pen"] = animal.pen_id and self.pen_no(animal.pen_id)

    def savepoint(self) -> "_Savepoint":
        """Return a context for one operation among many: when that fails, it alone is undone."""
        return _Savepoint(self._undo, self._pending.entries)


class _Savepoint:
    """Where the log of a unit of work and its journal rows stood, to go back to in memory."""

    # A class, as each payload and each row of a sheet has one: a generator that `contextmanager`
    # wraps took twice as long as all else here.
    __slots__ = ("_entries", "_noted", "_start", "_undo")

    def __init__(self, undo: list[tuple[Any, ...]], entries: list[journal.Entry]) -> None:
        self._undo, self._start = undo, len(undo)
        self._entries, self._noted = entries, len(entries)

    def __enter__(self) -> None:
        pass

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is None:
            return
        while len(self._undo) > self._start:
            act, *arguments = self._undo.pop()
            act(*arguments)
        del self._entries[self._noted :]


@contextmanager
def open_unit_of_work(actor: str, timeout: float | None = None) -> Iterator[UnitOfWork]:
    """Open a transaction and its unit of work, and write at its end all that was left in it."""
    with journal.writing(timeout):
        numbers = RowNumbers()
        try:
            unit = UnitOfWork(actor, numbers=numbers)
            yield unit
            unit.write()
        finally:
            numbers.give_back()
