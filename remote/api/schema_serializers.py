"""The rows and bodies as OpenAPI has them; the JSON is made by `remote.api.serializers`."""

from typing import Any, ClassVar, Final

from django.db import models
from rest_framework import serializers

from remote.api import serializers as shapes
from remote.api.input_fields import AnyText, Text
from remote.problems import CODES

# By the column's class, a time before a day, of which it is a kind.
FIELDS: Final[tuple[tuple[tuple[type[Any], ...], type[Any]], ...]] = (
    ((models.DateTimeField,), serializers.DateTimeField),
    ((models.DateField,), serializers.DateField),
    ((models.DecimalField, models.FloatField), serializers.FloatField),
    ((models.BooleanField,), serializers.BooleanField),
    ((models.IntegerField, models.ForeignKey), serializers.IntegerField),
)


class ShapeSerializer(serializers.Serializer[Any]):
    # The fields are declared for people and schema; the JSON is made by one plain function. As in
    # `inputs`, no docstring, which the schema would publish.

    shape: ClassVar["staticmethod[[Any], shapes.Shape]"]

    def to_representation(self, instance: Any) -> shapes.Shape:  # noqa: ANN401 - the library names no type
        return type(self).shape(instance)


class _MembersSerializer(ShapeSerializer):
    # These are the members of the JSON; one that a class declares itself stays so.
    members: ClassVar[tuple[shapes.Member, ...]]

    def get_fields(self) -> dict[str, Any]:
        declared = super().get_fields()
        made = {one.name: declared.get(one.name) or _field_for(one.column) for one in self.members}
        return made | declared


def _field_for(column: "shapes.Column | None") -> Any:  # noqa: ANN401 - a field of any type
    if column is None:
        raise NotImplementedError("Declare what is worked out: no column says how it looks.")
    optional: dict[str, Any] = {"allow_null": True} if column.null else {}
    if column.flatchoices:
        return serializers.ChoiceField([value for value, _ in column.flatchoices], **optional)
    for kind, field in FIELDS:
        if isinstance(column, kind):
            return field(**optional)
    return serializers.CharField(**optional)


class BatchSerializer(_MembersSerializer):
    shape = staticmethod(shapes.batch_shape)
    members = shapes.BATCHES

    source = serializers.ChoiceField(["barn", "export"])  # type: ignore[assignment]  # collected by the metaclass
    mean_weight_kg = serializers.FloatField(allow_null=True)
    adg_kg = serializers.FloatField(allow_null=True)


class BatchNameSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    batch_number = serializers.CharField()


class PenNameSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    pen_number = serializers.CharField()


class CattleSerializer(_MembersSerializer):
    shape = staticmethod(shapes.cattle_shape)
    members = shapes.CATTLE

    batch = BatchNameSerializer(allow_null=True)
    pen = PenNameSerializer(allow_null=True)
    adg_confidence = serializers.ChoiceField(["ok", "low", ""])


class PenSerializer(_MembersSerializer):
    shape = staticmethod(shapes.pen_shape)
    members = shapes.PENS


class MovedSerializer(CattleSerializer):
    from_pen_id = serializers.IntegerField(allow_null=True, help_text="Where it stood before.")


class WeightSerializer(_MembersSerializer):
    shape = staticmethod(shapes.weight_shape)
    members = shapes.WEIGHTS

    source = serializers.CharField()  # type: ignore[assignment]  # collected by the metaclass


class WeighedSerializer(WeightSerializer):
    warning = serializers.CharField(allow_blank=True)


class TasksSerializer(serializers.Serializer[Any]):
    weigh = serializers.BooleanField()
    pair_tags = serializers.BooleanField()
    treat = serializers.ListField(child=serializers.IntegerField())
    sort = serializers.DictField(allow_null=True)


class SessionSerializer(_MembersSerializer):
    shape = staticmethod(shapes.session_shape)
    members = shapes.SESSIONS

    tasks = TasksSerializer()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # collected by the metaclass


class ProductSerializer(_MembersSerializer):
    shape = staticmethod(shapes.product_shape)
    members = shapes.PRODUCTS


class TreatmentSerializer(_MembersSerializer):
    shape = staticmethod(shapes.treatment_shape)
    members = shapes.TREATMENTS

    source = serializers.CharField()  # type: ignore[assignment]  # collected by the metaclass


class PullSerializer(_MembersSerializer):
    shape = staticmethod(shapes.pull_shape)
    members = shapes.PULLS

    source = serializers.CharField()  # type: ignore[assignment]  # collected by the metaclass


class ShipmentSerializer(_MembersSerializer):
    shape = staticmethod(shapes.shipment_shape)
    members = shapes.SHIPMENTS

    report_by = serializers.DateField(
        allow_null=True, help_text="The last day to report it; null until it has left."
    )
    planned_count = serializers.IntegerField(help_text="Animals that are planned for it.")
    loaded_count = serializers.IntegerField(help_text="Of them and of others: loaded.")
    missing_count = serializers.IntegerField(help_text="Planned, and not loaded.")
    extra_count = serializers.IntegerField(help_text="Loaded, and not planned.")
    shipped_count = serializers.IntegerField(help_text="That have left with it.")


