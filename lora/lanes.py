"""Lanes: on PostgreSQL several workers apply payloads side by side, none of which share an animal,
tag, id, event or device, nor a batch or pen that one of them will make.

A worker holds its payloads by session locks of its connection, which end with it however it ends.
On SQLite there is one worker, which needs none.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Final, NamedTuple, TypeAlias

from django.db import connection, transaction

from herd.commands import Induction
from herd.fields import BATCH, set_by
from herd.loader import NAMES
from herd.models import Animal, Batch, Pen
from herd.rules.tags import whole_tag
from herd.storage import fast_rows
from herd.storage.journal import take_turn
from lora.apply_reading import normal_form
from lora.models import LoRaPayload
from lora.payloads import InvalidPayload, event_id, parse
from lora.processes.watchdog import PATIENCE
from lora.signing import devices_in, inner

Payloads: TypeAlias = list[LoRaPayload]
Key: TypeAlias = tuple[str, str | int]

CLAIM_LOCK: Final = 0x4858424C  # held while a worker claims, so that two do it in turn
LINKED: Final = {*NAMES, "animal"}  # keys that a payload may bring together
LOCKS: Final = 0x4858 << 48  # a claimed payload's lock is this and its number
# Session locks and their payloads: PostgreSQL shows the two halves of a lock's number.
HELD: Final = (
    "SELECT (classid::bigint << 32 | objid::bigint) - %s, pid FROM pg_locks"
    " WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND classid::bigint >> 16 = %s"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
HOLD: Final = "SELECT pg_advisory_lock(%s + id) FROM unnest(%s::bigint[]) id"
TAGS: Final = {"lf_tag": ("lf", "old_lf", "new_lf"), "uhf_tag": ("uhf", "old_uhf", "new_uhf")}
FILLED_IN: Final = set_by("induction", BATCH)  # of a batch that does not say it yet


class Said(NamedTuple):
    """What a payload's text names: `keys` by themselves, batch and pen where they are new."""

    keys: frozenset[Key]
    batch: str
    pen: str
    fills: frozenset[str]  # columns of the batch
    is_noise: bool


@contextmanager
def claimed(oldest: Callable[[int], Payloads], most: int) -> Iterator[Callable[[], Payloads]]:
    """Claim what waits and no other worker's stands in the way of; yield what loads it.

    `oldest` returns that many of the oldest readings, and what noise lies between.
    """
    if connection.vendor != "postgresql":
        yield partial(oldest, most)
        return
    try:
        ids = _claim(oldest, most)
        yield partial(_waiting, ids)
    finally:
        _release()


