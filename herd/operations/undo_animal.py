"""What an act did to one animal taken back: where it stands, what is told of it, its weights,
treatments and tags."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from herd.captured_rows import VOID, as_made, value_of
from herd.errors import UndoImpossible
from herd.models import (
    Animal,
    Batch,
    Movement,
    Pen,
    Pull,
    ShipmentAnimal,
    TagPairing,
    Treatment,
    WeightRecord,
)
from herd.operations.references import rows_naming
from herd.operations.retagging import by_kind, remove_tags, restore_tags, tags_of
from herd.operations.treating import recalculate_clear_on, void_treatment
from herd.operations.undo_loading import change_back, put_back, take_out
from herd.operations.undo_row import Columns, Part, called, check_unchanged, restore
from herd.operations.weighings import judge_new, recalculate_gain, void_weight
from herd.rules.undo_sentences import listed
from herd.unit_of_work import TAG_FIELDS, UnitOfWork

KNOWN: Final = {Animal, Movement, TagPairing, WeightRecord, Treatment, Pull}
OK: Final = WeightRecord.Quality.OK
SEEN: Final = ("first_seen_at", "last_seen_at")  # put back where nobody has seen it since
PLACES: Final[dict[str, type[Batch] | type[Pen]]] = {"batch_id": Batch, "pen_id": Pen}


@dataclass(frozen=True, slots=True)
class Past:
    """When the act was, and the last movement of each of its animals."""

    made_at: datetime
    last_moves: dict[int, int]

    @classmethod
    def of(cls, unit: UnitOfWork, made_at: datetime, parts: Iterable[Part]) -> "Past":
        """Look up what the act's animals have been through, for all of them together."""
        some = list(parts)
        unit.by_number(Animal, [one.animal for one in some if one.animal])
        moved = [one.animal for one in some if one.numbers(Movement)]
        last: dict[int, int] = {}
        for move in unit.rows(Movement, "animal_id", moved) if moved else ():
            last[move.animal_id] = max(last.get(move.animal_id, 0), move.pk)
        weights = [pk for one in some for pk in _weights(one)]
        unit.weighings_by_number(weights)
        return cls(made_at, last)


def _weights(part: Part) -> list[int]:
    changed = [pk for model, pk, _ in part.changed if model is WeightRecord]
    return [*changed, *part.numbers(WeightRecord)]


def take_animal_back(unit: UnitOfWork, part: Part, past: Past, detail: str, at: datetime) -> None:
    """Let the animal be as before the act. Raise UndoImpossible where somebody built on it."""
    animal = unit.by_number(Animal, [part.animal]).get(part.animal)
    if animal is None:
        raise UndoImpossible(f"Animal no. {part.animal} was merged or removed since.")
    if part.numbers(Animal):
        _remove(unit, animal, part, detail, at)
        return
    if _is_loading(part):
        _restore_loading(unit, animal, part, at)
        return
    told = part.told(Animal)
    _check_undoable(animal, part, past)
    kind = "cattle:retagged" if set(TAG_FIELDS.values()) & set(told) else "cattle:updated"
    _restore(unit, animal, told, at)
    unit.delete(Movement, part.numbers(Movement))
    # Before weights are judged, which would leave this journal row without what was done.
    unit.record_change(kind, animal, at, detail)
    _restore_weights(unit, animal, part, detail, at)
    _restore_treatments(unit, animal, part, detail, at)
    _restore_pulls(unit, part, detail, at)
    if "induction_date" in told:
        recalculate_gain(unit, animal, at)
    unit.record_change("cattle:updated", animal, at)


def _check_undoable(animal: Animal, part: Part, past: Past) -> None:
    """Raise UndoImpossible for what no undo knows, or where the animal was read elsewhere since."""
    if others := {model for model, *_ in (*part.changed, *part.made)} - KNOWN:
        what = ", ".join(called(model) for model in others)
        raise UndoImpossible(f"{animal}: what was done cannot be taken back ({what}).")
    if set(PLACES) & set(part.told(Animal)):
        _check_not_seen(animal, part, past)


def _is_loading(part: Part) -> bool:
    """Return whether the act planned or loaded the animal, which changes nothing of its own."""
    touched = {model for model, *_ in (*part.changed, *part.made, *part.deleted)}
    return touched == {ShipmentAnimal}


def _restore_loading(unit: UnitOfWork, animal: Animal, part: Part, at: datetime) -> None:
    for _, pk, told in part.changed:
        change_back(unit, pk, told, animal, at)
    for _, pk, columns in part.made:
        take_out(unit, pk, columns, animal, at)
    for _, _, columns in part.deleted:
        put_back(unit, columns, animal, at)


