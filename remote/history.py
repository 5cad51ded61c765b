"""An animal's past: reads, pairings, movements, weights and edits in one list."""

from herd.models import Animal, JournalEntry
from lora.models import LoRaPayload
from remote.shapes import Shape, kilograms, time_of

HISTORY_LIMIT = 500  # of each kind, the newest
EDITS = ("cattle:updated", "cattle:exported", "cattle:retagged")


def past_of(animal: Animal) -> list[Shape]:
    """The newest first; each entry has `kind` and `at`, and more by its kind."""
    past = [*_pairings(animal), *_movements(animal), *_weights(animal), *_reads(animal),
            *_edits(animal)]  # fmt: skip
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
         "expected_kg": kilograms(one.expected_kg), "source": one.source, "by": one.recorded_by}
        for one in animal.weights.order_by("-recorded_at")[:HISTORY_LIMIT]
    ]  # fmt: skip


def _reads(animal: Animal) -> list[Shape]:
    rows = LoRaPayload.objects.filter(animal=animal).order_by("-id")[:HISTORY_LIMIT]
    return [
        {"kind": "read", "at": time_of(one.received_at), "id": one.pk,
         "approximate": bool(one.approximate), "raw_payload": one.raw_payload, "source": one.source}
        for one in rows
    ]  # fmt: skip


def _edits(animal: Animal) -> list[Shape]:
    """What people changed, by the journal: the radio's changes are told by the other kinds."""
    rows = JournalEntry.objects.filter(object_id=animal.pk, kind__in=EDITS)
    told = rows.exclude(actor="radio").exclude(detail="")
    return [
        {"kind": "edit", "at": time_of(one.at), "by": one.actor, "what": one.detail}
        for one in told.order_by("-seq")[:HISTORY_LIMIT]
    ]  # fmt: skip
