"""The herd in the admin: everything can be found and read; changes go through the operations."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone

from herd import journal, operations, tags
from herd.admin_actions import ACTIONS, PATIENCE, actor_of
from herd.errors import HerdError
from herd.models import (
    Animal,
    Batch,
    JournalEntry,
    Movement,
    Pen,
    ReversibleChange,
    TagPairing,
    WeightRecord,
)
from herd.operations import Weighing
from herd.register import Register, open_register

if TYPE_CHECKING:  # these are generic for the type checker only
    from django.forms import ModelForm

    _Admin = admin.ModelAdmin[Any]
    _Inline = admin.TabularInline[Any, Any]
else:
    _Admin, _Inline = admin.ModelAdmin, admin.TabularInline


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


class InLine(_Admin):
    """A form that stands in the writers' line from the start: the admin's own transaction begins
    inside it, and not before it."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        try:
            with journal.writing(PATIENCE):
                return super().changeform_view(request, *args, **kwargs)
        except (HerdError, journal.JournalBusy) as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class OperatedAdmin(InLine):
    """A form whose changes are made by operations, and so are journalled with the person's name.

    Nothing is deleted here, because the journal and history point at it.
    """

    create: Callable[[Register, dict[str, Any], datetime], models.Model] | None = None
    edit: Callable[[Register, Any, dict[str, Any], datetime], Any]
    find: Callable[[Register, int], models.Model]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The model's own ones; the admin's plain deletion is not among them."""
        self.actions = ACTIONS.get(self.model, [])
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return type(self).create is not None and super().has_add_permission(request)

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> tuple[str, ...]:
        """What cannot be said yet has no place on the form of a new row."""
        return tuple(self.readonly_fields)

    def save_model(
        self,
        request: HttpRequest,
        obj: models.Model,
        form: "ModelForm[Any]",
        change: bool,  # noqa: FBT001
    ) -> None:
        given = {name: form.cleaned_data[name] for name in form.changed_data}
        with open_register(actor_of(request), patience=PATIENCE) as register:
            if change:
                stored = type(self).find(register, obj.pk)
                type(self).edit(register, stored, given, timezone.now())
            elif (create := type(self).create) is not None:
                obj.pk = create(register, given, timezone.now()).pk


@admin.register(Batch)
class BatchAdmin(OperatedAdmin):
    list_display = ["batch_number", "source_type", "status", "head", "mean_weight", "adg",
                    "induction_date", "last_read_at"]  # fmt: skip
    list_filter = ["status", "source_type", "induction_date"]
    search_fields = ["batch_number", "funder", "lot_group"]
    fields = ["batch_number", "source_type", "status", "funder", "lot_group", "induction_date",
              "notes", "last_read_at", "created_at", "updated_at"]  # fmt: skip
    readonly_fields = ["last_read_at", "created_at", "updated_at"]
    create = staticmethod(operations.create_batch)
    edit = staticmethod(operations.edit_batch)
    find = staticmethod(Register.batch_no)

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
    readonly_fields = ["created_at", "updated_at"]
    create = staticmethod(operations.create_pen)
    edit = staticmethod(operations.edit_pen)
    find = staticmethod(Register.pen_no)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """An empty one, by whoever may."""
        allowed = admin.ModelAdmin.has_delete_permission(self, request, obj)
        return allowed and (obj is None or not Pen.objects.get(pk=obj.pk).head_count)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        with journal.writing(PATIENCE):
            return super().delete_view(request, *args, **kwargs)

    def delete_model(self, request: HttpRequest, obj: Pen) -> None:
        with open_register(actor_of(request), patience=PATIENCE) as register:
            operations.delete_pen(register, register.pen_no(obj.pk), timezone.now())

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
    find = staticmethod(Register.animal_no)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, distinct = super().get_search_results(request, queryset, search_term)
        keys = tags.search_keys(search_term) if search_term else ()
        if keys:
            found |= queryset.filter(Q(lf_tag__in=keys) | Q(uhf_tag__in=keys))
        return found, distinct


@admin.register(WeightRecord)
class WeightAdmin(OperatedAdmin):
    """A weight is added, or made void by the action; it is never edited."""

    list_display = ["animal", "weight_kg", "recorded_at", "quality", "reason", "source",
                    "recorded_by"]  # fmt: skip
    list_filter = ["quality", "source", "recorded_at"]
    list_select_related = ["animal"]
    search_fields = ["animal__livestock_id", "animal__lf_tag", "animal__uhf_tag"]
    show_full_result_count = False
    autocomplete_fields = ["animal"]
    fields = ["animal", "weight_kg", "recorded_at"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> tuple[str, ...]:
        return ("animal", "weight_kg", "recorded_at") if obj else ()

    @staticmethod
    def create(register: Register, given: dict[str, Any], at: datetime) -> WeightRecord:
        weighing = Weighing(given["weight_kg"], given["recorded_at"], WeightRecord.Source.ADMIN, at)
        animal = register.animal_no(given["animal"].pk)
        return operations.record_weight(register, animal, weighing)


@admin.register(ReversibleChange)
class ChangeAdmin(ReadOnlyAdmin):
    list_display = ["summary", "kind", "made_at", "made_by", "undone_at", "undone_by"]
    list_filter = ["kind", "made_at"]
    exclude = ["steps"]
    actions = ["take_back"]

    def has_undo_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("herd.change_reversiblechange")

    @admin.action(description="Take back", permissions=["undo"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[ReversibleChange]) -> None:
        """The newest first: an older change may be built upon by a newer one."""
        for change in queryset.order_by("-pk"):
            try:
                with open_register(actor_of(request), patience=PATIENCE) as register:
                    operations.undo(register, change.pk, timezone.now())
                self.message_user(request, f"Taken back: {change}", messages.SUCCESS)
            except HerdError as error:
                self.message_user(request, str(error), messages.ERROR)


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
