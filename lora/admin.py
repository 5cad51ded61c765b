"""The radio log in the admin: what was heard, why it was refused, and trying it again."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from herd.admin import ReadOnlyAdmin, actor_of
from lora.models import LoRaPayload, Source
from lora.retry import NotRetryable, retry


@admin.register(LoRaPayload)
class PayloadAdmin(ReadOnlyAdmin):
    list_display = ["id", "raw_payload", "status", "error_message", "source", "rssi", "snr",
                    "received_at"]  # fmt: skip
    list_filter = ["status", "error_code", "form", "received_at"]
    search_fields = ["raw_payload", "source", "event_id"]
    actions = ["retry_payloads"]
    show_full_result_count = False

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
