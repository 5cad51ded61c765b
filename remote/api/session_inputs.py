"""What a session is begun and changed with."""

import json
from collections.abc import Iterator
from typing import Any, Final

from rest_framework import serializers

from remote.api.input_fields import Flag, Nested, Number, Text
from remote.api.inputs import SeenInput

MOST_PRODUCTS: Final = 20
LONGEST_SORT: Final = 20_000  # characters of JSON: lists of some hundred animals


class TasksInput(Nested):
    no_such = "There is no such task."
    weigh = Flag(required=False)
    pair_tags = Flag(required=False)
    treat = serializers.ListField(
        child=Number(),
        required=False,
        max_length=MOST_PRODUCTS,
        help_text="Numbers of products.",
    )
    sort = serializers.DictField(
        required=False, allow_null=True, help_text="Where animals go, and by what."
    )

    def validate_sort(self, value: Any) -> Any:  # noqa: ANN401 - an object of any members
        if len(json.dumps(value)) > LONGEST_SORT or not all(map(str.isprintable, _texts(value))):
            raise serializers.ValidationError("This is too long, or cannot be printed.")
        return value


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Yield each text in it, names of members too."""
    if isinstance(value, dict):
        yield from value
        yield from (text for one in value.values() for text in _texts(one))
    elif isinstance(value, list):
        yield from (text for one in value for text in _texts(one))
    elif isinstance(value, str):
        yield value


class SessionInput(serializers.Serializer[Any]):
    name = Text(100, help_text="Absent: of its pen or batch, and the day.")
    batch_id = Number(required=False, allow_null=True)
    pen_id = Number(required=False, allow_null=True)
    tasks = TasksInput(required=False)
    source = Text(  # type: ignore[assignment]  # collected by the metaclass
        120, help_text="The gateway or reader whose weights and reads fall into it, as in sources."
    )
    notes = Text(4000, lines=True)


class SessionEdit(SeenInput, SessionInput):
    pass
