"""Marks of work items over REST: what was dismissed, seen, or is to come again on a day."""

from functools import partial
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from herd import operations
from herd.models import WorkMark
from herd.operations.work_marks import MarkedItem, Marking
from herd.unit_of_work import UnitOfWork
from remote.api import filters, inputs
from remote.api import schema_serializers as schemas
from remote.api.changes import ChangeView
from remote.api.serializers import Shape, work_mark_shape
from remote.api.views.base import HerdList, valid
from remote.api.work_inputs import MarkInput


class WorkMarkList(ChangeView, HerdList):
    by_lookups = True
    queryset = WorkMark.objects.all()
    serializer_class = schemas.WorkMarkSerializer
    input_class = MarkInput
    filterset_class = filters.WorkMarkFilter
    orderings = ("made_at",)
    body_limit = 1024 * 1024

    @extend_schema(
        operation_id="mark_work",
        request=MarkInput,
        responses={201: schemas.MarkedSerializer},
    )
    def post(self, request: Request) -> Response:
        given = valid(MarkInput, request)
        mark = partial(operations.mark_work, marking=_marking(given))
        return self.run_operation(request, mark, _marked, 201)


def _marking(given: dict[str, Any]) -> Marking:
    items = [MarkedItem(**item) for item in given["items"]]
    reason, until = given.get("reason", ""), given.get("until")
    return Marking(given["kind"], items, timezone.now(), reason, until)


def _marked(_: UnitOfWork, marks: list[WorkMark]) -> Shape:
    return {"data": [work_mark_shape(mark) for mark in marks], "count": len(marks)}


class WorkMarkEnd(ChangeView):
    by_lookups = True
    input_class = inputs.NothingInput

    @extend_schema(request=None, responses=schemas.WorkMarkSerializer)
    def post(self, request: Request, pk: int) -> Response:
        end = partial(operations.end_mark, pk=pk, at=timezone.now())
        return self.run_operation(request, end, lambda _, mark: work_mark_shape(mark))
