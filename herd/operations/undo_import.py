"""An import taken back: what it made goes, what it changed is as before, and what people or the
barn have done since is never lost with it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from herd.errors import UndoImpossible
from herd.fields import ANIMAL, BATCH, PEN
from herd.models import Animal, Batch, Movement, Pen, WeightRecord
from herd.operations.edits import delete_pen
from herd.operations.retag_and_merge import (
    as_column,
    as_json,
    by_kind,
    relations,
    remove_tags,
    restore_tags,
    tags_of,
)
from herd.operations.weighings import recalculate_gain, void_weight
from herd.unit_of_work import TAG_FIELDS, UnitOfWork

WHY = "import taken back"
WATCHED: Final[dict[type[Animal | Batch | Pen], tuple[str, ...]]] = {
    model: tuple(one.attname for one in table if one.is_watched)
    for model, table in ((Animal, ANIMAL), (Batch, BATCH), (Pen, PEN))
}


def as_left(unit: UnitOfWork, steps: dict[str, Any]) -> dict[str, Any]:
    """Return the import's steps, with all that it made as it is at its end: what differs later, or
    came later, is somebody else's."""
    unit.flush()
    batches = Batch.objects.filter(batch_number__in=steps["batches"])
    pens = Pen.objects.filter(pen_number__in=steps["pens"])
    made = Animal.objects.in_bulk(steps["animals"])
    return steps | {
        "batches": {str(one.pk): _columns(one) for one in batches},
        "pens": {str(one.pk): _columns(one) for one in pens},
        "made": {str(pk): _columns(one) for pk, one in made.items()},
        "own": {name: list(rows) for name, rows in _rows_of(made).items()},
    }


def _columns(row: Animal | Batch | Pen) -> dict[str, Any]:
    """Return the watched columns that say something, as JSON."""
    # Empty ones are left out: the steps of a whole herd are long, and those of an import from
    # before a column was added compare equal to its default.
    values = {name: as_json(row, name) for name in WATCHED[type(row)]}
    return {name: value for name, value in values.items() if value not in {None, ""}}


def _rows_of(animals: Iterable[int]) -> dict[str, dict[int, int]]:
    """Return the rows that name one of the animals: by column, the animal's number by the row's."""
    created = list(animals)
    found = {}
    for relation in relations():
        name = relation.field.attname
        rows = relation.related_model._default_manager.filter(**{f"{name}__in": created})  # noqa: SLF001 - Django's own
        found[str(relation.field)] = dict(rows.values_list("pk", name))
    return found


def take_out(unit: UnitOfWork, steps: dict[str, Any], at: datetime) -> None:
    """Undo an import. Raise UndoImpossible where something was done since that would be lost."""
    created = _all_there(steps["animals"])
    _check_untouched(created, steps)
    weighed = WeightRecord.objects.filter(pk__in=steps["weights"])
    weights = dict(weighed.values_list("pk", "animal_id"))
    for pk in [pk for pk, animal_id in weights.items() if animal_id not in created]:
        void_weight(unit, pk, WHY, at)
    for one in reversed(steps["changed"]):
        _put_back(unit, one, at)
    unit.flush()
    for pk in [pk for pk, animal_id in weights.items() if animal_id in created]:
        unit.note("weight:deleted", pk, at, WHY)
    for animal in unit.animals(created):
        unit.record_delete(animal, at, WHY)
        animal.delete()
    unit.write()
    _remove_founded(unit, steps, at)


# -- what it made -------------------------------------------------------------------------------


def _all_there(made: list[int]) -> dict[int, Animal]:
    found = Animal.objects.in_bulk(made)
    missing = [pk for pk in made if pk not in found]
    if missing:
        raise UndoImpossible(
            f"Animal no. {missing[0]} was merged into another one since this import."
        )
    return found


def _check_untouched(created: dict[int, Animal], steps: dict[str, Any]) -> None:
    for column, rows in _rows_of(created).items():
        later = rows.keys() - set(steps.get("own", {}).get(column, ()))
        if later:
            animal = created[rows[min(later)]]
            raise UndoImpossible(
                f"Animal {animal} was read, weighed, moved or given a tag since this import;"
                " taking it back would lose that."
            )
    for pk, animal in created.items():
        was, now = steps.get("made", {}).get(str(pk), {}), _columns(animal)
        names = [name for name in WATCHED[Animal] if was.get(name) != now.get(name)]
        if names:
            changed = ", ".join(name.removesuffix("_id").replace("_", " ") for name in names)
            raise UndoImpossible(
                f"Animal {animal} was changed since this import ({changed}); taking it back would"
                " lose that."
            )


# -- what it changed ----------------------------------------------------------------------------


def _put_back(unit: UnitOfWork, one: dict[str, Any], at: datetime) -> None:
    if not Animal.objects.filter(pk=one["animal"]).exists():
        raise UndoImpossible(f"Animal no. {one['animal']} has been removed since this import.")
    animal = unit.animal_no(one["animal"])
    if {name: as_json(animal, name) for name in one["after"]} != one["after"]:
        raise UndoImpossible(f"Animal {animal} was changed since this import.")
    before = {name: as_column(name, value) for name, value in one["before"].items()}
    _check_name(unit, animal, before.get("livestock_id"))
    kinds = [kind for kind, name in TAG_FIELDS.items() if name in before]
    remove_tags(unit, animal, kinds, by_kind(tags_of(animal)), at)
    _back_to_places(unit, animal, before, at)
    rest = before.keys() - set(TAG_FIELDS.values())
    unit.change(animal, **{name: before[name] for name in rest})
    restore_tags(unit, animal, {kind: before[TAG_FIELDS[kind]] or "" for kind in kinds}, at)
    unit.record_change("cattle:updated", animal, at, WHY)
    if "induction_date" in before:
        recalculate_gain(unit, animal, at)


def _check_name(unit: UnitOfWork, animal: Animal, name: str | None) -> None:
    other = unit.animal(name) if name else None
    if other is not None and other is not animal:
        raise UndoImpossible(f"{name} is another animal by now; give that one another id first.")


def _back_to_places(unit: UnitOfWork, animal: Animal, before: dict[str, Any], at: datetime) -> None:
    """Put an animal back where it was; a batch or pen that is gone since is nowhere."""
    for name, model in (("batch_id", Batch), ("pen_id", Pen)):
        if name not in before:
            continue
        if not model.objects.filter(pk=before[name]).exists():
            before[name] = None
        move = {f"from_{name}": getattr(animal, name), f"to_{name}": before[name]}
        unit.moved(animal, at, **move, reason=WHY)


# -- what it founded ----------------------------------------------------------------------------


def _remove_founded(unit: UnitOfWork, steps: dict[str, Any], at: datetime) -> None:
    """Delete the batches and pens that are empty and as the import founded them."""
    for batch in Batch.objects.filter(pk__in=steps.get("batches", ()), animals=None):
        if _columns(batch) == steps["batches"][str(batch.pk)]:
            _delete_batch(unit, batch, at)
    for pen in Pen.objects.filter(pk__in=steps["pens"], animals=None):
        if _columns(pen) == steps["pens"][str(pen.pk)]:
            delete_pen(unit, pen, at)
    unit.forget_places()


def _delete_batch(unit: UnitOfWork, batch: Batch, at: datetime) -> None:
    # Animals that came and went keep its name in their movements.
    Movement.objects.filter(from_batch=batch).update(from_name=batch.batch_number)
    Movement.objects.filter(to_batch=batch).update(to_name=batch.batch_number)
    number = batch.pk
    batch.delete()
    unit.note("batch:deleted", number, at, batch.batch_number)
