"""Products and treatments over REST."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from herd import operations
from herd.errors import BadValue
from herd.models import ON_FEED, Animal, Product, Treatment
from herd.operations.sessions import enter_session
from herd.operations.treating import doubts_of
from herd.rules.counts import counted
from herd.unit_of_work import UnitOfWork
from remote.api import filters, inputs
from remote.api import schema_serializers as schemas
from remote.api.changes import ChangeView, EditView
from remote.api.schema_treatments import TreatedManySerializer, TreatedSerializer
from remote.api.serializers import Shape, product_shape, treatment_shape
from remote.api.treatment_inputs import ProductEdit, ProductInput, TreatInput, TreatManyInput
from remote.api.views.base import HerdList, valid


class ProductList(ChangeView, HerdList):
    queryset = Product.objects.all()
    serializer_class = schemas.ProductSerializer
    input_class = ProductInput
    filterset_class = filters.ProductFilter
    orderings = ("name", "expires_on")

    @extend_schema(request=ProductInput, responses={201: schemas.ProductSerializer})
    def post(self, request: Request) -> Response:
        given = valid(ProductInput, request)
        create = partial(operations.create_product, values=given, at=timezone.now())
        return self.run_operation(request, create, _product, 201)


class ProductDetail(EditView):
    queryset = Product.objects.all()
    serializer_class = schemas.ProductSerializer
    input_class = ProductInput

    @extend_schema(request=ProductEdit, responses=schemas.ProductSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change the given fields; `{"active": false}` takes it out of use. 409 `changed_since`
        where one is not as it was `seen`."""
        return self.run_edit(
            ProductEdit,
            lambda unit: unit.product_no(pk),
            operations.edit_product,
            _product,
        )


def _product(_: UnitOfWork, product: Product) -> Shape:
    return product_shape(product)


class CattleTreatments(ChangeView, HerdList):
    by_lookups = True
    queryset = Treatment.objects.all()
    serializer_class = schemas.TreatmentSerializer
    input_class = TreatInput
    orderings = ("given_at",)
    filter_backends = []

    def get_queryset(self) -> QuerySet[Any]:
        animal = get_object_or_404(Animal, pk=self.kwargs["pk"])
        return super().get_queryset().filter(animal=animal)

    @extend_schema(request=TreatInput, responses={201: TreatedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Record a treatment, now or earlier; it holds the animal until `clear_on`."""
        given = valid(TreatInput, request)

        def shape(unit: UnitOfWork, made: list[Treatment]) -> Shape:
            return treatment_shape(made[0]) | {"warning": _warning(unit, made, given)}

        return self.run_operation(request, lambda unit: _treat(unit, [pk], given), shape, 201)


class TreatmentList(ChangeView, HerdList):
    queryset = Treatment.objects.all()
    serializer_class = schemas.TreatmentSerializer
    input_class = TreatManyInput
    filterset_class = filters.TreatmentFilter
    orderings = ("given_at", "clear_on")
    body_limit = 256 * 1024

    @extend_schema(
        operation_id="treat_many",
        request=TreatManyInput,
        responses={201: TreatedManySerializer},
    )
    def post(self, request: Request) -> Response:
        """Treat all of them or none: `cattle_ids`, or those on feed in a pen or of a batch."""
        given = valid(TreatManyInput, request)
        treat = partial(_treat_many, given=given)
        return self.run_operation(request, treat, partial(_many, given=given), 201)


def _treat_many(unit: UnitOfWork, given: dict[str, Any]) -> list[Treatment]:
    if ids := given.get("cattle_ids"):
        return _treat(unit, ids, given)
    column, place = ("pen_id", unit.pen_no) if "pen_id" in given else ("batch_id", unit.batch_no)
    place(given[column])
    named = unit.animals(unit.rows_naming(Animal, column, [given[column]]))
    found = [animal.pk for animal in named if animal.status in ON_FEED]
    if not found or len(found) > inputs.MOST_ANIMALS:
        sentence = (
            f"On feed there: {counted(len(found), 'animal')}; 1 to {inputs.MOST_ANIMALS} can be."
        )
        raise BadValue(sentence, field=column)
    return _treat(unit, found, given)


def _treat(unit: UnitOfWork, ids: list[int], given: dict[str, Any]) -> list[Treatment]:
    now = timezone.now()
    enter_session(unit, given.get("session_id"))
    treating = operations.Treating(ids, _dose(given, now), now, Treatment.Source.OFFICE)
    return operations.treat(unit, treating)


def _dose(given: dict[str, Any], now: datetime) -> operations.Dose:
    texts = {name: given.get(name, "") for name in ("unit", "lot_no", "route", "reason")}
    return operations.Dose(
        given["product_id"], given.get("given_at") or now, given.get("amount"), **texts
    )


def _warning(unit: UnitOfWork, made: list[Treatment], given: dict[str, Any]) -> str:
    return doubts_of(unit.product_no(made[0].product_id), _dose(given, made[0].given_at))


def _many(unit: UnitOfWork, made: list[Treatment], given: dict[str, Any]) -> Shape:
    return {
        "treatment_ids": [one.pk for one in made],
        "cattle_ids": [one.animal_id for one in made],
        "count": len(made),
        "clear_on": made[0].clear_on.isoformat(),
        "warning": _warning(unit, made, given),
    }


class TreatmentVoid(ChangeView):
    input_class = inputs.VoidInput

    @extend_schema(request=inputs.VoidInput, responses=schemas.TreatmentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Take the treatment back: it holds its animal no longer; the row stays, with the
        reason."""
        reason = valid(inputs.VoidInput, request)["reason"]
        return self.run_operation(
            request,
            lambda unit: operations.void_treatment(unit, pk, reason, timezone.now()),
            lambda _, treatment: treatment_shape(treatment),
        )
