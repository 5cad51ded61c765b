"""Finds animals by name, by group and in order, without looking at the herd row by row.

Everything here deals in keys: 50,000 rows are some 100 MB, and looking at one field of each takes
longer than the whole page may.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import filterfalse
from typing import Any, Final

from herd.rules.tags import search_keys

Row = dict[str, Any]

SEARCHED_FIELDS: Final = ("livestock_id", "visual_id", "lf_tag", "uhf_tag")
END: Final = "\n"  # closes each field in a haystack: no tag or id holds a line end
DIGITS: Final = re.compile(r"\d+")
NOBODY: Final[Mapping[int, None]] = {}


def natural(name: str) -> str:
    """Return a key that sorts A9 before A10, in any case."""
    return DIGITS.sub(lambda digits: digits[0].zfill(20), name.casefold())


def unaccented(text: str) -> str:
    """Return the text in small letters without accents: who types muller finds Müller."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return parts if parts.isascii() else "".join(filterfalse(unicodedata.combining, parts))


def _reference(field: str) -> Callable[[Row], int | None]:
    return lambda row: (row.get(field) or {}).get("id")


# A filter and a column to sort by stand here: looking at one field of each of 50,000 rows took
# 45 ms, 69 with a filter, most of it waiting for memory (decision 18).
GROUPED: Final[dict[str, Callable[[Row], Any]]] = {
    "batch": _reference("batch"),
    "pen": _reference("pen"),
    "status": lambda row: row.get("status"),
    "sex": lambda row: (row.get("sex") or "").casefold(),
}
SORTED: Final[dict[str, Callable[[Row], Any]]] = {
    "weight": lambda row: row["last_weight_kg"],
    "gain": lambda row: row["adg_kg"],
    "seen": lambda row: row["last_seen_at"],
    "lid": lambda row: row["livestock_id"] and natural(row["livestock_id"]),
}


class Groups:
    """Which animals stand in a batch or a pen, have a status or a sex; the last to come last."""

    def __init__(self) -> None:
        self._members: dict[Any, dict[int, None]] = {}

    def __getitem__(self, group: object) -> Mapping[int, None]:
        return self._members.get(group, NOBODY)

    def add(self, group: object, key: int) -> None:
        if group is not None:
            self._members.setdefault(group, {})[key] = None

    def discard(self, group: object, key: int) -> None:
        self._members.get(group, {}).pop(key, None)

    def heads(self) -> Counter[Any]:
        return Counter({group: len(members) for group, members in self._members.items()})


class Names:
    """Which animals bear a tag or an id. Nearly always one: a tuple is the smallest holder."""

    def __init__(self) -> None:
        self._bearers: dict[str, tuple[int, ...]] = {}

    def __getitem__(self, name: str) -> tuple[int, ...]:
        return self._bearers.get(name, ())

    def add(self, name: str, key: int) -> None:
        if key not in self[name]:
            self._bearers[name] = (*self[name], key)

    def discard(self, name: str, key: int) -> None:
        others = tuple(bearer for bearer in self[name] if bearer != key)
        if others:
            self._bearers[name] = others
        else:
            self._bearers.pop(name, None)


class Order:
    """Keys by a value of their rows, equal ones by key; to move one takes microseconds."""

    def __init__(self, pairs: Iterable[tuple[Any, int]]) -> None:
        everybody = list(pairs)
        valued = sorted(pair for pair in everybody if pair[0] is not None)
        # Two flat lists: pairs would be 50,000 more objects for each column.
        self._values = [value for value, _ in valued]
        self._keys = [key for _, key in valued]
        self._without = {key for value, key in everybody if value is None}

    def add(self, value: Any, key: int) -> None:  # noqa: ANN401 - of any column
        if value is None:
            self._without.add(key)
            return
        place = self._place(value, key)
        self._values.insert(place, value)
        self._keys.insert(place, key)

    def discard(self, value: Any, key: int) -> None:  # noqa: ANN401 - of any column
        if value is None:
            self._without.discard(key)
            return
        place = self._place(value, key)
        del self._values[place], self._keys[place]

    def keys(self, *, downwards: bool) -> list[int]:
        """Return the keys; those without a value come last either way, the newest first."""
        valued = self._keys[::-1] if downwards else self._keys[:]
        return valued + sorted(self._without, reverse=True)

    def _place(self, value: Any, key: int) -> int:  # noqa: ANN401 - of any column
        first = bisect_left(self._values, value)
        return bisect_left(self._keys, key, first, bisect_right(self._values, value, first))


