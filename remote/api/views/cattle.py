"""Cattle over REST: reading, moving, weighing, tagging, and an animal's past."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from herd import operations
from herd.models import Animal, WeightRecord
from herd.operations.sessions import enter_session
from herd.unit_of_work import UnitOfWork
from remote.api import filters, inputs
from remote.api import schema_answers as answers
from remote.api import schema_serializers as schemas
from remote.api.changes import ChangeView, EditView, override_of
from remote.api.history import history_of, position_of
from remote.api.pagination import DEFAULT_LIMIT, LIMIT, MOST, limit_of
from remote.api.schema_history import HistorySerializer
from remote.api.serializers import Shape, cattle_shape, weight_shape
from remote.api.views.base import HerdList, HerdView, row_or_404, valid


class CattleList(ChangeView, HerdList):
    by_lookups = True
    queryset = Animal.objects.all()
    rows = Animal.objects.select_related("batch", "pen")
    serializer_class = schemas.CattleSerializer
    filterset_class = filters.CattleFilter
    input_class = inputs.NewCattleInput
    orderings = ("first_seen_at", "last_seen_at", "status")

    @extend_schema(request=inputs.NewCattleInput, responses={201: schemas.CattleSerializer})
    def post(self, request: Request) -> Response:
        given = valid(inputs.NewCattleInput, request)
        create = partial(operations.create_animal, values=given, at=timezone.now())
        return self.run_operation(request, create, fresh, 201)


class CattleDetail(EditView):
    queryset = Animal.objects.select_related("batch", "pen")
    serializer_class = schemas.CattleSerializer
    input_class = inputs.CattleInput

    @extend_schema(request=inputs.CattleEdit, responses=schemas.CattleSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what people write down of an animal; only the fields that are given change. 409
        `changed_since` where one is not as it was `seen`; `now` tells what it is."""
        return self.run_edit(
            inputs.CattleEdit, lambda unit: unit.animal_no(pk), operations.edit_animal, fresh
        )


def fresh(unit: UnitOfWork, animal: Animal) -> Shape:
    """Return the animal as it is after the change."""
    unit.link([animal])
    return cattle_shape(animal)


