"""Rows that a unit of work makes, changes and deletes: in memory, with what undoes it."""

from collections.abc import Callable, Iterable
from operator import setitem
from typing import Any

from django.db.models import Model
from django.utils import timezone

from herd.counters import NOWHERE
from herd.loader import NAME_COLUMNS, NAMED, Loader
from herd.lookups import R, Row
from herd.models import Animal, Batch, Pen, WeightRecord
from herd.pending_rows import Pending, group_of
from herd.storage.row_numbers import RowNumbers
from herd.withdrawal_lookups import WithdrawalLookups


class ChangedRows(WithdrawalLookups):
    """Look-ups that see each change at once; what is to be written of it waits in `_pending`."""

    def __init__(self, loader: Loader | None = None, numbers: RowNumbers | None = None) -> None:
        super().__init__(loader)
        self._pending = Pending()
        self._numbers = numbers or RowNumbers()

    def add(self, row: Row) -> None:
        """Take up a new row; it has its number from now on, and is written at the end."""
        if not row.id:
            row.id = self._numbers.next(type(row))
        row._state.adding, row._state.db = False, "default"  # noqa: SLF001 - as `save` leaves it
        if isinstance(row, Batch | Pen):
            row.created_at = row.updated_at = timezone.now()
        self._pending.new[type(row)].append(row)
        self._undo.append((list.pop, self._pending.new[type(row)]))
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
                self._pending.changed[group_of(model)[name]][row.id] = row

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
        for group, rows in self._pending.changed.items():
            for pk in (gone.keys() & rows.keys()) if group.model is model else ():
                self._drop_entry(rows, pk)
        new = self._pending.new.get(model, [])
        if any(row.pk in gone for row in new):
            self._undo.append((setitem, new, slice(None), new[:]))
            new[:] = [row for row in new if row.pk not in gone]

    def at_write(self, act: Callable[[], object], *, shared: bool = False) -> None:
        """Leave what else is to be written; `shared` where others change these rows too."""
        acts = self._pending.shared_acts if shared else self._pending.acts
        acts.append(act)
        self._undo.append((list.pop, acts))
