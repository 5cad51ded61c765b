"""Two records of one animal made one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from herd.errors import BadValue, StatusDiffers, TagConflict
from herd.fields import ANIMAL
from herd.models import Animal, Movement, ReversibleChange, TagPairing
from herd.operations.moves import LEAVING, LEFT, leaving_before, status_since
from herd.operations.placing import Overfill, assign_tags, keeping_room, tag_form
from herd.operations.references import pointers, repoint_foreign_keys
from herd.operations.retagging import by_kind, remove_tags, tags_of
from herd.operations.reversible_changes import as_column, row_as_json, save_reversible_change
from herd.operations.treating import set_clear_on
from herd.operations.weighings import recalculate_gain
from herd.unit_of_work import TAG_FIELDS, TagKind, UnitOfWork
from herd.withdrawal_lookups import is_early

FILLED = tuple(one.attname for one in ANIMAL if one.is_merged)
PLACES = ("batch_id", "pen_id")


@dataclass(frozen=True, slots=True)
class Merge:
    keep: int
    absorb: int
    at: datetime
    lf: str = ""  # the tag after the merge; "" for that of the kept one, or else of the other
    uhf: str = ""
    reason: str = ""
    status_from: int | None = None  # the animal whose status counts, where one of them has left
    force: bool = False  # fills a pen beyond its capacity, and needs a reason
    override: str = ""  # why the animal may have left before it was clear


def merge(unit: UnitOfWork, asked: Merge) -> tuple[Animal, ReversibleChange]:
    """Make one animal of two records; return it and the reversible change.

    Raises TagConflict, StatusDiffers where nobody said whose status counts, PenFull, or NotClear
    where what one has left by is too early for what the other was treated with.
    """
    if asked.keep == asked.absorb:
        raise BadValue("An animal cannot be merged with itself.")
    kept, absorbed = unit.animals([asked.keep, asked.absorb])
    new = _tags_after(unit, kept, absorbed, asked)
    leaver = _whose_status(kept, absorbed, asked.status_from)
    pens = (kept.pen_id, absorbed.pen_id)
    with keeping_room(unit, pens, Overfill(asked.force, asked.reason)):
        steps = _merged(unit, (kept, absorbed, leaver), new, asked)
    summary = f"{steps['absorbed']['livestock_id'] or f'No. {asked.absorb}'} merged into {kept}"
    return kept, save_reversible_change(unit, "merge", summary, asked.at, steps)


def _merged(
    unit: UnitOfWork,
    animals: tuple[Animal, Animal, Animal],
    new: dict[TagKind, str],
    asked: Merge,
) -> dict[str, Any]:
    """Merge, and return what an undo needs to know."""
    kept, absorbed, leaver = animals
    pointed = pointers(unit, absorbed)
    moves = unit.rows(Movement, "animal_id", [kept.pk, absorbed.pk])
    own = [one.pk for one in moves if one.animal_id == kept.pk]
    pairings = unit.rows(TagPairing, "animal_id", [kept.pk, absorbed.pk])
    worn = [one for one in pairings if one.to_at is None]
    overruled = leaving_before(absorbed if leaver is kept else kept)
    before, gone = _join(unit, animals, pointed, asked.at)
    unit.override = asked.override.strip()
    moved = _note_places(unit, kept, (before, gone), moves, asked)
    assign_tags(unit, kept, new, asked.at, asked.reason)
    detail = f"merged with no. {asked.absorb}{overruled}"
    unit.record_change("cattle:retagged", kept, asked.at, detail)
    recalculate_gain(unit, kept, asked.at)
    rows = {"before": before, "absorbed": gone, "after": row_as_json(kept), "pointed": pointed}
    ended = [one.pk for one in worn if one.to_at is not None]
    tags = {"paired": _paired_since(unit, kept, pairings), "ended": ended}
    return {"kept": kept.pk, **rows, "own": own, "moved": moved, **tags}


def _join(
    unit: UnitOfWork,
    animals: tuple[Animal, Animal, Animal],
    pointed: list[dict[str, Any]],
    at: datetime,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Let the kept record hold what both did; return the two as they were."""
    kept, absorbed, leaver = animals
    before, gone = row_as_json(kept), row_as_json(absorbed)
    clear_on = max(filter(None, (kept.clear_on, absorbed.clear_on)), default=None)
    if is_early(leaver):
        unit.accept_early(kept)  # by a radio's word, before the merge
    _absorb(unit, kept, absorbed, pointed, at)
    _fill(unit, kept, gone)
    _leave_as(unit, kept, leaver, before, gone)
    set_clear_on(unit, kept, clear_on)
    return before, gone


def _paired_since(unit: UnitOfWork, kept: Animal, known: list[TagPairing]) -> list[int]:
    made = {one.pk for one in unit.new_rows(TagPairing) if one.animal_id == kept.pk}
    return sorted(made - {one.pk for one in known})


