"""Changes that touch much at once over REST: tag conflicts, imports, and taking them back."""

from functools import partial

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from herd.errors import HerdError
from herd.models import Animal, ReversibleChange
from herd.storage.fast_rows import refer
from herd.unit_of_work import UnitOfWork
from lora import conflicts
from remote.api import inputs, schema
from remote.api import schema_answers as answers
from remote.api import schema_serializers as schemas
from remote.api.changes import PREVIEW, ChangeView, override_of, refusal
from remote.api.serializers import Shape, cattle_shape, change_shape, payload_shape
from remote.api.undoing import undo_asked, undoing
from remote.api.views.base import HerdList, HerdView, valid
from remote.api.views.cattle import fresh


class ConflictDetail(HerdView):
    refuses = (409,)

    @extend_schema(responses=answers.ConflictSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return the payload, the tags it names and the animals that bear them."""
        try:
            found = conflicts.conflict_of(pk)
        except HerdError as error:
            return refusal(error)
        for place in ("batch", "pen"):
            refer(found.animals, Animal, place)
        return Response(
            {
                "payload": payload_shape(found.payload),
                "lf_tag": found.lf,
                "uhf_tag": found.uhf,
                "livestock_id": found.livestock_id,
                "cattle": [cattle_shape(animal) for animal in found.animals],
            }
        )


class Resolve(ChangeView):
    input_class = inputs.ResolveInput

    @extend_schema(request=inputs.ResolveInput, responses=answers.ResolvedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Decide a tag conflict. `merge`: the animals are one, `cattle_id` is kept; `give`:
        `cattle_id` gets the tags; `ignore`: nothing changes. Then the payload is applied, as far as
        it still has an effect. 409 `status_differs` where one of the merged has left and nobody
        said whose status counts (`status_from`); 409 `not_clear` where one has left before the
        other is clear, unless a manager's `override` says why."""
        given = valid(inputs.ResolveInput, request)
        decision = conflicts.Decision(
            given["action"],
            given.get("cattle_id"),
            given.get("reason", ""),
            timezone.now(),
            given.get("status_from"),
            given["force"],
            override_of(request, given),
        )
        resolve = partial(conflicts.resolve, payload_id=pk, decision=decision)
        return self.run_operation(request, resolve, _resolved)


def _resolved(unit: UnitOfWork, outcome: conflicts.Outcome) -> Shape:
    left = unit.by_number(Animal, [animal.pk for animal in outcome.animals])  # but those merged
    return {
        "payload": payload_shape(outcome.payload),
        "cattle": [fresh(unit, animal) for animal in left.values()],
        "change_ids": [change.pk for change in outcome.changes],
    }


class ChangeList(HerdList):
    """Merges, tags given to other animals and imports, the newest first. `operations` lists every
    act, and these among them."""

    queryset = ReversibleChange.objects.filter(kind__in=ReversibleChange.WITH_OWN_STEPS).defer(
        "steps"
    )
    serializer_class = schemas.ChangeSerializer
    filter_backends = []


class ChangeDetail(HerdView):
    parameters = {"GET": frozenset({PREVIEW})}

    @extend_schema(responses=answers.ChangeDetailSerializer, parameters=[schema.PREVIEW])
    def get(self, request: Request, pk: int) -> Response:
        """Return the change; `undoing` says in sentences what taking it back would do. With
        `?preview=1` that is tried: where it would be refused, it and `refused` say why, and
        `refused_code` in a word."""
        change = get_object_or_404(ReversibleChange, pk=pk)
        told = undoing(request, change)
        del told["remainder"]
        return Response(change_shape(change) | told)


class Undo(ChangeView):
    input_class = inputs.UndoInput

    @extend_schema(request=inputs.UndoInput, responses=schemas.ChangeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Take the change back, as `operations/{id}/undo` does. 409 `undo_impossible` where
        something was done since that would be lost; `pen_full` where an animal comes back into a
        pen that has no room: `force` with a `reason` overfills it; `not_clear` where one would
        have left before it is clear, unless a manager's `override` says why. A conflict that the
        change decided is in conflict again."""
        return self.run_operation(request, undo_asked(request, pk), _changed)


def _changed(_: UnitOfWork, change: ReversibleChange) -> Shape:
    return change_shape(change)
