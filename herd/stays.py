"""When an animal was in a batch, by its movements, also over records of it that were merged.

Each record of a merged animal was somewhere until the merge, and the one that was kept from then
on: each of these parts is told by itself, and days on which two of them were in the batch are one
animal's.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from herd.local_time import localdate

MOVEMENT = "herd.Movement"  # as a merge's steps name the model


class Stay(NamedTuple):
    came: date
    out: date | None  # the first day at whose end it was not there; None: it is there still


class Passage(NamedTuple):
    """A movement into the batch, or out of it."""

    movement: int
    day: date
    inward: bool


class Record(NamedTuple):
    """What an animal's row says of its time in a batch."""

    batch_id: int | None
    induction_date: date | None
    first_seen_at: datetime
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge that was not taken back."""

    on: date
    kept: int
    absorbed: int
    before: Record
    after: Record
    gone: Record
    own: frozenset[int] | None  # movements of the kept one until then; None: not noted
    others: frozenset[int]  # of the absorbed one
    made: frozenset[int]  # of the merge itself

    @classmethod
    def of(cls, made_at: datetime, steps: Mapping[str, Any]) -> "Merged":
        pointed = [one["ids"] for one in steps["pointed"] if one["model"] == MOVEMENT]
        return cls(
            localdate(made_at),
            steps["kept"],
            steps["absorbed"]["id"],
            before=_record(steps["before"]),
            after=_record(steps["after"]),
            gone=_record(steps["absorbed"]),
            own=frozenset(steps["own"]) if "own" in steps else None,
            others=frozenset(pk for ids in pointed for pk in ids),
            made=frozenset(steps.get("moved", {}).values()),
        )

    def is_past(self, passage: Passage) -> bool:
        """Return whether a movement of the kept one is from before the merge."""
        return passage.day < self.on if self.own is None else passage.movement in self.own


def _record(row: Mapping[str, Any]) -> Record:
    days = [row[name] and date.fromisoformat(row[name]) for name in ("induction_date", "left_on")]
    first_seen_at = datetime.fromisoformat(row["first_seen_at"])
    return Record(row["batch_id"], days[0], first_seen_at, days[1])


class Stays:
    """The stays of animals in one batch."""

    def __init__(
        self, batch: int, passages: Mapping[int, Iterable[Passage]], merges: Iterable[Merged]
    ) -> None:
        self._batch = batch
        self._merges: dict[int, list[Merged]] = defaultdict(list)
        self._passages: dict[int, list[Passage]] = defaultdict(list)
        owner: dict[int, int] = {}
        made: set[int] = set()
        for merge in merges:  # the oldest first: what it brought, a later one brings again
            self._merges[merge.kept].append(merge)
            made |= merge.made
            owner |= {pk: merge.absorbed for pk in merge.others if pk not in owner}
        for animal, found in passages.items():
            for one in found:
                if one.movement not in made:
                    self._passages[owner.get(one.movement, animal)].append(one)

    def of(self, animal: int, record: Record) -> list[Stay]:
        """Return the stays of an animal, none of which overlaps another."""
        if animal not in self._merges and animal not in self._passages:  # nearly all of a batch
            came, out = _first_day(record), record.left_on
            is_one = record.batch_id == self._batch and (out is None or out > came)
            return [Stay(came, out)] if is_one else []
        return _united(self._parts(animal, record, None))

    def _parts(self, animal: int, record: Record, until: date | None) -> Iterator[Stay]:
        """Yield the stays of one record until it was merged into another, and of all that were
        merged into it."""
        passages = self._passages[animal]
        for merge in reversed(self._merges[animal]):
            later = [one for one in passages if not merge.is_past(one)]
            passages = [one for one in passages if merge.is_past(one)]
            came = merge.on if merge.after.batch_id == self._batch else None
            yield from self._stays(record, came, later, until)
            yield from self._parts(merge.absorbed, merge.gone, merge.on)
            record, until = _as_before(record, merge), merge.on
        # One that did not come in from elsewhere was here from its induction on.
        came = _first_day(record)
        came = None if passages and passages[0].inward else came
        yield from self._stays(record, came, passages, until)

    def _stays(
        self, record: Record, came: date | None, passages: Iterable[Passage], until: date | None
    ) -> Iterator[Stay]:
        ends = [day for day in (record.left_on, until) if day is not None]
        for _, day, inward in passages:
            if inward:
                came = came or day
            elif came is not None:
                yield Stay(came, min(day, *ends) if ends else day)
                came = None
        if came is not None and record.batch_id == self._batch:
            yield Stay(came, min(ends, default=None))


def _first_day(record: Record) -> date:
    return record.induction_date or localdate(record.first_seen_at)


def _as_before(record: Record, merge: Merged) -> Record:
    """Return the record as it was before a merge, with what somebody has corrected since."""
    pairs = zip(Record._fields, record, merge.after, strict=True)
    unchanged = {name: getattr(merge.before, name) for name, now, was in pairs if now == was}
    return record._replace(**{**unchanged, "batch_id": merge.before.batch_id})


def _united(stays: Iterable[Stay]) -> list[Stay]:
    """Return the stays without overlaps, and without those that are shorter than a day."""
    found: list[Stay] = []
    for came, out in sorted(stays, key=lambda one: one.came):
        last = found[-1] if found else None
        if out is not None and out <= came:
            continue
        if last is None or (last.out is not None and last.out < came):
            found.append(Stay(came, out))
        elif last.out is not None and (out is None or out > last.out):
            found[-1] = Stay(last.came, out)
    return found
