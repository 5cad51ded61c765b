"""The herd over REST."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from herd.models import Animal, Batch, JournalEntry, Pen, WeightRecord
from lora.models import LoRaPayload
from remote import filters, serializers
from remote.pagination import limit_of
from remote.shapes import Shape, kilograms, time_of
from remote.views import HerdDetail, HerdList, HerdView

HISTORY_LIMIT = 500  # of each kind, the newest


class BatchList(HerdList):
    queryset = Batch.objects.all()
    rows = Batch.objects.with_figures()
    serializer_class = serializers.BatchSerializer
    filterset_class = filters.BatchFilter
    orderings = ("batch_number", "created_at", "updated_at")


class BatchDetail(HerdDetail):
    queryset = Batch.objects.with_figures()
    serializer_class = serializers.BatchSerializer


class CattleList(HerdList):
    queryset = Animal.objects.all()
    rows = Animal.objects.select_related("batch", "pen")
    serializer_class = serializers.CattleSerializer
    filterset_class = filters.CattleFilter
    orderings = ("first_seen_at", "last_seen_at", "status")


class CattleDetail(HerdDetail):
    queryset = Animal.objects.select_related("batch", "pen")
    serializer_class = serializers.CattleSerializer


class CattleWeights(HerdList):
    queryset = WeightRecord.objects.all()
    serializer_class = serializers.WeightSerializer
    orderings = ("recorded_at",)
    filter_backends = []

    def get_queryset(self) -> QuerySet[Any]:
        animal = get_object_or_404(Animal, pk=self.kwargs["pk"])
        return super().get_queryset().filter(animal=animal)


class CattleHistory(HerdView):
    """What is known of an animal's past, the newest first."""

    @extend_schema(responses=serializers.HistorySerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Reads, pairings, movements, weights and edits in one list; `limit` cuts it."""
        animal = get_object_or_404(Animal, pk=pk)
        past = [*_pairings(animal), *_movements(animal), *_weights(animal), *_reads(animal),
                *_edits(animal)]  # fmt: skip
        # A time with no fraction sorts before the same second with one only without its Z.
        past.sort(key=lambda entry: entry["at"].removesuffix("Z"), reverse=True)
        most = limit_of(request) if "limit" in request.query_params else None
        return Response({"data": past[:most], "next": None, "total": len(past)})


def _pairings(animal: Animal) -> list[Shape]:
    return [
        {"kind": "pairing", "at": time_of(one.from_at), "until": time_of(one.to_at),
         "tag_kind": one.kind, "tag": one.tag, "reason": one.reason, "by": one.recorded_by}
        for one in animal.pairings.all()[:HISTORY_LIMIT]
    ]  # fmt: skip


def _movements(animal: Animal) -> list[Shape]:
    rows = animal.movements.select_related("from_batch", "to_batch", "from_pen", "to_pen")
    return [
        {
            "kind": "movement",
            "at": time_of(one.moved_at),
            "what": "batch" if one.to_batch else "pen",
            "from": str(one.from_batch or one.from_pen or ""),
            "to": str(one.to_batch or one.to_pen),
            "reason": one.reason,
            "by": one.recorded_by,
        }
        for one in rows[:HISTORY_LIMIT]
    ]


def _weights(animal: Animal) -> list[Shape]:
    return [
        {"kind": "weight", "at": time_of(one.recorded_at), "id": one.pk,
         "weight_kg": kilograms(one.weight_kg), "quality": one.quality, "reason": one.reason,
         "source": one.source, "by": one.recorded_by}
        for one in animal.weights.order_by("-recorded_at")[:HISTORY_LIMIT]
    ]  # fmt: skip


def _reads(animal: Animal) -> list[Shape]:
    rows = LoRaPayload.objects.filter(animal=animal).order_by("-id")[:HISTORY_LIMIT]
    return [
        {"kind": "read", "at": time_of(one.received_at), "id": one.pk,
         "raw_payload": one.raw_payload, "source": one.source}
        for one in rows
    ]  # fmt: skip


def _edits(animal: Animal) -> list[Shape]:
    """What people changed, by the journal: the radio's changes are told by the other kinds."""
    rows = JournalEntry.objects.filter(object_id=animal.pk, kind="cattle:updated")
    return [
        {"kind": "edit", "at": time_of(one.at), "by": one.actor, "what": one.detail}
        for one in rows.exclude(actor="radio").order_by("-seq")[:HISTORY_LIMIT]
    ]  # fmt: skip


class PenList(HerdList):
    queryset = Pen.objects.all()
    rows = Pen.objects.with_figures()
    serializer_class = serializers.PenSerializer
    filterset_class = filters.PenFilter
    orderings = ("pen_number",)


class PenDetail(HerdDetail):
    queryset = Pen.objects.with_figures()
    serializer_class = serializers.PenSerializer


class WeightList(HerdList):
    queryset = WeightRecord.objects.all()
    serializer_class = serializers.WeightSerializer
    filterset_class = filters.WeightFilter
    orderings = ("recorded_at",)
