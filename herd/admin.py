"""The herd in the admin: everything can be found and read; changes go through the operations."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from herd import operations, tags
from herd.models import Animal, Batch, JournalEntry, Movement, Pen, TagPairing, WeightRecord
from herd.register import Register, open_register

if TYPE_CHECKING:  # these are generic for the type checker only
    from django.forms import ModelForm

    _Admin = admin.ModelAdmin[Any]
    _Inline = admin.TabularInline[Any, Any]
else:
    _Admin, _Inline = admin.ModelAdmin, admin.TabularInline


def actor_of(request: HttpRequest) -> str:
    return f"admin:{request.user.get_username()}"


class ReadOnlyAdmin(_Admin):
    """History: seen by whoever may see it, changed and deleted by nobody."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class HistoryInline(_Inline):
    """An animal's past under the animal: read only, the newest first."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class PairingInline(HistoryInline):
    model = TagPairing
    fields = ["kind", "tag", "from_at", "to_at", "reason", "recorded_by"]


class MovementInline(HistoryInline):
    model = Movement
    fields = ["moved_at", "from_batch", "to_batch", "from_pen", "to_pen", "reason", "recorded_by"]


class WeightInline(HistoryInline):
    model = WeightRecord
    fields = ["recorded_at", "weight_kg", "quality", "reason", "source", "recorded_by"]


class OperatedAdmin(_Admin):
    """A form whose changes are made by an operation, and so are journalled with the person's name.

    `edit` is the operation; nothing is deleted here, because the journal and history point at it.
    """

    edit: Callable[[Register, Any, dict[str, Any], datetime], Any]

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: models.Model,
        form: "ModelForm[Any]",
        change: bool,  # noqa: FBT001
    ) -> None:
        stored = self.model._default_manager.get(pk=obj.pk)  # noqa: SLF001 - Django's own API
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        with open_register(actor_of(request), patience=10.0) as register:
            type(self).edit(register, stored, changes, timezone.now())


@admin.register(Batch)
class BatchAdmin(OperatedAdmin):
    list_display = ["batch_number", "source_type", "status", "head", "mean_weight", "adg",
                    "induction_date", "last_read_at"]  # fmt: skip
    list_filter = ["status", "source_type", "induction_date"]
    search_fields = ["batch_number", "funder", "lot_group"]
    readonly_fields = ["batch_number", "last_read_at", "created_at", "updated_at"]
    edit = staticmethod(operations.edit_batch)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Batch.objects.all()

    @admin.display(description="head", ordering="head_count")
    def head(self, batch: Batch) -> int:
        return batch.head_count

    @admin.display(description="mean kg")
    def mean_weight(self, batch: Batch) -> str:
        return f"{batch.mean_weight_kg:.1f}" if batch.mean_weight_kg else "–"

    @admin.display(description="ADG kg")
    def adg(self, batch: Batch) -> str:
        return f"{batch.adg_kg:.2f}" if batch.adg_kg is not None else "–"


@admin.register(Pen)
class PenAdmin(OperatedAdmin):
    list_display = ["pen_number", "location", "head", "capacity"]
    search_fields = ["pen_number", "location"]
    readonly_fields = ["pen_number", "created_at", "updated_at"]
    edit = staticmethod(operations.edit_pen)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Pen.objects.all()

    @admin.display(description="head", ordering="head_count")
    def head(self, pen: Pen) -> int:
        return pen.head_count


@admin.register(Animal)
class AnimalAdmin(OperatedAdmin):
    list_display = ["livestock_id", "lf_tag", "uhf_tag", "batch", "pen", "status",
                    "last_weight_kg", "last_seen_at"]  # fmt: skip
    list_filter = ["status", "sex", "batch__source_type"]
    list_select_related = ["batch", "pen"]
    search_fields = ["livestock_id", "visual_id", "lf_tag", "uhf_tag"]
    search_help_text = "Any spelling of a tag, a livestock id, a visual id, or the last digits."
    fields = [
        ("livestock_id", "visual_id", "tag_color"), ("lf_tag", "uhf_tag"), ("sex", "breed"),
        ("batch", "pen", "status"), ("health", "notes"),
        ("last_weight_kg", "last_weighed_at", "adg_kg"), ("first_seen_at", "last_seen_at"),
    ]  # fmt: skip
    readonly_fields = [
        "livestock_id", "lf_tag", "uhf_tag", "batch", "pen", "status", "last_weight_kg",
        "last_weighed_at", "adg_kg", "first_seen_at", "last_seen_at",
    ]  # fmt: skip
    inlines = [PairingInline, WeightInline, MovementInline]
    edit = staticmethod(operations.edit_animal)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, distinct = super().get_search_results(request, queryset, search_term)
        keys = tags.search_keys(search_term) if search_term else ()
        if keys:
            found |= queryset.filter(Q(lf_tag__in=keys) | Q(uhf_tag__in=keys))
        return found, distinct


@admin.register(WeightRecord)
class WeightAdmin(ReadOnlyAdmin):
    list_display = ["animal", "weight_kg", "recorded_at", "quality", "reason", "source",
                    "recorded_by"]  # fmt: skip
    list_filter = ["quality", "source", "recorded_at"]
    list_select_related = ["animal"]
    search_fields = ["animal__livestock_id", "animal__lf_tag", "animal__uhf_tag"]
    show_full_result_count = False


@admin.register(TagPairing)
class TagPairingAdmin(ReadOnlyAdmin):
    list_display = ["tag", "kind", "animal", "from_at", "to_at", "reason", "recorded_by"]
    list_filter = ["kind"]
    list_select_related = ["animal"]
    search_fields = ["tag"]
    show_full_result_count = False


@admin.register(Movement)
class MovementAdmin(ReadOnlyAdmin):
    list_display = ["animal", "moved_at", "from_batch", "to_batch", "from_pen", "to_pen",
                    "recorded_by"]  # fmt: skip
    list_select_related = ["animal", "from_batch", "to_batch", "from_pen", "to_pen"]
    show_full_result_count = False


@admin.register(JournalEntry)
class JournalAdmin(ReadOnlyAdmin):
    list_display = ["seq", "kind", "object_id", "at", "actor", "detail"]
    list_filter = ["kind"]
    search_fields = ["actor", "detail"]
    show_full_result_count = False
