"""What a change over REST may say, field by field; every error names its field."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Model
from rest_framework import serializers
from rest_framework.utils.html import is_html_input as is_form

from herd.causes import CAUSES
from herd.fields import ANIMAL, BATCH, PEN, Field
from herd.models import Animal, Batch, Pen
from herd.operations.correcting import LEAST_FACTOR, MOST_FACTOR
from remote.api.input_fields import (
    Flag,
    Kilograms,
    Number,
    OptionalText,
    Quantity,
    SeenValue,
    TargetWeight,
    Text,
    either,
    has,
)
from remote.api.serializers import Column

MOST_TARGET_KG = Decimal(5_000)
MOST_ANIMALS = 5_000  # in one bulk change: some seconds, in which nobody else writes


class _RowInput(serializers.Serializer[Any]):
    # A comment and no docstring, which the schema would publish as that of each input: these are
    # the fields of the table that a person may set; one that a class writes itself stays so.
    model: ClassVar[type[Model]]
    table: ClassVar[tuple[Field, ...]]

    def get_fields(self) -> dict[str, Any]:
        """Return the fields in the order of the model's columns, as the JSON has them."""
        known = {one.name: one for one in self.table if "person" in one.set_by}
        written = super().get_fields()
        for column in self.model._meta.concrete_fields:  # noqa: SLF001 - Django's own
            if column.name in known:
                made = written.pop(column.name, None) or _input_for(column, known[column.name])
                written[column.name] = made  # behind those before it, and behind `seen`
        return written


def _input_for(column: Column, field: Field) -> serializers.Field[Any, Any, Any, Any]:
    if field.holds == "date":
        return serializers.DateField(required=False, allow_null=True)
    if field.holds == "choice":
        return serializers.ChoiceField([value for value, _ in column.flatchoices], required=False)
    if column.null:
        return OptionalText(field.longest)
    more = {"allow_blank": False, "required": True} if field.required else {}
    return Text(field.longest, lines=field.holds == "lines", **more)


class BatchInput(_RowInput):
    model, table = Batch, BATCH

    target_kg = TargetWeight(MOST_TARGET_KG, least=Decimal(1), required=False, allow_null=True)


class PenInput(_RowInput):
    model, table = Pen, PEN

    capacity = serializers.IntegerField(min_value=0, max_value=100_000, required=False)


class CattleInput(_RowInput):
    model, table = Animal, ANIMAL


class NewCattleInput(CattleInput):
    lf_tag = Text(64)
    uhf_tag = Text(64)
    batch_id = serializers.IntegerField(required=False, allow_null=True)
    pen_id = serializers.IntegerField(required=False, allow_null=True)


class SeenInput(serializers.Serializer[Any]):
    """`seen` holds, by field, what the person saw when they changed it: where it is something else
    by now, nothing is changed."""

    seen = serializers.DictField(
        child=SeenValue(max_length=4000, allow_blank=True, allow_null=True),
        required=False,
    )


class BatchEdit(SeenInput, BatchInput):
    pass


class PenEdit(SeenInput, PenInput):
    pass


class CattleEdit(SeenInput, CattleInput):
    pass


class NothingInput(serializers.Serializer[Any]):
    pass


class Reason(serializers.Serializer[Any]):
    reason = Text(200)


