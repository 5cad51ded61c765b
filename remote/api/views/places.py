"""Batches and pens over REST."""

from functools import partial

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from herd import operations
from herd.head_days import head_days_of
from herd.models import Batch, Pen
from herd.unit_of_work import UnitOfWork
from remote.api import filters, inputs
from remote.api import schema_answers as answers
from remote.api import schema_serializers as schemas
from remote.api.changes import ChangeView, EditView
from remote.api.closeout import closeout_of
from remote.api.growth import growth_of
from remote.api.schema_closeout import CloseoutSerializer
from remote.api.serializers import Shape, batch_shape, pen_shape
from remote.api.views.base import HerdList, HerdView, row_or_404, valid


class BatchList(ChangeView, HerdList):
    queryset = Batch.objects.all()
    serializer_class = schemas.BatchSerializer
    input_class = inputs.BatchInput
    filterset_class = filters.BatchFilter
    orderings = ("batch_number", "created_at", "updated_at")

    @extend_schema(request=inputs.BatchInput, responses={201: schemas.BatchSerializer})
    def post(self, request: Request) -> Response:
        given = valid(inputs.BatchInput, request)
        create = partial(operations.create_batch, values=given, at=timezone.now())
        return self.run_operation(request, create, _batch, 201)


class BatchDetail(EditView):
    queryset = Batch.objects.all()
    serializer_class = schemas.BatchSerializer
    input_class = inputs.BatchInput

    @extend_schema(request=inputs.BatchEdit, responses=schemas.BatchSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change the fields that are given; `{"status": "closed"}` closes the batch. 409
        `changed_since` where one is not as it was `seen`."""
        return self.run_edit(
            inputs.BatchEdit, lambda unit: unit.batch_no(pk), operations.edit_batch, _batch
        )


class BatchGrowth(HerdView):
    @extend_schema(responses=answers.GrowthSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return `{"data": [{"day", "head", "mean_weight_kg"}]}`: the good weighings of each day,
        the oldest first; and `head_days` of the batch until today, by the movements."""
        batch = row_or_404(Batch, pk)
        data = growth_of(batch.pk)
        fed = head_days_of(batch, timezone.localdate())
        return Response({"data": data, "next": None, "total": len(data), "head_days": fed})


class BatchCloseout(HerdView):
    @extend_schema(responses=CloseoutSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return what came into the batch and left, its head-days, growth and treatments."""
        return Response(closeout_of(row_or_404(Batch, pk)))


def _batch(_: UnitOfWork, batch: Batch) -> Shape:
    return batch_shape(batch)


def _pen(_: UnitOfWork, pen: Pen) -> Shape:
    return pen_shape(pen)


class PenList(ChangeView, HerdList):
    queryset = Pen.objects.all()
    serializer_class = schemas.PenSerializer
    input_class = inputs.PenInput
    filterset_class = filters.PenFilter
    orderings = ("pen_number",)

    @extend_schema(request=inputs.PenInput, responses={201: schemas.PenSerializer})
    def post(self, request: Request) -> Response:
        given = valid(inputs.PenInput, request)
        create = partial(operations.create_pen, values=given, at=timezone.now())
        return self.run_operation(request, create, _pen, 201)


class PenDetail(EditView):
    queryset = Pen.objects.all()
    serializer_class = schemas.PenSerializer
    input_class = inputs.PenInput
    needs = {"DELETE": "administrator"}

    @extend_schema(request=inputs.PenEdit, responses=schemas.PenSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change the given fields. 409 `changed_since` where one is not as it was `seen`."""
        return self.run_edit(
            inputs.PenEdit, lambda unit: unit.pen_no(pk), operations.edit_pen, _pen
        )

    @extend_schema(responses={200: schemas.PenNameSerializer})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete an empty pen. 409 `pen_in_use` while animals stand there."""

        def remove(unit: UnitOfWork) -> Shape:
            pen = unit.pen_no(pk)
            operations.delete_pen(unit, pen, timezone.now())
            return {"id": pk, "pen_number": pen.pen_number}

        return self.run_operation(request, remove, lambda _, gone: gone)
