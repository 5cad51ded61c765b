"""Changes that touch much at once over REST: tag conflicts, imports, and taking them back."""

import base64
import binascii
from functools import partial
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from herd import operations
from herd.errors import HerdError
from herd.models import Animal, ReversibleChange
from herd.unit_of_work import UnitOfWork
from lora import conflicts
from remote.api import inputs, schema_serializers
from remote.api.authentication import actor_of
from remote.api.changes import ChangeView, is_preview, refusal
from remote.api.imports import Asked, Sheet, apply, read_sheet
from remote.api.schema import PREVIEW
from remote.api.serializers import Shape, change_shape, payload_shape
from remote.api.undo_preview import refused, undoing
from remote.api.views.base import HerdList, HerdView, valid
from remote.api.views.cattle import fresh


class Conflict(HerdView):
    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        """Return the payload, the tags it names and the animals that bear them."""
        try:
            found = conflicts.conflict_of(pk)
        except HerdError as error:
            return refusal(error)
        return Response(
            {
                "payload": payload_shape(found.payload),
                "lf_tag": found.lf,
                "uhf_tag": found.uhf,
                "livestock_id": found.livestock_id,
                "cattle": [fresh(animal) for animal in found.animals],
            }
        )


class Resolve(ChangeView):
    @extend_schema(request=inputs.ResolveInput, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, pk: int) -> Response:
        """`merge`: the animals are one, `cattle_id` is kept; `give`: `cattle_id` gets the tags;
        `ignore`: nothing changes. Then the payload is applied, as far as it still has an effect.
        """
        given = valid(inputs.ResolveInput, request)
        decision = conflicts.Decision(
            given["action"], given.get("cattle_id"), given.get("reason", ""), timezone.now()
        )
        return self.changed(
            request, lambda unit: conflicts.resolve(unit, pk, decision), _resolved
        )  # fmt: skip


def _resolved(outcome: conflicts.Outcome) -> Shape:
    animals = Animal.objects.filter(pk__in=[animal.pk for animal in outcome.animals])
    return {
        "payload": payload_shape(outcome.payload),
        "cattle": [fresh(animal) for animal in animals],
        "change_ids": [change.pk for change in outcome.changes],
    }


class ChangeList(HerdList):
    """Merges, tags given to other animals, imports: what can be taken back, the newest first."""

    queryset = ReversibleChange.objects.defer("steps")
    serializer_class = schema_serializers.ChangeSerializer
    filter_backends = []


class ChangeDetail(HerdView):
    @extend_schema(responses=OpenApiTypes.OBJECT, parameters=[PREVIEW])
    def get(self, request: Request, pk: int) -> Response:
        """`undoing` says in sentences what taking it back would do. With `?preview=1` that is
        tried, and taken back: where it would be refused, it and `refused` say why."""
        change = get_object_or_404(ReversibleChange, pk=pk)
        why = refused(change, actor_of(request)) if is_preview(request) else ""
        told = [why] if why else undoing(change)
        return Response({**change_shape(change), "undoing": told, "refused": why})


class Undo(ChangeView):
    @extend_schema(request=None, responses=schema_serializers.ChangeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """409 `undo_impossible` where something was done since that would be lost. A conflict
        that the change decided is in conflict again."""

        def take_back(unit: UnitOfWork) -> ReversibleChange:
            return conflicts.undo(unit, pk, timezone.now())

        return self.changed(request, take_back, change_shape)


class Imports(ChangeView):
    body_limit = 8 * 1024 * 1024

    @extend_schema(
        request=inputs.ImportInput, responses={201: schema_serializers.ImportedSerializer}
    )
    def post(self, request: Request) -> Response:
        """Import a CSV file of animals or weights: all of it or, with errors by line, nothing."""
        given = valid(inputs.ImportInput, request)
        sheet = read_sheet(_bytes(given["data"]), _asked(given))
        if sheet.errors:
            told = {"detail": sheet.refusal(), "code": "rows_refused", **sheet.shape()}
            return Response(told, 422)
        operate = partial(apply, sheet=sheet, name=given.get("name", ""), at=timezone.now())
        return self.changed(request, operate, partial(_imported, sheet), 201)


def _asked(given: dict[str, Any]) -> Asked:
    return Asked(
        given["kind"], given.get("columns"), given.get("unit", "kg"),
        given.get("date_order", ""), given["make_pending"],
    )  # fmt: skip


def _imported(sheet: Sheet, outcome: operations.Imported) -> Shape:
    shape = sheet.shape()
    for row in shape["understood"]:
        row.update(outcome.rows[row["line"]]._asdict())
    return {
        **shape,
        "created": outcome.created,
        "updated": outcome.updated,
        "recorded": outcome.recorded,
        "known": outcome.known,
        "suspect": outcome.suspect,
        "change_id": outcome.change.pk,
    }


def _bytes(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        wrong: dict[str, Any] = {"data": ["This is not base64."]}
        raise exceptions.ValidationError(wrong) from error