class Place(Number):
    def get_value(self, dictionary: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as its parent
        # An empty field of a form leaves the animal where it is; only null takes it out.
        sent = super().get_value(dictionary)
        return sent or serializers.empty if is_form(dictionary) else sent


class Numbers(serializers.ListField):
    def get_value(self, dictionary: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as its parent
        if not is_form(dictionary):
            return super().get_value(dictionary)
        found = re.findall(r"[^\s,;]+", dictionary.get(str(self.field_name), ""))
        return found if found or self.required else serializers.empty


class InSession(serializers.Serializer[Any]):
    session_id = Number(
        required=False, allow_null=True, help_text="The session that it belongs to."
    )


class MoveInput(InSession, Reason):
    """`pen_id` null takes the animal out of its pen; absent, it stays there."""

    pen_id = Place(allow_null=True, required=False)
    batch_id = Number(required=False)
    force = Flag(required=False)
    moved_at = serializers.DateTimeField(
        required=False, help_text="When it went to the pen, where that is told later."
    )

    rules = either("pen_id", "batch_id")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "pen_id" not in attrs and "batch_id" not in attrs:
            raise serializers.ValidationError({"pen_id": ["Give pen_id or batch_id."]})
        if "moved_at" in attrs and "batch_id" in attrs:
            raise serializers.ValidationError({"moved_at": ["Only a move to a pen has a time."]})
        return attrs


class ManyInput(serializers.Serializer[Any]):
    cattle_ids = Numbers(
        child=serializers.IntegerField(min_value=1, max_value=2**62),
        min_length=1,
        max_length=MOST_ANIMALS,
        style={"base_template": "textarea.html"},
    )


class MoveManyInput(MoveInput, ManyInput):
    pass


class Override(serializers.Serializer[Any]):
    override = Text(200, help_text="Why the animals may leave before they are clear: for managers.")


class LeaveInput(Override, Reason):
    status = serializers.ChoiceField(["exported", "dead", "sold", "active"])
    on = serializers.DateField(required=False)
    cause = serializers.ChoiceField(list(CAUSES), required=False, help_text="Of one that is dead.")

    rules = {
        "if": has("cause"),
        "then": has(status={"const": "dead"}),
        "else": {
            "if": has(status={"enum": ["dead", "sold"]}),
            "then": has(reason={"pattern": "[^ ]"}),
        },
    }


class LeaveManyInput(LeaveInput, ManyInput):
    again = Flag(required=False, help_text="Also those that have left in another way before.")


class TagsInput(Reason):
    lf_tag = Text(64)
    uhf_tag = Text(64)
    take_over = Flag(required=False)

    rules = either("lf_tag", "uhf_tag")


class WeightInput(InSession):
    weight_kg = Kilograms(max_digits=6, decimal_places=2, coerce_to_string=False)
    recorded_at = serializers.DateTimeField(required=False)
    scale = Text(120)


class ScaleStepInput(serializers.Serializer[Any]):
    scale = Text(120, allow_blank=False, required=True)
    day = serializers.DateField()
    factor = serializers.FloatField(
        min_value=0.2, max_value=5, required=False, help_text="What it reads since, of before."
    )


class CorrectInput(serializers.Serializer[Any]):
    scale = Text(120, allow_blank=False, required=True)
    first = serializers.DateField()
    last = serializers.DateField(help_text="Is corrected too.")
    factor = Quantity(
        MOST_FACTOR,
        least=LEAST_FACTOR,
        places=6,
        help_text="A weight times this is the right one.",
    )
    reason = Text(200, allow_blank=False, required=True)


class ReplaceInput(Reason):
    weight_kg = Kilograms(max_digits=6, decimal_places=2, coerce_to_string=False)


class VoidInput(serializers.Serializer[Any]):
    reason = Text(200, allow_blank=False, required=True)


class ResolveInput(Override, Reason):
    action = serializers.ChoiceField(["merge", "give", "ignore"])
    cattle_id = Number(required=False, help_text="The animal that is kept, or that gets the tags.")
    status_from = Number(
        required=False,
        allow_null=True,
        help_text="Of a merge: the animal whose status, day and reason of leaving count; needed"
        " where one of them has left and the other has not, or otherwise.",
    )
    force = Flag(default=False, help_text="Even if a pen is overfilled by it; needs a `reason`.")

    rules = {"if": has(action={"enum": ["merge", "give"]}), "then": has("cattle_id")}


class UndoInput(Override, Reason):
    force = Flag(default=False, help_text="Even if a pen is overfilled by it; needs a `reason`.")
