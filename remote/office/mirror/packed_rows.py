"""Rows of animals as bytes, unpacked when one is looked at.

A row as a dict with its texts takes 2 KB, as bytes 300; and bytes are nothing that Python's garbage
collector goes through.
"""

import marshal
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from typing import Any, Final, overload

Row = dict[str, Any]

FORMAT: Final = 4  # of marshal: names in ASCII, of which nearly all are, take a byte a letter


class HeldRow(Row):
    """A row that was unpacked. `packed` is the same object for as long as the row is the same."""

    __slots__ = ("packed",)
    packed: bytes


class PackedRows(MutableMapping[int, Row]):
    def __init__(self) -> None:
        self._packed: dict[int, bytes] = {}
        self._fields: list[tuple[str, ...]] = []  # one for each release of the Pi that sent rows
        self._numbers: dict[tuple[str, ...], int] = {}

    def __getitem__(self, key: int) -> HeldRow:
        return self.unpacked(self._packed[key])

    def __setitem__(self, key: int, row: Row) -> None:
        fields = tuple(row)
        number = self._numbers.get(fields)
        if number is None:
            number = self._numbers[fields] = len(self._fields)
            self._fields.append(fields)
        self._packed[key] = marshal.dumps((*row.values(), number), FORMAT)

    def __delitem__(self, key: int) -> None:
        del self._packed[key]

    def __contains__(self, key: object) -> bool:
        return key in self._packed

    def __iter__(self) -> Iterator[int]:
        return iter(self._packed)

    def __reversed__(self) -> Iterator[int]:
        return reversed(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def __repr__(self) -> str:
        return repr(dict(self))

    def sort(self) -> None:
        """Put the rows into the order of their keys."""
        self._packed = dict(sorted(self._packed.items()))

    def frozen(self, keys: Iterable[int]) -> "FrozenRows":
        """Return these rows as they are now, whatever comes meanwhile."""
        return FrozenRows(self, [self._packed[key] for key in keys])

    def unpacked(self, packed: bytes) -> HeldRow:
        *values, number = marshal.loads(packed)  # noqa: S302 - our own bytes, of this process
        row = HeldRow(zip(self._fields[number], values, strict=True))
        row.packed = packed
        return row


class FrozenRows(Sequence[Row]):
    def __init__(self, table: PackedRows, packed: Sequence[bytes]) -> None:
        self._table, self._packed = table, packed

    def __len__(self) -> int:
        return len(self._packed)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [self._table.unpacked(packed) for packed in self._packed[place]]
        return self._table.unpacked(self._packed[place])
