"""The rows of a sheet in slices, each of which is one turn in the writers' queue."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

Row = TypeVar("Row")


def together(rows: Iterable[Row], key: Callable[[Row], object], most: int) -> list[Sequence[Row]]:
    """Return the rows in slices of some `most`, one at least; those with one key, which follow each
    other, are in one."""
    # Else the later slice would change what the earlier one left, and an undo takes what is other
    # than it was left for somebody else's work.
    found: list[list[Row]] = [[]]
    for _, some in groupby(rows, key):
        if len(found[-1]) >= most:
            found.append([])
        found[-1].extend(some)
    return list(found)


def in_slices(rows: Sequence[Row], most: int) -> Iterator[Sequence[Row]]:
    """Yield the rows in slices of `most`."""
    for first in range(0, len(rows), most):
        yield rows[first : first + most]
