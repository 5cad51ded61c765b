"""What work items are marked with."""

from typing import Any, Final

from rest_framework import serializers

from herd.models import WorkMark
from remote.api.input_fields import Nested, Number, Text

MOST_ITEMS: Final = 1_000


class ItemInput(Nested):
    key = Text(200, allow_blank=False, required=True, help_text="As the office knows the item.")
    text = Text(300, help_text="What the item says, to be found by later.")
    through = Number(
        required=False, allow_null=True, help_text="Of refused messages: the newest that is meant."
    )


class MarkInput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(WorkMark.Kind.values)
    items = serializers.ListField(child=ItemInput(), min_length=1, max_length=MOST_ITEMS)
    reason = Text(200, help_text="Needed to dismiss.")
    until = serializers.DateField(
        required=False, allow_null=True, help_text="Of a reminder: the day it comes again."
    )
