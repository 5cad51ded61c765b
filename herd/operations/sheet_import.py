"""A farm's sheet on its way into the herd: its rows are checked, and then written in slices.

A check writes nothing and takes no turn in the writers' queue. A slice is written in one short turn
of its own, so that no barn waits for a sheet; what takes it back is kept with it.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

from django.db import connection

from herd.errors import FullPen, HerdError, PenFull, RowsRefused
from herd.models import Animal, ReversibleChange, WeightRecord
from herd.operations.placing import Ids
from herd.operations.reversible_changes import save_reversible_change
from herd.operations.sheet_slices import in_slices
from herd.operations.sheet_steps import Steps, no_steps
from herd.operations.sheet_weights import SheetWeights
from herd.operations.undo_import import as_left
from herd.sheets.rows import AnimalRow, MoreOfAnimal, TreatmentRow, WeightRow
from herd.storage.row_numbers import RowNumbers
from herd.unit_of_work import NAMES, UnitOfWork

Row = TypeVar("Row", AnimalRow, WeightRow, TreatmentRow)

CHECKED_AT_ONCE: Final = 500  # rows
WRITTEN_AT_ONCE: Final = 200  # rows: some 50 ms of the writers' queue on two shared cores
MOST_TOLD: Final = 20  # rows of a sheet whose outcome is told


class RowOutcome(NamedTuple):
    """What one row did: new, changed, recorded, suspect, pending, known or repeat."""

    animal: str
    what: str


@dataclass(slots=True)
class Imported:
    """How many rows did what; `known` were there already. `change` takes all of it back."""

    created: int = 0
    updated: int = 0
    recorded: int = 0
    known: int = 0
    suspect: int = 0
    repeats: int = 0  # rows that say again what a row above them says
    refused: list[tuple[int, str]] = field(default_factory=list)  # rows that are left out
    full_pens: dict[str, FullPen] = field(default_factory=dict)  # by number
    ids: Ids = field(default_factory=Ids)
    rows: dict[int, RowOutcome] = field(default_factory=dict)  # by line, of the first ones
    steps: dict[str, Any] = field(default_factory=no_steps)
    change: ReversibleChange = field(default_factory=ReversibleChange)
    # Of slices that were checked: each is thought without what the ones before it would write.
    freed: set[tuple[str, str]] = field(default_factory=set)  # names that animals lost, by column
    heads: Counter[int] = field(default_factory=Counter)  # by pen: that came, less that left
    earlier_heads: Counter[int] = field(default_factory=Counter)  # of earlier slices

    def name_of(self, column: str, name: str) -> str:
        """Return the name, "" where the animal that has it in the database has lost it by now."""
        return "" if (column, name) in self.freed else name

    def end_check_of_slice(self) -> None:
        """Keep in mind what the next slices will not find in the database."""
        self.steps = no_steps()
        self.earlier_heads.update(self.heads)
        self.heads.clear()

    def with_slice(self) -> "Imported":
        """Return this outcome for a slice to add to: one that is thought twice counts once."""
        return replace(self, steps=no_steps(), heads=Counter())


_Refused = tuple[bool, int, str]  # whether for a full pen, the line, why


def repeat_of(row: AnimalRow | WeightRow | TreatmentRow) -> int:
    """Return the line that says the same, 0 for none."""
    return row.repeat_of if isinstance(row, MoreOfAnimal | WeightRow | TreatmentRow) else 0


class SheetImport(Generic[Row]):
    """The rows of a sheet, in the order in which they are written, and what they have done."""

    def __init__(self, rows: Iterable[Row], name: str, at: datetime) -> None:
        self.rows: Sequence[Row] = list(rows)
        self.name, self.at = name or "A sheet", at
        self.leaves_out_bad_rows = False
        self._refused_lines: set[int] = set()
        self.weights = SheetWeights(at)
        self.outcome = Imported()
        lines = heapq.nsmallest(MOST_TOLD, (row.line for row in self.rows))
        self._last_told = lines[-1] if lines else 0

    def summary(self) -> str:
        raise NotImplementedError

    def tell(self, line: int, animal: Animal | str, what: str) -> None:
        """Note what a row did, if it is among the first of the sheet."""
        if line <= self._last_told:
            self.outcome.rows[line] = RowOutcome(str(animal), what)

    def prepare(self, unit: UnitOfWork, rows: Sequence[Row]) -> None:
        """Load what the rows look up, for many of them together."""
        raise NotImplementedError

    def take(self, unit: UnitOfWork, row: Row) -> None:
        raise NotImplementedError

    def to_check(self, *, fully: bool) -> Sequence[Row]:
        """Return the rows to be checked, in the order in which they may be cut into slices; not
        `fully`, those alone that may be refused."""
        return self.rows

    def slices(self) -> list[Sequence[Row]]:
        """Return the rows in slices, one at least."""
        return list(in_slices(self.rows, WRITTEN_AT_ONCE)) or [()]

    def take_rows(self, unit: UnitOfWork, rows: Sequence[Row]) -> None:
        """Take every row; raise RowsRefused with all that is wrong."""
        if refused := self._refused(unit, rows):
            raise RowsRefused([(line, text) for _, line, text in sorted(refused)])

    def check(
        self, actor: str, told: Callable[[int], None] = lambda _: None, *, fully: bool
    ) -> Imported:
        """Try the rows and write nothing; `told` hears how many are checked. Raise RowsRefused.

        The outcome is what would be. It is whole where the check is done `fully`.
        """
        refused: list[_Refused] = []
        rows = self.to_check(fully=fully)
        checked = len(self.rows) - len(rows)
        for some in in_slices(rows, CHECKED_AT_ONCE):
            # Of its own: the objects of 20,000 animals would be more than the rest of the process.
            refused += self._refused(UnitOfWork(actor, numbers=RowNumbers(provisional=True)), some)
            self.outcome.end_check_of_slice()
            checked += len(some)
            told(checked)
        self._leave_out([(line, text) for _, line, text in sorted(refused)])
        return self.outcome

    def go_on_after(self, check: Imported) -> None:
        """Leave out what a check has refused."""
        self.outcome.full_pens = check.full_pens
        self._leave_out(check.refused)

    def _leave_out(self, refused: list[tuple[int, str]]) -> None:
        """Go on without these rows. Raise RowsRefused where that is not wanted, or none is left."""
        lines = {line for line, _ in refused}
        left = [row for row in self.rows if row.line not in lines]
        if refused and not (self.leaves_out_bad_rows and left):
            raise RowsRefused(refused, self.outcome.full_pens)
        self.rows, self.outcome.refused = left, refused

    def write_slice(
        self, unit: UnitOfWork, rows: Sequence[Row], before: Imported
    ) -> dict[str, Any]:
        """Write these rows and return what takes them back alone; `before` is the outcome of those
        before them. Raise RowsRefused."""
        unit.is_part = True  # until `save` or `write_whole`
        self.outcome = before.with_slice()
        self.take_rows(unit, rows)
        return as_left(unit, self.outcome.steps)

    def save(self, unit: UnitOfWork, steps: Steps) -> Imported:
        """Save what takes the whole import back, and return the outcome with it.

        The journal rows of the slices before the last do not name it yet.
        """
        change = self._saved(unit, {})
        # Written as the text that it is: the encoding alone would hold the queue for 200 ms.
        unit.at_write(lambda: _save_steps(steps.text(), change.pk))
        self.outcome.change = change
        return self.outcome

    def write_whole(self, unit: UnitOfWork) -> Imported:
        """Write all rows in one unit of work. Raise RowsRefused."""
        steps = self.write_slice(unit, self.rows, self.outcome)
        self.outcome.change = self._saved(unit, steps)
        return self.outcome

    def _saved(self, unit: UnitOfWork, steps: dict[str, Any]) -> ReversibleChange:
        unit.is_part = False
        change = save_reversible_change(unit, "import", self.summary(), self.at, steps)
        done = self.outcome
        # Of a sheet that makes animals with their weights, the animals.
        change.count = done.created + done.updated or done.recorded
        return change

    def _refused(self, unit: UnitOfWork, rows: Sequence[Row]) -> list[_Refused]:
        refused: list[_Refused] = []
        self.weights.forget()
        self.prepare(unit, rows)
        for row in rows:
            try:
                # Undone alone, so that the rows behind a bad one are checked too: a person mends a
                # sheet once, and not once for each bad row.
                with unit.savepoint():
                    self._refuse_repeat(row)
                    self.take(unit, row)
            except HerdError as error:
                self._refused_lines.add(row.line)
                # What a person mends comes first: of a full pen all rows say the same.
                refused.append((isinstance(error, PenFull), row.line, str(error)))
        self._judge_weights(unit)
        return refused

    def _refuse_repeat(self, row: Row) -> None:
        if (first := repeat_of(row)) in self._refused_lines:
            raise HerdError(f"It says again what line {first} says, which cannot be taken.")

    def _judge_weights(self, unit: UnitOfWork) -> None:
        for animal, (row, record, what) in self.weights.judged(unit):
            is_suspect = record.quality == WeightRecord.Quality.SUSPECT
            self.outcome.recorded += 1
            self.outcome.suspect += is_suspect
            self.outcome.steps["weights"].append(record.pk)
            self.tell(row.line, animal, "suspect" if is_suspect else what)

    def note_freed(self, animal: Animal, before: dict[str, Any]) -> None:
        """Note the names that the animal has lost: a later row may give them to another one."""
        lost = [name for name in NAMES if before[name] and before[name] != getattr(animal, name)]
        self.outcome.freed.update((name, before[name]) for name in lost)


def _save_steps(text: str, change_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SAVE_STEPS, [text, change_id])


_SAVE_STEPS: Final = "UPDATE reversible_changes SET steps = %s WHERE id = %s"
