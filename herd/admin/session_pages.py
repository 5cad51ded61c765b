"""Sessions at the chute in the admin: read there, and never edited."""

from django.contrib import admin

from herd.admin.base import ReadOnlyAdmin
from herd.models import Session

TOLD = ("batch", "pen", "source", "started_at", "started_by", "ended_at", "ended_by")


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ["name", *TOLD]
    fields = ("name", *TOLD, "tasks", "notes")
    list_filter = ["started_at"]
    list_select_related = ["batch", "pen"]
    search_fields = ["name", "source"]
