"""What a sheet brings: all of its rows or none. An import is no reading: nobody was seen by it, and
no batch was heard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

from herd.errors import HerdError, RowsRefused
from herd.models import ReversibleChange
from herd.operations.placing import Ids
from herd.operations.retag_and_merge import save_reversible_change
from herd.operations.undo_import import as_left
from herd.sheets.rows import AnimalRow, WeightRow
from herd.unit_of_work import UnitOfWork

Row = TypeVar("Row", AnimalRow, WeightRow)

AT_ONCE: Final = 500  # rows


class Told(NamedTuple):
    """What one row did: new, changed, recorded, suspect, pending or known."""

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
    weighed: set[tuple[int, datetime, Decimal]] = field(default_factory=set)  # before, and by now
    ids: Ids = field(default_factory=Ids)
    told: dict[int, Told] = field(default_factory=dict)  # by line of the sheet
    steps: dict[str, Any] = field(
        default_factory=lambda: {
            "animals": [], "changed": [], "weights": [], "pens": [], "batches": [],
        }
    )  # fmt: skip
    change: ReversibleChange = field(default_factory=ReversibleChange)


def remembered(unit: UnitOfWork, outcome: Imported, told: str, at: datetime) -> Imported:
    steps = as_left(unit, outcome.steps)
    outcome.change = save_reversible_change(unit, "import", told, at, steps)
    return outcome


def each(
    unit: UnitOfWork,
    rows: Sequence[Row],
    prepare: Callable[[Sequence[Row]], None],
    take: Callable[[Row], None],
) -> None:
    """Every row in its own savepoint, so that all that is wrong is told at once. What it looks up
    is loaded, and what it leaves is written, for many rows together."""
    refused: list[tuple[int, str]] = []
    for first in range(0, len(rows), AT_ONCE):
        some = rows[first : first + AT_ONCE]
        prepare(some)
        for row in some:
            try:
                with unit.savepoint():
                    take(row)
            except HerdError as error:
                refused.append((row.line, str(error)))
        unit.write()
    if refused:
        raise RowsRefused(sorted(refused))
