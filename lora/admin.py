"""The radio log in the admin: what was heard, why it was refused, and trying it again."""

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from herd.admin import InLine, ReadOnlyAdmin
from herd.admin_actions import actor_of
from lora.models import LoRaPayload, Source
from lora.retry import NotRetryable, retry

if TYPE_CHECKING:  # generic for the type checker only
    from django.forms import ModelForm


@admin.register(LoRaPayload)
class PayloadAdmin(InLine, ReadOnlyAdmin):
    """Read only, but for the text of a payload in error: saved, it is tried again."""

    list_display = ["id", "raw_payload", "status", "error_message", "source", "rssi", "snr",
                    "received_at"]  # fmt: skip
    list_filter = ["status", "error_code", "form", "received_at"]
    search_fields = ["raw_payload", "source", "event_id"]
    actions = ["retry_payloads"]
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
        change: bool,  # noqa: FBT001
    ) -> None:
        retry(obj.pk, actor=actor_of(request), text=form.cleaned_data["raw_payload"])

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("lora.change_lorapayload")

    @admin.action(description="Try the selected payloads again", permissions=["retry"])
    def retry_payloads(self, request: HttpRequest, queryset: QuerySet[LoRaPayload]) -> None:
        """Only those in error; the others are said, not touched."""
        tried = 0
        for payload in queryset.order_by("pk"):
            try:
                retry(payload.pk, actor=actor_of(request))
                tried += 1
            except NotRetryable as error:
                self.message_user(request, str(error), messages.WARNING)
        self.message_user(request, f"{tried} payloads are tried again.", messages.SUCCESS)


@admin.register(Source)
class SourceAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "last_heard_at", "frames", "errors", "drops", "rssi", "snr",
                    "note"]  # fmt: skip
    list_filter = ["kind"]
    search_fields = ["name"]
