"""One JSON shape for each thing, for REST, feed and snapshot alike.

Plain functions, because a snapshot has 50,000 rows and a burst thousands of events: REST
framework's field by field serialising takes twenty times as long.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from django.db.models import DateField, DateTimeField, DecimalField, ForeignKey, Model
from django.db.models import Field as AnyColumn

from herd.fields import ANIMAL, PEN, Field
from herd.models import (
    Animal,
    Batch,
    Pen,
    Product,
    Pull,
    ReversibleChange,
    Session,
    Shipment,
    Treatment,
    WeightRecord,
    WorkMark,
)
from herd.operations.placing import NAME_OF
from herd.scales_table import ScaleFault, ScaleStep
from lora.models import LoRaPayload, Source
from remote.api.models import ImportRun

Shape = dict[str, Any]
Column: TypeAlias = "AnyColumn[Any, Any]"


def time_of(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def day_of(day: date | None) -> str | None:
    return day.isoformat() if day else None


def kilograms(weight: Decimal | float | None) -> float | None:
    return round(float(weight), 3) if weight is not None else None


class Member(NamedTuple):
    name: str
    attribute: str
    column: "Column | None"  # None where it is worked out from others


def _members(model: type[Model], names: str, **attributes: str) -> tuple[Member, ...]:
    """Return the members of these names, in this order; `attributes` are those named otherwise."""
    known = model._meta.concrete_fields  # noqa: SLF001 - Django's own
    columns = {one.attname: one for one in known} | {one.name: one for one in known}
    pairs = [(name, attributes.get(name, name)) for name in names.split()]
    return tuple(Member(name, attribute, columns.get(attribute)) for name, attribute in pairs)


def _members_of_table(model: type[Model], table: tuple[Field, ...]) -> tuple[Member, ...]:
    """Return the members that the table of fields tells of, in the order of the model's columns."""
    in_json = {"id", *(one.name for one in table if one.in_json)}
    names = [one.name for one in model._meta.concrete_fields if one.name in in_json]  # noqa: SLF001 - Django's own
    return _members(model, " ".join(names))


CATTLE = _members_of_table(Animal, ANIMAL)
PENS = _members_of_table(Pen, PEN)
BATCHES = _members(
    Batch,
    "id batch_number source_type source induction_date target_kg target_on status funder lot_group"
    " notes head_count on_feed_count weighed_count mean_weight_kg adg_kg last_read_at created_at"
    " updated_at",
    source="source_type",
)
WEIGHTS = _members(
    WeightRecord,
    "id cattle_id weight_kg recorded_at source recorded_by quality reason expected_kg session_id"
    " accepted_by scale read_kg",
    cattle_id="animal_id",
)
SESSIONS = _members(
    Session,
    "id name batch_id pen_id tasks source started_at started_by ended_at ended_by notes",
)
PRODUCTS = _members(
    Product,
    "id name kind withdrawal_days dose ml_per_100kg route lot_no expires_on active",
)
TREATMENTS = _members(
    Treatment,
    "id cattle_id product_id amount unit lot_no route reason given_at source recorded_by clear_on"
    " voided_at voided_by void_reason session_id",
    cattle_id="animal_id",
)
WORK_MARKS = _members(
    WorkMark,
    "id kind key text reason until through made_at made_by ended_at ended_by",
)
PULLS = _members(
    Pull,
    "id cattle_id cause note pulled_at from_pen_id to_pen_id source recorded_by returned_at"
    " returned_by voided_at voided_by void_reason",
    cattle_id="animal_id",
)
SHIPMENTS = _members(
    Shipment,
    "id shipment_number day destination carrier premises_from premises_to planned_head state notes"
    " planned_at planned_by loading_at loading_by shipped_on shipped_at shipped_by cancelled_at"
    " cancelled_by report_by reported_on reported_by change_id planned_count loaded_count"
    " missing_count extra_count shipped_count",
)
PAYLOADS = _members(
    LoRaPayload,
    "id raw_payload original_payload corrected_by status error_code error_message remark source"
    " form rssi snr original_length lines attempts batch_id cattle_id duplicate_of received_at"
    " reported_at late simulated approximate processed_at",
    cattle_id="animal_id",
    duplicate_of="duplicate_of_id",
)
SCALE_STEPS = _members(
    ScaleStep,
    "id scale day factor animals found_at confirmed_at confirmed_by undone_at undone_by",
)
SCALE_FAULTS = _members(ScaleFault, "id scale day animals weights suspect")
CHANGES = _members(ReversibleChange, "id kind summary made_at made_by undone_at undone_by")
OPERATIONS = _members(
    ReversibleChange,
    "id kind summary reason count made_at made_by undone_at undone_by remainder",
)
IMPORTS = _members(
    ImportRun,
    "id kind name preview state detail rows rows_read rows_checked rows_written change_id made_at"
    " made_by ended_at",
    made_by="actor",
)
SOURCES = _members(Source, "name kind last_heard_at frames errors rssi snr drops note")


