"""An animal's past: reads, pairings, movements, weights and edits in one list."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError

from herd.models import (
    Animal,
    JournalEntry,
    Movement,
    Pull,
    TagPairing,
    Treatment,
    WeightRecord,
)
from lora.models import LoRaPayload
from remote.api.pagination import PagePosition
from remote.api.serializers import Shape, day_of, kilograms, time_of

EDITS = ("cattle:updated", "cattle:exported", "cattle:retagged")
VOIDED = "weight:voided"
KINDS = ("pairing", "movement", "weight", "void", "treatment", "pull", "read", "edit")


class _Table(NamedTuple):
    kind: str
    rows: QuerySet[Any]
    time: str  # the column that says when
    shape: Callable[[Any], Shape]


def history_of(animal: Animal, after: PagePosition | None, most: int) -> Shape:
    """Return a page of an animal's past, the newest first, by time, kind and id."""
    edits = _edits(animal)
    voided_by = {one["id"]: one["by"] for one in edits if one["kind"] == "void"}
    tables = _tables(animal, voided_by)
    found = [(table, list(_beyond(table, after)[: most + 1])) for table in tables]
    past = [table.shape(row) for table, rows in found for row in rows]
    past += [one for one in edits if after is None or _order(one) < _order_of(after)]
    past.sort(key=_order, reverse=True)
    last = past[most - 1] if len(past) > most else None
    total = len(edits) + sum(_count(*one, most) for one in found) if after is None else None
    following = str(PagePosition(last["kind"], last["at"], last["id"])) if last else None
    return {"data": past[:most], "next": following, "total": total}


def _count(table: _Table, found: list[Any], most: int) -> int:
    """Return how many rows there are; nearly always all of them were found."""
    return len(found) if len(found) <= most else table.rows.count()


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


def _beyond(table: _Table, after: PagePosition | None) -> QuerySet[Any]:
    """Return the rows of this table that come later in the list than that position."""
    rows = table.rows.order_by(f"-{table.time}", "-pk")
    if after is None:
        return rows
    at, same = datetime.fromisoformat(after.value), Q()
    if table.kind > after.ordering:
        return rows.filter(**{f"{table.time}__lt": at})
    if table.kind == after.ordering:
        same = Q(pk__lt=after.pk)
    return rows.filter(Q(**{f"{table.time}__lt": at}) | Q(**{table.time: at}) & same)


def _tables(animal: Animal, voided_by: dict[int, str]) -> tuple[_Table, ...]:
    places = animal.movements.select_related("from_batch", "to_batch", "from_pen", "to_pen")
    given = animal.treatments.select_related("product")
    pulls = animal.pulls.select_related("to_pen")
    reads = LoRaPayload.objects.filter(animal=animal)
    return (
        _Table("pairing", animal.pairings.all(), "from_at", _pairing),
        _Table("movement", places, "moved_at", _movement),
        _Table("weight", animal.weights.all(), "recorded_at", partial(_weight, voided_by)),
        _Table("treatment", given, "given_at", _treatment),
        _Table("pull", pulls, "pulled_at", _pull),
        _Table("read", reads, "received_at", _read),
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
    void = {one.pk: one for one in animal.weights.filter(quality=WeightRecord.Quality.VOID)}
    wanted = Q(object_id=animal.pk, kind__in=EDITS) | Q(object_id__in=void, kind=VOIDED)
    named = JournalEntry.objects.by_people().filter(object_id__in={animal.pk, *void})
    rows = named.filter(wanted)
    return [
        _voiding(one, void[one.object_id]) if one.kind == VOIDED else _edit(one)
        for one in rows.order_by("seq")
    ]


def _voiding(entry: JournalEntry, weight: WeightRecord) -> Shape:
    kg, reason = kilograms(weight.weight_kg), entry.detail
    return _shape("void", entry.at, weight.pk, by=entry.actor, reason=reason, weight_kg=kg)


def _edit(entry: JournalEntry) -> Shape:
    return _shape("edit", entry.at, entry.seq, by=entry.actor, event=entry.kind, what=entry.detail)
