"""Scales over REST: the days on which they were adjusted, and weights that they read wrong."""

from functools import partial

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from herd import operations
from herd.scales_table import ScaleFault, ScaleStep
from herd.unit_of_work import UnitOfWork
from remote.api import inputs
from remote.api import schema_serializers as schemas
from remote.api.changes import ChangeView
from remote.api.serializers import Shape, scale_step_shape
from remote.api.views.base import HerdList, valid


class ScaleSteps(ChangeView, HerdList):
    queryset = ScaleStep.objects.all()
    serializer_class = schemas.ScaleStepSerializer
    input_class = inputs.ScaleStepInput
    filter_backends = []

    @extend_schema(request=inputs.ScaleStepInput, responses={201: schemas.ScaleStepSerializer})
    def post(self, request: Request) -> Response:
        """Say that a scale was adjusted on a day: no gain crosses it. The step may be known."""
        given = valid(inputs.ScaleStepInput, request)
        said = operations.Adjusted(
            given["scale"].strip(), given["day"], timezone.now(), given.get("factor")
        )
        return self.run_operation(request, partial(operations.confirm_step, said=said), _step, 201)


class ScaleStepUndo(ChangeView):
    input_class = inputs.NothingInput

    @extend_schema(request=None, responses=schemas.ScaleStepSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Say that the scale was not adjusted on that day. It is not found again."""
        undo = partial(operations.undo_step, step_id=pk, at=timezone.now())
        return self.run_operation(request, undo, _step)


def _step(_: UnitOfWork, step: ScaleStep) -> Shape:
    return scale_step_shape(step)


class ScaleFaults(HerdList):
    queryset = ScaleFault.objects.all()
    serializer_class = schemas.ScaleFaultSerializer
    filter_backends = []


class CorrectWeights(ChangeView):
    input_class = inputs.CorrectInput

    @extend_schema(request=inputs.CorrectInput, responses=schemas.CorrectedSerializer)
    def post(self, request: Request) -> Response:
        """Multiply the weights of a scale of some days by a factor; `read_kg` keeps what it read.
        `change_id` takes it all back."""
        given = valid(inputs.CorrectInput, request)
        asked = operations.Correction(
            given["scale"].strip(),
            given["first"],
            given["last"],
            given["factor"],
            given["reason"],
            timezone.now(),
        )
        return self.run_operation(
            request, partial(operations.correct_weights, asked=asked), _corrected
        )


def _corrected(_: UnitOfWork, made: operations.Corrected) -> Shape:
    return {
        "change_id": made.change.pk,
        "weights": made.weights,
        "cattle": made.animals,
        "scale_steps": made.scale_steps,
    }
