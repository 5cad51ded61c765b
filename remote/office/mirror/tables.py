"""The office's copy of the herd: plain rows by topic, their indexes, and today's payload counts."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

from remote.office.mirror.found import Found
from remote.office.mirror.index import FEW, SORTED, Index
from remote.office.mirror.masks import Mask, both
from remote.office.mirror.packed_rows import PackedRows, Row
from remote.wire import ERRORS_HELD, RECENT, Table

__all__ = ["Found", "Row", "StatusChange", "Tables", "Today"]

BOUNDED: Final[frozenset[Table]] = frozenset(
    {"payloads", "weights", "sessions", "shipments", "treatments", "pulls", "work_marks"}
)
STATUSES: Final = ("received", "processed", "duplicate", "error")
MOVES_KEPT: Final = 10_000  # between two figures, which come every few seconds
NAMED_IN_ANIMALS: Final[dict[Table, tuple[str, str]]] = {
    "batches": ("batch", "batch_number"),
    "pens": ("pen", "pen_number"),
}


class Newest:
    """The keys that a bounded topic holds: the newest, and those that wait for a person."""

    def __init__(self) -> None:
        self.recent: dict[int, None] = {}
        self.waiting: dict[int, None] = {}

    def place(self, key: int, *, waits: bool) -> int | None:
        """Return the key that has no room any more, which may be this one."""
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


class ByTopic(TypedDict):
    batches: dict[int, Row]
    pens: dict[int, Row]
    cattle: PackedRows
    weights: dict[int, Row]
    sessions: dict[int, Row]
    shipments: dict[int, Row]
    payloads: dict[int, Row]
    products: dict[int, Row]
    treatments: dict[int, Row]
    work_marks: dict[int, Row]
    pulls: dict[int, Row]


class Tables:
    """Rows by topic and id, in id order. Not safe to share between threads: build, then hand on."""

    def __init__(self) -> None:
        self.rows = ByTopic(
            batches={},
            pens={},
            cattle=PackedRows(),
            weights={},
            sessions={},
            shipments={},
            payloads={},
            products={},
            treatments={},
            work_marks={},
            pulls={},
        )
        self._newest = {topic: Newest() for topic in BOUNDED}
        self.index = Index()  # of animals

    # -- changing ---------------------------------------------------------------------------

    def put(self, topic: Table, row: Row) -> None:
        """Add or replace one row; a payload or weight older than those held is left out."""
        if not self.add(topic, row):
            self.settle(topic)

    def add(self, topic: Table, row: Row) -> bool:
        """Add or replace one row; return False where `settle` has to follow."""
        key, held = int(row["id"]), self.rows[topic]
        before = held.get(key)
        if topic == "cattle":
            self.index.put(key, before, row)
        elif topic in NAMED_IN_ANIMALS and before is not None:
            self._rename(topic, before, row)
        in_order = before is not None or not held or key > next(reversed(held))
        held[key] = row
        if topic in BOUNDED:
            too_old = self._newest[topic].place(key, waits=_waits(topic, row))
            if too_old is not None:
                del held[too_old]
        return in_order

    def settle(self, topic: Table) -> None:
        """Put a topic's rows into id order."""
        if topic == "cattle":
            self.rows[topic].sort()
        else:
            self.rows[topic] = dict(sorted(self.rows[topic].items()))

    def remove(self, topic: Table, key: int) -> None:
        row = self.rows[topic].pop(key, None)
        if topic in BOUNDED:
            self._newest[topic].discard(key)
        if topic == "cattle" and row is not None:
            self.index.remove(key, row)

    # -- asking -----------------------------------------------------------------------------

    def waiting(self) -> list[Row]:
        """Return the payloads in error, of whatever day, the oldest first."""
        payloads = self.rows["payloads"]
        return [payloads[key] for key in self._newest["payloads"].waiting]

    def oldest_recent(self, topic: Table) -> int | None:
        """Return the id from which on every row is here, or None where all are."""
        recent = self._newest[topic].recent
        return next(iter(recent)) if len(recent) >= RECENT else None

    def in_batch(self, batch_id: int) -> list[Row]:
        return self._animals(self.index.group("batch", batch_id))

    def in_pen(self, pen_id: int) -> list[Row]:
        return self._animals(self.index.group("pen", pen_id))

    def known_as(self, name: str) -> list[Row]:
        return self._animals(self.index.known_as(name))

    def named(self, text: str) -> list[Row]:
        """Return the animals with this tag, in any spelling, or this id."""
        return self._animals(self.index.named(text))

    def find_animals(self, text: str, limit: int) -> list[Row]:
        """Return animals by a whole tag or id, then by last digits, then by any part of one."""
        return self._animals(self.index.search(text, self.index.everybody())[:limit])

    def query_animals(
        self, masks: Iterable[Mask] = (), text: str = "", sort: str = "", *, downwards: bool = False
    ) -> Found:
        """Return the animals that are in each of the sets and have a name that holds the text.

        `sort` is "id" or a column of `index.SORTED`; without it the best match or the newest is
        first.
        """
        index, found = self.index, both(self.index.everybody(), *masks)
        if text and not sort:
            return Found(self.rows["cattle"], index.search(text, found))
        if text:
            found = both(found, index.found(text))
        if sort in SORTED and found.count(1) > FEW:
            keys: Sequence[int] = index.in_order(sort, found, downwards=downwards)
        else:
            keys = index.newest_first(found, downwards=downwards or not sort)
            keys = self._in_order(keys, sort, downwards=downwards) if sort in SORTED else keys
        return Found(self.rows["cattle"], keys)

    def _in_order(self, keys: Iterable[int], sort: str, *, downwards: bool) -> list[int]:
        """Return a few keys by a column; those without a value last, the newest first."""
        animals, value_of = self.rows["cattle"], SORTED[sort]
        pairs = [(value_of(animals[key]), key) for key in keys]
        valued = sorted((pair for pair in pairs if pair[0] is not None), reverse=downwards)
        others = sorted((key for value, key in pairs if value is None), reverse=True)
        return [key for _, key in valued] + others

    def _animals(self, keys: Iterable[int]) -> list[Row]:
        animals = self.rows["cattle"]
        return [animals[key] for key in keys]

    # -- inside -----------------------------------------------------------------------------

    def _rename(self, topic: Table, before: Row, after: Row) -> None:
        """Write a batch's or pen's new number into its animals."""
        # Each animal carries it, and the Pi sends no event for each of a thousand.
        field, number = NAMED_IN_ANIMALS[topic]
        if before.get(number) == after.get(number):
            return
        animals, reference = self.rows["cattle"], {"id": after["id"], number: after[number]}
        for key in self.index.group(field, after["id"]):
            animals[key] = animals[key] | {field: reference}


