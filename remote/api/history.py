"""An animal's past: reads, pairings, movements, weights and edits in one list."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.db.models import Model
from rest_framework.exceptions import ValidationError

from herd.journal_table import BY_PEOPLE
from herd.models import (
    Animal,
    JournalEntry,
    Movement,
    Pull,
    TagPairing,
    Treatment,
    WeightRecord,
)
from herd.storage.fast_rows import among, listed, refer, select
from herd.storage.journal import adapt_time
from lora.models import LoRaPayload
from remote.api.pagination import PagePosition
from remote.api.serializers import Shape, day_of, kilograms, time_of

EDITS = ("cattle:updated", "cattle:exported", "cattle:retagged")
VOIDED = "weight:voided"
NOTED = ("seq", "kind", "object_id", "at", "actor", "detail")
KINDS = ("pairing", "movement", "weight", "void", "treatment", "pull", "read", "edit")


class _Table(NamedTuple):
    kind: str
    model: type[Model]
    time: str  # the column that says when
    shape: Callable[[Any], Shape]
    references: tuple[str, ...] = ()  # to rows that its shape names
    animal: str = "animal_id"  # the column


def history_of(animal: Animal, after: PagePosition | None, most: int) -> Shape:
    """Return a page of an animal's past, the newest first, by time, kind and id."""
    edits = _edits(animal)
    voided_by = {one["id"]: one["by"] for one in edits if one["kind"] == "void"}
    found = [(table, _found(table, animal, after, most + 1)) for table in _tables(voided_by)]
    past = [table.shape(row) for table, rows in found for row in rows]
    past += [one for one in edits if after is None or _order(one) < _order_of(after)]
    past.sort(key=_order, reverse=True)
    last = past[most - 1] if len(past) > most else None
    total = None
    if after is None:
        total = len(edits) + sum(_count(table, animal, rows, most) for table, rows in found)
    following = str(PagePosition(last["kind"], last["at"], last["id"])) if last else None
    return {"data": past[:most], "next": following, "total": total}


def _count(table: _Table, animal: Animal, found: list[Any], most: int) -> int:
    """Return how many rows there are; nearly always all of them were found."""
    if len(found) <= most:
        return len(found)
    return table.model._default_manager.filter(animal=animal).count()  # noqa: SLF001 - Django's own


def position_of(text: str) -> PagePosition:
    """Parse the `next` of an earlier page; raise ValidationError for anything else."""
    try:
        position = PagePosition.parse(text)
        at = datetime.fromisoformat(position.value)
    except (ValueError, TypeError, RecursionError):
        position = None
    if position is None or position.ordering not in KINDS or at.tzinfo is None:
        raise ValidationError({"cursor": ["Not a `next` of a history."]})
    return position


def _order(entry: Shape) -> tuple[str, str, int]:
    # Without the Z, or a time with no fraction would not sort before the same second with one.
    return entry["at"].removesuffix("Z"), entry["kind"], entry["id"]


def _order_of(position: PagePosition) -> tuple[str, str, int]:
    return _order({"at": position.value, "kind": position.ordering, "id": position.pk})


def _found(table: _Table, animal: Animal, after: PagePosition | None, most: int) -> list[Any]:
    """Return the newest rows of a table, of those that come later in the list than a position."""
    # By hand: Django's making of ten statements took longer than all else of the answer.
    where, values = f"{table.animal} = %s", [animal.pk]
    if after is not None:
        test, more = _beyond(table, after)
        where, values = f"{where} AND {test}", values + more
    order = f" ORDER BY {table.time} DESC, id DESC LIMIT {most}"
    rows = list(select(table.model, where + order, values))
    for name in table.references:
        refer(rows, table.model, name)
    return rows


def _beyond(table: _Table, after: PagePosition) -> tuple[str, list[Any]]:
    """Return the test in SQL, and its values."""
    at = adapt_time(datetime.fromisoformat(after.value))
    if table.kind > after.ordering:
        return f"{table.time} < %s", [at]
    if table.kind < after.ordering:
        return f"{table.time} <= %s", [at]
    return f"({table.time} < %s OR ({table.time} = %s AND id < %s))", [at, at, after.pk]


