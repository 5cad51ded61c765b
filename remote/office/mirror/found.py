"""Lists of animals of which a page shows fifty: how many there are, and those that are shown."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import overload

from remote.office.mirror.packed_rows import FrozenRows, PackedRows, Row

Keys = Callable[[], Iterator[int]]


class LazyKeys(Sequence[int]):
    """So many keys, made one after the other from the nearer end, and only as far as asked for."""

    # A search for one digit may find 250,000: to make them all takes longer than the page may.

    def __init__(self, count: int, keys: Keys, from_the_end: Keys) -> None:
        self._count, self._keys, self._from_the_end = count, keys, from_the_end

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        return self._keys()

    def __reversed__(self) -> Iterator[int]:
        return self._from_the_end()

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> list[int]: ...
    def __getitem__(self, place: int | slice) -> int | list[int]:
        if not isinstance(place, slice):
            place = range(self._count)[place]
            return self._between(place, place + 1)[0]
        first, last, _ = place.indices(self._count)
        return self._between(first, last)

    def _between(self, first: int, last: int) -> list[int]:
        if first <= self._count // 2:
            return list(islice(self._keys(), first, last))
        found = islice(self._from_the_end(), self._count - last, self._count - first)
        return list(found)[::-1]


def one_after_the_other(*parts: Sequence[int]) -> Sequence[int]:
    """Return the keys of all parts, of which none has another's."""
    filled = [part for part in parts if part]
    if len(filled) == 1:
        return filled[0]
    return LazyKeys(
        sum(map(len, filled)),
        lambda: chain.from_iterable(filled),
        lambda: chain.from_iterable(map(reversed, reversed(filled))),
    )


class Found(Sequence[Row]):
    """Animals by their keys, each unpacked when it is looked at."""

    def __init__(self, table: PackedRows, keys: Sequence[int]) -> None:
        self._table, self.keys = table, keys

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Row]:
        return map(self._table.__getitem__, self.keys)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [self._table[key] for key in self.keys[place]]
        return self._table[self.keys[place]]

    def frozen(self) -> FrozenRows:
        """Return the rows as they are now, whatever comes meanwhile."""
        return self._table.frozen(self.keys)
