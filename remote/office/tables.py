"""The office's copy of the herd: plain rows by topic, with the indexes that pages ask for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from sys import intern
from typing import Any, Final, overload

from herd.tags import search_keys
from remote.wire import ERRORS_HELD, RECENT, TOPICS, Topic

Row = dict[str, Any]

BOUNDED: Final[frozenset[Topic]] = frozenset({"payloads", "weights"})
REPEATED_FIELDS: Final = frozenset({"status", "sex", "breed", "tag_color", "batch", "pen"})
SEARCHED_FIELDS: Final = ("livestock_id", "visual_id", "lf_tag", "uhf_tag")
NAMED_IN_ANIMALS: Final[dict[Topic, tuple[str, str]]] = {
    "batches": ("batch", "batch_number"),
    "pens": ("pen", "pen_number"),
}
END: Final = "\n"  # closes each field in a haystack: no tag or id holds a line end


class Groups:
    """Which animals stand in a batch or a pen."""

    def __init__(self) -> None:
        self._members: dict[int, dict[int, None]] = {}

    def __getitem__(self, group_id: int) -> Iterable[int]:
        return self._members.get(group_id, ())

    def add(self, reference: Row | None, key: int) -> None:
        if reference:
            self._members.setdefault(reference["id"], {})[key] = None

    def discard(self, reference: Row | None, key: int) -> None:
        if reference:
            self._members.get(reference["id"], {}).pop(key, None)


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


class Newest:
    """The keys that a bounded topic holds: so many of the newest, and so many that wait for a
    person, which newer ones do not push out."""

    def __init__(self) -> None:
        self.recent: dict[int, None] = {}
        self.waiting: dict[int, None] = {}

    def place(self, key: int, *, waits: bool) -> int | None:
        """The key that has no room any more, which may be this one."""
        (self.recent if waits else self.waiting).pop(key, None)
        keys, most = (self.waiting, ERRORS_HELD) if waits else (self.recent, RECENT)
        if len(keys) >= most and key < next(iter(keys)):
            return key
        in_order = not keys or key in keys or key > next(reversed(keys))
        keys[key] = None
        if not in_order:
            self._sort(keys)
        if len(keys) <= most:
            return None
        oldest = next(iter(keys))
        del keys[oldest]
        return oldest

    def _sort(self, keys: dict[int, None]) -> None:
        ordered = sorted(keys)
        keys.clear()
        keys.update(dict.fromkeys(ordered))

    def discard(self, key: int) -> None:
        self.recent.pop(key, None)
        self.waiting.pop(key, None)


class Found(Sequence[Row]):
    """Animals by their keys, each fetched where it is looked at: 50,000 may fit one digit."""

    def __init__(self, table: dict[int, Row], keys: list[int]) -> None:
        self._table, self._keys = table, keys

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Row]:
        return map(self._table.__getitem__, self._keys)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [self._table[key] for key in self._keys[place]]
        return self._table[self._keys[place]]


class Tables:
    """Rows by topic and id, in id order. Not safe to share between threads: build, then hand on."""

    def __init__(self) -> None:
        self.rows: dict[Topic, dict[int, Row]] = {topic: {} for topic in TOPICS}
        self._newest = {topic: Newest() for topic in BOUNDED}
        self._by_batch, self._by_pen, self._by_name = Groups(), Groups(), Names()
        self._haystacks: dict[int, str] = {}
        self.statuses: Counter[str] = Counter()  # of animals
        self._pool: dict[object, Any] = {}

    # -- changing ---------------------------------------------------------------------------

    def put(self, topic: Topic, row: Row) -> None:
        """Adds or replaces one row; a payload or weight older than those held is left out."""
        if not self.add(topic, row):
            self.settle(topic)

    def add(self, topic: Topic, row: Row) -> bool:
        """Whether it is in its place; where it is not, `settle` has to follow some time."""
        key, held = int(row["id"]), self.rows[topic]
        if topic == "cattle":
            row = self._compact(row)
            self._unindex(held.get(key))
            self._index(key, row)
        elif topic in NAMED_IN_ANIMALS and key in held:
            self._rename(topic, held[key], row)
        in_order = key in held or not held or key > next(reversed(held))
        held[key] = row
        if topic in BOUNDED:
            waits = topic == "payloads" and row["status"] == "error"
            too_old = self._newest[topic].place(key, waits=waits)
            if too_old is not None:
                del held[too_old]
        return in_order

    def settle(self, topic: Topic) -> None:
        """Back to id order."""
        self.rows[topic] = dict(sorted(self.rows[topic].items()))

    def remove(self, topic: Topic, key: int) -> None:
        row = self.rows[topic].pop(key, None)
        if topic in BOUNDED:
            self._newest[topic].discard(key)
        if topic == "cattle":
            self._unindex(row)
            self._haystacks.pop(key, None)

    # -- asking -----------------------------------------------------------------------------

    def waiting(self) -> list[Row]:
        """Payloads in error, of whatever day, the oldest first."""
        payloads = self.rows["payloads"]
        return [payloads[key] for key in self._newest["payloads"].waiting]

    def oldest_recent(self, topic: Topic) -> int | None:
        """From this id on every row is here; None where that is so from the first one."""
        recent = self._newest[topic].recent
        return next(iter(recent)) if len(recent) >= RECENT else None

    def in_batch(self, batch_id: int) -> list[Row]:
        return self._animals(self._by_batch[batch_id])

    def in_pen(self, pen_id: int) -> list[Row]:
        return self._animals(self._by_pen[pen_id])

    def known_as(self, name: str) -> list[Row]:
        """Every animal with exactly this tag or id."""
        return self._animals(self._by_name[name.casefold()])

    def named(self, text: str) -> list[Row]:
        """Every animal with this tag, in any spelling, or this id."""
        return self._animals(dict.fromkeys(self._named(text.strip().casefold())))

    def find_animals(self, text: str, limit: int) -> list[Row]:
        """By a whole tag or id first, then by last digits, then by any part; newest first."""
        wanted = text.strip().casefold()
        if not wanted:
            return []
        found = dict.fromkeys(self._named(wanted))
        if len(found) < limit:
            found |= dict.fromkeys(self._containing(wanted, limit))
        return self._animals(islice(found, limit))

    def find_all_animals(self, text: str) -> Sequence[Row]:
        """As `find_animals`, but every one."""
        wanted, everybody = text.strip().casefold(), len(self.rows["cattle"])
        found = list(dict.fromkeys(self._named(wanted)))
        first = set(found)
        others = self._containing(wanted, everybody) if wanted else []
        found += [key for key in others if key not in first] if first else others
        return Found(self.rows["cattle"], found)

    def _named(self, wanted: str) -> Iterator[int]:
        for name in dict.fromkeys((wanted, *map(str.casefold, search_keys(wanted)))):
            yield from reversed(self._by_name[name])

    def _containing(self, wanted: str, limit: int) -> list[int]:
        """Those that end with it, then those that hold it elsewhere; enough to choose `limit`."""
        at_end: list[int] = []
        within: list[int] = []
        ending = wanted + END
        for key, haystack in reversed(self._haystacks.items()):
            if wanted in haystack:
                (at_end if ending in haystack else within).append(key)
                if len(at_end) >= limit:
                    break
        return at_end + within[:limit]

    def _animals(self, keys: Iterable[int]) -> list[Row]:
        animals = self.rows["cattle"]
        return [animals[key] for key in keys]

    # -- inside -----------------------------------------------------------------------------

    def _index(self, key: int, row: Row) -> None:
        self.statuses[row["status"]] += 1
        self._by_batch.add(row.get("batch"), key)
        self._by_pen.add(row.get("pen"), key)
        names = _names(row)
        for name in names:
            self._by_name.add(name, key)
        self._haystacks[key] = "".join(name + END for name in names)

    def _unindex(self, row: Row | None) -> None:
        if row is None:
            return
        key = int(row["id"])
        self.statuses[row["status"]] -= 1
        self._by_batch.discard(row.get("batch"), key)
        self._by_pen.discard(row.get("pen"), key)
        for name in _names(row):
            self._by_name.discard(name, key)

    def _rename(self, topic: Topic, before: Row, after: Row) -> None:
        """Animals carry the number of their batch and pen; the Pi sends no event for each."""
        field, number = NAMED_IN_ANIMALS[topic]
        if before.get(number) == after.get(number):
            return
        animals, reference = self.rows["cattle"], {"id": after["id"], number: after[number]}
        members = self._by_batch if topic == "batches" else self._by_pen
        for key in members[after["id"]]:
            animals[key] = animals[key] | {field: reference}

    def _compact(self, row: Row) -> Row:
        """The same row with field names and often repeated values held once: it is 50,000 rows."""
        return {
            intern(field): self._once(value) if field in REPEATED_FIELDS else value
            for field, value in row.items()
        }

    def _once(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        known = tuple(value.items()) if isinstance(value, dict) else value
        return self._pool.setdefault(known, value)


def _names(row: Row) -> list[str]:
    return [str(row[field]).casefold() for field in SEARCHED_FIELDS if row.get(field)]
