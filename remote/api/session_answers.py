"""What is told of a session, as OpenAPI has it."""

from typing import Any

from rest_framework import serializers

from remote.api.schema_answers import PageSerializer
from remote.api.schema_serializers import SessionSerializer

_NULL: Any = {"allow_null": True}


class FiguresOfOneSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    head = serializers.IntegerField(help_text="Animals that were weighed.")
    weighed = serializers.IntegerField(help_text="Weights that count.")
    suspect = serializers.IntegerField()
    mean_weight_kg = serializers.FloatField(**_NULL)


class FiguresSerializer(PageSerializer):
    data = FiguresOfOneSerializer(many=True)  # type: ignore[assignment]  # collected by the metaclass


class SessionAnimalSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="Of the weight; null where it has none.", **_NULL)
    cattle_id = serializers.IntegerField()
    lf_tag = serializers.CharField(**_NULL)
    uhf_tag = serializers.CharField(**_NULL)
    visual_id = serializers.CharField(allow_blank=True)
    livestock_id = serializers.CharField(**_NULL)
    weight_kg = serializers.FloatField(**_NULL)
    quality = serializers.ChoiceField(["ok", "suspect", "void"], **_NULL)
    reason = serializers.CharField(allow_blank=True)
    gain_kg = serializers.FloatField(help_text="Since its weighing before the session.", **_NULL)
    gain_days = serializers.FloatField(**_NULL)
    sorted_to = serializers.CharField(help_text="The pen that it came into.", **_NULL)
    treated = serializers.CharField(
        allow_blank=True, help_text="The products that it was given, each with its amount."
    )
    at = serializers.DateTimeField()
    by = serializers.CharField(allow_blank=True)


class SortedSerializer(serializers.Serializer[Any]):
    pen_id = serializers.IntegerField()
    pen_number = serializers.CharField()
    head = serializers.IntegerField()


class ComparedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    started_at = serializers.DateTimeField()
    both = serializers.IntegerField(help_text="Animals with a weight that counts in both.")
    mean_before_kg = serializers.FloatField(**_NULL)
    mean_after_kg = serializers.FloatField(**_NULL)
    mean_gain_kg = serializers.FloatField(**_NULL)
    mean_days = serializers.FloatField(**_NULL)
    adg_kg = serializers.FloatField(**_NULL)
    only_here = serializers.IntegerField()
    only_there = serializers.IntegerField()


class SummarySerializer(PageSerializer, SessionSerializer):
    data = SessionAnimalSerializer(many=True)  # type: ignore[assignment]  # collected by the metaclass
    head = serializers.IntegerField(help_text="Animals weighed, moved, treated or read.")
    weighed = serializers.IntegerField(help_text="Animals with a weight that counts.")
    mean_weight_kg = serializers.FloatField(**_NULL)
    gaining = serializers.IntegerField(help_text="Animals that were weighed before, too.")
    mean_gain_kg = serializers.FloatField(**_NULL)
    mean_gain_days = serializers.FloatField(**_NULL)
    adg_kg = serializers.FloatField(**_NULL)
    treated = serializers.IntegerField()
    suspect = serializers.IntegerField(help_text="Weights that wait for a decision.")
    sorted = SortedSerializer(many=True)
    unseen = serializers.IntegerField(help_text="On feed in its pen or batch, and not seen.")
    unseen_ids = serializers.ListField(child=serializers.IntegerField())
    compared = ComparedSerializer(**_NULL)
