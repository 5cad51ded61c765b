"""What every operation has in common in the API's description, so that no view has to say it."""

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.permissions import SAFE_METHODS
from rest_framework.serializers import CharField, DictField

from remote.api.input_fields import AnyText
from remote.api.payload_inputs import IntakeSerializer
from remote.api.schema_operations import operation_of, tag_of
from remote.api.schema_sentences import Operation
from remote.api.schema_serializers import ErrorSerializer
from remote.problems import PROBLEM_JSON, PROBLEMS, problem
from remote.wire import CURSOR_HEADER, IDEMPOTENCY_HEADER, KEY_HEADER, USER_HEADER

HEADER: Final = "header"
_CURSOR: Final = "The place in the journal that this answer reflects."
_PERSON: Final = "The person whom the key acts for, percent-encoded; the Pi asks for their role."
_KEY: Final = "A repeated request with the same key gets the first answer again."
_WAIT: Final = "Seconds to wait before the next try."
CURSOR = OpenApiParameter(CURSOR_HEADER, str, HEADER, response=True, description=_CURSOR)
WAIT = OpenApiParameter("Retry-After", int, HEADER, response=[429, 503], description=_WAIT)
PRINTABLE: Final = "^[ -~]{0,100}$"
ENCODED: Final = "^[ -~]{0,1200}$"  # 100 characters, of up to four bytes each
PERSON = OpenApiParameter(USER_HEADER, str, HEADER, description=_PERSON, pattern=ENCODED)
KEY = OpenApiParameter(IDEMPOTENCY_HEADER, str, HEADER, description=_KEY, pattern=PRINTABLE)
PREVIEW = OpenApiParameter("preview", bool, description="Tell what would be, and change nothing.")
OF_A_PREVIEW: Final = {"type": "object", "properties": {"preview": {"type": "boolean"}}}
WOULD_BE: Final = "With `preview`: what would be."
BAD, BUSY, FULL = 400, 503, 507
NARROWER: Final = frozenset({"enum", "format", "pattern"})
NO_ENTRY: Final = frozenset({401, 403})
OF_A_BODY: Final = frozenset({411, 413, 415})
OF_A_CHANGE: Final = frozenset({409, 422, FULL})


class HerdSchema(AutoSchema):
    @property
    def said(self) -> Operation:
        return operation_of(self.method, self.path)

    def get_summary(self) -> str:
        return self.said.summary

    def get_description(self) -> str:  # type: ignore[override]  # as its parent's
        return self.said.description

    def get_tags(self) -> list[str]:
        return [tag_of(self.path)]

    def get_examples(self) -> list[OpenApiExample]:
        example = self.said.example
        if example is None:
            return []
        return [OpenApiExample(self.said.summary, example, request_only=True)]

    def map_parsers(self) -> list[str]:
        return ["application/json"]  # forms are the browsable API's own

    def _postprocess_serializer_schema(self, schema: Any, serializer: Any, direction: Any) -> Any:  # noqa: ANN401 - the library names no type
        made = super()._postprocess_serializer_schema(schema, serializer, direction)  # type: ignore[no-untyped-call]  # its own
        if direction == "request" and not isinstance(serializer, IntakeSerializer):
            made["additionalProperties"] = False  # but in a webhook body, which has more
            for name, field in serializer.fields.items():
                _narrow(made["properties"][name], field)
        return made | (getattr(serializer, "rules", {}) if direction == "request" else {})

    def _get_request_body(self, direction: Any = "request") -> Any:  # noqa: ANN401 - as above
        made = super()._get_request_body(direction)  # type: ignore[no-untyped-call]  # its own
        if made and (self.method == "PATCH" or _needs_a_field(self.get_request_serializer())):
            made["required"] = True  # though none of its fields is: without any there is no change
        return made

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        # A form sends what was left empty, too: as a filter it is none.
        asked: list[dict[str, Any]] = super()._get_filter_parameters()  # type: ignore[no-untyped-call]  # its own
        for one in asked:
            one["allowEmptyValue"] = True
            if one["schema"].get("type") == "string" and not one["schema"].keys() & NARROWER:
                one["schema"]["pattern"] = AnyText.pattern
        return asked

    @property
    def is_change(self) -> bool:
        # By its method and not its class: REST framework reads this module before any view.
        return self.method not in SAFE_METHODS and hasattr(self.view, "run_operation")

    @property
    def is_repeatable(self) -> bool:
        return self.is_change or (getattr(self.view, "scope", "") == "ingest" and self.has_body)

    @property
    def has_body(self) -> bool:
        return self.method not in SAFE_METHODS

    def get_override_parameters(self) -> list[Any]:
        asked = [CURSOR, WAIT]
        if self.has_body:
            asked.append(PERSON)
        if self.is_repeatable:
            asked.append(KEY)
        if self.is_change:
            asked.append(PREVIEW)
        return asked

    def _refusals(self) -> set[int]:
        """Return the statuses of what may be refused."""
        may = {BAD, BUSY, *getattr(self.view, "refuses", ())}
        if self.view.authentication_classes:
            may |= NO_ENTRY
        if "{" in self.path:
            may.add(404)
        if self.has_body:
            may |= OF_A_BODY
        if self.is_change:
            may |= {*OF_A_CHANGE, 404}
        return may | ({422, FULL} if self.is_repeatable else set())

    def _get_response_bodies(self, direction: Any = "response") -> Any:  # noqa: ANN401 - the library names no type
        known = super()._get_response_bodies(direction)
        if self.is_change and "200" not in known:
            known["200"] = _as_preview(known.get("201") or known["202"])
        refused = {str(one): self._refusal(one) for one in sorted(self._refusals())}
        return dict(sorted((refused | known).items()))

    def _refusal(self, status: int) -> Any:  # noqa: ANN401 - see above
        made = self._get_response_for_code(ErrorSerializer, str(status), [PROBLEM_JSON])  # type: ignore[no-untyped-call]  # its own
        codes = [code for code, one in PROBLEMS.items() if one.status == status]
        made["description"] = ", ".join(f"`{code}`" for code in codes)
        example = problem(status, codes[0], PROBLEMS[codes[0]].title)
        made["content"][PROBLEM_JSON]["example"] = example
        return made


def _needs_a_field(asked: Any) -> bool:  # noqa: ANN401 - a serializer, or several by media type
    return isinstance(asked, dict) or hasattr(asked, "rules")


def _narrow(told: dict[str, Any], field: Any) -> None:  # noqa: ANN401 - a field of any type
    """Say of a text which characters it may have, which the library takes for another format."""
    if pattern := getattr(field, "pattern", ""):
        told["pattern"] = pattern
    if isinstance(field, CharField) and not field.allow_blank:
        told["minLength"] = 1
    if isinstance(field, DictField):
        _narrow(told["additionalProperties"], field.child)


def _as_preview(answer: dict[str, Any]) -> dict[str, Any]:
    content = {
        kind: {"schema": {"allOf": [one["schema"], OF_A_PREVIEW]}}
        for kind, one in answer["content"].items()
    }
    return {**answer, "content": content, "description": WOULD_BE}


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
