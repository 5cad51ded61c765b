"""Pulls over REST, and the report of deaths and pulls."""

from datetime import date
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from herd import operations
from herd.models import Animal, Pull
from herd.operations.placing import Overfill
from herd.unit_of_work import UnitOfWork
from remote.api import filters, pull_answers
from remote.api import schema_serializers as schemas
from remote.api.changes import ChangeView
from remote.api.deaths_report import deaths_report, span_of
from remote.api.pull_inputs import PullInput, PullManyInput, ReturnInput, VoidPullInput
from remote.api.serializers import Shape, pull_shape
from remote.api.views.base import HerdList, HerdView, valid

SPAN = ("first", "last")


class CattlePulls(ChangeView, HerdList):
    queryset = Pull.objects.all()
    serializer_class = schemas.PullSerializer
    input_class = PullInput
    orderings = ("pulled_at",)
    filter_backends = []

    def get_queryset(self) -> QuerySet[Any]:
        animal = get_object_or_404(Animal, pk=self.kwargs["pk"])
        return super().get_queryset().filter(animal=animal)

    @extend_schema(request=PullInput, responses={201: schemas.PullSerializer})
    def post(self, request: Request, pk: int) -> Response:
        given = valid(PullInput, request)
        pull = partial(_pull, ids=[pk], given=given)
        return self.run_operation(request, pull, lambda _, made: pull_shape(made[0]), 201)


class PullList(ChangeView, HerdList):
    queryset = Pull.objects.all()
    serializer_class = schemas.PullSerializer
    input_class = PullManyInput
    filterset_class = filters.PullFilter
    orderings = ("pulled_at",)
    body_limit = 256 * 1024

    @extend_schema(
        operation_id="pull_many",
        request=PullManyInput,
        responses={201: pull_answers.PulledManySerializer},
    )
    def post(self, request: Request) -> Response:
        given = valid(PullManyInput, request)
        pull = partial(_pull, ids=given["cattle_ids"], given=given)
        return self.run_operation(request, pull, _many, 201)


def _pull(unit: UnitOfWork, ids: list[int], given: dict[str, Any]) -> list[Pull]:
    now = timezone.now()
    asked = operations.Pulling(
        ids,
        given["cause"],
        given.get("pulled_at") or now,
        now,
        Pull.Source.OFFICE,
        pen=given.get("pen_id"),
        note=given.get("note", ""),
        overfill=_overfill(given),
    )
    return operations.pull(unit, asked)


def _overfill(given: dict[str, Any]) -> Overfill:
    return Overfill(given.get("force", False), given.get("reason", ""))


def _many(_: UnitOfWork, made: list[Pull]) -> Shape:
    return {
        "pull_ids": [one.pk for one in made],
        "cattle_ids": [one.animal_id for one in made],
        "count": len(made),
    }


def _one(_: UnitOfWork, pull: Pull) -> Shape:
    return pull_shape(pull)


class PullReturn(ChangeView):
    input_class = ReturnInput

    @extend_schema(request=ReturnInput, responses=schemas.PullSerializer)
    def post(self, request: Request, pk: int) -> Response:
        given = valid(ReturnInput, request)
        asked = operations.SendingBack(pk, timezone.now(), given.get("pen_id"), _overfill(given))
        return self.run_operation(request, partial(operations.send_back, asked=asked), _one)


class PullVoid(ChangeView):
    input_class = VoidPullInput

    @extend_schema(request=VoidPullInput, responses=schemas.PullSerializer)
    def post(self, request: Request, pk: int) -> Response:
        given = valid(VoidPullInput, request)
        asked = operations.SendingBack(pk, timezone.now(), overfill=_overfill(given))
        void = partial(operations.void_pull, asked=asked, reason=given["reason"])
        return self.run_operation(request, void, _one)


class DeathsReport(HerdView):
    parameters = {"GET": frozenset(SPAN)}

    @extend_schema(
        operation_id="reports_deaths",
        parameters=[OpenApiParameter(name, OpenApiTypes.DATE) for name in SPAN],
        responses=pull_answers.DeathsReportSerializer,
    )
    def get(self, request: Request) -> Response:
        """Tell deaths and pulls of at most 366 days; `first` and `last` say which they are."""
        first, last = (_day(request, name) for name in SPAN)
        return Response(deaths_report(*span_of(first, last, timezone.localdate())))


def _day(request: Request, name: str) -> date | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        return serializers.DateField().to_internal_value(text)
    except serializers.ValidationError as error:
        raise ValidationError({name: error.detail}) from error
