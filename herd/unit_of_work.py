"""One transaction's view of animals, batches and pens, and what it will write.

Operations look things up here, change them in memory, and leave new rows, history and journal rows
here. Many operations can share one unit of work: what they need is loaded in a few queries, and
what they leave is written in a few statements, at the end of the transaction.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from operator import setitem
from typing import Any

from django.db.models import Model
from django.utils import timezone

from herd.acts import Act, Told, count_of, tell
from herd.captured_rows import captured
from herd.counters import NOWHERE, Contribution
from herd.loader import NAME_COLUMNS, NAMED, NAMES, Loader
from herd.lookups import TAG_FIELDS, Prefetch, R, Row, TagKind
from herd.models import (
    Animal,
    Batch,
    Movement,
    Pen,
    ReversibleChange,
    TagPairing,
    WeightRecord,
)
from herd.pending_rows import Pending, group_of
from herd.storage import fast_rows, journal
from herd.storage.row_numbers import RowNumbers
from herd.withdrawal_lookups import WithdrawalLookups, not_clear, why_early

__all__ = ["NAMES", "TAG_FIELDS", "Prefetch", "TagKind", "UnitOfWork", "open_unit_of_work"]


class UnitOfWork(WithdrawalLookups):
    """Made by `herd.concurrency.carry_out`; `actor` is the person or "radio", for journal and
    history."""

    def __init__(
        self,
        actor: str,
        *,
        loader: Loader | None = None,
        numbers: RowNumbers | None = None,
    ) -> None:
        super().__init__(loader)
        self.actor = actor
        self.session_id: int | None = None  # of what is weighed and moved from now on
        self.heard_by = ""  # of the reading at hand: its signer, gateway or reader
        self.kept: dict[type, Any] = {}  # what an operation loaded for all others of this unit
        self._pending = Pending()
        self._has_written_rows = False
        self._numbers = numbers or RowNumbers()
        self.told: Told | None = None  # what the act was, where what it changed does not say it
        self.is_part = False  # of an operation whose last part claims the journal rows of all
        # Operations that are kept already, each with the number of entries at its end.
        self._operations: list[tuple[int, ReversibleChange]] = []

    def head_in(self, pen: Pen) -> int:
        """Return the head in the pen, with those that this transaction has moved."""
        self._heads_asked[pen.id] = pen.head_count
        return pen.head_count + self._pending.figures.in_pen(pen.id)

    def has_changes(self) -> bool:
        return any(self._deleted.values()) or not self._pending.is_empty()

    def at_write(self, act: Callable[[], object], *, shared: bool = False) -> None:
        """Leave what else is to be written; `shared` where others change these rows too."""
        (self._pending.shared_acts if shared else self._pending.acts).append(act)

    # -- changing rows ----------------------------------------------------------------------

    def add(self, row: Row) -> None:
        """Take up a new row; it has its number from now on, and is written at the end."""
        if not row.id:
            row.id = self._numbers.next(type(row))
        row._state.adding, row._state.db = False, "default"  # noqa: SLF001 - as `save` leaves it
        if isinstance(row, Batch | Pen):
            row.created_at = row.updated_at = timezone.now()
        self._pending.new[type(row)].append(row)
        self._set_entry(self._pending.fresh, id(row), row)
        if isinstance(row, WeightRecord):
            self._add_weighing(row)
            return
        self._set_entry(self._rows[type(row)], row.id, row)
        for name in NAMED.get(type(row), ()):
            self._rename(row, name, None, getattr(row, name))
        if isinstance(row, Animal):
            self._counted[row.id] = NOWHERE  # its first `record_change` counts it
            self._weighings.setdefault(row.id, [])

    def new_rows(self, model: type[R]) -> list[R]:
        """Return those that are not written yet."""
        return self._pending.new[model]

    def _add_weighing(self, record: WeightRecord) -> None:
        held = self._weighings.setdefault(record.animal_id, [])
        key = record.recorded_at, record.id
        place = next(
            (n for n, one in enumerate(held) if (one.recorded_at, one.id) < key), len(held)
        )
        held.insert(place, record)
        self._undo.append((held.remove, record))

    def change(self, row: Row, **values: Any) -> None:
        """Change columns of a row, by their names in Python (`batch_id`, not `batch`)."""
        for name, value in values.items():
            before = getattr(row, name)
            if before == value:
                continue
            if not row.id:  # not taken up yet
                setattr(row, name, value)
                continue
            self._undo.append((setattr, row, name, before))
            setattr(row, name, value)
            if name in NAME_COLUMNS:
                self._rename(row, name, before, value)
                if before is not None and isinstance(row, Animal):
                    self._pending.unnamed[row.id] = row
            if id(row) not in self._pending.fresh:  # else it is inserted as it is at the end
                model: type[Model] = type(row)
                group = group_of(model)[name]
                self._pending.changed.setdefault((model, group), {})[row.id] = row

    def change_weighing(self, record: WeightRecord, **values: Any) -> None:
        """Change a weighing's animal or time, and its place among the animal's weighings."""
        if record.quality == WeightRecord.Quality.VOID:
            self.change(record, **values)
            return
        self.remove_weighing(record)
        self.change(record, **values)
        self._load_weighings({record.animal_id})
        self._add_weighing(record)

    def restore_weighing(self, record: WeightRecord) -> None:
        """Take a weighing that was void among the animal's others again."""
        self._load_weighings({record.animal_id})
        self._add_weighing(record)

    def change_all(self, model: type[Model], attname: str, value: int, **values: Any) -> None:
        """Change columns of all rows that have this value in a column, however many there are."""
        rows = model._default_manager.filter(**{attname: value})  # noqa: SLF001 - Django's own
        self.at_write(lambda: rows.update(**values))
        for row in list(self._rows[model].values()):
            if getattr(row, attname) == value:
                self.change(row, **values)

    def delete(self, model: type[Model], pks: Iterable[int]) -> None:
        """Delete rows. What names them is not deleted with them: the caller says what becomes of
        it."""
        gone = dict.fromkeys(pks)
        for pk in gone:
            row = self._rows[model].get(pk)
            for name in NAMED.get(model, ()) if row else ():
                self._rename(row, name, getattr(row, name), None)
            self._drop_entry(self._rows[model], pk)
            self._set_entry(self._deleted[model], pk, None)
        for (changed, _), rows in self._pending.changed.items():
            for pk in (gone.keys() & rows.keys()) if changed is model else ():
                self._drop_entry(rows, pk)
        new = self._pending.new.get(model, [])
        if any(row.pk in gone for row in new):
            self._undo.append((setitem, new, slice(None), new[:]))
            new[:] = [row for row in new if row.pk not in gone]

    # -- leaving rows -----------------------------------------------------------------------

    def note(self, kind: str, object_id: int, at: datetime, detail: str = "") -> None:
        """Leave a journal row."""
        if kind.endswith(":updated"):  # once for each thing, however often it is touched
            key = (kind, object_id)
            if key in self._pending.updates:
                return
            self._pending.updates.add(key)
            self._undo.append((self._pending.updates.discard, key))
        self._pending.entries.append(journal.Entry(kind, object_id, at, self.actor, detail))

    def record_change(self, kind: str, animal: Animal, at: datetime, detail: str = "") -> None:
        """Leave the journal row of an animal that was changed, and count it anew.

        An animal that did not come from this unit of work is a KeyError: how it counted is unknown.
        Raise NotClear for one that leaves before it is clear; see `accept_early`.
        """
        # By differences and not counted anew, so that one weight costs the same with 1 or 100,000
        # animals in the batch (decision 6).
        before, now = self._counted[animal.id], Contribution.of(animal)
        if now.left_early and not before.left_early:  # here, where every change comes by
            if not self.override:
                raise not_clear([animal])
            self.change(animal, not_clear_reason=self.override[:200])
            now, detail = Contribution.of(animal), f"{detail}; {why_early(animal)}".lstrip("; ")
        self.note(kind, animal.id, at, detail)
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
            made_at=max(one.at for one in entries),
            made_by=self.actor,
            steps=did.steps() if told.steps is None else told.steps,
        )
        self.keep_operation(kept)

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

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Run one operation among many: when it fails, it alone is undone, in memory."""
        start = len(self._undo)
        pending = self._pending
        lists: list[list[Any]] = [pending.entries, pending.acts, pending.shared_acts, pending.ended]
        lists += [*pending.new.values(), self._operations]
        lengths = [len(one) for one in lists]
        try:
            yield
        except BaseException:
            while len(self._undo) > start:
                act, *arguments = self._undo.pop()
                act(*arguments)
            for one, length in zip(lists, lengths, strict=True):
                del one[length:]
            raise


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