class CattleMove(ChangeView):
    input_class = inputs.MoveInput

    @extend_schema(request=inputs.MoveInput, responses=schemas.MovedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Move to another pen or batch. 409 `pen_full`; `force` with a reason overfills the pen."""
        given = valid(inputs.MoveInput, request)

        def move(unit: UnitOfWork) -> tuple[Animal, int | None]:
            before = unit.animal_no(pk).pen_id
            return _move(unit, [pk], given)[0], before

        return self.run_operation(request, move, _moved)


def _moved(unit: UnitOfWork, made: tuple[Animal, int | None]) -> Shape:
    animal, before = made
    return {**fresh(unit, animal), "from_pen_id": before}


class CattleMoveMany(ChangeView):
    by_lookups = True
    input_class = inputs.MoveManyInput
    body_limit = 256 * 1024

    @extend_schema(
        operation_id="move_many", request=inputs.MoveManyInput, responses=schemas.ManySerializer
    )
    def post(self, request: Request) -> Response:
        """Move all of them or none."""
        given = valid(inputs.MoveManyInput, request)
        move = partial(_move, ids=given["cattle_ids"], given=given)
        return self.run_operation(request, move, _many)


def _move(unit: UnitOfWork, ids: list[int], given: dict[str, Any]) -> list[Animal]:
    now = timezone.now()
    enter_session(unit, given.get("session_id"))
    animals = unit.animals(ids)
    if "pen_id" in given:
        reason, force = given.get("reason", ""), given.get("force", False)
        went_at = given.get("moved_at")
        operations.move_animals(
            unit, operations.Move(ids, given["pen_id"], now, reason, force=force, went_at=went_at)
        )
    if "batch_id" in given:
        batch, reason = unit.batch_no(given["batch_id"]), given.get("reason", "")
        operations.change_batch(unit, ids, batch, now, reason)
    return animals


def _many(_: UnitOfWork, animals: list[Animal]) -> Shape:
    return {"cattle_ids": [animal.pk for animal in animals], "count": len(animals)}


class CattleStatus(ChangeView):
    input_class = inputs.LeaveInput

    @extend_schema(request=inputs.LeaveInput, responses=schemas.CattleSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Mark as exported, dead or sold, since which day and why; `active` takes it back. 409
        `not_clear` before it is clear, unless a manager's `override` says why."""
        given = {**valid(inputs.LeaveInput, request), "again": True}  # who names one means it
        given["override"] = override_of(request, given)
        return self.run_operation(request, lambda unit: _leave(unit, [pk], given)[0], fresh)


class CattleStatusMany(ChangeView):
    by_lookups = True
    input_class = inputs.LeaveManyInput
    body_limit = 256 * 1024

    @extend_schema(
        operation_id="leave_many", request=inputs.LeaveManyInput, responses=schemas.ManySerializer
    )
    def post(self, request: Request) -> Response:
        """Mark all or none. 409 `has_left` where some have left in another way, unless `again`;
        409 `not_clear` where some are not clear, unless a manager's `override` says why."""
        given = valid(inputs.LeaveManyInput, request)
        given["override"] = override_of(request, given)
        leave = partial(_leave, ids=given["cattle_ids"], given=given)
        return self.run_operation(request, leave, _many)


def _leave(unit: UnitOfWork, ids: list[int], given: dict[str, Any]) -> list[Animal]:
    now = timezone.now()
    on = given.get("on") or timezone.localdate(now)
    reason, again, override = given.get("reason", ""), given.get("again", False), given["override"]
    said, cause = (reason, again, override), given.get("cause", "")
    leaving = operations.Leaving(ids, given["status"], on, now, *said, cause=cause)
    return operations.leave(unit, leaving)


class CattleTags(ChangeView):
    input_class = inputs.TagsInput

    @extend_schema(request=inputs.TagsInput, responses=answers.RetaggedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Give new tags; the old ones stay in the history. 409 `tag_conflict` where another animal
        bears one; `take_over` takes it from there. `change_id` takes it all back."""
        given = valid(inputs.TagsInput, request)
        lf, uhf, reason = (given.get(name, "") for name in ("lf_tag", "uhf_tag", "reason"))
        take_over = given.get("take_over", False)
        asked = operations.Retag(pk, timezone.now(), lf, uhf, reason, take_over)

        def shape(unit: UnitOfWork, made: tuple[Animal, Any]) -> Shape:
            return {**fresh(unit, made[0]), "change_id": made[1] and made[1].pk}

        return self.run_operation(request, partial(operations.retag, asked=asked), shape)


class CattleWeights(ChangeView, HerdList):
    by_lookups = True
    queryset = WeightRecord.objects.all()
    serializer_class = schemas.WeightSerializer
    input_class = inputs.WeightInput
    orderings = ("recorded_at",)
    filter_backends = []

    def get_queryset(self) -> QuerySet[Any]:
        animal = get_object_or_404(Animal, pk=self.kwargs["pk"])
        return super().get_queryset().filter(animal=animal)

    @extend_schema(request=inputs.WeightInput, responses={201: schemas.WeighedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Record a weighing, now or earlier. One that cannot be right is kept as `suspect`;
        `warning` says where the animal had left by then."""
        given = valid(inputs.WeightInput, request)

        def weigh(unit: UnitOfWork) -> WeightRecord:
            now = timezone.now()
            at, scale = given.get("recorded_at", now), given.get("scale", "")
            weighing = operations.Weighing(given["weight_kg"], at, "office", now, scale)
            enter_session(unit, given.get("session_id"))
            return operations.record_weight(unit, unit.animal_no(pk), weighing)

        return self.run_operation(request, weigh, weighed, 201)


def weighed(unit: UnitOfWork, weight: WeightRecord) -> Shape:
    animal = unit.animal_no(weight.animal_id)
    warning = operations.weighed_after_leaving(animal, weight.recorded_at)
    return {**weight_shape(weight), "warning": warning}


class CattleHistory(HerdView):
    parameters = {"GET": frozenset({"limit", "cursor"})}

    @extend_schema(
        parameters=[
            OpenApiParameter("limit", LIMIT, description=f"At most {MOST}.", default=DEFAULT_LIMIT),
            OpenApiParameter("cursor", str, description="The `next` of the page before."),
        ],
        responses=HistorySerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        """List reads, pairings, movements, weights and edits."""
        animal = row_or_404(Animal, pk)
        cursor = request.query_params.get("cursor")
        after = None if cursor is None else position_of(cursor)
        return Response(history_of(animal, after, limit_of(request)))
