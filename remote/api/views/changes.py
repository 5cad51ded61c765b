"""Changes that touch much at once over REST: tag conflicts, imports, and taking them back."""

from functools import partial
from typing import Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from herd.concurrency import carry_out
from herd.errors import HerdError
from herd.models import Animal, ReversibleChange
from herd.operations.placing import Overfill
from herd.unit_of_work import UnitOfWork
from lora import conflicts
from remote.api import inputs, schema
from remote.api import schema_answers as answers
from remote.api import schema_serializers as schemas
from remote.api.authentication import actor_of
from remote.api.changes import PREVIEW, ChangeView, is_preview, override_of, refusal
from remote.api.serializers import Shape, cattle_shape, change_shape, payload_shape
from remote.api.views.base import HerdList, HerdView, valid
from remote.api.views.cattle import fresh

_DOES: Final = {  # of one, of many
    "animals": (
        "One animal that it added will be deleted.",
        "{} animals that it added will be deleted.",
    ),
    "changed": (
        "One animal gets back the values it had before.",
        "{} animals get back the values they had before.",
    ),
    "weights": ("One weight will be voided.", "{} weights will be voided."),
    "treatments": ("One treatment will be voided.", "{} treatments will be voided."),
    "pens": (
        "One pen that it made will be deleted if it is empty.",
        "{} pens that it made will be deleted if they are empty.",
    ),
}


class ConflictDetail(HerdView):
    refuses = (409,)

    @extend_schema(responses=answers.ConflictSerializer)
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
    """Merges, tags given to other animals and imports, the newest first: all can be taken back."""

    queryset = ReversibleChange.objects.defer("steps")
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
        code, why = _why_not_undone(change, actor_of(request)) if is_preview(request) else ("", "")
        refused = {"refused": why, "refused_code": code}
        sentences = [why] if why else _undoing(change)
        return Response({**change_shape(change), "undoing": sentences, **refused})


def _why_not_undone(change: ReversibleChange, actor: str) -> tuple[str, str]:
    """Return why the change cannot be taken back, as code and sentence, "" where it can."""
    try:
        undo = partial(conflicts.undo, change_id=change.pk, at=timezone.now())
        carry_out(actor, undo, preview=True)
    except HerdError as error:
        return error.code, str(error)
    return "", ""


def _undoing(change: ReversibleChange) -> list[str]:
    """Return what taking the change back would do, in sentences for the person who is about to."""
    match change.kind:
        case ReversibleChange.Kind.MERGE:
            sentences = _parting(change)
        case ReversibleChange.Kind.RETAG:
            sentences = _giving_back(change)
        case ReversibleChange.Kind.SCALE:
            count = len(change.steps["weights"])
            sentences = [f"Weights that get back the kilograms they had before: {count}."]
        case ReversibleChange.Kind.SHIPMENT:
            sentences = _loading_again(change)
        case _:
            sentences = _taking_out(change)
    if payload := change.steps.get(conflicts.ASKED_BY):
        sentences.append(f"Payload no. {payload} is in conflict again and waits for a decision.")
    return sentences


def _parting(change: ReversibleChange) -> list[str]:
    absorbed, kept = change.steps["absorbed"], change.steps["kept"]
    name = absorbed["livestock_id"] or f"no. {absorbed['id']}"
    return [
        f"Animal {name} is a record of its own again, with its tags, weights, reads and moves.",
        f"What was recorded since the merge stays with animal no. {kept}.",
    ]


def _giving_back(change: ReversibleChange) -> list[str]:
    return [
        f"Animal no. {one['animal']} wears LF {one['before']['lf'] or '–'} and UHF"
        f" {one['before']['uhf'] or '–'} again."
        for one in change.steps["tags"]
    ]


def _loading_again(change: ReversibleChange) -> list[str]:
    head = len(change.steps["animals"])
    back = "One animal is" if head == 1 else f"{head} animals are"
    return [f"{back} as before the shipment left.", "The shipment is being loaded again."]


def _taking_out(change: ReversibleChange) -> list[str]:
    counts = {name: len(change.steps.get(name, ())) for name in _DOES}
    return [_DOES[name][count > 1].format(count) for name, count in counts.items() if count]


class Undo(ChangeView):
    input_class = inputs.UndoInput

    @extend_schema(request=inputs.UndoInput, responses=schemas.ChangeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Take the change back. 409 `undo_impossible` where something was done since that would be
        lost; `pen_full` where an animal comes back into a pen that has no room: `force` with a
        `reason` overfills it; `not_clear` where one would have left before it is clear, unless a
        manager's `override` says why. A conflict that the change decided is in conflict again."""
        given = valid(inputs.UndoInput, request)
        overfill = Overfill(given["force"], given.get("reason", ""))
        override = override_of(request, given)
        return self.run_operation(
            request,
            lambda unit: conflicts.undo(unit, pk, timezone.now(), overfill, override),
            lambda _, change: change_shape(change),
        )
