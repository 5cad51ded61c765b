"""One transaction's view of animals, batches and pens, and what it will write.

Operations look things up here and leave their history and journal rows here. Many operations can
share one unit of work: look-ups are then made in advance for all of them, and rows that only add up
(history, journal, "last read") are written once, at the end of the transaction.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast

from django.db import transaction
from django.db.models import Q

from herd.counters import NOWHERE, Contribution, Figures
from herd.errors import UnknownAnimal, UnknownPlace
from herd.models import Animal, Batch, Movement, Pen, TagPairing
from herd.storage import journal

TagKind = Literal["lf", "uhf"]
TAG_FIELDS: dict[TagKind, str] = {"lf": "lf_tag", "uhf": "uhf_tag"}
NAMES = ("lf_tag", "uhf_tag", "livestock_id")  # by which an animal is found


@dataclass(frozen=True, slots=True)
class Prefetch:
    """What the coming operations will look up; tags in their normal form."""

    lf_tag: frozenset[str] = frozenset()
    uhf_tag: frozenset[str] = frozenset()
    livestock_id: frozenset[str] = frozenset()
    batches: frozenset[str] = frozenset()
    pens: frozenset[str] = frozenset()


@dataclass(slots=True)
class Pending:
    """Rows that are written at the end, in this order."""

    entries: list[journal.Entry] = field(default_factory=list)
    updates: set[tuple[str, int]] = field(default_factory=set)  # `…:updated` once per thing
    pairings: list[TagPairing] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    last_reads: dict[int, datetime] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)

    def copy(self) -> "Pending":
        return Pending(*(getattr(self, name).copy() for name in self.__slots__))


class UnitOfWork:
    """Made by `open_unit_of_work`; `actor` is the person or "radio", for journal and history."""

    def __init__(self, actor: str) -> None:
        self.actor = actor
        self._pending = Pending()
        self._forget()

    # -- looking up -------------------------------------------------------------------------

    def _forget(self) -> None:
        self._animals: dict[tuple[str, str], Animal | None] = {}
        self._by_id: dict[int, Animal] = {}  # each animal is one object: its figures must add up
        self._counted: dict[int, Contribution] = {}
        self._batches: dict[str, Batch | None] = {}
        self._pens: dict[str, Pen | None] = {}

    def prepare(self, wanted: Prefetch) -> None:
        """Load what the coming operations need, in three queries instead of four each."""
        for name in NAMES:
            self._animals.update({(name, value): None for value in getattr(wanted, name)})
        found = Animal.objects.filter(
            Q(lf_tag__in=wanted.lf_tag)
            | Q(uhf_tag__in=wanted.uhf_tag)
            | Q(livestock_id__in=wanted.livestock_id)
        )
        for animal in found:
            self._loaded(animal)
        self._batches |= dict.fromkeys(wanted.batches) | {
            batch.batch_number: batch
            for batch in Batch.objects.filter(batch_number__in=wanted.batches)
        }
        self._pens |= dict.fromkeys(wanted.pens) | {
            pen.pen_number: pen for pen in Pen.objects.filter(pen_number__in=wanted.pens)
        }

    def _loaded(self, animal: Animal) -> Animal:
        """Return the animal's one object in this transaction."""
        held = self._by_id.get(animal.pk)
        if held is None:
            held = self._by_id[animal.pk] = animal
            self._counted[animal.pk] = Contribution.of(animal)
        self.index(held)
        return held

    def add_animal(self, animal: Animal) -> None:
        """Take up an animal that was just saved for the first time."""
        self._by_id[animal.pk] = animal
        self._counted[animal.pk] = NOWHERE  # its first `record_change` counts it
        self.index(animal)

    def forget_places(self) -> None:
        """Look batches and pens up anew, after some were deleted."""
        self._batches.clear()
        self._pens.clear()

    def index(self, animal: Animal) -> None:
        """Let the animal be found by each of its names from now on."""
        for name in NAMES:
            value = getattr(animal, name)
            if value is not None:
                self._animals[name, value] = animal

    def unindex(self, kind: TagKind, tag: str) -> None:
        # None and not removed: the database may still hold the tag on the animal that lost it.
        self._animals[TAG_FIELDS[kind], tag] = None

    def animal_by_tag(self, kind: TagKind, tag: str) -> Animal | None:
        return self._animal(TAG_FIELDS[kind], tag) if tag else None

    def animal(self, livestock_id: str) -> Animal | None:
        return self._animal("livestock_id", livestock_id)

    def _animal(self, name: str, value: str) -> Animal | None:
        if (name, value) not in self._animals:
            self._animals[name, value] = None
            found = Animal.objects.filter(**{name: value}).first()
            if found is not None:
                self._animals[name, value] = self._loaded(found)
        return self._animals[name, value]

    def animals(self, ids: Iterable[int]) -> list[Animal]:
        """Return the animals in this order. Raise UnknownAnimal for a number that none has."""
        wanted = list(dict.fromkeys(ids))
        missing = [pk for pk in wanted if pk not in self._by_id]
        for animal in Animal.objects.in_bulk(missing).values():
            self._loaded(animal)
        for pk in wanted:
            if pk not in self._by_id:
                raise UnknownAnimal(f"Animal no. {pk} does not exist.")
        return [self._by_id[pk] for pk in wanted]

    def animal_no(self, pk: int) -> Animal:
        return self.animals([pk])[0]

    def batch_no(self, pk: int) -> Batch:
        batch = Batch.objects.filter(pk=pk).first()
        if batch is None:
            raise UnknownPlace(f"Batch no. {pk} does not exist.")
        held = self._batches.get(batch.batch_number)
        if held is None:
            held = self._batches[batch.batch_number] = batch
        return held

    def pen_no(self, pk: int) -> Pen:
        # Read each time: who counts its head in the writers' queue needs it as others left it.
        pen = Pen.objects.filter(pk=pk).first()
        if pen is None:
            raise UnknownPlace(f"Pen no. {pk} does not exist.")
        self._pens[pen.pen_number] = pen
        return pen

    def head_in(self, pen: Pen) -> int:
        """Return the head in the pen, with those that this transaction has moved."""
        return pen.head_count + self._pending.figures.in_pen(pen.pk)

    def batch(self, number: str) -> Batch | None:
        if number not in self._batches:
            self._batches[number] = Batch.objects.filter(batch_number=number).first()
        return self._batches[number]

    def pen(self, number: str) -> Pen | None:
        if number not in self._pens:
            self._pens[number] = Pen.objects.filter(pen_number=number).first()
        return self._pens[number]

    def add_batch(self, batch: Batch) -> None:
        batch.save(force_insert=True)
        self._batches[batch.batch_number] = batch

    def add_pen(self, pen: Pen) -> None:
        pen.save(force_insert=True)
        self._pens[pen.pen_number] = pen

    # -- leaving rows -----------------------------------------------------------------------

    def note(self, kind: str, object_id: int, at: datetime, detail: str = "") -> None:
        """Leave a journal row."""
        if kind.endswith(":updated"):  # once for each thing, however often it is touched
            if (kind, object_id) in self._pending.updates:
                return
            self._pending.updates.add((kind, object_id))
        self._pending.entries.append(journal.Entry(kind, object_id, at, self.actor, detail))

    def record_change(self, kind: str, animal: Animal, at: datetime, detail: str = "") -> None:
        """Leave the journal row of an animal that was changed and saved, and count it anew.

        An animal that did not come from this unit of work is a KeyError: how it counted is unknown.
        """
        # By differences and not counted anew, so that one weight costs the same with 1 or 100,000
        # animals in the batch (decision 6).
        before, now = self._counted[animal.pk], Contribution.of(animal)
        self.note(kind, animal.pk, at, detail)
        if before != now:
            self._counted[animal.pk] = now
            self._pending.figures.move(before, now)
            for batch_id in {before.batch_id, now.batch_id} - {None}:
                self.note("batch:updated", cast("int", batch_id), at)
            for pen_id in {before.pen_id, now.pen_id} - {None}:
                self.note("pen:updated", cast("int", pen_id), at)

    def record_delete(self, animal: Animal, at: datetime, detail: str = "") -> None:
        """Note that an animal's row is about to be deleted."""
        self._pending.figures.move(self._counted.pop(animal.pk), NOWHERE)
        del self._by_id[animal.pk]
        for name in NAMES:
            self._animals.pop((name, getattr(animal, name)), None)
        if animal.batch_id is not None:
            self.note("batch:updated", animal.batch_id, at)
        if animal.pen_id is not None:
            self.note("pen:updated", animal.pen_id, at)
        self.note("cattle:deleted", animal.pk, at, detail)

    def paired(self, animal: Animal, kind: TagKind, at: datetime, reason: str = "") -> None:
        self._pending.pairings.append(
            TagPairing(
                animal=animal,
                kind=kind,
                tag=getattr(animal, TAG_FIELDS[kind]),
                from_at=at,
                reason=reason,
                recorded_by=self.actor,
            )
        )

    def moved(self, animal: Animal, at: datetime, **places: int | str | None) -> None:
        """Leave a movement; `places` are `from_batch_id`, `to_batch_id`, … and `reason`."""
        self._pending.movements.append(
            Movement(animal=animal, moved_at=at, recorded_by=self.actor, **places)
        )

    def batch_read(self, batch: Batch, at: datetime) -> None:
        """Note that the batch was heard; it is written once for many reads."""
        self._pending.last_reads[batch.pk] = at

    def write_history(self) -> None:
        """Write pairings and movements early, where a later statement must see them."""
        TagPairing.objects.bulk_create(self._pending.pairings)
        Movement.objects.bulk_create(self._pending.movements)
        self._pending.pairings.clear()
        self._pending.movements.clear()

    def write(self) -> None:
        """Write everything that was left here; earlier than at the end, where an answer is to show
        the new figures."""
        pending = self._pending
        self.write_history()
        pending.figures.write()
        for batch_id, at in pending.last_reads.items():
            Batch.objects.filter(pk=batch_id).update(last_read_at=at, updated_at=at)
            self.note("batch:updated", batch_id, at)
        journal.record_many(pending.entries)
        self._pending = Pending()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Run one operation among many: when it fails, it alone is undone."""
        saved = self._pending.copy()
        try:
            with transaction.atomic():
                yield
        except BaseException:
            self._pending = saved
            self._forget()  # animals in memory may hold what the database has just undone
            raise


@contextmanager
def open_unit_of_work(
    actor: str, timeout: float | None = None, *, preview: bool = False
) -> Iterator[UnitOfWork]:
    """Open a transaction and its unit of work, and write at its end all that was left in it.

    A preview is written too and then rolled back: what the database would refuse shows only so.
    """
    with journal.writing(timeout):
        unit = UnitOfWork(actor)
        yield unit
        unit.write()
        if preview:
            transaction.set_rollback(True)
