"""The herd in the admin: everything can be found and read; changes go through the operations."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from herd import operations
from herd.admin.actions import LEAST_KG, doubts
from herd.admin.base import HistoryInline, OperatedAdmin, ReadOnlyAdmin, TagSearch
from herd.admin.filters import recent_values, typed
from herd.admin.previewed_action import actor_of
from herd.concurrency import carry_out
from herd.fields import ANIMAL, BATCH, set_by
from herd.models import (
    Animal,
    Batch,
    JournalEntry,
    Movement,
    Pen,
    TagPairing,
    Treatment,
    WeightRecord,
)
from herd.operations import Weighing
from herd.rules.units import MOST_KG
from herd.storage.journal import REQUEST_TIMEOUT
from herd.unit_of_work import UnitOfWork

EDITED = set_by("person", ANIMAL)
NAMES = ("livestock_id", "lf_tag", "uhf_tag")
NAMES_OF_ANIMAL = ("animal__livestock_id", "animal__lf_tag", "animal__uhf_tag")
PLACES = ("from_batch", "to_batch", "from_pen", "to_pen")
MOVED = ("moved_at", "came_from", "went_to", "reason", "recorded_by")
ENTERED = ("at", "happened", "about", "actor", "detail")
WEIGHED = ("animal", "weight_kg", "recorded_at")
JUDGED = ("quality", "reason", "source", "recorded_by")


class PairingInline(HistoryInline):
    model = TagPairing
    fields = ["kind", "tag", "from_at", "to_at", "reason", "recorded_by"]


class MovementInline(HistoryInline):
    model = Movement
    fields = readonly_fields = MOVED


class WeightInline(HistoryInline):
    model = WeightRecord
    ordering = ["-recorded_at", "-id"]
    fields = ["recorded_at", "weight_kg", *JUDGED]


class TreatmentInline(HistoryInline):
    model = Treatment
    ordering = ["-given_at", "-id"]
    fields = ["given_at", "product", "amount", "unit", "clear_on", "reason", "void_reason"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Treatment]:
        """Return the rows with their products: else each is asked for its own."""
        return super().get_queryset(request).select_related("product")


@admin.register(Batch)
class BatchAdmin(OperatedAdmin):
    journal_word = "batch"
    figures = ("head", "mean_weight", "adg")
    times = ("induction_date", "last_read_at")
    list_display = ["batch_number", "source_type", "status", *figures, *times]
    list_filter = ["status", "source_type", "induction_date"]
    search_fields = ["batch_number", "funder", "lot_group"]
    readonly_fields = ["last_read_at", "created_at", "updated_at"]
    fields = [*set_by("person", BATCH), *readonly_fields]
    create = staticmethod(operations.create_batch)
    edit = staticmethod(operations.edit_batch)
    find = staticmethod(UnitOfWork.batch_no)

    @admin.display(description="head", ordering="head_count")
    def head(self, batch: Batch) -> int:
        return batch.head_count

    @admin.display(description="mean kg")
    def mean_weight(self, batch: Batch) -> str:
        return f"{batch.mean_weight_kg:.1f}" if batch.mean_weight_kg else "–"

    @admin.display(description="ADG kg")
    def adg(self, batch: Batch) -> str:
        return f"{batch.adg_kg:.2f}" if batch.adg_kg is not None else "–"


class Filling(admin.SimpleListFilter):
    title = "filling"
    parameter_name = "filling"

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - as Django's own
        return [("empty", "empty"), ("room", "with room"), ("full", "full")]

    def queryset(self, _request: HttpRequest, pens: models.QuerySet[Pen]) -> models.QuerySet[Pen]:
        match self.value():
            case "empty":
                return pens.filter(head_count=0)
            case "room":
                return pens.filter(Q(capacity=0) | Q(head_count__lt=F("capacity")))
            case "full":
                return pens.filter(capacity__gt=0, head_count__gte=F("capacity"))
        return pens


@admin.register(Pen)
class PenAdmin(OperatedAdmin):
    journal_word = "pen"
    list_display = ["pen_number", "location", "head", "capacity"]
    list_filter = [Filling, "location"]
    search_fields = ["pen_number", "location"]
    readonly_fields = ["created_at", "updated_at"]
    create = staticmethod(operations.create_pen)
    edit = staticmethod(operations.edit_pen)
    find = staticmethod(UnitOfWork.pen_no)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return True for an empty pen and a person who may delete it."""
        allowed = admin.ModelAdmin.has_delete_permission(self, request, obj)
        return allowed and (obj is None or not Pen.objects.get(pk=obj.pk).head_count)

    def delete_model(self, request: HttpRequest, obj: Pen) -> None:
        def delete(unit: UnitOfWork) -> None:
            operations.delete_pen(unit, unit.pen_no(obj.pk), timezone.now())

        carry_out(actor_of(request), delete, REQUEST_TIMEOUT)

    @admin.display(description="head", ordering="head_count")
    def head(self, pen: Pen) -> int:
        return pen.head_count


