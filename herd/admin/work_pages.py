"""What people said of work items, in the admin: read there, and never edited."""

from django.contrib import admin

from herd.admin.base import ReadOnlyAdmin
from herd.models import WorkMark


@admin.register(WorkMark)
class WorkMarkAdmin(ReadOnlyAdmin):
    list_display = fields = (
        *("kind", "text", "reason", "until", "made_at", "made_by", "ended_at", "ended_by"),
        "key",
    )
    list_filter = ["kind", "made_at"]
    search_fields = ["text", "reason", "made_by"]
