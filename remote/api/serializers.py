"""One JSON shape for each thing, for REST, feed and snapshot alike.

Plain functions, because a snapshot has 50,000 rows and a burst thousands of events: REST
framework's field by field serialising takes twenty times as long.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from herd.models import Animal, Batch, Pen, ReversibleChange, WeightRecord
from lora.models import LoRaPayload, Source

Shape = dict[str, Any]


def time_of(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def day_of(day: date | None) -> str | None:
    return day.isoformat() if day else None


def kilograms(weight: Decimal | float | None) -> float | None:
    return round(float(weight), 3) if weight is not None else None


def batch_shape(batch: Batch) -> Shape:
    return {
        "id": batch.pk,
        "batch_number": batch.batch_number,
        "source_type": batch.source_type,
        "source": "barn" if batch.source_type == Batch.Source.BARN else "export",
        "induction_date": day_of(batch.induction_date),
        "status": batch.status,
        "funder": batch.funder,
        "lot_group": batch.lot_group,
        "notes": batch.notes,
        "head_count": batch.head_count,
        "on_feed_count": batch.on_feed_count,
        "weighed_count": batch.weighed_count,
        "mean_weight_kg": kilograms(batch.mean_weight_kg),
        "adg_kg": kilograms(batch.adg_kg),
        "last_read_at": time_of(batch.last_read_at),
        "created_at": time_of(batch.created_at),
        "updated_at": time_of(batch.updated_at),
    }


def cattle_shape(animal: Animal) -> Shape:
    """Of an animal with its batch and pen selected."""
    batch, pen = animal.batch, animal.pen
    return {
        "id": animal.pk,
        "livestock_id": animal.livestock_id,
        "lf_tag": animal.lf_tag,
        "uhf_tag": animal.uhf_tag,
        "visual_id": animal.visual_id,
        "tag_color": animal.tag_color,
        "sex": animal.sex,
        "breed": animal.breed,
        "batch": batch and {"id": batch.pk, "batch_number": batch.batch_number},
        "pen": pen and {"id": pen.pk, "pen_number": pen.pen_number},
        "status": animal.status,
        "health": animal.health,
        "induction_date": day_of(animal.induction_date),
        "last_weight_kg": kilograms(animal.last_weight_kg),
        "last_weighed_at": time_of(animal.last_weighed_at),
        "adg_kg": kilograms(animal.adg_kg),
        "adg_confidence": animal.adg_confidence,
        "expected_kg": kilograms(animal.expected_kg),
        "left_on": day_of(animal.left_on),
        "left_reason": animal.left_reason,
        "first_seen_at": time_of(animal.first_seen_at),
        "last_seen_at": time_of(animal.last_seen_at),
        "notes": animal.notes,
    }


def pen_shape(pen: Pen) -> Shape:
    return {
        "id": pen.pk,
        "pen_number": pen.pen_number,
        "location": pen.location,
        "capacity": pen.capacity,
        "description": pen.description,
        "head_count": pen.head_count,
    }


def weight_shape(weight: WeightRecord) -> Shape:
    return {
        "id": weight.pk,
        "cattle_id": weight.animal_id,
        "weight_kg": kilograms(weight.weight_kg),
        "recorded_at": time_of(weight.recorded_at),
        "source": weight.source,
        "recorded_by": weight.recorded_by,
        "quality": weight.quality,
        "reason": weight.reason,
        "expected_kg": kilograms(weight.expected_kg),
    }


def payload_shape(payload: LoRaPayload) -> Shape:
    waits = payload.status == LoRaPayload.Status.RECEIVED  # once more, where it was settled before
    return {
        "id": payload.pk,
        "raw_payload": payload.raw_payload,
        "original_payload": payload.original_payload or "",
        "corrected_by": payload.corrected_by or "",
        "status": payload.status,
        "error_code": payload.error_code,
        "error_message": payload.error_message,
        "remark": payload.remark,
        "source": payload.source,
        "form": payload.form,
        "rssi": payload.rssi,
        "snr": payload.snr,
        "original_length": payload.original_length,
        "attempts": payload.attempts,
        "batch_id": payload.batch_id,
        "cattle_id": payload.animal_id,
        "duplicate_of": payload.duplicate_of_id,
        "received_at": time_of(payload.received_at),
        "approximate": bool(payload.approximate),
        "processed_at": time_of(None if waits else payload.processed_at),
    }


def source_shape(source: Source) -> Shape:
    return {
        "name": source.name,
        "kind": source.kind,
        "last_heard_at": time_of(source.last_heard_at),
        "frames": source.frames,
        "errors": source.errors,
        "rssi": source.rssi,
        "snr": source.snr,
        "drops": source.drops,
        "note": source.note,
    }


def change_shape(change: ReversibleChange) -> Shape:
    return {
        "id": change.pk,
        "kind": change.kind,
        "summary": change.summary,
        "made_at": time_of(change.made_at),
        "made_by": change.made_by,
        "undone_at": time_of(change.undone_at),
        "undone_by": change.undone_by,
    }
