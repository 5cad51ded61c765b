"""How OpenAPI has a batch's closeout."""

from typing import Any, Final

from rest_framework import serializers

from remote.api.schema_answers import GrowthDaySerializer

_NULL: Final[dict[str, Any]] = {"allow_null": True}


class CloseoutHeadSerializer(serializers.Serializer[Any]):
    came = serializers.IntegerField(help_text="All that ever stood in the batch.")
    on_feed = serializers.IntegerField()
    exported = serializers.IntegerField()
    sold = serializers.IntegerField()
    dead = serializers.IntegerField()
    moved = serializers.IntegerField(help_text="To another batch.")


class CloseoutWeighingSerializer(GrowthDaySerializer):
    gain_kg = serializers.FloatField(**_NULL, help_text="A day, since each one's weighing before.")
    expected_kg = serializers.FloatField(**_NULL)


class CloseoutTreatmentSerializer(serializers.Serializer[Any]):
    product_id = serializers.IntegerField()
    product = serializers.CharField()
    doses = serializers.IntegerField()
    head = serializers.IntegerField()
    held = serializers.IntegerField(help_text="On feed, and not clear of it today.")
    clear_on = serializers.DateField(**_NULL, help_text="When the last of those is clear.")


class ShrinkSerializer(serializers.Serializer[Any]):
    head = serializers.IntegerField()
    percent = serializers.FloatField()


class CloseoutLeftSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    status = serializers.ChoiceField(["exported", "sold", "dead"])
    cause = serializers.CharField(allow_null=True, help_text="What it died of.")
    reason = serializers.CharField()
    head = serializers.IntegerField()


class CloseoutSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    batch_number = serializers.CharField()
    head = CloseoutHeadSerializer()
    head_days = serializers.IntegerField()
    days_on_feed = serializers.FloatField(**_NULL, help_text="Head-days by those that came.")
    expected_gain_kg = serializers.FloatField(**_NULL)
    weighings = CloseoutWeighingSerializer(many=True)
    treatments = CloseoutTreatmentSerializer(many=True)
    shrink = ShrinkSerializer(**_NULL, help_text="At loading, of those weighed then.")
    left = CloseoutLeftSerializer(many=True)