def _waits(topic: Table, row: Row) -> bool:
    """Return whether a row is held beside the newest ones, because somebody is to see to it."""
    match topic:
        case "payloads":
            return bool(row["status"] == "error")
        case "weights":
            return bool(row["quality"] == "suspect")
        case "work_marks":
            return row["ended_at"] is None
    return False


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One payload's change of status."""

    seq: int  # of its journal entry
    before: str | None  # None: it is new
    after: str


class Today:
    """How many payloads of today stand in each status: the Pi's figure, moved on by each event."""

    # A figure holds for a place in the journal. Moves after that place are kept, so that a figure
    # which the Pi computed before the last few events does not take those back.

    def __init__(self) -> None:
        self.counts: dict[str, int] = dict.fromkeys(STATUSES, 0)
        self._seq = 0
        self._moves: deque[StatusChange] = deque(maxlen=MOVES_KEPT)

    def restart(self, counts: dict[str, int], seq: int) -> None:
        """Take over a figure from the Pi that holds at journal entry `seq`."""
        self.counts = dict.fromkeys(STATUSES, 0) | counts
        self._seq = seq
        later = [move for move in self._moves if move.seq > seq]
        self._moves.clear()
        for move in later:
            self.move(move)

    def move(self, move: StatusChange) -> None:
        if move.seq <= self._seq:
            return
        self._moves.append(move)
        if move.before is not None:
            self.counts[move.before] = max(0, self.counts.get(move.before, 0) - 1)
        self.counts[move.after] = self.counts.get(move.after, 0) + 1
