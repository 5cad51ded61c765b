"""What the index knows of each animal in one respect: its group, or its place in an order."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, MutableSequence
from itertools import chain
from typing import Any, Final

NOBODY: Final[Mapping[int, None]] = {}
MANY: Final = 255  # the code of all values for which there is no number left in a byte


class Groups:
    """Which animals stand in a batch or a pen, by key; the last to come last."""

    def __init__(self) -> None:
        self._members: dict[Any, dict[int, None]] = {}

    def __getitem__(self, group: object) -> Mapping[int, None]:
        return self._members.get(group, NOBODY)

    def move(self, key: int, before: object, after: object) -> None:
        if before is not None:
            self._members[before].pop(key, None)
        if after is not None:
            self._members.setdefault(after, {})[key] = None


class Codes:
    """Which animals have a status or a sex, by slot: a byte for each."""

    def __init__(self) -> None:
        self._column = bytearray()
        self._numbers: dict[Any, int] = {None: 0}
        self._others: dict[int, Any] = {}

    def set(self, slot: int, value: Any) -> None:  # noqa: ANN401 - of any column
        number = self._numbers.get(value)
        if number is None:
            # A radio may bring any word as a sex, and any number of them.
            number = min(len(self._numbers), MANY)
            if number < MANY:
                self._numbers[value] = number
        if slot == len(self._column):
            self._column.append(number)
        else:
            self._column[slot] = number
            self._others.pop(slot, None)
        if number == MANY:
            self._others[slot] = value

    def mask(self, *values: Any) -> bytes:
        """Return a byte for each slot: 1 where it has one of the values."""
        ones = bytearray(256)
        for value in values:
            ones[self._numbers.get(value, MANY)] = 1
        ones[MANY] = 0
        found = bytearray(self._column.translate(ones))
        for slot, value in self._others.items():
            found[slot] = value in values
        return bytes(found)

    def heads(self) -> Counter[Any]:
        numbers = self._numbers.items()
        heads = Counter({value: self._column.count(number) for value, number in numbers})
        return heads + Counter(self._others.values())


class Days:
    """The day of each animal, by slot, as a number; 0 where it has none."""

    def __init__(self) -> None:
        self._days = array("i")
        # Who is behind the day that was asked last: pages ask for today, and to look at each of
        # 50,000 took 8 ms of each list of those that are held.
        self._asked = 0
        self._behind = bytearray()

    def set(self, slot: int, day: int | None) -> None:
        number = day or 0
        if slot == len(self._days):
            self._days.append(number)
            self._behind.append(number > self._asked)
        else:
            self._days[slot] = number
            self._behind[slot] = number > self._asked

    def __getitem__(self, slot: int) -> int:
        return self._days[slot]

    def behind(self, day: int) -> bytes:
        """Return a byte for each slot: 1 where its day is behind this one."""
        if day != self._asked:
            self._asked, self._behind = day, bytearray(map(day.__lt__, self._days))
        return bytes(self._behind)

    def between(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return day and slot of each whose day is one of these, in order."""
        return sorted((day, slot) for slot, day in enumerate(self._days) if first <= day <= last)


class Order:
    """Keys by a value of their rows, equal ones by key; to move one takes microseconds.

    Fill it with `append`, then `sort` it once.
    """

    def __init__(self, *, is_number: bool) -> None:
        # Flat: pairs would be an object for each animal and column.
        self._made: Callable[..., MutableSequence[Any]] = (
            (lambda values=(): array("d", values)) if is_number else list
        )
        self._values: MutableSequence[Any] = self._made()
        self._keys: list[int] = []
        self._without: list[int] = []

    def __len__(self) -> int:
        return len(self._keys) + len(self._without)

    def append(self, value: Any, key: int) -> None:  # noqa: ANN401 - of any column
        if value is None:
            self._without.append(key)
        else:
            self._values.append(value)
            self._keys.append(key)

    def sort(self) -> None:
        values, keys = self._values, self._keys
        places = sorted(range(len(keys)), key=keys.__getitem__)
        places.sort(key=values.__getitem__)
        self._keys = [keys[place] for place in places]
        self._values = self._made(map(values.__getitem__, places))
        self._without.sort()

    def add(self, value: Any, key: int) -> None:  # noqa: ANN401 - of any column
        if value is None:
            insort(self._without, key)
            return
        place = self._place(value, key)
        self._values.insert(place, value)
        self._keys.insert(place, key)

    def discard(self, value: Any, key: int) -> None:  # noqa: ANN401 - of any column
        if value is None:
            del self._without[bisect_left(self._without, key)]
            return
        place = self._place(value, key)
        del self._values[place], self._keys[place]

    def keys(self, *, downwards: bool) -> Iterator[int]:
        """Yield the keys; those without a value come last either way, the newest first."""
        return chain(reversed(self._keys) if downwards else self._keys, reversed(self._without))

    def from_the_end(self, *, downwards: bool) -> Iterator[int]:
        """Yield what `keys` yields, the last one first."""
        return chain(self._without, self._keys if downwards else reversed(self._keys))

    def below(self, value: Any) -> list[int]:  # noqa: ANN401 - of any column
        """Return the keys with a value below this one."""
        return self._keys[: bisect_left(self._values, value)]

    def _place(self, value: Any, key: int) -> int:  # noqa: ANN401 - of any column
        first = bisect_left(self._values, value)
        return bisect_left(self._keys, key, first, bisect_right(self._values, value, first))


class Sum:
    """A sum and its count, kept by differences."""

    PARTS: Final = 1_000_000  # a whole number of these: floats would drift with every difference

    def __init__(self) -> None:
        self.count = 0
        self._parts = 0

    def move(self, before: float | None, after: float | None) -> None:
        if before is not None:
            self.count -= 1
            self._parts -= round(before * self.PARTS)
        if after is not None:
            self.count += 1
            self._parts += round(after * self.PARTS)

    @property
    def mean(self) -> float | None:
        return self._parts / self.PARTS / self.count if self.count else None
