"""Filters of the lists."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field

from herd.models import (
    ON_FEED,
    Animal,
    Batch,
    Pen,
    Product,
    Pull,
    ReversibleChange,
    Session,
    Shipment,
    TagPairing,
    Treatment,
    WeightRecord,
    WorkMark,
)
from herd.rules import tags
from herd.rules.searching import SEARCHED
from lora.models import LoRaPayload
from remote.api.filter_fields import (
    NO,
    NONE,
    YES,
    Filters,
    IdFilter,
    IdOrNoneFilter,
    SearchFilter,
    WordFilter,
)
from remote.api.operation_animals import about, operations_of

SOURCES = {"barn": "hxb", "export": "hxe", "hxb": "hxb", "hxe": "hxe"}
# By the word of a filter; `on_feed` is what the office calls those that are here.
STATUSES: Final[dict[str, Sequence[str]]] = {
    **{status: (status,) for status in Animal.Status.values},
    "on_feed": ON_FEED,
}
OPEN = {"true": "open", "1": "open", "false": "closed", "0": "closed"}


class BatchFilter(Filters):
    search = SearchFilter(*SEARCHED["batches"])
    source = WordFilter("source_type", SOURCES)
    # Not a BooleanFilter: that takes any other word for no question at all.
    open = WordFilter("status", OPEN)

    class Meta:
        model = Batch
        fields = ["status", "source_type"]


class CattleFilter(Filters):
    status = WordFilter("status", STATUSES, lookup_expr="in")
    held = WordFilter("clear_on", YES, method="by_held", help_text="Of those on feed.")
    batch = IdOrNoneFilter("batch_id")
    pen = IdOrNoneFilter(
        "pen_id",
        method="by_pen",
        help_text="Those on feed there; with `status` those that were last there too.",
    )
    tag = django_filters.CharFilter(
        method="by_tag",
        help_text="In any spelling; where nobody bears it now, those who bore it before.",
    )
    search = django_filters.CharFilter(
        method="by_search", help_text="A tag in any spelling, or any part of a tag or id."
    )

    class Meta:
        model = Animal
        fields: ClassVar[list[str]] = []

    def by_held(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:  # noqa: FBT001 - the library's call
        """Select the animals on feed that are not clear today, or the others on feed."""
        held, on_feed = Q(clear_on__gt=timezone.localdate()), rows.filter(status__in=ON_FEED)
        return on_feed.filter(held) if value else on_feed.exclude(held)

    def by_pen(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:  # noqa: ANN401 - a number or `none`
        """Select those on feed in the pen: a row that has left names the pen it was last in."""
        if value == NONE:
            return rows.filter(pen=None)
        found = rows.filter(pen_id=value)
        return found if self.data.get("status") else found.filter(status__in=ON_FEED)

    def by_tag(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        keys = tags.search_keys(value)
        worn = Q(lf_tag__in=keys) | Q(uhf_tag__in=keys)
        if Animal.objects.filter(worn).exists():
            return rows.filter(worn)
        bore = TagPairing.objects.filter(tag__in=keys, to_at__isnull=False)
        return rows.filter(pk__in=bore.values("animal_id"))

    def by_search(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        keys = tags.search_keys(value)
        return rows.filter(
            Q(lf_tag__in=keys)
            | Q(uhf_tag__in=keys)
            | Q(livestock_id__icontains=value)
            | Q(visual_id__icontains=value)
            | Q(lf_tag__icontains=value)
            | Q(uhf_tag__icontains=value)
        )


class PenFilter(Filters):
    search = SearchFilter(*SEARCHED["pens"])

    class Meta:
        model = Pen
        fields = ["location"]


class SessionFilter(Filters):
    search = SearchFilter("name", "pen__pen_number", "batch__batch_number")
    # Not a BooleanFilter: see above.
    open = extend_schema_field({"type": "string", "enum": list(YES)})(
        django_filters.TypedChoiceFilter(
            field_name="ended_at",
            lookup_expr="isnull",
            choices=[(word, word) for word in YES],
            coerce=YES.get,
        )
    )
    batch = IdOrNoneFilter("batch_id")
    pen = IdOrNoneFilter("pen_id")

    class Meta:
        model = Session
        fields = ["source"]


class ShipmentFilter(Filters):
    search = SearchFilter(*SEARCHED["shipments"])
    since = django_filters.DateFilter(field_name="day", lookup_expr="gte")
    until = django_filters.DateFilter(field_name="day", lookup_expr="lt")
    reported = WordFilter(
        "reported_on", YES, method="by_reported", help_text="False: it has left and is to be."
    )

    class Meta:
        model = Shipment
        fields = ["state"]

    def by_reported(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:  # noqa: FBT001 - the library's call
        if value:
            return rows.filter(reported_on__isnull=False)
        return rows.filter(reported_on=None, state=Shipment.State.SHIPPED)


class WeightFilter(Filters):
    since = django_filters.IsoDateTimeFilter(field_name="recorded_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="recorded_at", lookup_expr="lt")
    batch = IdOrNoneFilter("animal__batch_id")
    pen = IdOrNoneFilter("animal__pen_id")
    cattle = IdFilter("animal_id")
    session = IdOrNoneFilter("session_id")

    class Meta:
        model = WeightRecord
        fields = ["quality", "source"]


class ProductFilter(Filters):
    search = SearchFilter(*SEARCHED["products"])
    active = WordFilter("active", YES)

    class Meta:
        model = Product
        fields = ["kind"]


class TreatmentFilter(Filters):
    since = django_filters.IsoDateTimeFilter(field_name="given_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="given_at", lookup_expr="lt")
    batch = IdOrNoneFilter("animal__batch_id")
    pen = IdOrNoneFilter("animal__pen_id")
    cattle = IdFilter("animal_id")
    product = IdFilter("product_id")
    session = IdOrNoneFilter("session_id")
    void = WordFilter("voided_at", NO, lookup_expr="isnull")

    class Meta:
        model = Treatment
        fields = ["source"]


class WorkMarkFilter(Filters):
    since = django_filters.IsoDateTimeFilter(field_name="made_at", lookup_expr="gte")
    before = django_filters.IsoDateTimeFilter(field_name="made_at", lookup_expr="lt")
    standing = WordFilter("ended_at", YES, lookup_expr="isnull")
    search = django_filters.CharFilter(field_name="text", lookup_expr="icontains")

    class Meta:
        model = WorkMark
        fields = ["kind", "key", "made_by"]


class PullFilter(Filters):
    since = django_filters.IsoDateTimeFilter(field_name="pulled_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="pulled_at", lookup_expr="lt")
    batch = IdOrNoneFilter("animal__batch_id")
    cattle = IdFilter("animal_id")
    open = WordFilter("returned_at", YES, method="by_open", help_text="Not back yet.")
    void = WordFilter("voided_at", NO, lookup_expr="isnull")

    class Meta:
        model = Pull
        fields = ["cause"]

    def by_open(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:  # noqa: FBT001 - the library's call
        """Select the pulls whose animal is on feed and not back yet, or the others."""
        waits = Q(returned_at=None, voided_at=None, animal__status__in=ON_FEED)
        return rows.filter(waits) if value else rows.exclude(waits)


class OperationFilter(Filters):
    since = django_filters.IsoDateTimeFilter(field_name="made_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="made_at", lookup_expr="lt")
    person = django_filters.CharFilter(
        method="by_person", help_text="`office:ana`, or the name alone."
    )
    cattle = IdFilter("cattle", method="by_animal")
    batch = IdFilter("batch", method="by_touched")
    pen = IdFilter("pen", method="by_touched")
    undone = WordFilter("undone_at", NO, lookup_expr="isnull")

    class Meta:
        model = ReversibleChange
        fields = ["kind"]

    def by_person(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        # Of a key it is `key:scale (hxb_4f2a)`: its name is told with its beginning.
        named = Q(made_by__iendswith=f":{value}") | Q(made_by__istartswith=f"key:{value} (")
        return rows.filter(Q(made_by__iexact=value) | named)

    def by_touched(self, rows: QuerySet[Any], name: str, value: int) -> QuerySet[Any]:
        """Select the operations with a journal row of this batch or pen."""
        return rows.filter(pk__in=operations_of(name, [value]))

    def by_animal(self, rows: QuerySet[Any], name: str, value: int) -> QuerySet[Any]:
        return rows.filter(about(value))


class PayloadFilter(Filters):
    search = django_filters.CharFilter(method="by_search", help_text="Of the text or the source.")
    before = IdFilter("id", "lt")
    cattle = IdOrNoneFilter("animal_id")
    batch = IdOrNoneFilter("batch_id")
    since = django_filters.IsoDateTimeFilter(field_name="received_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="received_at", lookup_expr="lt")

    class Meta:
        model = LoRaPayload
        fields = ["status", "error_code", "source"]

    def by_search(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(Q(raw_payload__icontains=value) | Q(source__icontains=value))
