"""What a pull is recorded, sent back and voided with."""

from rest_framework import serializers

from herd.causes import CAUSES
from remote.api.input_fields import Flag, Text
from remote.api.inputs import ManyInput, Place, Reason, VoidInput


class _Force(Reason):
    force = Flag(required=False, help_text="Even if the pen is full: `reason` says why.")


class PullInput(_Force):
    cause = serializers.ChoiceField(list(CAUSES))
    pen_id = Place(required=False, help_text="The hospital pen; absent, it stays in its pen.")
    note = Text(200)
    pulled_at = serializers.DateTimeField(required=False)


class PullManyInput(PullInput, ManyInput):
    pass


class ReturnInput(_Force):
    pen_id = Place(required=False, help_text="Absent: the pen that it came from.")


class VoidPullInput(VoidInput):
    force = Flag(required=False, help_text="Back into its pen even if that is full.")
