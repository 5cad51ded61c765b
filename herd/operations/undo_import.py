"""An import taken back: what it made goes, what it changed is as before, and what people or the
barn have done since is never lost with it: those animals stay as they are, and are named."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models.fields.reverse_related import ForeignObjectRel

from herd.captured_rows import WATCHED
from herd.errors import UndoImpossible
from herd.models import Animal, Batch, Pen, Treatment, WeightRecord
from herd.operations.references import delete_place, rows_naming
from herd.operations.retagging import by_kind, remove_tags, restore_tags, tags_of
from herd.operations.reversible_changes import as_column, as_json
from herd.operations.treating import void_treatments
from herd.operations.undo_act import Kept, kept_of
from herd.operations.weighings import recalculate_gain, void_weight
from herd.rules.undo_sentences import listed
from herd.unit_of_work import TAG_FIELDS, UnitOfWork

WHY = "import taken back"
SEEN = frozenset({"first_seen_at", "last_seen_at"})


def as_left(unit: UnitOfWork, steps: dict[str, Any]) -> dict[str, Any]:
    """Return the import's steps, with all that it made as it is at its end: what differs later, or
    came later, is somebody else's."""
    made = unit.by_number(Animal, steps["animals"])
    founded: dict[str, Iterable[Animal | Batch | Pen]] = {
        "batches": filter(None, map(unit.batch, steps["batches"])),
        "pens": filter(None, map(unit.pen, steps["pens"])),
        "made": made.values(),
    }
    return {
        **steps,
        **{key: {str(one.pk): _columns(one) for one in rows} for key, rows in founded.items()},
        "own": {str(one.field): list(rows) for one, rows in rows_naming(unit, made).items()},
    }


def _columns(row: Animal | Batch | Pen) -> dict[str, Any]:
    """Return the watched columns that say something, as JSON."""
    # Empty ones are left out: the steps of a whole herd are long, and those of an import from
    # before a column was added compare equal to its default.
    values = {name: as_json(row, name) for name in WATCHED[type(row)]}
    return {name: value for name, value in values.items() if value not in {None, ""}}


def pens_of(unit: UnitOfWork, steps: dict[str, Any]) -> set[int | None]:
    """Return the pens that the animals which the import changed are in, or come back to."""
    now = unit.by_number(Animal, [one["animal"] for one in steps["changed"]]).values()
    before = {one["before"].get("pen_id") for one in steps["changed"]}
    return before | {animal.pen_id for animal in now}


def take_out(unit: UnitOfWork, steps: dict[str, Any], at: datetime) -> list[Kept]:
    """Undo an import, and return what stays as somebody has built on it since.

    Raise UndoImpossible where that is all.
    """
    created = unit.by_number(Animal, steps["animals"])
    own = rows_naming(unit, created)
    stays = _built_on(created, own, steps)
    weights = unit.weighings_by_number(steps["weights"])
    changed = {one["animal"] for one in steps["changed"]}
    unit.by_number(Animal, changed | {record.animal_id for record in weights})  # all at once
    others = [record for record in weights if record.animal_id not in created]
    for record in others:
        void_weight(unit, record.pk, WHY, at)
    given = unit.by_number(Treatment, steps.get("treatments", ()))  # an older one knows of none
    void_treatments(unit, given.values(), WHY, at)
    for one in reversed(steps["changed"]):
        _try_to_put_back(unit, one, stays, at)
    gone = created.keys() - stays.keys()
    _delete(unit, gone, own, at)
    if stays and not (gone or others or given or changed - stays.keys()):
        raise UndoImpossible(next(iter(stays.values())))
    _remove_founded(unit, steps, at)
    return [kept_of(unit, pk, why) for pk, why in stays.items()]


# -- what it made -------------------------------------------------------------------------------


def _delete(
    unit: UnitOfWork, gone: set[int], own: dict[ForeignObjectRel, dict[int, int]], at: datetime
) -> None:
    """Delete animals that the import made, with all that is theirs."""
    for relation, rows in own.items():
        theirs = [pk for pk, animal in rows.items() if animal in gone]
        for pk in theirs if relation.related_model is WeightRecord else ():
            unit.note("weight:deleted", pk, at, WHY)
        unit.delete(relation.related_model, theirs)
    for animal in unit.by_number(Animal, sorted(gone)).values():
        unit.record_delete(animal, at, WHY)


def _built_on(
    created: dict[int, Animal], own: dict[ForeignObjectRel, dict[int, int]], steps: dict[str, Any]
) -> dict[int, str]:
    """Return the animals that something was done with since, with what it was."""
    stays = {
        pk: f"Animal no. {pk} was merged into another one since this import."
        for pk in steps["animals"]
        if pk not in created
    }
    heard = {
        rows[pk]
        for relation, rows in own.items()
        for pk in rows.keys() - set(steps.get("own", {}).get(str(relation.field), ()))
    }
    for pk, animal in created.items():
        was, now = steps.get("made", {}).get(str(pk), {}), _columns(animal)
        names = [name for name in WATCHED[Animal] if was.get(name) != now.get(name)]
        if pk in heard or names:
            stays[pk] = _why_kept(animal, () if pk in heard else names)
    return dict(sorted(stays.items()))


def _why_kept(animal: Animal, changed: Iterable[str]) -> str:
    """Return why an animal stays: these columns differ, none where other rows name it since."""
    if SEEN.issuperset(changed):
        return (
            f"Animal {animal} was read, weighed, moved or given a tag since this import; taking it"
            " back would lose that."
        )
    return (
        f"Animal {animal} was changed since this import ({listed(changed)}); taking it back would"
        " lose that."
    )


# -- what it changed ----------------------------------------------------------------------------


def _try_to_put_back(
    unit: UnitOfWork, one: dict[str, Any], stays: dict[int, str], at: datetime
) -> None:
    if one["animal"] in stays:
        return
    try:
        with unit.savepoint():
            _put_back(unit, one, at)
    except UndoImpossible as error:
        stays[one["animal"]] = str(error)


def _put_back(unit: UnitOfWork, one: dict[str, Any], at: datetime) -> None:
    animal = unit.by_number(Animal, [one["animal"]]).get(one["animal"])
    if animal is None:
        raise UndoImpossible(f"Animal no. {one['animal']} has been removed since this import.")
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
        if not unit.by_number(model, [before[name]]):
            before[name] = None
        move = {f"from_{name}": getattr(animal, name), f"to_{name}": before[name]}
        unit.moved(animal, at, **move, reason=WHY)


# -- what it founded ----------------------------------------------------------------------------


def _remove_founded(unit: UnitOfWork, steps: dict[str, Any], at: datetime) -> None:
    """Delete the batches and pens that are empty and as the import founded them."""
    founded: tuple[tuple[type[Batch | Pen], str, str], ...] = (
        (Batch, "batches", "batch_id"),
        (Pen, "pens", "pen_id"),
    )
    for model, key, column in founded:
        as_founded = {int(pk): columns for pk, columns in steps.get(key, {}).items()}
        in_use = set(unit.rows_naming(Animal, column, as_founded).values())
        for pk, place in unit.by_number(model, as_founded).items():
            if pk not in in_use and _columns(place) == as_founded[pk]:
                delete_place(unit, place, at)
