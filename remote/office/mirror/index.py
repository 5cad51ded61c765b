"""Finds animals by name, by group and in order, without looking at the herd row by row.

Everything here deals in keys, and in masks: a byte for each animal, at the slot at which it came.
250,000 rows are 80 MB, and looking at one field of each takes longer than the whole page may.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from itertools import compress
from typing import Any, Final

from herd.rules.tags import search_keys
from remote.office.mirror.columns import Codes, Days, Groups, Order, Sum
from remote.office.mirror.found import LazyKeys, one_after_the_other
from remote.office.mirror.herd_figures import GainsByBatch, HerdDays
from remote.office.mirror.masks import Mask, both, either, places, without
from remote.office.mirror.name_search import END, NameSearch
from remote.office.mirror.packed_rows import Row

SEARCHED_FIELDS: Final = ("livestock_id", "visual_id", "lf_tag", "uhf_tag")
ON_FEED: Final = ("active", "pending")  # the statuses of animals that are here
OFF_PERCENT: Final = 10
DIGITS: Final = re.compile(r"\d+")


def natural(name: str) -> str:
    """Return a key that sorts A9 before A10, in any case."""
    return DIGITS.sub(lambda digits: digits[0].zfill(20), name.casefold())


def _reference(field: str) -> Callable[[Row], int | None]:
    return lambda row: (row.get(field) or {}).get("id")


def seconds_of(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


def is_off(row: Row) -> bool:
    """Return whether it weighs other than expected by more than OFF_PERCENT."""
    expected, actual = row.get("expected_kg"), row["last_weight_kg"]
    if expected is None or actual is None:
        return False
    return bool(abs(actual - expected) * 100 > OFF_PERCENT * expected)


def is_losing(row: Row) -> bool:
    adg, is_sure = row["adg_kg"], row.get("adg_confidence") == "ok"
    return is_sure and adg is not None and adg < 0 and row.get("status") in ON_FEED


def is_stray(row: Row) -> bool:
    """Return whether nobody knows it but for a read: it has no id, no induction and no weight."""
    known = ("livestock_id", "visual_id", "induction_date", "last_weight_kg")
    return row.get("status") in ON_FEED and not any(row.get(name) for name in known)


def _clear_day(row: Row) -> int | None:
    day = row.get("clear_on")  # an older Pi tells none
    return date.fromisoformat(day).toordinal() if day else None


def _left_day(row: Row) -> int | None:
    return date.fromisoformat(day).toordinal() if (day := row.get("left_on")) else None


# A filter and a column to sort by stand here: looking at one field of each of 50,000 rows took
# 45 ms, 69 with a filter, most of it waiting for memory (decision 18).
GROUPED: Final[dict[str, Callable[[Row], Any]]] = {
    "batch": _reference("batch"),
    "pen": _reference("pen"),
}
CODED: Final[dict[str, Callable[[Row], Any]]] = {
    "status": lambda row: row.get("status"),
    "sex": lambda row: (row.get("sex") or "").casefold(),
    "losing": lambda row: "yes" if is_losing(row) else None,
    "off": lambda row: "yes" if row.get("status") in ON_FEED and is_off(row) else None,
    "stray": lambda row: "yes" if is_stray(row) else None,
}
SORTED: Final[dict[str, Callable[[Row], Any]]] = {
    "weight": lambda row: row["last_weight_kg"],
    "gain": lambda row: row["adg_kg"],
    "seen": lambda row: row["last_seen_at"] and seconds_of(row["last_seen_at"]),
    "clear": _clear_day,
    "lid": lambda row: row["livestock_id"] and natural(row["livestock_id"]),
}
TEXTS: Final = ("lid",)
FEW: Final = 1_000  # so many are sorted faster than found among all that are in order


class Index:
    """Of all animals. Fill it with `put`, then `sort` it once; from then on it is kept in order."""

    def __init__(self) -> None:
        self._slots: dict[int, int] = {}
        self._keys: list[int] = []  # by slot
        self._held = bytearray()  # by slot: 0 where the animal is gone
        self._in_id_order = True
        self._names = NameSearch()
        self._groups = {name: Groups() for name in GROUPED}
        self._codes = {name: Codes() for name in CODED}
        self._orders = {name: Order(is_number=name not in TEXTS) for name in SORTED}
        # Pairs, because a quarter of a million rows go through them while a copy is loaded.
        self._grouped = [(self._groups[name], group_of) for name, group_of in GROUPED.items()]
        self._coded = [(self._codes[name], code_of) for name, code_of in CODED.items()]
        self._ordered = [(self._orders[name], value_of) for name, value_of in SORTED.items()]
        self._is_sorted = False
        self._clear, self._left = Days(), Days()
        self.gains = Sum()
        self.days = HerdDays()
        self.by_batch = GainsByBatch()

    # -- changing ---------------------------------------------------------------------------

    def put(self, key: int, before: Row | None, row: Row) -> None:
        if before is not None:
            self.sort()
        slot = self._slot_for(key)
        self._held[slot] = 1
        self._names.put(slot, _names(row))
        for codes, code_of in self._coded:
            codes.set(slot, code_of(row))
        self._clear.set(slot, _clear_day(row))
        self._left.set(slot, _left_day(row))
        for groups, group_of in self._grouped:
            stood, stands = group_of(before) if before else None, group_of(row)
            if stood != stands:
                groups.move(key, stood, stands)
        self._order(key, before, row)
        self.gains.move(_gain(before) if before else None, _gain(row))
        self.days.move(before, row)
        self.by_batch.move(before, row)

    def _order(self, key: int, before: Row | None, row: Row) -> None:
        for order, value_of in self._ordered:
            now = value_of(row)
            if not self._is_sorted:
                order.append(now, key)
            elif before is None:
                order.add(now, key)
            elif (was := value_of(before)) != now:
                order.discard(was, key)
                order.add(now, key)

    def remove(self, key: int, row: Row) -> None:
        self.sort()
        slot = self._slots[key]
        self._held[slot] = 0
        self._names.put(slot, ())
        for codes, _ in self._coded:
            codes.set(slot, None)
        self._clear.set(slot, None)
        self._left.set(slot, None)
        for groups, group_of in self._grouped:
            groups.move(key, group_of(row), None)
        for order, value_of in self._ordered:
            order.discard(value_of(row), key)
        self.gains.move(_gain(row), None)
        self.days.move(row, None)
        self.by_batch.move(row, None)

    def sort(self) -> None:
        """Sort every column at once: for whoever has a thread and the time."""
        if not self._is_sorted:
            self._is_sorted = True
            for order, _ in self._ordered:
                order.sort()

    def note_names(self) -> bool:
        """Let names be found faster, by a few animals more; return whether there may be more."""
        return self._names.note_some()

    def _slot_for(self, key: int) -> int:
        """Return the animal's slot, which it keeps: one that was merged may come back."""
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = len(self._keys)
            self._in_id_order &= not self._keys or key > self._keys[-1]
            self._keys.append(key)
            self._held.append(0)
        return slot

    # -- asking -----------------------------------------------------------------------------

    def group(self, name: str, group: object) -> Mapping[int, None]:
        """Return the animals of a batch or a pen, the last to come last."""
        return self._groups[name][group]

    def heads(self, name: str) -> Mapping[Any, int]:
        return self._codes[name].heads()

    def mask(self, name: str, *values: object) -> Mask:
        """Return the animals with one of the statuses or sexes, or of the batches or pens."""
        if name in CODED:
            return self._codes[name].mask(*values)
        return self.mask_of(key for value in values for key in self._groups[name][value])

    def mask_of(self, keys: Iterable[int]) -> Mask:
        found = bytearray(len(self._keys))
        for key in keys:
            found[self._slots[key]] = 1
        return bytes(found)

    def last_seen_before(self, at: str) -> Mask:
        self.sort()
        return self.mask_of(self._orders["seen"].below(seconds_of(at)))

    def clear_after(self, day: date) -> Mask:
        """Return the animals that are not clear of their treatments on that day."""
        return self._clear.behind(day.toordinal())

    def left_between(self, first: date, last: date) -> list[int]:
        """Return the animals with a day of these as the one they left on, the last first."""
        found = self._left.between(first.toordinal(), last.toordinal())
        return [self._keys[slot] for _, slot in reversed(found)]

    def clear_days(self, keys: Iterable[int], among: Mask, after: date) -> list[date]:
        """Return the days on which those of the keys are clear that are in a set, and are not on
        a day."""
        slots, today = self._slots, after.toordinal()
        days = (self._clear[slots[key]] for key in keys if among[slots[key]])
        return [date.fromordinal(day) for day in days if day > today]

    def holding(self, text: str, *, at_end: bool = False) -> Mask:
        """Return every animal with a tag or an id that holds the text, or ends with it."""
        wanted = text.strip().casefold()
        if not wanted:
            return bytes(len(self._keys))
        return self._names.mask(wanted + END if at_end else wanted)

    def known_as(self, name: str) -> list[int]:
        """Return every animal with exactly this tag or id, the newest first."""
        slots = self._names.slots(f"{END}{name.casefold()}{END}")
        return sorted((self._keys[slot] for slot in slots), reverse=True)

    def named(self, text: str) -> list[int]:
        """Return every animal with this tag, in any spelling, or this id; the newest first."""
        wanted = text.strip().casefold()
        spellings = dict.fromkeys((wanted, *map(str.casefold, search_keys(wanted))))
        found = (key for name in spellings if name for key in self.known_as(name))
        return list(dict.fromkeys(found))

    def found(self, text: str) -> Mask:
        """Return every animal that `search` finds."""
        return either(self.holding(text), self.mask_of(self.named(text)))

    def search(self, text: str, among: Mask) -> Sequence[int]:
        """Return animals by a whole tag or id, then by last digits, then by any part."""
        first = [key for key in self.named(text) if among[self._slots[key]]]
        others = without(both(self.holding(text), among), self.mask_of(first))
        at_end = both(others, self.holding(text, at_end=True))
        parts = map(self.newest_first, (at_end, without(others, at_end)))
        return one_after_the_other(first, *parts)

    def newest_first(self, mask: Mask, *, downwards: bool = True) -> LazyKeys:
        """Return the animals of a set by number."""
        count = mask.count(1)
        if count <= FEW or not self._in_id_order:
            keys = sorted((self._keys[slot] for slot in places(mask)), reverse=downwards)
            return LazyKeys(count, partial(iter, keys), partial(reversed, keys))
        up = partial(compress, self._keys, mask)
        down = lambda: compress(reversed(self._keys), reversed(mask))  # noqa: E731 - as `up`
        return LazyKeys(count, *((down, up) if downwards else (up, down)))

    def in_order(self, name: str, mask: Mask, *, downwards: bool) -> LazyKeys:
        """Return the animals of a set by a column."""
        self.sort()
        order = self._orders[name]

        def narrowed(all_keys: Callable[..., Iterable[int]]) -> Any:  # noqa: ANN401 - `compress`
            slots = map(self._slots.__getitem__, all_keys(downwards=downwards))
            return compress(all_keys(downwards=downwards), map(mask.__getitem__, slots))

        return LazyKeys(
            mask.count(1), lambda: narrowed(order.keys), lambda: narrowed(order.from_the_end)
        )

    def among(self, keys: Iterable[int], mask: Mask) -> list[int]:
        """Return those of the keys that are in a set, in their order."""
        slots = self._slots
        return [key for key in keys if key in slots and mask[slots[key]]]

    def everybody(self) -> Mask:
        return bytes(self._held)


def _gain(row: Row) -> float | None:
    return row["adg_kg"] if row.get("status") in ON_FEED else None


def _names(row: Row) -> list[str]:
    # A visual id is often the livestock id: once is enough.
    named = {str(row[field]).casefold(): None for field in SEARCHED_FIELDS if row.get(field)}
    return list(named)
