"""Shipments over REST: planned, loaded live, shipped, reported."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from herd import operations
from herd.errors import HerdError, NotClear
from herd.models import ON_FEED, Animal, Shipment
from herd.operations.loading import animal_with_tag, check_state, counted, rows_of, shipment_no
from herd.rules.withdrawal import is_held
from herd.unit_of_work import UnitOfWork
from remote.api import filters, shipment_inputs
from remote.api import schema_serializers as schemas
from remote.api import schema_shipments as answers
from remote.api.changes import ChangeView, EditView, is_preview, override_of, refusal
from remote.api.inputs import NothingInput
from remote.api.serializers import Shape, shipment_shape
from remote.api.shipment_files import animals_of, file_of
from remote.api.views.base import HerdList, HerdView, JsonToAnybody, valid
from remote.api.views.cattle import fresh


class ShipmentList(ChangeView, HerdList):
    queryset = Shipment.objects.all()
    rows = Shipment.objects.counted()
    serializer_class = schemas.ShipmentSerializer
    input_class = shipment_inputs.ShipmentInput
    filterset_class = filters.ShipmentFilter
    orderings = ("day", "shipment_number")

    @extend_schema(
        request=shipment_inputs.ShipmentInput, responses={201: schemas.ShipmentSerializer}
    )
    def post(self, request: Request) -> Response:
        given = valid(shipment_inputs.ShipmentInput, request)
        create = partial(operations.create_shipment, values=given, at=timezone.now())
        return self.run_operation(request, create, _shipment, 201)


class ShipmentDetail(EditView):
    queryset = Shipment.objects.counted()
    serializer_class = schemas.ShipmentSerializer
    input_class = shipment_inputs.ShipmentInput

    @extend_schema(request=shipment_inputs.ShipmentEdit, responses=schemas.ShipmentSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        return self.run_edit(
            shipment_inputs.ShipmentEdit,
            lambda unit: shipment_no(unit, pk),
            operations.edit_shipment,
            _shipment,
        )


def _shipment(unit: UnitOfWork, shipment: Shipment) -> Shape:
    return shipment_shape(counted(unit, shipment))


class ShipmentAnimals(ChangeView):
    input_class = shipment_inputs.PlanInput
    body_limit = 256 * 1024

    @extend_schema(responses=answers.ShipmentAnimalsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        data = animals_of(get_object_or_404(Shipment.objects.defer("manifest"), pk=pk))
        return Response({"data": data, "next": None, "total": len(data)})

    @extend_schema(request=shipment_inputs.PlanInput, responses=schemas.ShipmentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        given = valid(shipment_inputs.PlanInput, request)

        def plan(unit: UnitOfWork) -> Shipment:
            shipment, now = shipment_no(unit, pk), timezone.now()
            change = operations.plan_no_longer if given["remove"] else operations.plan_animals
            return change(unit, shipment, _meant(unit, given), now)

        return self.run_operation(request, plan, _shipment)


def _meant(unit: UnitOfWork, given: dict[str, Any]) -> list[int]:
    """Return the numbers of the animals that are named, or stand in the pen or batch."""
    found = dict.fromkeys(given.get("cattle_ids", ()))
    if (pen := given.get("pen_id")) is not None:
        found |= _on_feed(unit, "pen_id", unit.pen_no(pen).pk)
    if (batch := given.get("batch_id")) is not None:
        found |= _on_feed(unit, "batch_id", unit.batch_no(batch).pk)
    return list(found)


def _on_feed(unit: UnitOfWork, column: str, pk: int) -> dict[int, None]:
    rows = unit.rows(Animal, column, [pk])
    return {animal.pk: None for animal in rows if animal.status in ON_FEED}


class _Loading(ChangeView):
    input_class = shipment_inputs.LoadInput

    def change(self, request: Request, pk: int, operate: Any) -> Response:  # noqa: ANN401 - load or unload
        given = valid(shipment_inputs.LoadInput, request)

        def think(unit: UnitOfWork) -> tuple[Shipment, Animal]:
            shipment = shipment_no(unit, pk)
            number = given.get("cattle_id")
            animal = unit.animal_no(number) if number else animal_with_tag(unit, given["tag"])
            return operate(unit, shipment, animal, timezone.now()), animal

        return self.run_operation(request, think, _loaded)


def _loaded(unit: UnitOfWork, made: tuple[Shipment, Animal]) -> Shape:
    shipment, animal = made
    rows = [row for row in rows_of(unit, shipment) if row.animal_id == animal.pk]
    return {
        "shipment": _shipment(unit, shipment),
        "cattle": fresh(unit, animal),
        "planned": any(row.planned for row in rows),
        "held": is_held(animal.clear_on, shipment.clear_by(timezone.localdate())),
    }


class ShipmentLoad(_Loading):
    @extend_schema(request=shipment_inputs.LoadInput, responses=answers.LoadedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, operations.load)


class ShipmentUnload(_Loading):
    @extend_schema(request=shipment_inputs.LoadInput, responses=answers.LoadedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, operations.unload)


class ShipmentBegin(ChangeView):
    input_class = NothingInput

    @extend_schema(request=None, responses=schemas.ShipmentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.run_operation(
            request,
            lambda unit: operations.begin_loading(unit, shipment_no(unit, pk), timezone.now()),
            _shipment,
        )


class ShipmentShip(ChangeView):
    input_class = shipment_inputs.ShipInput
    body_limit = 256 * 1024

    @extend_schema(request=shipment_inputs.ShipInput, responses=answers.ShippedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        given = valid(shipment_inputs.ShipInput, request)
        now = timezone.now()
        extra = given.get("with_extra", False)
        named = (None if extra else ()) if isinstance(extra, bool) else extra
        on, override = given.get("on") or timezone.localdate(now), override_of(request, given)
        shipping = operations.Shipping(now, on, named, override)
        if is_preview(request):
            look = operations.look_at_shipping
            return self.run_operation(
                request, lambda unit: look(unit, shipment_no(unit, pk), shipping), _would_ship
            )
        return self.run_operation(
            request, lambda unit: operations.ship(unit, shipment_no(unit, pk), shipping), _shipment
        )


def _would_ship(unit: UnitOfWork, found: tuple[Shipment, NotClear | None]) -> Shape:
    shipment, refused = found
    manifest = _manifest(shipment)
    if refused:  # nobody has said why these may leave
        manifest["animals"] = [{**one, "not_clear_reason": ""} for one in manifest["animals"]]
    why = {"refused": str(refused or ""), "refused_code": refused.code if refused else ""}
    return {**_shipment(unit, shipment), "manifest": manifest, **why}


def _manifest(shipment: Shipment) -> Shape:
    return {**(shipment.manifest or {}), "files": list(settings.SHIPMENT_FILES)}


class ShipmentCancel(ChangeView):
    input_class = shipment_inputs.CancelInput

    @extend_schema(request=shipment_inputs.CancelInput, responses=schemas.ShipmentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        reason, now = valid(shipment_inputs.CancelInput, request).get("reason", ""), timezone.now()
        return self.run_operation(
            request,
            lambda unit: operations.cancel_shipment(unit, shipment_no(unit, pk), now, reason),
            _shipment,
        )


class ShipmentReported(ChangeView):
    input_class = shipment_inputs.ReportInput

    @extend_schema(request=shipment_inputs.ReportInput, responses=schemas.ShipmentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        now = timezone.now()
        on = valid(shipment_inputs.ReportInput, request).get("on", timezone.localdate(now))
        return self.run_operation(
            request,
            lambda unit: operations.report_shipment(unit, shipment_no(unit, pk), on, now),
            _shipment,
        )


class ShipmentManifest(HerdView):
    refuses = (409,)

    @extend_schema(responses=answers.ManifestSerializer)
    def get(self, request: Request, pk: int) -> Response:
        shipment = get_object_or_404(Shipment, pk=pk)
        try:
            check_state(shipment, Shipment.State.SHIPPED)
        except HerdError as error:
            return refusal(error)
        return Response(_manifest(shipment))


class ShipmentFile(JsonToAnybody, HerdView):
    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int, name: str) -> HttpResponse:
        shipment = get_object_or_404(Shipment, pk=pk, state=Shipment.State.SHIPPED)
        if name not in settings.SHIPMENT_FILES:
            raise Http404
        text = file_of(shipment.manifest or {}, name)
        return HttpResponse(text, content_type="text/csv; charset=utf-8")
