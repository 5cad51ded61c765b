"""A sheet carried out: read, checked without a turn in the writers' queue, and written in slices of
one short turn each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import sleep
from typing import Any, Final, NamedTuple

from django.utils import timezone

from herd.concurrency import carry_out
from herd.errors import RowsRefused
from herd.operations.sheet_import import SheetImport
from herd.operations.sheet_steps import Steps, encoded
from herd.storage import journal
from herd.unit_of_work import UnitOfWork
from remote.api import import_closing
from remote.api.import_outcome import SheetRefused, import_of, imported_shape
from remote.api.import_progress import (
    BEFORE_WRITING,
    Progress,
    State,
    change,
    end,
    runner,
    tell_feed,
)
from remote.api.imports import Asked, Sheet, read_sheet
from remote.api.models import ImportRun, ImportSlice
from remote.api.serializers import Shape
from remote.problems import problem

SLICE_TIMEOUT: Final = 60.0  # seconds that a slice waits for its turn
PAUSE: Final = 0.001  # seconds after a slice: the process's other threads go on
KEPT: Final = timedelta(days=7)  # that one can ask how an import ended


class Answer(NamedTuple):
    status: int
    body: Shape


def nothing(_answer: Answer) -> None:
    """Do nothing."""


@dataclass(slots=True)
class Wish:
    """Who wants which sheet imported, and how; `at_end` is called in the last transaction. It can
    be told to another process."""

    actor: str
    asked: Asked
    name: str = ""
    preview: bool = False
    timeout: float = SLICE_TIMEOUT
    at_end: Callable[[Answer], None] = nothing


class Carrier:
    """Carries one import out; `run` is its row, where somebody may ask how far it is."""

    def __init__(self, wish: Wish, run: ImportRun | None = None) -> None:
        self._wish, self._run = wish, run
        self._progress = Progress(run)
        self._answer = Answer(500, {})
        self._now = timezone.now()

    @property
    def run(self) -> ImportRun | None:
        return self._run

    def carry_out(self, data: bytes) -> Answer:
        """Return what REST answers. Raise HerdError for rows that are refused, Cancelled."""
        self._progress.tell(state=State.READING, at_once=True)
        sheet = read_sheet(data, self._wish.asked)
        if sheet.is_refused():
            return Answer(422, problem(422, "rows_refused", sheet.refusal(), **sheet.shape()))
        rows = len(sheet.table.rows)
        self._progress.tell(state=State.CHECKING, rows=rows, rows_read=rows, at_once=True)
        try:
            found = self._import_of(sheet).check(
                self._wish.actor,
                lambda count: self._progress.tell(rows_checked=count),
                fully=self._wish.preview,
            )
            if self._wish.preview:
                return Answer(200, {**imported_shape(sheet, found), "preview": True})
            work = self._import_of(sheet)
            work.go_on_after(found)
            del found  # names of the whole herd: 10 MB that the write holds of its own
            return self._write(sheet, work)
        except RowsRefused as refused:
            raise SheetRefused(refused, sheet) from refused

    def _import_of(self, sheet: Sheet) -> SheetImport[Any]:
        return import_of(sheet, self._wish.name, self._now)

    def _write(self, sheet: Sheet, work: SheetImport[Any]) -> Answer:
        steps, written = Steps(), 0
        *earlier, last = work.slices()
        self._begin(len(work.rows), one_turn=not earlier)
        for rows in earlier:
            written += len(rows)
            steps = steps.plus(self._write_slice(work, rows, partial(self._keep, written)))
            sleep(PAUSE)
        self._write_slice(work, last, partial(self._finish, sheet, work, steps))
        if self._run is not None:
            import_closing.close(self._run)
        return self._answer

    def _begin(self, rows: int, *, one_turn: bool) -> None:
        """Note that the write has begun, so that a kill is noticed. Raise Cancelled."""
        if self._run is None and one_turn:
            return
        counts = {"rows": rows, "rows_read": rows, "rows_checked": rows}
        with journal.writing(self._wish.timeout):
            begun: dict[str, Any] = {"state": State.WRITING, "journal_from": journal.newest()[0]}
            if self._run is None:
                self._run = new_run(self._wish, **begun, **counts)
            else:
                change(self._run, BEFORE_WRITING, **begun, **counts)

    def _write_slice(
        self,
        work: SheetImport[Any],
        rows: Sequence[Any],
        leave: Callable[[UnitOfWork, dict[str, Any]], None],
    ) -> dict[str, Any]:
        """Write the rows in one turn, and what `leave` leaves; return what takes them back."""
        before = work.outcome

        def think(unit: UnitOfWork) -> dict[str, Any]:
            # What the import reads beside look-ups, the names but for case, it reads once: others
            # may give such a name meanwhile, as a radio may at any time.
            unit.by_lookups = True
            made = work.write_slice(unit, rows, before)
            leave(unit, made)
            return made

        return carry_out(self._wish.actor, think, self._wish.timeout)

    def _keep(self, written: int, unit: UnitOfWork, steps: dict[str, Any]) -> None:
        run, text = self._run, encoded(steps)
        if run is not None:
            unit.at_write(lambda: ImportSlice.objects.create(run=run, number=written, steps=text))
            unit.at_write(lambda: self._progress.tell_in_turn(run, written))

    def _finish(
        self,
        sheet: Sheet,
        work: SheetImport[Any],
        earlier: Steps,
        unit: UnitOfWork,
        steps: dict[str, Any],
    ) -> None:
        work.save(unit, earlier.plus(steps))
        unit.at_write(lambda: self._end(Answer(201, imported_shape(sheet, work.outcome))))

    def _end(self, answer: Answer) -> None:
        if self._run is not None:
            made = {"rows_written": self._run.rows, "change_id": answer.body["change_id"]}
            end(self._run, State.DONE, status=answer.status, answer=answer.body, **made)
        self._wish.at_end(answer)
        self._answer = answer


def new_run(wish: Wish, **values: Any) -> ImportRun:
    """Return the new row of an import. Call it inside `writing()`."""
    now = timezone.now()
    # Here, in a transaction that writes anyway: no job of its own need look for old ones.
    ImportRun.objects.filter(ended_at__lt=now - KEPT).delete()
    told = {"actor": wish.actor, "kind": wish.asked.kind, "name": wish.name}
    run = ImportRun.objects.create(
        **told, preview=wish.preview, made_at=now, runner=runner(), **values
    )
    tell_feed(run)
    return run
