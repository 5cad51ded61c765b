"""Taking an operation back, whatever it was; that is an operation too."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from herd.act import Told
from herd.errors import UndoImpossible, UnknownChange
from herd.models import OperationAnimal, ReversibleChange
from herd.operations import undo_act, undo_import, undo_shipment
from herd.operations.correcting import take_correction_back
from herd.operations.placing import NO_OVERFILL, Overfill, keeping_room
from herd.operations.retagging import by_kind, check_tags, remove_tags, restore_tags
from herd.operations.undo_act import Kept, take_act_back
from herd.operations.undo_merge import pens_of, unmerge
from herd.unit_of_work import TAG_FIELDS, UnitOfWork

Kind = ReversibleChange.Kind


def undo(
    unit: UnitOfWork,
    change_id: int,
    at: datetime,
    overfill: Overfill = NO_OVERFILL,
    override: str = "",
) -> ReversibleChange:
    """Undo an operation; twice is as once. `remainder` names what stays, as it was built on.

    Raises UndoImpossible where all of it would, or it can be undone whole or not at all;
    PenFull where others have the place of an animal that comes back; NotClear where one would have
    left again before it is clear of what it was treated with since, and no `override` says why.
    """
    unit.override = override.strip()
    change = _change_no(unit, change_id)
    if change.undone_at is not None:
        return change
    steps = _as_stored(change.steps)
    detail = f"taken back: {change.summary}" + f"; {overfill.reason}" * bool(overfill.reason)
    with keeping_room(unit, _pens(unit, change, steps), overfill):
        kept = _take_back(unit, change, steps, detail, at)
    remainder = [one._asdict() for one in kept] or None
    unit.change(change, undone_at=at, undone_by=unit.actor, remainder=remainder)
    _tell(unit, change, overfill.reason)
    return change


def _change_no(unit: UnitOfWork, pk: int) -> ReversibleChange:
    change = unit.by_number(ReversibleChange, [pk]).get(pk)
    if change is None:
        raise UnknownChange(f"Change no. {pk} does not exist.")
    return change


def _as_stored(steps: object) -> Any:  # noqa: ANN401 - as `json.loads`
    # Those of a change that is not written yet hold days and times.
    return json.loads(json.dumps(steps, cls=DjangoJSONEncoder))


def _tell(unit: UnitOfWork, change: ReversibleChange, reason: str) -> None:
    """Tell what was taken back, of which animals that was, and why."""
    unit.told = Told(Kind.UNDO, f"Taken back: {change.summary}", reason, {"undoes": change.pk})
    about = unit.rows(OperationAnimal, "operation_id", [change.pk])
    unit.concerned.update(one.animal_id for one in about)


def _take_back(
    unit: UnitOfWork, change: ReversibleChange, steps: dict[str, Any], detail: str, at: datetime
) -> Sequence[Kept]:
    """Take it back, and return what stays."""
    match change.kind:
        case Kind.MERGE:
            unmerge(unit, change, steps, detail, at)
        case Kind.RETAG:
            _undo_retag(unit, steps["tags"], detail, at)
        case Kind.SCALE:
            take_correction_back(unit, steps, at)
        case Kind.SHIPMENT:
            undo_shipment.unship(unit, steps, detail, at)
        case Kind.IMPORT:
            return undo_import.take_out(unit, steps, at)
        case Kind.UNDO:
            raise UndoImpossible("This took something back. Do that again by hand instead.")
        case _:
            return take_act_back(unit, change, steps, detail[:200], at)
    return ()


def _pens(
    unit: UnitOfWork, change: ReversibleChange, steps: dict[str, Any]
) -> Iterable[int | None]:
    """Return the pens that animals could come into."""
    match change.kind:
        case Kind.MERGE:
            return pens_of(unit, steps)
        case Kind.RETAG | Kind.SCALE | Kind.UNDO:
            return ()
        case Kind.SHIPMENT:
            return undo_shipment.pens_of(unit, steps)
        case Kind.IMPORT:
            return undo_import.pens_of(unit, steps)
    return undo_act.pens_of(unit, steps)


def _undo_retag(unit: UnitOfWork, tagged: list[dict[str, Any]], detail: str, at: datetime) -> None:
    for one in tagged:
        check_tags(unit, one["animal"], one["after"])
    # All off before any is put back: a tag goes from one of these animals to another.
    for one in tagged:
        animal = unit.animal_no(one["animal"])
        remove_tags(unit, animal, list(TAG_FIELDS), by_kind(one["after"]), at)
    for one in tagged:
        animal = unit.animal_no(one["animal"])
        restore_tags(unit, animal, by_kind(one["before"]), at)
        unit.record_change("cattle:retagged", animal, at, detail)
