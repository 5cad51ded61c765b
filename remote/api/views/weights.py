"""Weights over REST: listed, and decided upon by people."""

from functools import partial

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from herd import operations
from herd.models import WeightRecord
from herd.unit_of_work import UnitOfWork
from remote.api import filters, inputs
from remote.api import schema_serializers as schemas
from remote.api.changes import ChangeView
from remote.api.serializers import Shape, weight_shape
from remote.api.views.base import HerdList, valid
from remote.api.views.cattle import weighed


class WeightList(HerdList):
    queryset = WeightRecord.objects.all()
    serializer_class = schemas.WeightSerializer
    filterset_class = filters.WeightFilter
    orderings = ("recorded_at",)


class WeightVoid(ChangeView):
    input_class = inputs.VoidInput

    @extend_schema(request=inputs.VoidInput, responses=schemas.WeightSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Take the weight out of every figure; the row stays, with the reason."""
        reason = valid(inputs.VoidInput, request)["reason"]
        return self.run_operation(
            request,
            lambda unit: operations.void_weight(unit, pk, reason, timezone.now()),
            _weight,
        )


def _weight(_: UnitOfWork, weight: WeightRecord) -> Shape:
    return weight_shape(weight)


class WeightUnvoid(ChangeView):
    input_class = inputs.NothingInput

    @extend_schema(request=None, responses=schemas.WeightSerializer)
    def post(self, request: Request, pk: int) -> Response:
        unvoid = partial(operations.unvoid_weight, record_id=pk, at=timezone.now())
        return self.run_operation(request, unvoid, _weight)


class WeightAccept(ChangeView):
    input_class = inputs.NothingInput

    @extend_schema(request=None, responses=schemas.WeightSerializer)
    def post(self, request: Request, pk: int) -> Response:
        accept = partial(operations.accept_weight, record_id=pk, at=timezone.now())
        return self.run_operation(request, accept, _weight)


class WeightReplace(ChangeView):
    input_class = inputs.ReplaceInput

    @extend_schema(request=inputs.ReplaceInput, responses={201: schemas.WeighedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        given = valid(inputs.ReplaceInput, request)
        asked = operations.Replacement(
            pk,
            given["weight_kg"],
            timezone.now(),
            WeightRecord.Source.OFFICE,
            given.get("reason", ""),
        )
        replace = partial(operations.replace_weight, asked=asked)
        return self.run_operation(request, replace, weighed, 201)
