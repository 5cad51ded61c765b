"""What the rows of a sheet of animals do to the herd.

An import is no reading: nobody was seen by it, and no batch was heard.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from herd.errors import BadValue, FullPen, HerdError
from herd.fields import ANIMAL
from herd.models import ON_FEED, Animal, Batch, Pen
from herd.operations import sheet_import
from herd.operations.moves import LEFT
from herd.operations.placing import (
    animal_by_tags,
    assign_tags,
    batch_named,
    check_inducted,
    check_name,
    check_room,
    check_stay,
    described,
    move_to_batch,
    move_to_pen,
    new_animal,
    pen_for,
)
from herd.operations.sheet_import import Imported, SheetImport, repeat_of
from herd.operations.sheet_slices import together
from herd.operations.weighings import recalculate_gain
from herd.rules.counts import counted
from herd.sheets.rows import AnimalRow, MoreOfAnimal, WeightRow
from herd.storage import fast_rows
from herd.unit_of_work import Prefetch, UnitOfWork

# What is only written down; tags, places and status have rules and history of their own.
DETAILS = tuple(one.name for one in ANIMAL if {"person", "sheet"} <= set(one.set_by))
NOT_IN_SHEETS = ("left_cause", "not_clear_reason")  # go with a leaving that a sheet takes back
CHANGED = (*(one.attname for one in ANIMAL if "sheet" in one.set_by), *NOT_IN_SHEETS)


def import_animals(
    unit: UnitOfWork, rows: Iterable[AnimalRow], name: str, at: datetime
) -> Imported:
    """Import new animals, and what the sheet says of known ones; raise RowsRefused."""
    return AnimalImport(rows, name, at).write_whole(unit)


class AnimalImport(SheetImport[AnimalRow]):
    """New animals, and what the sheet says of known ones."""

    def __init__(self, rows: Iterable[AnimalRow], name: str, at: datetime) -> None:
        super().__init__(rows, name, at)
        self.even_if_full = False
        self._inducted: dict[str, date] = {}  # by batch the first day on which the sheet has any
        for row in self.rows:
            if row.batch_number and row.induction_date:
                known = self._inducted.setdefault(row.batch_number, row.induction_date)
                self._inducted[row.batch_number] = min(known, row.induction_date)
        if any(map(repeat_of, self.rows)):
            self.rows = sorted(self.rows, key=lambda row: (_first_line(row), row.line))

    def summary(self) -> str:
        done = self.outcome
        text = f"{self.name}: {counted(done.created, 'animal')} new, {done.updated} changed"
        return f"{text}, {counted(done.recorded, 'weight')}" if done.recorded else text

    def slices(self) -> list[Sequence[AnimalRow]]:
        """Return the rows in slices, one at least; those of one animal are all in one."""
        return together(self.rows, _first_line, sheet_import.WRITTEN_AT_ONCE)

    def prepare(self, unit: UnitOfWork, rows: Sequence[AnimalRow]) -> None:
        found = {
            "lf_tag": {row.lf_tag for row in rows},
            "uhf_tag": {row.uhf_tag for row in rows},
            "livestock_id": {row.livestock_id for row in rows},
            "batches": {row.batch_number for row in rows},
            "pens": {row.pen_number for row in rows},
            "weighed": {name for row in rows if _weighing(row) for name in _names(row)},
        }
        unit.prepare(Prefetch(**{name: frozenset(some - {""}) for name, some in found.items()}))

    def take(self, unit: UnitOfWork, row: AnimalRow) -> None:
        weighing, known = _weighing(row), self._known(unit, row)
        if weighing and weighing.at and weighing.at > self.at:
            raise BadValue("A weight cannot be from the future.")
        if repeat_of(row):
            self._take_repeat(unit, row, known)
            return
        what = "known"
        if known is None:
            known, what = self._new(unit, row), "new"
            self.outcome.created += 1
            self.outcome.steps["animals"].append(known.pk)
        elif self._change(unit, known, row):
            what = "changed"
            self.outcome.updated += 1
        else:
            self.outcome.known += 1
        self.tell(row.line, known, what)
        if weighing:
            self.weights.store(unit, known, weighing, what)

    def _take_repeat(self, unit: UnitOfWork, row: AnimalRow, known: Animal | None) -> None:
        """Take of a row that says an animal again its weight alone."""
        weighing = _weighing(row)
        self.outcome.repeats += 1
        if weighing and known is not None:
            self.weights.store(unit, known, weighing, "repeat")
        elif weighing:
            self.outcome.recorded += 1  # a check has not made the animal that a slice before would
        self.tell(row.line, known or next(_names(row)), "repeat")

    def _known(self, unit: UnitOfWork, row: AnimalRow) -> Animal | None:
        name_of = self.outcome.name_of
        lf, uhf = name_of("lf_tag", row.lf_tag), name_of("uhf_tag", row.uhf_tag)
        bearer = animal_by_tags(unit, lf, uhf)
        name = name_of("livestock_id", row.livestock_id)
        animal = unit.animal(name) if name else None
        if animal is not None and bearer is not None and animal.pk != bearer.pk:
            raise HerdError(
                f"Livestock id {row.livestock_id} is animal no. {animal.pk}, but the tags are on"
                f" no. {bearer.pk}."
            )
        return animal or bearer

    def _new(self, unit: UnitOfWork, row: AnimalRow) -> Animal:
        animal = fast_rows.new(Animal, lf_tag=row.lf_tag or None, uhf_tag=row.uhf_tag or None)
        _describe(unit, animal, row, self.at)
        self.outcome.ids.claim(unit, animal)
        animal.first_seen_at = _no_later(row.induction_date or animal.left_on, self.at)
        animal.last_seen_at = _no_later(animal.left_on or row.induction_date, self.at)
        batch, pen = self._places(unit, row)
        animal.batch_id = batch.pk if batch else None
        animal.pen_id = pen.pk if pen else None
        if pen is not None and animal.status in ON_FEED:
            self._check_room(unit, pen)
        return new_animal(unit, animal, self.at)

    def _change(self, unit: UnitOfWork, animal: Animal, row: AnimalRow) -> bool:
        """Change a known animal to what the row says; return False where it says nothing new."""
        at, before = self.at, _state(animal)
        _describe(unit, animal, row, at)
        self.outcome.ids.claim(unit, animal, before["livestock_id"])
        batch, pen = self._places(unit, row)
        if batch is not None:
            move_to_batch(unit, animal, batch, at)
        if pen is not None:
            move_to_pen(unit, animal, pen, at)
        self._check_place(unit, animal, before)
        assign_tags(unit, animal, {"lf": row.lf_tag, "uhf": row.uhf_tag}, at, "import")
        after = _state(animal)
        if before == after:
            return False
        exported = before["status"] != after["status"] == Animal.Status.EXPORTED
        kind = "cattle:exported" if exported else "cattle:updated"
        unit.record_change(kind, animal, at, "import")
        if before["induction_date"] != after["induction_date"]:
            recalculate_gain(unit, animal, at)
        self.note_freed(animal, before)
        self.outcome.steps["changed"].append(_difference(animal, before, after))
        return True

    def _places(self, unit: UnitOfWork, row: AnimalRow) -> tuple[Batch | None, Pen | None]:
        """Return the batch and pen that the row names; note those that are new, for an undo."""
        batch, pen, steps = None, None, self.outcome.steps
        if row.batch_number:
            if unit.batch(row.batch_number) is None:
                check_name(unit, Batch(batch_number=row.batch_number))
                steps["batches"].append(row.batch_number)
            batch = batch_named(
                unit, row.batch_number, "hxb", self.at, self._inducted.get(row.batch_number)
            )
        if row.pen_number:
            if unit.pen(row.pen_number) is None:
                check_name(unit, Pen(pen_number=row.pen_number))
                steps["pens"].append(row.pen_number)
            pen = pen_for(unit, row.pen_number, "", self.at)
        return batch, pen

    def _check_place(self, unit: UnitOfWork, animal: Animal, before: dict[str, Any]) -> None:
        """Raise PenFull where the sheet brings the animal into a pen that has no room."""
        was = before["pen_id"] if before["status"] in ON_FEED else None
        now = animal.pen_id if animal.status in ON_FEED else None
        if was == now:
            return
        if now is not None:
            self._check_room(unit, unit.pen_no(now))
        if was is not None:
            self.outcome.heads[was] -= 1

    def _check_room(self, unit: UnitOfWork, pen: Pen) -> None:
        others = self.outcome.earlier_heads[pen.pk]
        there = unit.head_in(pen) + others
        if pen.capacity and there >= pen.capacity:
            full = self.outcome.full_pens.setdefault(str(pen), FullPen(0, pen.capacity))
            full.refused += not self.even_if_full
            full.would_hold = max(full.would_hold, there + (full.refused or 1))
        if not self.even_if_full:
            check_room(unit, pen, 1, others)
        self.outcome.heads[pen.pk] += 1


def _weighing(row: AnimalRow) -> WeightRow | None:
    return row.weighing if isinstance(row, MoreOfAnimal) else None


def _first_line(row: AnimalRow) -> int:
    return repeat_of(row) or row.line


def _names(row: AnimalRow) -> Iterator[str]:
    return filter(None, (row.livestock_id, row.lf_tag, row.uhf_tag))


def _no_later(day: date | None, at: datetime) -> datetime:
    """Return the midnight of the day, or the import's moment where that is earlier or no day is
    known."""
    return at if day is None else min(at, timezone.make_aware(datetime.combine(day, time())))


def _describe(unit: UnitOfWork, animal: Animal, row: AnimalRow, at: datetime) -> None:
    """Set what the row says of the animal; an empty cell leaves what is there."""
    unit.change(animal, **described(row, DETAILS))
    if row.induction_date:
        check_inducted(animal, at)
    # Pending is who was not yet inducted or read: an animal that is known is not made so again.
    if not row.status or (row.status == Animal.Status.PENDING and animal.pk):
        return
    if row.status not in LEFT:
        on_feed = dict.fromkeys(("left_on", *NOT_IN_SHEETS))
        unit.change(animal, status=row.status, left_reason="", **on_feed)
        return
    unit.change(
        animal,
        status=row.status,
        left_on=row.left_on or animal.left_on,
        left_reason=row.left_reason or animal.left_reason,
    )
    if animal.left_on is None:
        raise BadValue(f"The animal is {row.status}: the sheet must say on which day it left.")
    check_stay(animal, animal.left_on)


def _difference(animal: Animal, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that an import changed, as they were and as they are."""
    names = [name for name in CHANGED if before[name] != after[name]]
    states = {"before": before, "after": after}
    return {"animal": animal.pk} | {
        key: {name: state[name] for name in names} for key, state in states.items()
    }


def _state(animal: Animal) -> dict[str, Any]:
    return {name: getattr(animal, name) for name in CHANGED}
