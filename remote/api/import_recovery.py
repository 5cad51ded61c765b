"""An import that stopped on its way: what was written of it is taken back, or, where somebody has
built on it by now, said to stay."""

import json
import logging
import threading
from typing import Any, Final

from django.utils import timezone

from herd.act import Told
from herd.errors import UndoImpossible
from herd.operations.reversible_changes import save_reversible_change
from herd.operations.sheet_steps import Steps
from herd.operations.undo_import import take_out
from herd.storage import journal
from herd.unit_of_work import open_unit_of_work
from remote.api import import_closing
from remote.api.import_progress import ON_THE_WAY, Cancelled, State, end, is_gone, runner
from remote.api.import_runs import SLICE_TIMEOUT
from remote.api.models import ImportRun

logger = logging.getLogger(__name__)

NOTHING_YET: Final = (
    "The import was interrupted before anything was written; import the sheet again."
)
TAKEN_BACK: Final = "The import was interrupted and taken back; import the sheet again."
STAYS: Final = (
    "The import was interrupted. {} of its {} rows are written, and stay: {} Import the sheet"
    " again: what is there is not taken twice."
)
WRITTEN: Final = (State.DONE, State.KEPT)
RETRY_SECONDS: Final = 2.0
_stop = threading.Event()
_stopped: set[int] = set()  # imports of this process that failed, and could not be taken back yet


def stopped(run: ImportRun, sentence: str, **answer: Any) -> None:
    """End an import that failed, for this reason; later, where the database is away."""
    _stopped.add(run.pk)
    try:
        settle(run, sentence, **answer)
    except journal.DATABASE_UNAVAILABLE:
        logger.warning("Import no. %d waits to be taken back: the database is away.", run.pk)
        recover_soon()


def settle(run: ImportRun, sentence: str = "", **answer: Any) -> None:
    """Take back what is written of an import that stopped, and note how it ended."""
    try:
        _take_back(run, sentence, **answer)
    except UndoImpossible as error:
        _keep(run, str(error), **answer)
    except Cancelled:
        pass  # it never began, or has ended
    _stopped.discard(run.pk)


def _take_back(run: ImportRun, sentence: str, **answer: Any) -> None:
    steps, is_written = _steps_of(run), run.slices.exists()
    told = f"{sentence} {TAKEN_BACK if is_written else NOTHING_YET}".strip()
    with open_unit_of_work(run.actor, SLICE_TIMEOUT) as unit:
        if is_written:
            summary = f"{run.name or 'A sheet'}: import interrupted and taken back"
            unit.told = Told("undo", summary, steps={})
            if kept := take_out(unit, json.loads(steps.text()), timezone.now()):
                raise UndoImpossible(kept[0].why)  # whole or not at all: the sheet comes again
            run.slices.all().delete()
        end(run, State.TAKEN_BACK, detail=told, rows_written=0, **answer)
    logger.warning("Import no. %d: %s", run.pk, told)


def _keep(run: ImportRun, why: str, **answer: Any) -> None:
    rows = ImportRun.objects.values_list("rows_written", "rows").get(pk=run.pk)
    told = STAYS.format(*rows, why)
    summary = f"{run.name or 'A sheet'}: {rows[0]} of {rows[1]} rows"
    steps = json.loads(_steps_of(run).text())
    with open_unit_of_work(run.actor, SLICE_TIMEOUT) as unit:
        kept = save_reversible_change(unit, "import", summary, timezone.now(), steps)
        end(run, State.KEPT, detail=told[:500], change_id=kept.pk, **answer)
    import_closing.close(run)
    logger.warning("Import no. %d: %s", run.pk, told)


def _steps_of(run: ImportRun) -> Steps:
    steps = Steps()
    for text in run.slices.values_list("steps", flat=True):
        steps = steps.plus(json.loads(text))
    return steps


def recover() -> bool:
    """Settle or close every import whose process is gone; return whether another process is at
    one."""
    is_any_left = False
    for run in ImportRun.objects.filter(state__in=ON_THE_WAY).defer("answer"):
        if run.pk in _stopped or is_gone(run):
            settle(run)
        elif run.runner != runner():
            is_any_left = True
    for run in ImportRun.objects.filter(state__in=WRITTEN, slices__isnull=False).distinct():
        if is_gone(run):
            import_closing.close(run)
    return is_any_left


def recover_soon() -> None:
    """Settle them in a thread of its own, as soon as the database can be written."""
    threading.Thread(target=_until_recovered, name="import recovery", daemon=True).start()


def _until_recovered() -> None:
    while True:
        try:
            if not recover():
                return
        except journal.DATABASE_UNAVAILABLE:
            pass
        except Exception:
            logger.exception("Imports that were interrupted cannot be taken back.")
            return
        _stop.wait(RETRY_SECONDS)
