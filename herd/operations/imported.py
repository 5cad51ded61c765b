"""What a sheet brings: all of its rows or none. An import is no reading: nobody was seen by it, and
no batch was heard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

from herd.errors import HerdError, RowsRefused
from herd.models import ReversibleChange
from herd.operations.naming import Ids
from herd.operations.sorting import remember
from herd.operations.taking_out import as_left
from herd.register import Register
from herd.sheet_rows import AnimalRow, WeightRow

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


def remembered(register: Register, outcome: Imported, told: str, at: datetime) -> Imported:
    steps = as_left(register, outcome.steps)
    outcome.change = remember(register, "import", told, at, steps)
    return outcome


def each(
    register: Register,
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
                with register.savepoint():
                    take(row)
            except HerdError as error:
                refused.append((row.line, str(error)))
        register.write()
    if refused:
        raise RowsRefused(sorted(refused))
