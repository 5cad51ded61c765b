"""What a sheet brings: animals and weights, all of its rows or none, and how to take it back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from herd import tags
from herd.errors import HerdError, RowsRefused, UnknownAnimal
from herd.models import Animal, ReversibleChange, WeightRecord
from herd.operations.placing import (
    batch_for,
    move_to_batch,
    move_to_pen,
    new_animal,
    one_bearer,
    pen_for,
    put_on,
)
from herd.operations.sorting import remember
from herd.operations.weighings import Weighing, record_weight
from herd.register import Register
from herd.sheet_rows import AnimalRow, WeightRow

Row = TypeVar("Row", AnimalRow, WeightRow)

DETAILS = ("livestock_id", "visual_id", "tag_color", "sex", "breed", "notes")
CHANGED = (*DETAILS, "lf_tag", "uhf_tag", "batch_id", "pen_id")


@dataclass(slots=True)
class Imported:
    """How many rows did what; `known` were there already. `change` takes all of it back."""

    created: int = 0
    updated: int = 0
    recorded: int = 0
    known: int = 0
    suspect: int = 0
    steps: dict[str, list[Any]] = field(
        default_factory=lambda: {"animals": [], "changed": [], "weights": [], "pens": []}
    )
    change: ReversibleChange = field(default_factory=ReversibleChange)


def import_animals(
    register: Register, rows: Iterable[AnimalRow], name: str, at: datetime
) -> Imported:
    """New animals, and what the sheet says of known ones. Raises RowsRefused, all rows told."""
    outcome = Imported()
    _each(register, rows, lambda row: _animal(register, row, at, outcome))
    told = f"{name or 'A sheet'}: {outcome.created} animals new, {outcome.updated} changed"
    outcome.change = remember(register, "import", told, at, outcome.steps)
    return outcome


def import_weights(
    register: Register, rows: Iterable[WeightRow], name: str, at: datetime
) -> Imported:
    """Weighings of known animals; one that was imported before is left out.

    A row without a time was weighed now. Raises RowsRefused, all rows told.
    """
    outcome = Imported()
    in_order = sorted(rows, key=lambda row: (row.at is None, row.at or datetime.min))  # noqa: DTZ901 - naive on both sides
    _each(register, in_order, lambda row: _weight(register, row, at, outcome))
    told = f"{name or 'A sheet'}: {outcome.recorded} weights"
    outcome.change = remember(register, "import", told, at, outcome.steps)
    return outcome


def _each(register: Register, rows: Iterable[Row], take: Callable[[Row], None]) -> None:
    """Every row in its own savepoint, so that all that is wrong is told at once."""
    refused: list[tuple[int, str]] = []
    for row in rows:
        try:
            with register.savepoint():
                take(row)
        except HerdError as error:
            refused.append((row.line, str(error)))
    if refused:
        raise RowsRefused(sorted(refused))


def _animal(register: Register, row: AnimalRow, at: datetime, outcome: Imported) -> None:
    bearer = one_bearer(register, row.lf_tag, row.uhf_tag)
    animal = register.animal(row.livestock_id) if row.livestock_id else None
    if animal is not None and bearer is not None and animal.pk != bearer.pk:
        raise HerdError(
            f"Livestock id {row.livestock_id} is animal no. {animal.pk}, but the tags are on"
            f" no. {bearer.pk}."
        )
    known = animal or bearer
    if known is None:
        known = _new(register, row, at)
        outcome.created += 1
        outcome.steps["animals"].append(known.pk)
    elif _change(register, known, row, at, outcome):
        outcome.updated += 1
    else:
        outcome.known += 1


def _new(register: Register, row: AnimalRow, at: datetime) -> Animal:
    values = {name: getattr(row, name) for name in DETAILS if getattr(row, name)}
    animal = Animal(lf_tag=row.lf_tag or None, uhf_tag=row.uhf_tag or None, **values)
    animal.induction_date = at.date()
    _place(register, animal, row, at)
    return new_animal(register, animal, at)


def _place(register: Register, animal: Animal, row: AnimalRow, at: datetime) -> None:
    if row.batch_number:
        animal.batch = batch_for(register, row.batch_number, "hxb", at)
    if row.pen_number:
        animal.pen = pen_for(register, row.pen_number, "", at)


def _change(
    register: Register, animal: Animal, row: AnimalRow, at: datetime, outcome: Imported
) -> bool:
    before = _state(animal)
    for name in DETAILS:
        if getattr(row, name):
            setattr(animal, name, getattr(row, name))
    if row.batch_number:
        move_to_batch(register, animal, batch_for(register, row.batch_number, "hxb", at), at)
    if row.pen_number:
        move_to_pen(register, animal, pen_for(register, row.pen_number, "", at), at)
    put_on(register, animal, {"lf": row.lf_tag, "uhf": row.uhf_tag}, at, "import")
    after = _state(animal)
    if before == after:
        return False
    animal.save(update_fields=CHANGED)
    register.enter(animal)
    register.touched("cattle:updated", animal, at, "import")
    outcome.steps["changed"].append(
        {"animal": animal.pk, **{key: {n: state[n] for n in CHANGED if before[n] != after[n]}
                                 for key, state in (("before", before), ("after", after))}}
    )  # fmt: skip
    return True


def _state(animal: Animal) -> dict[str, Any]:
    return {name: getattr(animal, name) for name in CHANGED}


def _weight(register: Register, row: WeightRow, at: datetime, outcome: Imported) -> None:
    animal = find(register, row.tag)
    when = row.at or at
    same = WeightRecord.objects.filter(
        animal=animal, recorded_at=when, weight_kg=row.weight_kg
    ).exclude(quality=WeightRecord.Quality.VOID)
    if row.at is not None and same.exists():
        outcome.known += 1
        return
    weighing = Weighing(row.weight_kg, when, WeightRecord.Source.IMPORT, at)
    record = record_weight(register, animal, weighing)
    outcome.recorded += 1
    outcome.suspect += record.quality == WeightRecord.Quality.SUSPECT
    outcome.steps["weights"].append(record.pk)


def find(register: Register, name: str) -> Animal:
    """By tag in any spelling, livestock id or visual id; raises UnknownAnimal for none or many."""
    for key in (name, *tags.search_keys(name)):
        for found in (register.bearer("lf", key), register.bearer("uhf", key)):
            if found is not None:
                return found
    by_id = register.animal(name)
    if by_id is not None:
        return by_id
    seen = list(Animal.objects.filter(visual_id=name).values_list("pk", flat=True)[:2])
    if len(seen) == 1:
        return register.animal_no(seen[0])
    raise UnknownAnimal(
        f"Several animals have visual id {name}." if seen else f"No animal is known as {name}."
    )
