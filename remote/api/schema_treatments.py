"""Answers about treatments that are no table's row, as OpenAPI has them."""

from typing import Any

from rest_framework import serializers

from remote.api.schema_serializers import TreatmentSerializer


class TreatedSerializer(TreatmentSerializer):
    warning = serializers.CharField(
        allow_blank=True, help_text="Where the product's lot had expired by then."
    )


class TreatedManySerializer(serializers.Serializer[Any]):
    treatment_ids = serializers.ListField(child=serializers.IntegerField())
    cattle_ids = serializers.ListField(child=serializers.IntegerField())
    count = serializers.IntegerField()
    clear_on = serializers.DateField(help_text="Of these treatments.")
    warning = serializers.CharField(allow_blank=True)
