"""The radio log in the admin: what was heard, why it was refused, and trying it again."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from herd.admin.actions import ConfirmForm, ReasonForm, Rows, actor_of, with_preview
from herd.admin.base import QueuedAdmin, ReadOnlyAdmin, TagSearch, recent_values
from herd.errors import BadValue
from herd.models import ReversibleChange
from herd.unit_of_work import UnitOfWork
from lora import conflicts
from lora.models import DeviceCounter, LoRaPayload, Source
from lora.retry import retry, retry_one

if TYPE_CHECKING:  # generic for the type checker only
    from django.forms import ModelForm

RADIO = ("rssi", "snr")  # as the last radio or gateway told them


def retry_payloads(unit: UnitOfWork, rows: Rows, _given: dict[str, Any]) -> str:
    """Hand those in error to the worker again; the others are said, not touched."""
    in_error = rows.filter(status=LoRaPayload.Status.ERROR).order_by("pk")
    tried = [retry_one(unit, pk).pk for pk in in_error.values_list("pk", flat=True)]
    others = rows.count() - len(tried)
    left = f" {others} are not in error and stay as they are." if others else ""
    return f"{len(tried)} payloads will be tried again.{left}"


class Decide(ReasonForm):
    decision = forms.ChoiceField(
        choices=[
            ("merge", "They are one animal: merge the others into it"),
            ("give", "The tags are this animal's"),
            ("ignore", "Leave it as it is"),
        ],
    )
    animal = forms.IntegerField(
        required=False, min_value=1, help_text="The number (no.) of the animal that is right."
    )
    field_order = ("decision", "animal", "reason")


def decide_conflict(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    (payload,) = rows.values_list("pk", flat=True) if rows.count() == 1 else (None,)
    if payload is None:
        raise BadValue("Tag conflicts are decided one at a time.")
    at = timezone.now()
    decision = conflicts.Decision(given["decision"], given["animal"], given["reason"], at)
    outcome = conflicts.resolve(unit, payload, decision)
    named = ", ".join(f"{animal} (no. {animal.pk})" for animal in outcome.animals)
    done = " ".join(str(change) for change in outcome.changes)
    return f"Payload no. {payload}, about {named}: {done or 'left as it is'}."


@admin.register(LoRaPayload)
class PayloadAdmin(TagSearch, QueuedAdmin, ReadOnlyAdmin):
    """Read only, but for the text of a payload in error: saved, it will be tried again."""

    list_display = [
        *("id", "raw_payload", "lines", "status", "error_message"),
        *("source", *RADIO, "received_at"),
    ]
    list_filter = [
        "status",
        recent_values("error_code", "reason", status="error"),
        recent_values("form", "form"),
        "received_at",
    ]
    search_fields = ["raw_payload", "source", "event_id"]
    tags_in = ("animal__lf_tag", "animal__uhf_tag")
    actions = [
        with_preview("Try again", ConfirmForm, retry_payloads, permission="retry"),
        with_preview("Decide a tag conflict", Decide, decide_conflict, permission="retry"),
    ]
    show_full_result_count = False

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> tuple[str, ...]:
        names = [field.name for field in LoRaPayload._meta.fields]  # noqa: SLF001 - Django's own
        return tuple(name for name in names if name != "raw_payload")

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return isinstance(obj, LoRaPayload) and (
            obj.status == LoRaPayload.Status.ERROR and self.has_retry_permission(request)
        )

    def save_model(
        self,
        request: HttpRequest,
        obj: LoRaPayload,
        form: "ModelForm[LoRaPayload]",
        change: bool,  # noqa: FBT001 - Django's own signature
    ) -> None:
        retry(obj.pk, actor=actor_of(request), text=form.cleaned_data["raw_payload"])

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("lora.change_lorapayload")


@admin.register(Source)
class SourceAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "last_heard_at", "frames", "errors", "drops", *RADIO, "note"]
    list_filter = ["kind"]
    search_fields = ["name"]


@admin.register(DeviceCounter)
class DeviceCounterAdmin(ReadOnlyAdmin):
    """Deleted, a device may count from anew: for one whose own counter fell back."""

    list_display = ["device", "counter", "seen_at"]
    search_fields = ["device"]

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm("lora.delete_devicecounter")


def take_back(unit: UnitOfWork, rows: Rows, _given: dict[str, Any]) -> str:
    """Undo the changes, the newest first: an older one may be built upon by a newer one."""
    for pk in rows.order_by("-pk").values_list("pk", flat=True):
        conflicts.undo(unit, pk, timezone.now())
    return f"Taken back: {', '.join(str(change) for change in rows)}."


@admin.register(ReversibleChange)
class ChangeAdmin(ReadOnlyAdmin):
    """Here and not beside the herd: a decision about tags that is taken back asks anew."""

    list_display = ["summary", "kind", "made_at", "made_by", "undone_at", "undone_by"]
    list_filter = ["kind", "made_at"]
    exclude = ["steps"]
    actions = [with_preview("Take back", ConfirmForm, take_back, permission="undo")]

    def has_undo_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("herd.change_reversiblechange")