@admin.register(Animal)
class AnimalAdmin(TagSearch, OperatedAdmin):
    journal_word = "cattle"
    list_display = [
        *("livestock_id", "lf", "uhf"),
        *("batch", "pen", "status", "last_weight_kg", "last_seen_at"),
    ]
    list_filter = [typed("pen"), typed("batch"), "status", "sex", "batch__source_type"]
    list_select_related = ["batch", "pen"]
    search_fields = [*NAMES, "visual_id", "=batch__batch_number", "=pen__pen_number"]
    search_help_text = (
        "Any spelling of a tag, a livestock id, a visual id, the last digits, a batch or a pen."
    )
    tags_in = NAMES[1:]
    fields = [
        ("livestock_id", "visual_id", "tag_color"),
        ("lf", "uhf"),  # methods: of the columns' own names Django makes "Lf tag"
        ("sex", "breed"),
        ("batch", "pen", "induction_date"),
        ("status", "left_on", "left_cause", "left_reason"),
        ("clear_on", "not_clear_reason"),
        ("health", "notes"),
        ("last_weight_kg", "last_weighed_at", "adg"),
        ("first_seen_at", "last_seen_at"),
    ]
    # Tags, places and status are changed by the actions, which keep their history.
    readonly_fields = [name for row in fields for name in row if name not in EDITED]
    inlines = [PairingInline, WeightInline, TreatmentInline, MovementInline]
    edit = staticmethod(operations.edit_animal)
    find = staticmethod(UnitOfWork.animal_no)

    @admin.display(description="LF tag (EID)", ordering="lf_tag", empty_value="–")
    def lf(self, animal: Animal) -> str | None:
        return animal.lf_tag

    @admin.display(description="UHF tag (EPC)", ordering="uhf_tag", empty_value="–")
    def uhf(self, animal: Animal) -> str | None:
        return animal.uhf_tag

    @admin.display(description="ADG kg")
    def adg(self, animal: Animal) -> str:
        if animal.adg_kg is None:
            return "–"
        doubt = " (few days)" if animal.adg_confidence == "low" else ""
        return f"{animal.adg_kg:.2f}{doubt}"


@admin.register(WeightRecord)
class WeightAdmin(TagSearch, OperatedAdmin):
    """A weight is added, or made void by the action; it is never edited."""

    journal_word = "weight"
    fields = WEIGHED
    list_display = [*WEIGHED, *JUDGED]
    list_filter = ["quality", "source", "recorded_at"]
    list_select_related = ["animal"]
    search_fields = NAMES_OF_ANIMAL
    tags_in = NAMES_OF_ANIMAL[1:]
    show_full_result_count = False  # years of rows, counted for each page (decision 17)
    autocomplete_fields = ["animal"]  # a menu would hold the whole herd

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> tuple[str, ...]:
        return WEIGHED if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:  # noqa: ANN401 - as its parent
        """Bound the weight: the table's own bound is no sentence, and names no field."""
        if db_field.name == "weight_kg":
            kwargs |= {"min_value": LEAST_KG, "max_value": MOST_KG}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return now as the time of a new weight: most are written down at the scale."""
        return {"recorded_at": timezone.now(), **super().get_changeform_initial_data(request)}

    def response_add(
        self, request: HttpRequest, obj: models.Model, post_url_continue: str | None = None
    ) -> HttpResponse:
        weight = WeightRecord.objects.select_related("animal").get(pk=obj.pk)
        for doubt in doubts(weight, weight.animal):
            self.message_user(request, doubt, messages.WARNING)
        return super().response_add(request, obj, post_url_continue)

    @staticmethod
    def create(unit: UnitOfWork, given: dict[str, Any], at: datetime) -> WeightRecord:
        weighing = Weighing(given["weight_kg"], given["recorded_at"], WeightRecord.Source.ADMIN, at)
        animal = unit.animal_no(given["animal"].pk)
        return operations.record_weight(unit, animal, weighing)


@admin.register(TagPairing)
class TagPairingAdmin(TagSearch, ReadOnlyAdmin):
    list_display = ["tag", "kind", "animal", "from_at", "to_at", "reason", "recorded_by"]
    list_filter = ["kind"]
    list_select_related = ["animal"]
    search_fields = ["tag"]
    tags_in = ("tag",)
    show_full_result_count = False


@admin.register(Movement)
class MovementAdmin(TagSearch, ReadOnlyAdmin):
    list_display = ["animal", *MOVED]
    fields = ("animal", *MOVED)
    list_filter = ["moved_at"]
    list_select_related = ["animal", *PLACES]
    search_fields = NAMES_OF_ANIMAL
    tags_in = NAMES_OF_ANIMAL[1:]
    show_full_result_count = False


# Where the row of a journal entry is shown, by the first word of its kind.
PAGE_OF = {
    "batch": "herd_batch",
    "pen": "herd_pen",
    "cattle": "herd_animal",
    "weight": "herd_weightrecord",
    "session": "herd_session",
    "scale": "herd_scalestep",
    "product": "herd_product",
    "treatment": "herd_treatment",
    "work": "herd_workmark",
    "shipment": "herd_shipment",
    "payload": "lora_lorapayload",
}


@admin.register(JournalEntry)
class JournalAdmin(ReadOnlyAdmin):
    list_display = fields = ENTERED
    list_filter = [recent_values("kind", "kind")]
    search_fields = ["actor", "detail"]
    show_full_result_count = False  # millions of rows, counted for each page (decision 17)

    @admin.display(description="what", ordering="kind")
    def happened(self, entry: JournalEntry) -> str:
        return entry.kind.replace(":", " ")

    @admin.display(description="about")
    def about(self, entry: JournalEntry) -> str:
        page = PAGE_OF.get(entry.kind.partition(":")[0])
        if page is None:
            return f"no. {entry.object_id}"
        place = reverse(f"admin:{page}_change", args=[entry.object_id])
        return format_html('<a href="{}">no. {}</a>', place, entry.object_id)
