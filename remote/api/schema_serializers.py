"""What the schema and the browsable API know of the shapes; `remote.api.serializers` makes them."""

from typing import Any, ClassVar

from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from remote.api import serializers as shapes


class ShapeSerializer(serializers.Serializer[Any]):
    """The fields are declared for people and schema; the JSON is made by one plain function."""

    shape: ClassVar["staticmethod[[Any], shapes.Shape]"]

    def to_representation(self, instance: Any) -> shapes.Shape:  # noqa: ANN401 - the library names no type
        return type(self).shape(instance)


class BatchSerializer(ShapeSerializer):
    shape = staticmethod(shapes.batch_shape)

    id = serializers.IntegerField()
    batch_number = serializers.CharField()
    source_type = serializers.ChoiceField(["hxb", "hxe"])
    source = serializers.ChoiceField(["barn", "export"])  # type: ignore[assignment]  # collected by the metaclass
    induction_date = serializers.DateField(allow_null=True)
    status = serializers.ChoiceField(["open", "closed"])
    funder = serializers.CharField()
    lot_group = serializers.CharField()
    notes = serializers.CharField()
    head_count = serializers.IntegerField()
    on_feed_count = serializers.IntegerField()
    weighed_count = serializers.IntegerField()
    mean_weight_kg = serializers.FloatField(allow_null=True)
    adg_kg = serializers.FloatField(allow_null=True)
    last_read_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class BatchNameSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    batch_number = serializers.CharField()


class PenNameSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    pen_number = serializers.CharField()


class _ColumnsSerializer(ShapeSerializer):
    # As in `inputs`, no docstring, which the schema would publish. These are the columns that the
    # JSON holds; one that a class declares itself stays so.
    columns: ClassVar[tuple[shapes.Column, ...]]

    def get_fields(self) -> dict[str, Any]:
        declared = super().get_fields()
        return {
            column.name: declared.get(column.name) or _field_for(column) for column in self.columns
        }


def _field_for(column: shapes.Column) -> serializers.Field[Any, Any, Any, Any]:
    optional: dict[str, Any] = {"allow_null": True} if column.null else {}
    if column.flatchoices:
        return serializers.ChoiceField([value for value, _ in column.flatchoices], **optional)
    match column:
        case models.DateTimeField():  # before the day, of which it is a kind
            return serializers.DateTimeField(**optional)
        case models.DateField():
            return serializers.DateField(**optional)
        case models.DecimalField() | models.FloatField():
            return serializers.FloatField(**optional)
        case models.IntegerField():
            return serializers.IntegerField(**optional)
    return serializers.CharField(**optional)


class CattleSerializer(_ColumnsSerializer):
    shape = staticmethod(shapes.cattle_shape)
    columns = shapes.CATTLE

    batch = BatchNameSerializer(allow_null=True)
    pen = PenNameSerializer(allow_null=True)
    adg_confidence = serializers.ChoiceField(["ok", "low", ""])


class PenSerializer(_ColumnsSerializer):
    shape = staticmethod(shapes.pen_shape)
    columns = shapes.PENS


class WeightSerializer(ShapeSerializer):
    shape = staticmethod(shapes.weight_shape)

    id = serializers.IntegerField()
    cattle_id = serializers.IntegerField()
    weight_kg = serializers.FloatField()
    recorded_at = serializers.DateTimeField()
    source = serializers.CharField()  # type: ignore[assignment]  # collected by the metaclass
    recorded_by = serializers.CharField()
    quality = serializers.ChoiceField(["ok", "suspect", "void"])
    reason = serializers.CharField()
    expected_kg = serializers.FloatField(allow_null=True)


class WeighedSerializer(WeightSerializer):
    warning = serializers.CharField(allow_blank=True)


class PayloadSerializer(ShapeSerializer):
    shape = staticmethod(shapes.payload_shape)

    id = serializers.IntegerField()
    raw_payload = serializers.CharField()
    original_payload = serializers.CharField(
        allow_blank=True, help_text="As it was received, where it was corrected since."
    )
    corrected_by = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(["received", "processed", "duplicate", "error"])
    error_code = serializers.CharField()
    error_message = serializers.CharField()
    remark = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # collected by the metaclass
    form = serializers.CharField()
    rssi = serializers.FloatField(allow_null=True)
    snr = serializers.FloatField(allow_null=True)
    original_length = serializers.IntegerField()
    attempts = serializers.IntegerField()
    batch_id = serializers.IntegerField(allow_null=True)
    cattle_id = serializers.IntegerField(allow_null=True)
    duplicate_of = serializers.IntegerField(allow_null=True)
    received_at = serializers.DateTimeField()
    approximate = serializers.BooleanField()
    processed_at = serializers.DateTimeField(allow_null=True)


class SourceSerializer(_ColumnsSerializer):
    shape = staticmethod(shapes.source_shape)
    columns = shapes.SOURCES


class ChangeSerializer(_ColumnsSerializer):
    shape = staticmethod(shapes.change_shape)
    columns = shapes.CHANGES


class ManySerializer(serializers.Serializer[Any]):
    cattle_ids = serializers.ListField(child=serializers.IntegerField())
    count = serializers.IntegerField()


@extend_schema_field(OpenApiTypes.STR)
class PayloadText(serializers.Field[Any, str, str, Any]):
    """Any text: what is wrong with it is noted in its row, as with a radio's."""

    default_error_messages = {"not_a_text": "A payload is a text."}

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("not_a_text")
        return data

    def to_representation(self, value: str) -> str:
        return value


class HistoryEntrySerializer(serializers.Serializer[Any]):
    """More fields follow by kind."""

    kind = serializers.ChoiceField(["pairing", "movement", "weight", "void", "read", "edit"])
    at = serializers.DateTimeField()
    id = serializers.IntegerField(help_text="With kind and time the entry's own.")


class HistorySerializer(serializers.Serializer[Any]):
    data = HistoryEntrySerializer(many=True)  # type: ignore[assignment]  # collected by the metaclass
    next = serializers.CharField(allow_null=True)
    total = serializers.IntegerField(allow_null=True, help_text="On a first page.")


class IntakeSerializer(serializers.Serializer[Any]):
    """One of the two. A webhook body of ChirpStack or The Things Stack is taken as it is."""

    payload = PayloadText(required=False)
    payloads = serializers.ListField(
        child=PayloadText(), required=False, min_length=1, max_length=1000
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("payload" in attrs) == ("payloads" in attrs):
            raise serializers.ValidationError({"payload": ["Give either payload or payloads."]})
        return attrs


class StoredSerializer(serializers.Serializer[Any]):
    data = PayloadSerializer(many=True)  # type: ignore[assignment]  # collected by the metaclass


class ImportedSerializer(serializers.Serializer[Any]):
    """How the sheet was understood follows, as the import page shows it."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    recorded = serializers.IntegerField()
    known = serializers.IntegerField()
    suspect = serializers.IntegerField()
    change_id = serializers.IntegerField()


class RetrySerializer(serializers.Serializer[Any]):
    text = serializers.CharField(
        max_length=1024, required=False, help_text="The corrected payload; absent: as it is."
    )


class LoginSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)


class PersonSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    display_name = serializers.CharField()
    role = serializers.ChoiceField(["viewer", "manager", "administrator"])