class WorkMarkSerializer(_MembersSerializer):
    shape = staticmethod(shapes.work_mark_shape)
    members = shapes.WORK_MARKS


class MarkedSerializer(serializers.Serializer[Any]):
    data = WorkMarkSerializer(many=True)  # type: ignore[assignment]  # collected by the metaclass
    count = serializers.IntegerField()


class PayloadSerializer(_MembersSerializer):
    shape = staticmethod(shapes.payload_shape)
    members = shapes.PAYLOADS

    original_payload = serializers.CharField(
        allow_blank=True, help_text="As it was received, where it was corrected since."
    )
    corrected_by = serializers.CharField(allow_blank=True)
    approximate = serializers.BooleanField()
    late = serializers.BooleanField(
        help_text="Its LoRaWAN server received it long before, at `reported_at`: that time counts."
    )
    simulated = serializers.BooleanField()


class SourceSerializer(_MembersSerializer):
    shape = staticmethod(shapes.source_shape)
    members = shapes.SOURCES


class ChangeSerializer(_MembersSerializer):
    shape = staticmethod(shapes.change_shape)
    members = shapes.CHANGES


class RemainderSerializer(serializers.Serializer[Any]):
    cattle_id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    why = serializers.CharField()


class OperationSerializer(_MembersSerializer):
    shape = staticmethod(shapes.operation_shape)
    members = shapes.OPERATIONS

    remainder = RemainderSerializer(many=True, allow_null=True)


class ScaleStepSerializer(_MembersSerializer):
    shape = staticmethod(shapes.scale_step_shape)
    members = shapes.SCALE_STEPS


class ScaleFaultSerializer(_MembersSerializer):
    shape = staticmethod(shapes.scale_fault_shape)
    members = shapes.SCALE_FAULTS


class CorrectedSerializer(serializers.Serializer[Any]):
    change_id = serializers.IntegerField(help_text="Takes it back.")
    weights = serializers.IntegerField()
    cattle = serializers.IntegerField(help_text="Animals whose weights they are.")
    scale_steps = serializers.ListField(
        child=serializers.IntegerField(), help_text="Steps that are none any more."
    )


class ManySerializer(serializers.Serializer[Any]):
    cattle_ids = serializers.ListField(child=serializers.IntegerField())
    count = serializers.IntegerField()


class StoredSerializer(serializers.Serializer[Any]):
    data = PayloadSerializer(many=True)  # type: ignore[assignment]  # collected by the metaclass


class FullPenSerializer(serializers.Serializer[Any]):
    pen = serializers.CharField()
    would_hold = serializers.IntegerField(help_text="Head, with all animals of the sheet.")
    capacity = serializers.IntegerField()
    text = serializers.CharField(help_text="A sentence for people.")


class ImportRunSerializer(_MembersSerializer):
    shape = staticmethod(shapes.import_shape)
    members = shapes.IMPORTS

    status = serializers.IntegerField(
        required=False, allow_null=True, help_text="Once it has ended, with `answer`."
    )
    answer = serializers.DictField(required=False, allow_null=True)


class LoginSerializer(serializers.Serializer[Any]):
    username = Text(150, allow_blank=False, required=True)
    password = AnyText(max_length=1024, trim_whitespace=False)
    code = AnyText(
        max_length=20,
        required=False,
        allow_blank=True,
        help_text="Of an authenticator app, or a backup code: where the account has a second"
        " factor, else 401 `code_needed`.",
    )


class PersonSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    display_name = serializers.CharField()
    role = serializers.ChoiceField(["viewer", "manager", "administrator"])
    stamp = serializers.CharField(help_text="Another one is another password or role.")


class NotClearSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="Of the animal.")
    name = serializers.CharField()
    days = serializers.IntegerField(help_text="That are left on the day of leaving.")
    clear_on = serializers.DateField()


class ErrorSerializer(serializers.Serializer[Any]):
    """A problem of RFC 9457."""

    type = serializers.CharField(help_text="The place of the code's description.")
    title = serializers.CharField(help_text="What the code says.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence for people.")
    code = serializers.ChoiceField(CODES, help_text="A word for machines.")
    fields = serializers.DictField(  # type: ignore[assignment]  # collected by the metaclass
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong, by the name of the field or the parameter; `body`: of all of it.",
    )
    now = serializers.DictField(
        required=False, help_text="Of `changed_since`: what the fields are by now."
    )
    not_clear = NotClearSerializer(
        many=True, required=False, help_text="Of `not_clear`: the animals, at most 200."
    )
    not_clear_count = serializers.IntegerField(required=False)
