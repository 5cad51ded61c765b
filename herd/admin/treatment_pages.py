"""The admin's pages of products and treatments."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from herd import operations
from herd.admin.actions import dose_of
from herd.admin.base import OperatedAdmin, TagSearch
from herd.models import Product, Treatment
from herd.operations.treating import doubts_of
from herd.unit_of_work import UnitOfWork

NAMES_OF_ANIMAL = ("animal__livestock_id", "animal__lf_tag", "animal__uhf_tag")
GIVEN = ("animal", "product", "amount", "unit", "lot_no", "route", "given_at", "reason")
FOLLOWING = ("clear_on", "source", "recorded_by", "voided_at", "voided_by", "void_reason")


@admin.register(Product)
class ProductAdmin(OperatedAdmin):
    """A product is entered, changed and taken out of use; it is never deleted."""

    journal_word = "product"
    list_display = ["name", "kind", "withdrawal_days", "ml_per_100kg", "lot_no", "expires_on"]
    list_filter = ["active", "kind"]
    search_fields = ["name", "lot_no"]
    create = staticmethod(operations.create_product)
    edit = staticmethod(operations.edit_product)
    find = staticmethod(UnitOfWork.product_no)


@admin.register(Treatment)
class TreatmentAdmin(TagSearch, OperatedAdmin):
    """A treatment is added, or made void by the action; it is never edited."""

    journal_word = "treatment"
    fields = GIVEN
    list_display = ["animal", "product", "amount", "unit", "given_at", "clear_on", "voided_at"]
    list_filter = ["product", "source", "given_at"]
    list_select_related = ["animal", "product"]
    search_fields = NAMES_OF_ANIMAL
    tags_in = NAMES_OF_ANIMAL[1:]
    show_full_result_count = False  # years of rows, counted for each page (decision 17)
    autocomplete_fields = ["animal", "product"]  # a menu would hold the whole herd

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:  # noqa: ANN401 - as Django's own
        return (*GIVEN, *FOLLOWING) if obj else GIVEN

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> tuple[str, ...]:
        return (*GIVEN, *FOLLOWING) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return now as the time of a new treatment: most are written down at the chute."""
        return {"given_at": timezone.now(), **super().get_changeform_initial_data(request)}

    def response_add(
        self, request: HttpRequest, obj: models.Model, post_url_continue: str | None = None
    ) -> HttpResponse:
        made = Treatment.objects.select_related("product").get(pk=obj.pk)
        dose = operations.Dose(made.product_id, made.given_at, lot_no=made.lot_no)
        if doubt := doubts_of(made.product, dose):
            self.message_user(request, doubt, messages.WARNING)
        return super().response_add(request, obj, post_url_continue)

    @staticmethod
    def create(unit: UnitOfWork, given: dict[str, Any], at: datetime) -> Treatment:
        dose, source = dose_of(given, given["given_at"]), Treatment.Source.ADMIN
        asked = operations.Treating([given["animal"].pk], dose, at, source)
        return operations.treat(unit, asked)[0]
