"""What is told of pulls and deaths, as OpenAPI has it."""

from typing import Any

from rest_framework import serializers

from herd.causes import CAUSES
from remote.api.deaths_report import DEATH, PULL

_NULL: Any = {"allow_null": True}
_BLANK: Any = {"allow_blank": True}


class PulledManySerializer(serializers.Serializer[Any]):
    pull_ids = serializers.ListField(child=serializers.IntegerField())
    cattle_ids = serializers.ListField(child=serializers.IntegerField())
    count = serializers.IntegerField()


class _CountsSerializer(serializers.Serializer[Any]):
    deaths = serializers.IntegerField()
    pulls = serializers.IntegerField()


class LossesOfDaySerializer(_CountsSerializer):
    day = serializers.DateField()


class LossesByCauseSerializer(_CountsSerializer):
    cause = serializers.ChoiceField(list(CAUSES))


class LossesOfBatchSerializer(_CountsSerializer):
    batch_id = serializers.IntegerField(**_NULL)
    batch_number = serializers.CharField(**_BLANK)
    head_count = serializers.IntegerField(help_text="All that it ever had.", **_NULL)
    deaths_percent = serializers.FloatField(help_text="Of `head_count`.", **_NULL)
    pulled_percent = serializers.FloatField(
        help_text="Animals that were pulled, once or more, of `head_count`.", **_NULL
    )


class LossSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField([DEATH, PULL])
    id = serializers.IntegerField(help_text="Of the pull; of a death, of the animal.")
    day = serializers.DateField()
    at = serializers.DateTimeField(help_text="Of a pull.", **_NULL)
    cause = serializers.ChoiceField(list(CAUSES), **_NULL)
    note = serializers.CharField(**_BLANK)
    pen_number = serializers.CharField(help_text="Of a pull, where it came to.", **_BLANK)
    returned_at = serializers.DateTimeField(**_NULL)
    cattle_id = serializers.IntegerField()
    livestock_id = serializers.CharField(**_NULL)
    visual_id = serializers.CharField(**_BLANK)
    lf_tag = serializers.CharField(**_NULL)
    uhf_tag = serializers.CharField(**_NULL)
    batch_id = serializers.IntegerField(**_NULL)
    batch_number = serializers.CharField(**_BLANK)
    last_weight_kg = serializers.FloatField(**_NULL)
    days_on_feed = serializers.IntegerField()
    treatments = serializers.IntegerField(help_text="That stand, until that day.")
    last_product = serializers.CharField(**_BLANK)
    last_treated_on = serializers.DateField(**_NULL)


class DeathsReportSerializer(_CountsSerializer):
    first = serializers.DateField()
    last = serializers.DateField()
    in_hospital = serializers.IntegerField(help_text="Animals that are pulled now.")
    by_day = LossesOfDaySerializer(many=True)
    by_cause = LossesByCauseSerializer(many=True)
    by_batch = LossesOfBatchSerializer(many=True)
    data = LossSerializer(many=True)  # type: ignore[assignment]  # collected by the metaclass