def _shape_of(members: tuple[Member, ...]) -> Callable[[Any], Shape]:
    """Return the function that makes the JSON of a row, whose references are selected."""
    names = [(one.name, one.attribute) for one in members]
    converted = [(one.name, convert) for one in members if (convert := _conversion(one))]

    def shape(row: Any) -> Shape:  # noqa: ANN401 - a row of the members' model
        made = {name: getattr(row, attribute) for name, attribute in names}
        for name, convert in converted:
            if made[name] is not None:  # most animals lack half of these, and a snapshot has 50,000
                made[name] = convert(made[name])
        return made

    return shape


def _conversion(member: Member) -> Callable[[Any], Any] | None:
    """Return what makes JSON of a member's values; None where they are that already."""
    match member.column:
        case ForeignKey() as column if member.attribute == column.name:
            return _reference
        case DateTimeField():  # before the day, of which it is a kind
            return time_of
        case DateField():
            return day_of
        case DecimalField():
            return kilograms
    return kilograms if member.name.endswith("_kg") else None


def _reference(row: Batch | Pen) -> Shape:
    return {"id": row.pk, NAME_OF[type(row)]: str(row)}


cattle_shape = _shape_of(CATTLE)
pen_shape = _shape_of(PENS)
weight_shape = _shape_of(WEIGHTS)
session_shape = _shape_of(SESSIONS)
product_shape = _shape_of(PRODUCTS)
treatment_shape = _shape_of(TREATMENTS)
work_mark_shape = _shape_of(WORK_MARKS)
pull_shape = _shape_of(PULLS)
source_shape = _shape_of(SOURCES)
change_shape = _shape_of(CHANGES)
operation_shape = _shape_of(OPERATIONS)
scale_step_shape = _shape_of(SCALE_STEPS)
scale_fault_shape = _shape_of(SCALE_FAULTS)
import_shape = _shape_of(IMPORTS)
_batch_shape = _shape_of(BATCHES)
_shipment_shape = _shape_of(SHIPMENTS)
_payload_shape = _shape_of(PAYLOADS)


def batch_shape(batch: Batch) -> Shape:
    is_barn = batch.source_type == Batch.Source.BARN
    return _batch_shape(batch) | {"source": "barn" if is_barn else "export"}


def shipment_shape(shipment: Shipment) -> Shape:
    """Return the JSON of a shipment that was counted."""
    return _shipment_shape(shipment) | {"report_by": day_of(shipment.report_by)}


def payload_shape(payload: LoRaPayload) -> Shape:
    return completed_payload(_payload_shape(payload))


def completed_payload(made: Shape) -> Shape:
    if made["status"] == LoRaPayload.Status.RECEIVED:
        made["processed_at"] = None  # it waits once more, where it was settled before
    return made | {
        "original_payload": made["original_payload"] or "",
        "corrected_by": made["corrected_by"] or "",
        **{name: bool(made[name]) for name in ("approximate", "late", "simulated")},
    }
