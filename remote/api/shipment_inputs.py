"""What a shipment is planned, loaded, shipped and reported with."""

import re
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.utils.html import is_html_input as is_form

from remote.api.input_fields import Text, has
from remote.api.inputs import MOST_ANIMALS, ManyInput, Override, SeenInput

LARGEST = 2**62


class ShipmentInput(serializers.Serializer[Any]):
    shipment_number = Text(50, help_text="Absent: its day.")
    day = serializers.DateField(required=False, help_text="Absent: today.")
    destination = Text(100)
    carrier = Text(100)
    premises_from = Text(50, help_text="Where it leaves, as the national database names it.")
    premises_to = Text(50)
    planned_head = serializers.IntegerField(min_value=0, max_value=100_000, required=False)
    notes = Text(4000, lines=True)


class ShipmentEdit(SeenInput, ShipmentInput):
    pass


def _number(of: str) -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=1, max_value=LARGEST, required=False, allow_null=True, help_text=of
    )


class PlanInput(ManyInput):
    """Animals by their numbers, of a pen, of a batch, or all of these."""

    pen_id = _number("All that stand there.")
    batch_id = _number("All of it that are on feed.")
    remove = serializers.BooleanField(
        default=False, help_text="They are taken out of the plan instead."
    )

    rules = {
        "if": {"not": has(cattle_ids={"minItems": 1})},
        "then": {
            "if": {"not": has(pen_id={"type": "integer"})},
            "then": has(batch_id={"type": "integer"}),
        },
    }

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["cattle_ids"].required = False
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not any(attrs.get(name) for name in ("cattle_ids", "pen_id", "batch_id")):
            sentence = "Give cattle_ids, pen_id or batch_id."
            raise serializers.ValidationError({"cattle_ids": [sentence]})
        return attrs


class LoadInput(serializers.Serializer[Any]):
    """An animal by its number or by a tag that it wears."""

    cattle_id = _number("")
    tag = Text(64, help_text="In any spelling.")

    rules = {
        "if": has(cattle_id={"type": "integer"}),
        "then": {"not": has(tag={"pattern": "[^ ]"})},
        "else": has(tag={"pattern": "[^ ]"}),
    }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("cattle_id")) == bool(attrs.get("tag", "").strip()):
            raise serializers.ValidationError({"tag": ["Give either cattle_id or tag."]})
        return attrs


@extend_schema_field(
    {
        "oneOf": [
            {"type": "boolean"},
            {
                "type": "array",
                "items": {"type": "integer", "minimum": 1, "maximum": LARGEST},
                "maxItems": MOST_ANIMALS,
            },
        ]
    }
)
class _Extra(serializers.ListField):
    def get_value(self, dictionary: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as its parent
        if not is_form(dictionary):
            return super().get_value(dictionary)
        return re.findall(r"[^\s,;]+", dictionary.get(str(self.field_name), ""))

    def run_validation(self, data: Any = serializers.empty) -> Any:  # noqa: ANN401 - as its parent
        if isinstance(data, bool):
            return data
        return True if data == ["true"] else super().run_validation(data)


class ShipInput(Override):
    on = serializers.DateField(required=False, help_text="The day on which it left; absent: today.")
    with_extra = _Extra(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST),
        required=False,
        max_length=MOST_ANIMALS,
        help_text="Extra ones that leave with it, or true: all of them.",
    )


class CancelInput(serializers.Serializer[Any]):
    reason = Text(200)


class ReportInput(serializers.Serializer[Any]):
    on = serializers.DateField(
        required=False, allow_null=True, help_text="Absent: today. Null: it was not reported."
    )
