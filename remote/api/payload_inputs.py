"""What payloads are sent and tried again with."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lora.framing.readers import LINES_OF_A_BODY
from remote.api.input_fields import AnyText, has


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


class IntakeSerializer(serializers.Serializer[Any]):
    """One of the two. A LoRaWAN server's webhook body is taken as it is."""

    payload = PayloadText(required=False)
    payloads = serializers.ListField(
        child=PayloadText(),
        required=False,
        min_length=1,
        max_length=LINES_OF_A_BODY,
        error_messages={
            "max_length": "One body may bring {max_length} payloads. Nothing of it is stored: send"
            " it in parts."
        },
    )

    rules = {"not": has("payload", "payloads"), "minProperties": 1}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("payload" in attrs) == ("payloads" in attrs):
            raise serializers.ValidationError({"payload": ["Give either payload or payloads."]})
        return attrs


class RetrySerializer(serializers.Serializer[Any]):
    text = AnyText(
        max_length=1024, required=False, help_text="The corrected payload; absent: as it is."
    )