def _tables(voided_by: dict[int, str]) -> tuple[_Table, ...]:
    places = ("from_batch", "to_batch", "from_pen", "to_pen")
    return (
        _Table("pairing", TagPairing, "from_at", _pairing),
        _Table("movement", Movement, "moved_at", _movement, places),
        _Table("weight", WeightRecord, "recorded_at", partial(_weight, voided_by)),
        _Table("treatment", Treatment, "given_at", _treatment, ("product",)),
        _Table("pull", Pull, "pulled_at", _pull, ("to_pen",)),
        _Table("read", LoRaPayload, "received_at", _read, animal="cattle_id"),
    )


def _shape(kind: str, at: datetime, number: int, **more: Any) -> Shape:
    """Return what every entry of a history tells, and what this kind tells besides."""
    return {"kind": kind, "at": time_of(at), "id": number, **more}


def _pairing(one: TagPairing) -> Shape:
    tag = {"until": time_of(one.to_at), "tag_kind": one.kind, "tag": one.tag}
    return _shape("pairing", one.from_at, one.pk, **tag, reason=one.reason, by=one.recorded_by)


def _movement(one: Movement) -> Shape:
    way = {"what": "batch" if one.to_batch else "pen", "from": one.came_from, "to": one.went_to}
    told = {"reason": one.reason, "by": one.recorded_by, "session_id": one.session_id}
    return _shape("movement", one.moved_at, one.pk, **way, **told)


def _weight(voided_by: dict[int, str], one: WeightRecord) -> Shape:
    kg = {"weight_kg": kilograms(one.weight_kg), "expected_kg": kilograms(one.expected_kg)}
    judged = {"quality": one.quality, "reason": one.reason, "source": one.source}
    people = {"by": one.recorded_by, "voided_by": voided_by.get(one.pk, "")}
    told = {**kg, **judged, **people, "session_id": one.session_id}
    return _shape("weight", one.recorded_at, one.pk, **told)


def _treatment(one: Treatment) -> Shape:
    dose = {"product": str(one.product), "amount": kilograms(one.amount), "unit": one.unit}
    how = {"lot_no": one.lot_no, "route": one.route, "reason": one.reason, "source": one.source}
    void = {"voided_at": time_of(one.voided_at), "voided_by": one.voided_by}
    until = {"clear_on": day_of(one.clear_on), **void, "void_reason": one.void_reason}
    return _shape("treatment", one.given_at, one.pk, **dose, **how, **until, by=one.recorded_by)


def _pull(one: Pull) -> Shape:
    why = {"cause": one.cause, "reason": one.note, "by": one.recorded_by}
    back = {"returned_at": time_of(one.returned_at), "returned_by": one.returned_by}
    void = {"voided_at": time_of(one.voided_at), "voided_by": one.voided_by}
    told = {**why, **back, **void, "void_reason": one.void_reason}
    return _shape("pull", one.pulled_at, one.pk, **told, to=str(one.to_pen or ""))


def _read(one: LoRaPayload) -> Shape:
    texts = {"raw_payload": one.raw_payload, "original_payload": one.original_payload or ""}
    doubts = {"approximate": bool(one.approximate), "corrected_by": one.corrected_by or ""}
    return _shape("read", one.received_at, one.pk, **texts, **doubts, source=one.source)


def _edits(animal: Animal) -> list[Shape]:
    """Return what people changed, by the journal: the other kinds tell what the radio did."""
    void = {
        one.pk: one
        for one in select(WeightRecord, "animal_id = %s AND quality = 'void'", [animal.pk])
    }
    kinds = ", ".join(f"'{kind}'" for kind in (*EDITS, VOIDED))
    where = f"object_id {among()} AND kind IN ({kinds}) AND {BY_PEOPLE} ORDER BY seq"
    noted = select(JournalEntry, where, [listed({animal.pk, *void})], NOTED)
    return [
        _voiding(one, void[one.object_id]) if one.kind == VOIDED else _edit(one)
        for one in noted
        if (one.object_id in void if one.kind == VOIDED else one.object_id == animal.pk)
    ]


def _voiding(entry: JournalEntry, weight: WeightRecord) -> Shape:
    kg, reason = kilograms(weight.weight_kg), entry.detail
    return _shape("void", entry.at, weight.pk, by=entry.actor, reason=reason, weight_kg=kg)


def _edit(entry: JournalEntry) -> Shape:
    return _shape("edit", entry.at, entry.seq, by=entry.actor, event=entry.kind, what=entry.detail)
