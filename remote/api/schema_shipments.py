"""Answers about shipments that are no table's row, as OpenAPI has them."""

from typing import Any, Final

from rest_framework import serializers

from remote.api.schema_answers import PageSerializer
from remote.api.schema_serializers import CattleSerializer, ShipmentSerializer

_TEXT: Final[dict[str, Any]] = {"allow_blank": True}


class ShipmentAnimalSerializer(serializers.Serializer[Any]):
    cattle = CattleSerializer()
    planned = serializers.BooleanField()
    loaded_at = serializers.DateTimeField(allow_null=True)
    loaded_by = serializers.CharField(**_TEXT)
    shipped = serializers.BooleanField()
    state = serializers.ChoiceField(["loaded", "missing", "extra"])
    held = serializers.BooleanField(
        help_text="Not clear on the day on which the shipment leaves, as far as that is known."
    )


class ShipmentAnimalsSerializer(PageSerializer):
    data = ShipmentAnimalSerializer(many=True)  # type: ignore[assignment]  # collected by the metaclass


class LoadedSerializer(serializers.Serializer[Any]):
    shipment = ShipmentSerializer()
    cattle = CattleSerializer()
    planned = serializers.BooleanField(help_text="False of an extra one.")
    held = serializers.BooleanField(help_text="Not clear today: it cannot leave without a reason.")


class ManifestAnimalSerializer(serializers.Serializer[Any]):
    cattle_id = serializers.IntegerField()
    livestock_id = serializers.CharField(**_TEXT)
    visual_id = serializers.CharField(**_TEXT)
    lf_tag = serializers.CharField(**_TEXT)
    uhf_tag = serializers.CharField(**_TEXT)
    sex = serializers.CharField(**_TEXT)
    breed = serializers.CharField(**_TEXT)
    last_weight_kg = serializers.FloatField(allow_null=True)
    batch = serializers.CharField(**_TEXT)
    pen = serializers.CharField(**_TEXT)
    held = serializers.BooleanField(help_text="Not clear on the day on which the shipment left.")
    clear_on = serializers.DateField(allow_null=True)
    not_clear_reason = serializers.CharField(**_TEXT, help_text="Why it left before it was clear.")


class ManifestShippedSerializer(ManifestAnimalSerializer):
    extra = serializers.BooleanField(help_text="True of one that was not planned.")


class ManifestSerializer(serializers.Serializer[Any]):
    shipment_number = serializers.CharField()
    day = serializers.DateField()
    destination = serializers.CharField(**_TEXT)
    carrier = serializers.CharField(**_TEXT)
    premises_from = serializers.CharField(**_TEXT)
    premises_to = serializers.CharField(**_TEXT)
    planned_head = serializers.IntegerField()
    notes = serializers.CharField(**_TEXT)
    loading_by = serializers.CharField(**_TEXT)
    shipped_on = serializers.DateField()
    shipped_by = serializers.CharField(**_TEXT)
    head = serializers.IntegerField()
    held_count = serializers.IntegerField(help_text="Of the animals that left: not clear.")
    animals = ManifestShippedSerializer(many=True)
    missing = ManifestAnimalSerializer(many=True, help_text="Planned, and not loaded.")
    left_behind = ManifestAnimalSerializer(many=True, help_text="Extra ones that did not leave.")
    files = serializers.ListField(
        child=serializers.CharField(), help_text="Names of the files to report it with."
    )


class ShippedSerializer(ShipmentSerializer):
    manifest = ManifestSerializer(required=False, help_text="With `preview`: as it would be.")
    refused = serializers.CharField(
        **_TEXT, required=False, help_text="With `preview`: why it cannot leave; empty: it can."
    )
    refused_code = serializers.CharField(
        **_TEXT, required=False, help_text="With `preview`: `not_clear`, or empty."
    )