def _whose_status(kept: Animal, absorbed: Animal, status_from: int | None) -> Animal:
    """Return the record whose status counts: that which was said; a pending one knows of none.
    Raise StatusDiffers."""
    if status_from is not None:
        if status_from not in {kept.pk, absorbed.pk}:
            sentence = "The status can be that of one of the merged animals alone."
            raise BadValue(sentence, field="status_from")
        return kept if status_from == kept.pk else absorbed
    if kept.status == Animal.Status.PENDING:
        return absorbed
    left = {(one.status, one.left_on) for one in (kept, absorbed) if one.status in LEFT}
    is_alike = len(left) == 1 and kept.status in LEFT and absorbed.status in LEFT
    if left and not is_alike and absorbed.status != Animal.Status.PENDING:
        raise StatusDiffers(
            f"{kept} (no. {kept.pk}) is {status_since(kept)}, and {absorbed} (no. {absorbed.pk})"
            f" is {status_since(absorbed)}. Say whose status counts.",
            field="status_from",
        )
    return kept


def _tags_after(
    unit: UnitOfWork, kept: Animal, absorbed: Animal, asked: Merge
) -> dict[TagKind, str]:
    """Return the tags after the merge. Raise TagConflict for a tag that a third animal bears."""
    new: dict[TagKind, str] = {
        "lf": tag_form(asked.lf) or kept.lf_tag or absorbed.lf_tag or "",
        "uhf": tag_form(asked.uhf) or kept.uhf_tag or absorbed.uhf_tag or "",
    }
    for kind, tag in new.items():
        bearer = unit.animal_by_tag(kind, tag)
        if bearer is not None and bearer.pk not in {kept.pk, absorbed.pk}:
            raise TagConflict(f"Tag {tag} is on a third animal, {bearer} (no. {bearer.pk}).")
    return new


def _absorb(
    unit: UnitOfWork,
    kept: Animal,
    absorbed: Animal,
    pointed: list[dict[str, Any]],
    at: datetime,
) -> None:
    """Point what names a record to another one, take its tags off it, and delete it."""
    remove_tags(unit, absorbed, list(TAG_FIELDS), by_kind(tags_of(absorbed)), at)
    repoint_foreign_keys(unit, pointed, kept, at)
    unit.record_delete(absorbed, at, f"merged into {kept} (no. {kept.pk})")


def _fill(unit: UnitOfWork, kept: Animal, absorbed: dict[str, Any]) -> None:
    """Fill in what the kept record does not say and the other did."""
    missing = [name for name in FILLED if getattr(kept, name) in {None, ""}]
    unit.change(kept, **{name: as_column(name, absorbed[name]) for name in missing})
    if absorbed["notes"] and absorbed["notes"] not in kept.notes:
        unit.change(kept, notes=f"{kept.notes}\n{absorbed['notes']}".strip())
    seen = {name: as_column(name, absorbed[name]) for name in ("first_seen_at", "last_seen_at")}
    unit.change(
        kept,
        first_seen_at=min(kept.first_seen_at, seen["first_seen_at"]),
        last_seen_at=max(kept.last_seen_at, seen["last_seen_at"]),
    )


def _leave_as(
    unit: UnitOfWork,
    kept: Animal,
    leaver: Animal,
    before: dict[str, Any],
    absorbed: dict[str, Any],
) -> None:
    """Give the kept record the status and leaving that count, and, where it had left and that
    counts no longer, the places of the other one."""
    if leaver is kept:
        if before["status"] == absorbed["status"] and not kept.left_reason:
            unit.change(kept, left_reason=absorbed["left_reason"])
        if before["status"] == absorbed["status"] and not kept.left_cause:
            unit.change(kept, left_cause=absorbed["left_cause"])
        return
    if before["status"] in LEFT:
        places = {name: getattr(leaver, name) for name in PLACES}
        unit.change(kept, **{name: place for name, place in places.items() if place is not None})
    unit.change(kept, **{name: getattr(leaver, name) for name in LEAVING})
    unit.change(kept, clear_on=leaver.clear_on)  # for which its reason was given


def _note_places(
    unit: UnitOfWork,
    kept: Animal,
    rows: tuple[dict[str, Any], dict[str, Any]],
    moves: list[Movement],
    asked: Merge,
) -> dict[str, int]:
    """Leave a movement where the merge changed a place, or the records' movements do not end where
    the animal is; return their numbers by the place's column."""
    made = {}
    for name in PLACES:
        came_from = _came_from(name, getattr(kept, name), rows, moves)
        if came_from == getattr(kept, name):
            continue
        move = {f"from_{name}": came_from, f"to_{name}": getattr(kept, name)}
        reason = f"merged with no. {asked.absorb}"
        unit.moved(kept, asked.at, **move, reason=reason)
        made[name] = unit.new_rows(Movement)[-1].pk
    return made


def _came_from(
    name: str,
    place: int | None,
    rows: tuple[dict[str, Any], dict[str, Any]],
    moves: list[Movement],
) -> int | None:
    """Return another place that one of the records was in by now, or else `place`."""
    before, absorbed = rows
    others = [row[name] for row in (absorbed, before) if row[name] not in {None, place}]
    if others or before[name] != place:
        return others[0] if others else None
    ends = [getattr(one, f"to_{name}") for one in _in_order(moves) if is_move_of(one, name)]
    return ends[-1] if ends else place


def _in_order(moves: list[Movement]) -> list[Movement]:
    return sorted(moves, key=lambda one: (one.moved_at, one.pk))


def is_move_of(move: Movement, name: str) -> bool:
    """Return whether a movement is of batches, or of pens."""
    return getattr(move, f"from_{name}") is not None or getattr(move, f"to_{name}") is not None