def _check_not_seen(animal: Animal, part: Part, past: Past) -> None:
    """Raise UndoImpossible for an animal that was seen where the act has put it."""
    if animal.last_seen_at > past.made_at:
        raise UndoImpossible(f"{animal} was read, weighed or treated since.")
    if past.last_moves.get(animal.pk, 0) > max(part.numbers(Movement), default=0):
        raise UndoImpossible(f"{animal} was moved since.")


def _restore(unit: UnitOfWork, animal: Animal, told: Columns, at: datetime) -> None:
    check_unchanged(animal, {name: both[1] for name, both in told.items() if name not in SEEN})
    kinds = [kind for kind, name in TAG_FIELDS.items() if name in told]
    remove_tags(unit, animal, kinds, by_kind(tags_of(animal)), at)
    restore_tags(unit, animal, {kind: told[TAG_FIELDS[kind]][0] or "" for kind in kinds}, at)
    rest = {name: both for name, both in told.items() if name not in TAG_FIELDS.values()}
    for name in SEEN:
        if name in rest and getattr(animal, name) != value_of(Animal, name, rest[name][1]):
            del rest[name]
    for name, model in PLACES.items():
        if name in rest and not unit.by_number(model, [rest[name][0]]):
            rest[name] = [None, rest[name][1]]  # gone since: it is nowhere
    restore(unit, animal, rest)


def _restore_weights(
    unit: UnitOfWork, animal: Animal, part: Part, detail: str, at: datetime
) -> None:
    for model, pk, told in part.changed:
        if model is WeightRecord:
            _restore_weight(unit, animal, unit.weighing_no(pk), told, (detail, at))
    for pk in part.numbers(WeightRecord):
        void_weight(unit, pk, detail, at)


def _restore_weight(
    unit: UnitOfWork,
    animal: Animal,
    record: WeightRecord,
    told: Columns,
    said: tuple[str, datetime],
) -> None:
    detail, at = said
    before, after = told.get("quality", (OK, OK))
    if (record.quality == VOID) is not (after == VOID):
        raise UndoImpossible(
            f"The weight of {animal} is {'void no more' if after == VOID else 'void'} since."
        )
    rest = {name: both for name, both in told.items() if name not in {"quality", "reason"}}
    restore(unit, record, rest)
    if before == VOID:
        why = told.get("reason", ("", ""))[0] or detail
        void_weight(unit, record.pk, why, at)
        return
    if after == VOID:
        unit.change(record, quality=OK, reason="")
        unit.restore_weighing(record)
    judge_new(unit, animal, [record], at)


def _restore_treatments(
    unit: UnitOfWork, animal: Animal, part: Part, detail: str, at: datetime
) -> None:
    for pk in part.numbers(Treatment):
        void_treatment(unit, pk, detail, at)
    restored = False
    for model, pk, told in part.changed:
        if model is Treatment:
            restore(unit, unit.by_number(Treatment, [pk])[pk], told)
            unit.note("treatment:recorded", pk, at, detail)
            restored = True
    if restored:
        recalculate_clear_on(unit, animal)


def _restore_pulls(unit: UnitOfWork, part: Part, detail: str, at: datetime) -> None:
    for pull in unit.by_number(Pull, part.numbers(Pull)).values():
        if pull.voided_at is None:
            unit.change(pull, voided_at=at, voided_by=unit.actor, void_reason=detail)
            unit.note("pull:voided", pull.pk, at, detail)
    for model, pk, told in part.changed:
        if model is Pull:
            restore(unit, unit.by_number(Pull, [pk])[pk], told)
            unit.note("pull:recorded", pk, at, detail)


def _remove(unit: UnitOfWork, animal: Animal, part: Part, detail: str, at: datetime) -> None:
    """Remove an animal that the act entered. Raise UndoImpossible where it was seen since."""
    own = rows_naming(unit, [animal.pk])
    for relation, rows in own.items():
        if rows.keys() - set(part.numbers(relation.related_model)):
            raise UndoImpossible(
                f"{animal} was read, weighed, treated, moved or given a tag since."
            )
    left: dict[str, Any] = next(columns for model, _, columns in part.made if model is Animal)
    now = as_made(animal)
    if names := [name for name in now if now[name] != left.get(name)]:
        raise UndoImpossible(f"{animal} was changed since ({listed(names)}).")
    for relation, rows in own.items():
        unit.delete(relation.related_model, rows)
    unit.record_delete(animal, at, detail)
