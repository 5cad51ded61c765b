"""What OpenAPI has to know beside the views: keys, the headers of every answer, how errors look."""

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from remote.wire import CURSOR_HEADER, IDEMPOTENCY_HEADER, KEY_HEADER, USER_HEADER

HEADER: Final = "header"
CURSOR = OpenApiParameter(
    CURSOR_HEADER, str, HEADER, response=True,
    description="The place in the journal that this answer reflects.",
)  # fmt: skip
PERSON = OpenApiParameter(
    USER_HEADER, str, HEADER,
    description="The person whom the key acts for, percent-encoded; the Pi asks for their role.",
)  # fmt: skip
PREVIEW = OpenApiParameter("preview", bool, description="Tell what would be, and change nothing.")
OF_A_CHANGE = (
    OpenApiParameter(
        IDEMPOTENCY_HEADER, str, HEADER,
        description="A repeated request with the same key gets the first answer again.",
    ),
    PREVIEW,
)  # fmt: skip


class ErrorSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField(help_text="A sentence for people.")
    code = serializers.CharField(help_text="A word for machines.")
    fields = serializers.DictField(  # type: ignore[assignment]  # collected by the metaclass
        required=False, help_text="What is wrong, by the field's name."
    )


class HerdSchema(AutoSchema):
    """What every view has in common, so that none has to say it."""

    def get_override_parameters(self) -> list[Any]:
        asked = [CURSOR]
        if self.method not in {"GET", "HEAD"}:
            asked.append(PERSON)
            # By its method and not its class: REST framework reads this module before any view.
            if hasattr(self.view, "run_operation"):
                asked += OF_A_CHANGE
        return asked

    def _get_response_bodies(self, direction: Any = "response") -> Any:  # noqa: ANN401 - the library names no type
        known = super()._get_response_bodies(direction)
        refused = self._get_response_for_code(ErrorSerializer, "4XX")  # type: ignore[no-untyped-call]  # its own
        return known | {"4XX": refused}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its hook
    target_class = "remote.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": KEY_HEADER}


class BearerExtension(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # see above
    target_class = "remote.api.authentication.BearerKeyAuthentication"
    name = "bearerKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
