"""Answers that are no table's row, as OpenAPI has them."""

from typing import Any, Final, get_args

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from remote import wire
from remote.api.schema_serializers import (
    CattleSerializer,
    ChangeSerializer,
    ErrorSerializer,
    FullPenSerializer,
    OperationSerializer,
    PayloadSerializer,
)

# The fields that an answer may lack, or of which nothing is known.
_NULL: Final[dict[str, Any]] = {"allow_null": True}
_MAYBE: Final[dict[str, Any]] = {"required": False}


class PageSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    total = serializers.IntegerField(allow_null=True)


# -- batches and changes ---------------------------------------------------------------------------


class GrowthDaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    head = serializers.IntegerField()
    mean_weight_kg = serializers.FloatField()


class GrowthSerializer(PageSerializer):
    data = GrowthDaySerializer(many=True)  # type: ignore[assignment]  # collected by the metaclass
    head_days = serializers.IntegerField(help_text="Of the batch, until today.")


class RetaggedSerializer(CattleSerializer):
    change_id = serializers.IntegerField(allow_null=True, help_text="Takes it all back.")


class ConflictSerializer(serializers.Serializer[Any]):
    payload = PayloadSerializer()
    lf_tag = serializers.CharField(allow_blank=True)
    uhf_tag = serializers.CharField(allow_blank=True)
    livestock_id = serializers.CharField(allow_blank=True)
    cattle = CattleSerializer(many=True)


class ResolvedSerializer(serializers.Serializer[Any]):
    payload = PayloadSerializer()
    cattle = CattleSerializer(many=True)
    change_ids = serializers.ListField(child=serializers.IntegerField())


class ChangeDetailSerializer(ChangeSerializer):
    undoing = serializers.ListField(child=serializers.CharField())
    refused = serializers.CharField(allow_blank=True)
    refused_code = serializers.CharField(allow_blank=True)


class OperatedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class OperationDetailSerializer(OperationSerializer):
    undoing = serializers.ListField(child=serializers.CharField())
    refused = serializers.CharField(allow_blank=True)
    refused_code = serializers.CharField(allow_blank=True)
    cattle = OperatedSerializer(many=True)


# -- events ----------------------------------------------------------------------------------------

_GONE: Final = {
    "type": "object",
    "description": "Of a row that is gone.",
    "properties": {"id": {"type": "integer"}},
    "required": ["id"],
}
_ROWS: Final = {  # components of the tables, by what an event begins with
    "payload": "Payload",
    "batch": "Batch",
    "cattle": "Cattle",
    "weight": "Weight",
    "pen": "Pen",
    "session": "Session",
    "product": "Product",
    "treatment": "Treatment",
    "work": "WorkMark",
    "pull": "Pull",
    "shipment": "Shipment",
    "import": "ImportRun",
}


def _event_of(topic: str) -> Any:  # noqa: ANN401 - a class made here
    """Return the serializer of the events of a topic."""
    kinds = [kind for kind in get_args(wire.EventKind) if kind.startswith(f"{topic}:")]
    row = {"anyOf": [{"$ref": f"#/components/schemas/{_ROWS[topic]}"}, _GONE]}
    members = {
        "type": serializers.ChoiceField(["event"]),
        "cursor": serializers.CharField(help_text="The place in the journal behind this event."),
        "event": serializers.ChoiceField(kinds),
        "at": serializers.DateTimeField(),
        "data": extend_schema_field(row)(type("Row", (serializers.DictField,), {}))(),
    }
    return type(f"{_ROWS[topic]}EventSerializer", (serializers.Serializer,), members)


_EVENTS: Final = {
    kind: made
    for topic in _ROWS
    for made in [_event_of(topic)]
    for kind in get_args(wire.EventKind)
    if kind.startswith(f"{topic}:")
}


@extend_schema_field(PolymorphicProxySerializer("Event", _EVENTS, resource_type_field_name="event"))
class _Event(serializers.DictField):
    pass


class EventsSerializer(PageSerializer):
    data = serializers.ListField(child=_Event())  # type: ignore[assignment]  # collected by the metaclass


# -- imports ---------------------------------------------------------------------------------------


class LineSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    text = serializers.CharField(allow_blank=True)


class RowErrorSerializer(LineSerializer):
    column = serializers.CharField(allow_blank=True, help_text="Its header, where it is one cell.")


_SHEET: Final[dict[str, Any]] = {
    "kind": serializers.ChoiceField(["animals", "weights", "treatments"], required=False),
    "headers": serializers.ListField(child=serializers.CharField(allow_blank=True), **_MAYBE),
    "columns": serializers.DictField(
        child=serializers.CharField(allow_blank=True), help_text="Field → header.", **_MAYBE
    ),
    "unused": serializers.ListField(child=serializers.CharField(allow_blank=True), **_MAYBE),
    "row_count": serializers.IntegerField(**_MAYBE),
    "rows": serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(allow_blank=True)), **_MAYBE
    ),
    "understood": serializers.ListField(
        child=serializers.DictField(), help_text="The first rows as they are read.", **_MAYBE
    ),
    "unclear_date": serializers.CharField(allow_blank=True, **_NULL, **_MAYBE),
    "header_line": serializers.IntegerField(**_NULL, **_MAYBE),
    "first_lines": LineSerializer(many=True, required=False),
    "unit": serializers.CharField(allow_blank=True, **_MAYBE),
    "days_unused": serializers.ListField(child=serializers.CharField(), **_MAYBE),
    "remarks": serializers.ListField(child=serializers.CharField(), **_MAYBE),
    "errors": RowErrorSerializer(many=True, required=False),
    "error_count": serializers.IntegerField(**_MAYBE),
    "encoding": serializers.CharField(**_NULL, **_MAYBE),
    "delimiter": serializers.CharField(allow_blank=True, **_NULL, **_MAYBE),
    "full_pens": FullPenSerializer(many=True, required=False),
}
_Sheet: Any = type("_Sheet", (serializers.Serializer,), _SHEET)


class RowsRefusedSerializer(ErrorSerializer, _Sheet):  # type: ignore[misc]  # a class made above
    pass


class ImportedSerializer(_Sheet):  # type: ignore[misc]  # see above
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    recorded = serializers.IntegerField()
    known = serializers.IntegerField()
    suspect = serializers.IntegerField()
    repeats = serializers.IntegerField(help_text="Rows that say again what a row above them says.")
    left_out = serializers.IntegerField(help_text="Rows with errors, with `skip_bad_rows`.")
    fields = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="What is wrong, by field: each that a sheet may have.",
    )
    change_id = serializers.IntegerField(allow_null=True, help_text="Takes the import back.")
