"""Fields of what is sent over REST. What they refuse the description forbids, and nothing else."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final

from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.utils.html import is_html_input as is_form

from herd.rules.units import MOST_KG

LARGEST: Final = 2**63 - 1
HUNDREDTH: Final = Decimal("0.01")
# What nobody sees, or what turns the text around it: controls, formats, separators but the space.
# Ranges and no categories, as Python, JavaScript and Rust read them all: the schema has them too.
_LINE_ENDS: Final = r"\u0009\u000a\u000d"
_CONTROLS: Final = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u00a0\u00ad"
_FORMATS: Final = r"\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\ufeff\ufff9-\ufffb"
_SEPARATORS: Final = r"\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000"
_UNSEEN: Final = _CONTROLS + _FORMATS + _SEPARATORS
# Half a character: saving the row would raise. No JSON holds it, so the schema does not name it.
_HALVES: Final = r"\ud800-\udfff"


def has(*names: str, **values: Any) -> dict[str, Any]:
    """Return JSON Schema's words for a body with these fields; `values` says what they hold."""
    told = {name: values.get(name, {}) for name in (*names, *values)}
    # Redocly's lint takes a schema for closed that does not say it is open.
    return {"properties": told, "required": list(told), "additionalProperties": True}


def either(one: str, other: str) -> dict[str, Any]:
    """Return JSON Schema's words for a body that needs one of the two fields, or has both."""
    # Not `anyOf`: of that, generated clients make bodies of two classes.
    return {"if": {"not": has(one)}, "then": has(other)}


def one_alone(first: str, second: str, third: str) -> dict[str, Any]:
    """Return JSON Schema's words for a body that has one of the three fields, and no two."""
    return {
        "if": has(first),
        "then": {"not": {"anyOf": [has(second), has(third)]}},
        "else": {"if": has(second), "then": {"not": has(third)}, "else": has(third)},
    }


class AnyText(serializers.CharField):
    """Text, and no number that would become one: it has lost the zeros at its front."""

    pattern = r"^[^\u0000]*$"

    def to_internal_value(self, data: Any) -> str:  # noqa: ANN401 - whatever was sent
        if not isinstance(data, str):
            self.fail("invalid")
        if self.max_length and len(data) > self.max_length:  # with the spaces at its ends
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class Text(AnyText):
    """Text that can be stored and shown."""

    default_error_messages = {"unprintable": "This holds characters that cannot be printed."}

    def __init__(self, longest: int, *, lines: bool = False, **more: Any) -> None:
        super().__init__(**{"max_length": longest, "allow_blank": True, "required": False, **more})
        unseen = _UNSEEN if lines else _UNSEEN + _LINE_ENDS
        self._unseen = re.compile(f"[{unseen}{_HALVES}]")
        # `minLength` speaks of none at all; this of nothing but spaces.
        self.pattern = f"^[^{unseen}]*$" if self.allow_blank else f"^( *[^ {unseen}][^{unseen}]*)?$"

    def to_internal_value(self, data: Any) -> str:  # noqa: ANN401 - whatever was sent
        text = super().to_internal_value(data)
        if self._unseen.search(text):
            self.fail("unprintable")
        return text


class OptionalText(Text):
    """ "" and null both mean that there is none: NULL in a column that is unique."""

    def __init__(self, longest: int) -> None:
        super().__init__(longest, allow_null=True)

    def run_validation(self, data: Any = serializers.empty) -> Any:  # noqa: ANN401 - as its parent
        return super().run_validation(data) or None


class Flag(serializers.BooleanField):
    """Yes or no. In JSON neither 0 nor "no" is one: the description says true or false."""

    _is_typed = False

    def get_value(self, dictionary: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as its parent
        self._is_typed = not is_form(dictionary)  # a form has texts alone
        return super().get_value(dictionary)

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401 - whatever was sent
        if self._is_typed and not isinstance(data, bool):
            self.fail("invalid", input=data)
        return super().to_internal_value(data)


class Number(serializers.IntegerField):
    """The number of a row, as large as a table can hold."""

    def __init__(self, **more: Any) -> None:
        super().__init__(min_value=0, max_value=LARGEST, **more)


@extend_schema_field({"type": "number", "exclusiveMinimum": 0, "maximum": MOST_KG})
class Kilograms(serializers.DecimalField):
    """A weight, rounded to what is stored: a computed one has more decimals than any scale."""

    def validate_precision(self, value: Decimal) -> Decimal:
        return super().validate_precision(round(value, 2) if abs(value) < MOST_KG else value)


class Quantity(serializers.DecimalField):
    """How much of something, rounded to the decimals that are stored."""

    def __init__(
        self, most: Decimal, *, least: Decimal = HUNDREDTH, places: int = 2, **more: Any
    ) -> None:
        super().__init__(None, places, coerce_to_string=False, **more)
        self._least, self._most, self._places = least, most, places
        told = {"type": "number", "minimum": float(least), "maximum": float(most)}
        set_override(self, "field", told)

    def validate_precision(self, value: Decimal) -> Decimal:
        if value < self._least:
            self.fail("min_value", min_value=self._least)
        if value > self._most:
            self.fail("max_value", max_value=self._most)
        return super().validate_precision(round(value, self._places))


class TargetWeight(Quantity):
    """Kilograms as the row has them: what a form showed is compared with it."""

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401 - as its parent
        return float(super().to_internal_value(data))


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}]})
class SeenValue(serializers.CharField):
    """What a row showed; only compared, so that it may hold anything."""

    def run_validators(self, value: Any) -> None:  # noqa: ANN401 - as its parent
        """Take what cannot be stored, too."""


class Nested(serializers.Serializer[Any]):
    # A comment and no docstring, which the schema would publish: an object within a body. Of the
    # body itself `views.base` refuses what nobody knows.
    no_such: ClassVar[str] = "There is no such field."

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401 - whatever was sent
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        if unknown:
            found = {str(name): [self.no_such] for name in sorted(unknown, key=str)}
            raise serializers.ValidationError(found)
        return super().to_internal_value(data)
