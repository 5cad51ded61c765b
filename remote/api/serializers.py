"""One JSON shape for each thing, for REST, feed and snapshot alike.

Plain functions, because a snapshot has 50,000 rows and a burst thousands of events: REST
framework's field by field serialising takes twenty times as long.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from django.db.models import (
    DateField,
    DateTimeField,
    DecimalField,
    FloatField,
    ForeignKey,
    Model,
)
from django.db.models import (
    Field as AnyColumn,
)

from herd.fields import ANIMAL, PEN, Field
from herd.models import Animal, Batch, Pen, ReversibleChange, WeightRecord
from herd.operations.placing import NAME_OF
from lora.models import LoRaPayload, Source

Shape = dict[str, Any]
Column: TypeAlias = "AnyColumn[Any, Any]"


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


def _columns(model: type[Model], names: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns of these names, in the model's order."""
    return tuple(one for one in model._meta.concrete_fields if one.name in names)  # noqa: SLF001 - Django's own


def _names(table: Iterable[Field]) -> list[str]:
    return ["id", *(one.name for one in table if one.in_json)]


CATTLE = _columns(Animal, _names(ANIMAL))
PENS = _columns(Pen, _names(PEN))
CHANGES = _columns(
    ReversibleChange, ["id", "kind", "summary", "made_at", "made_by", "undone_at", "undone_by"]
)
SOURCES = _columns(
    Source,
    ["name", "kind", "last_heard_at", "frames", "errors", "rssi", "snr", "drops", "note"],
)


def _shape_of(columns: Iterable[Column]) -> Callable[[Any], Shape]:
    """Return the function that makes the JSON of a row, whose references are selected."""
    names = [one.name for one in columns]
    converted = [(one.name, convert) for one in columns if (convert := _conversion(one))]

    def shape(row: Any) -> Shape:  # noqa: ANN401 - a row of the columns' model
        made = {name: getattr(row, name) for name in names}
        for name, convert in converted:
            if made[name] is not None:  # most animals lack half of these, and a snapshot has 50,000
                made[name] = convert(made[name])
        return made

    return shape


def _conversion(column: Column) -> Callable[[Any], Any] | None:
    """Return what makes JSON of the column's values; None where they are that already."""
    match column:
        case ForeignKey():
            return _reference
        case DateTimeField():  # before the day, of which it is a kind
            return time_of
        case DateField():
            return day_of
        case DecimalField():
            return kilograms
        case FloatField():
            return kilograms if column.name.endswith("_kg") else None
    return None


def _reference(row: Batch | Pen) -> Shape:
    return {"id": row.pk, NAME_OF[type(row)]: str(row)}


cattle_shape = _shape_of(CATTLE)
pen_shape = _shape_of(PENS)
source_shape = _shape_of(SOURCES)
change_shape = _shape_of(CHANGES)


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
