"""An animal's past and its entries, each by its kind, as OpenAPI has them."""

from typing import Any, Final

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from herd.causes import CAUSES
from remote.api.schema_answers import PageSerializer


class _EntrySerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    id = serializers.IntegerField(help_text="With kind and time the entry's own.")


class PairingEntrySerializer(_EntrySerializer):
    kind = serializers.ChoiceField(["pairing"])
    until = serializers.DateTimeField(allow_null=True)
    tag_kind = serializers.CharField()
    tag = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_blank=True)


MovementEntrySerializer: Any = type(
    "MovementEntrySerializer",
    (_EntrySerializer,),
    {  # `from` is a word of Python's
        "kind": serializers.ChoiceField(["movement"]),
        "what": serializers.ChoiceField(["batch", "pen"]),
        "from": serializers.CharField(allow_blank=True, allow_null=True),
        "to": serializers.CharField(allow_blank=True, allow_null=True),
        "reason": serializers.CharField(allow_blank=True),
        "by": serializers.CharField(allow_blank=True),
        "session_id": serializers.IntegerField(allow_null=True),
    },
)


class WeightEntrySerializer(_EntrySerializer):
    kind = serializers.ChoiceField(["weight"])
    weight_kg = serializers.FloatField()
    expected_kg = serializers.FloatField(allow_null=True)
    quality = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # collected by the metaclass
    by = serializers.CharField(allow_blank=True)
    voided_by = serializers.CharField(allow_blank=True)
    session_id = serializers.IntegerField(allow_null=True)


class VoidEntrySerializer(_EntrySerializer):
    kind = serializers.ChoiceField(["void"])
    weight_kg = serializers.FloatField()
    reason = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_blank=True)


class TreatmentEntrySerializer(_EntrySerializer):
    kind = serializers.ChoiceField(["treatment"])
    product = serializers.CharField()
    amount = serializers.FloatField(allow_null=True)
    unit = serializers.CharField(allow_blank=True)
    lot_no = serializers.CharField(allow_blank=True)
    route = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    clear_on = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]  # collected by the metaclass
    by = serializers.CharField(allow_blank=True)
    voided_at = serializers.DateTimeField(allow_null=True)
    voided_by = serializers.CharField(allow_blank=True)
    void_reason = serializers.CharField(allow_blank=True)


class PullEntrySerializer(_EntrySerializer):
    kind = serializers.ChoiceField(["pull"])
    cause = serializers.ChoiceField(list(CAUSES))
    to = serializers.CharField(allow_blank=True, help_text="The pen that it came to.")
    reason = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_blank=True)
    returned_at = serializers.DateTimeField(allow_null=True)
    returned_by = serializers.CharField(allow_blank=True)
    voided_at = serializers.DateTimeField(allow_null=True)
    voided_by = serializers.CharField(allow_blank=True)
    void_reason = serializers.CharField(allow_blank=True)


class ReadEntrySerializer(_EntrySerializer):
    kind = serializers.ChoiceField(["read"])
    raw_payload = serializers.CharField()
    original_payload = serializers.CharField(allow_blank=True)
    approximate = serializers.BooleanField()
    corrected_by = serializers.CharField(allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment]  # collected by the metaclass


class EditEntrySerializer(_EntrySerializer):
    kind = serializers.ChoiceField(["edit"])
    event = serializers.CharField()
    what = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_blank=True)


_ENTRIES: Final[dict[str, Any]] = {
    "pairing": PairingEntrySerializer,
    "movement": MovementEntrySerializer,
    "weight": WeightEntrySerializer,
    "void": VoidEntrySerializer,
    "treatment": TreatmentEntrySerializer,
    "pull": PullEntrySerializer,
    "read": ReadEntrySerializer,
    "edit": EditEntrySerializer,
}


@extend_schema_field(
    PolymorphicProxySerializer("HistoryEntry", _ENTRIES, resource_type_field_name="kind")
)
class _HistoryEntry(serializers.DictField):
    pass


class HistorySerializer(PageSerializer):
    data = serializers.ListField(child=_HistoryEntry())  # type: ignore[assignment]  # collected by the metaclass