def _claim(oldest: Callable[[int], Payloads], most: int) -> list[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        take_turn(PATIENCE, CLAIM_LOCK)
        cursor.execute(HELD, [LOCKS, LOCKS >> 48])
        held = dict(cursor.fetchall())
        # As many more as the others hold, and some for those that must wait for them.
        workers = len(set(held.values()))
        rows = oldest(most * (workers + 1) + most // 2 if held else most)
        ids = free(rows, held, most)
        cursor.execute(HOLD, [LOCKS, ids])
    return ids


def _release() -> None:
    # Where the connection is gone, so are its locks.
    if connection.connection is not None and not connection.connection.closed:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")


def _waiting(ids: Collection[int]) -> Payloads:
    received = f"status = '{LoRaPayload.Status.RECEIVED}' ORDER BY id"
    return list(fast_rows.find(LoRaPayload, {"id": ids}, names=LoRaPayload.READ, where=received))


def free(rows: Payloads, held: Collection[int], most: int) -> list[int]:
    """Return the oldest payloads, `most` readings among them, that share nothing with those that
    are held, nor with an older one that has to wait: order stays within all that is shared."""
    if not held:
        return [row.id for row in rows]
    known = {row.id for row in rows}
    rows = [*_waiting([pk for pk in held if pk not in known]), *rows]
    lanes = _Lanes()
    waiting = []
    for row, keys in zip(rows, keys_of(rows), strict=True):
        if row.id in held:
            lanes.close(keys)
        else:
            waiting.append((row, keys))
    found: list[int] = []
    readings = 0
    for row, keys in waiting:
        if lanes.are_open(keys):
            found.append(row.id)
            readings += not _said(row.raw_payload).is_noise
        else:
            lanes.close(keys)
        if readings == most:
            break
    return found


class _Lanes:
    """Which keys are another's, or an older payload's that has to wait.

    Names of animals that payloads bring together are one lane from then on: a tag put on the animal
    of a livestock id is read as that animal, and what names the id must not overtake such a read.
    """

    def __init__(self) -> None:
        self._next: dict[Key, Key] = {}  # towards the one key that stands for a lane
        self._closed: set[Key] = set()

    def are_open(self, keys: set[Key]) -> bool:
        """Return whether all these lanes are open; those of names are one from now on."""
        self._join(keys)
        return all(self._lane(key) not in self._closed for key in keys)

    def close(self, keys: set[Key]) -> None:
        self._join(keys)
        self._closed |= {self._lane(key) for key in keys}

    def _join(self, keys: set[Key]) -> None:
        lanes = {self._lane(key) for key in keys if key[0] in LINKED}
        if len(lanes) > 1:
            one = lanes.pop()
            self._next |= dict.fromkeys(lanes, one)
            if not lanes.isdisjoint(self._closed):
                self._closed.add(one)

    def _lane(self, key: Key) -> Key:
        passed = []
        while key in self._next:
            passed.append(key)
            key = self._next[key]
        self._next |= dict.fromkeys(passed, key)  # the next look is short
        return key


def keys_of(rows: Payloads) -> Iterator[set[Key]]:
    """Yield what each payload shares with others that have the same key."""
    said = [_said(row.raw_payload) for row in rows]
    animals = _animals(key for one in said for key in one.keys)
    batches = {
        batch.batch_number: {name for name in FILLED_IN if not getattr(batch, name)}
        for batch in fast_rows.find(Batch, {"batch_number": {one.batch for one in said}})
    }
    pens = {
        pen.pen_number for pen in fast_rows.find(Pen, {"pen_number": {one.pen for one in said}})
    }
    for row, one in zip(rows, said, strict=True):
        keys = {*one.keys, ("text", row.digest)}
        keys |= {("animal", animals[key]) for key in one.keys if key in animals}
        # Who makes a batch or a pen, or fills in what it does not say, goes before the next.
        if one.batch and (one.batch not in batches or one.fills & batches[one.batch]):
            keys.add(("batch", one.batch))
        if one.pen and one.pen not in pens:
            keys.add(("pen", one.pen))
        yield keys


def _animals(keys: Iterable[Key]) -> dict[Key, int]:
    """Return the animals that bear these names: two texts may name one by different tags."""
    names: dict[str, set[str | int]] = {name: set() for name in NAMES}
    for kind, value in keys:
        if kind in names:
            names[kind].add(value)
    return {
        (name, getattr(row, name)): row.pk
        for row in fast_rows.find(Animal, names, names=("id", *NAMES))
        for name in NAMES
    }


@lru_cache(maxsize=8192)  # each worker looks at what the others apply too
def _said(text: str) -> Said:
    payload = inner(text)
    command = parse(payload)
    keys: list[Key] = [("device", device) for device in devices_in([text])]
    if event := event_id(payload):
        keys.append(("event", event))
    for kind, fields in TAGS.items():
        tags = (getattr(command, field, "") for field in fields)
        keys += [(kind, normal_form(tag)) for tag in tags if tag]
    if lid := getattr(command, "livestock_id", ""):
        keys.append(("livestock_id", lid))
        if tag := whole_tag(lid):
            keys += [(kind, tag) for kind in TAGS]
    fills = FILLED_IN if isinstance(command, Induction) else ()
    return Said(
        frozenset(keys),
        getattr(command, "batch_number", ""),
        getattr(command, "pen_number", ""),
        frozenset(name for name in fills if getattr(command, name)),
        isinstance(command, InvalidPayload),
    )
