"""An animal's past: reads, pairings, movements, weights and edits in one list."""

from django.db.models import Q

from herd.models import Animal, JournalEntry
from lora.models import LoRaPayload
from remote.shapes import Shape, kilograms, time_of

HISTORY_LIMIT = 500  # of each kind, the newest
EDITS = ("cattle:updated", "cattle:exported", "cattle:retagged")
VOIDED = "weight:voided"


def past_of(animal: Animal) -> list[Shape]:
    """The newest first; each entry has `kind` and `at`, and more by its kind."""
    weights = _weights(animal)
    past = [*_pairings(animal), *_movements(animal), *weights, *_reads(animal),
            *_doings(animal, weights)]  # fmt: skip
    # A time with no fraction sorts before the same second with one only without its Z.
    past.sort(key=lambda entry: entry["at"].removesuffix("Z"), reverse=True)
    return past


def _pairings(animal: Animal) -> list[Shape]:
    return [
        {"kind": "pairing", "at": time_of(one.from_at), "until": time_of(one.to_at),
         "tag_kind": one.kind, "tag": one.tag, "reason": one.reason, "by": one.recorded_by}
        for one in animal.pairings.all()[:HISTORY_LIMIT]
    ]  # fmt: skip


def _movements(animal: Animal) -> list[Shape]:
    rows = animal.movements.select_related("from_batch", "to_batch", "from_pen", "to_pen")
    return [
        {
            "kind": "movement",
            "at": time_of(one.moved_at),
            "what": "batch" if one.to_batch else "pen",
            "from": one.came_from,
            "to": one.went_to,
            "reason": one.reason,
            "by": one.recorded_by,
        }
        for one in rows[:HISTORY_LIMIT]
    ]


def _weights(animal: Animal) -> list[Shape]:
    return [
        {"kind": "weight", "at": time_of(one.recorded_at), "id": one.pk,
         "weight_kg": kilograms(one.weight_kg), "quality": one.quality, "reason": one.reason,
         "expected_kg": kilograms(one.expected_kg), "source": one.source, "by": one.recorded_by,
         "voided_by": ""}
        for one in animal.weights.order_by("-recorded_at")[:HISTORY_LIMIT]
    ]  # fmt: skip


def _reads(animal: Animal) -> list[Shape]:
    rows = LoRaPayload.objects.filter(animal=animal).order_by("-id")[:HISTORY_LIMIT]
    return [
        {"kind": "read", "at": time_of(one.received_at), "id": one.pk,
         "approximate": bool(one.approximate), "raw_payload": one.raw_payload, "source": one.source}
        for one in rows
    ]  # fmt: skip


def _doings(animal: Animal, weights: list[Shape]) -> list[Shape]:
    """What people changed, by the journal: the radio's changes are told by the other kinds. A void
    weight is told who made it void."""
    void = {one["id"]: one for one in weights if one["quality"] == "void"}
    wanted = Q(object_id=animal.pk, kind__in=EDITS)
    if void:
        wanted |= Q(object_id__in=void, kind=VOIDED)
    rows = JournalEntry.objects.filter(wanted).exclude(actor="radio").exclude(detail="")
    return [
        _voiding(one, void[one.object_id]) if one.kind == VOIDED else _edit(one)
        for one in rows.order_by("-seq")[:HISTORY_LIMIT]
    ]


def _voiding(entry: JournalEntry, weight: Shape) -> Shape:
    weight["voided_by"] = entry.actor
    return {"kind": "void", "at": time_of(entry.at), "by": entry.actor, "reason": entry.detail,
            "id": weight["id"], "weight_kg": weight["weight_kg"]}  # fmt: skip


def _edit(entry: JournalEntry) -> Shape:
    return {"kind": "edit", "at": time_of(entry.at), "by": entry.actor, "event": entry.kind,
            "what": entry.detail}  # fmt: skip