class Index:
    """Of all animals. An order is built when it is first asked for, and kept from then on."""

    def __init__(self) -> None:
        self._groups = {name: Groups() for name in GROUPED}
        self._names = Names()
        self._haystacks: dict[int, str] = {}
        self._orders: dict[str, Order] = {}

    # -- changing ---------------------------------------------------------------------------

    def put(self, key: int, before: Row | None, row: Row) -> None:
        for name, group_of in GROUPED.items():
            stood, stands = group_of(before) if before else None, group_of(row)
            if stood != stands:
                self._groups[name].discard(stood, key)
                self._groups[name].add(stands, key)
        for name, order in self._orders.items():
            if before is None:
                order.add(SORTED[name](row), key)
            elif (was := SORTED[name](before)) != (now := SORTED[name](row)):
                order.discard(was, key)
                order.add(now, key)
        self._call(key, _names(before) if before else [], _names(row))

    def remove(self, key: int, row: Row) -> None:
        for name, group_of in GROUPED.items():
            self._groups[name].discard(group_of(row), key)
        for name, order in self._orders.items():
            order.discard(SORTED[name](row), key)
        self._call(key, _names(row), [])
        self._haystacks.pop(key, None)

    def sort(self, herd: Mapping[int, Row]) -> None:
        """Build every order at once: for whoever has a thread and the time."""
        for name in SORTED:
            self.order(name, herd)

    def _call(self, key: int, before: list[str], names: list[str]) -> None:
        if before == names and key in self._haystacks:
            return  # nearly every event: weights and reads name nobody anew
        for name in before:
            self._names.discard(name, key)
        for name in names:
            self._names.add(name, key)
        self._haystacks[key] = "".join(name + END for name in names)

    # -- asking -----------------------------------------------------------------------------

    def group(self, name: str, group: object) -> Mapping[int, None]:
        return self._groups[name][group]

    def heads(self, name: str) -> Mapping[Any, int]:
        return self._groups[name].heads()

    def order(self, name: str, herd: Mapping[int, Row]) -> Order:
        if name not in self._orders:
            value_of = SORTED[name]
            self._orders[name] = Order((value_of(row), key) for key, row in herd.items())
        return self._orders[name]

    def known_as(self, name: str) -> Sequence[int]:
        """Return every animal with exactly this tag or id."""
        return self._names[name.casefold()]

    def named(self, text: str) -> dict[int, None]:
        """Return every animal with this tag, in any spelling, or this id; the newest first."""
        wanted = text.strip().casefold()
        spellings = dict.fromkeys((wanted, *map(str.casefold, search_keys(wanted))))
        return dict.fromkeys(key for name in spellings for key in reversed(self._names[name]))

    def find(self, text: str, limit: int, *, best_first: bool = True) -> list[int]:
        """Return animals by a whole tag or id, then by last digits, then by any part."""
        wanted = text.strip().casefold()
        if not wanted:
            return []
        found = self.named(wanted)
        if len(found) >= limit:
            return list(found)[:limit]
        others = self._containing(wanted)
        if best_first:
            others = self._ending_first(others, wanted, limit)
        if found:
            others = [*found, *(key for key in others if key not in found)]
        return others[:limit]

    def _containing(self, wanted: str) -> list[int]:
        return [key for key, names in reversed(self._haystacks.items()) if wanted in names]

    def _ending_first(self, keys: list[int], wanted: str, limit: int) -> list[int]:
        """Put those with a name that ends so before those that hold it elsewhere."""
        herd, ending = self._haystacks, wanted + END
        at_end = [key for key in keys if ending in herd[key]]
        if not at_end or len(at_end) >= limit:
            return at_end or keys
        return at_end + [key for key in keys if ending not in herd[key]]


def narrowed(keys: Iterable[int], groups: Iterable[Collection[int]]) -> list[int]:
    """Return the keys that are in each of the groups, in their order."""
    for group in groups:
        keys = [key for key in keys if key in group]
    return list(keys)


def _names(row: Row) -> list[str]:
    return [str(row[field]).casefold() for field in SEARCHED_FIELDS if row.get(field)]
