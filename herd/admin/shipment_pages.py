"""Shipments in the admin: read there, and never edited."""

from django.contrib import admin

from herd.admin.base import ReadOnlyAdmin
from herd.models import Shipment

TOLD = ("shipment_number", "day", "state", "destination", "shipped_on", "reported_on")
SENT = ("carrier", "premises_from", "premises_to", "planned_head", "notes")
STAGES = tuple(
    f"{stage}_{what}"
    for stage in ("planned", "loading", "shipped", "cancelled")
    for what in ("at", "by")
)


@admin.register(Shipment)
class ShipmentAdmin(ReadOnlyAdmin):
    list_display = TOLD
    fields = (*TOLD, *SENT, *STAGES)
    list_filter = ["state", "day"]
    search_fields = ["shipment_number", "destination", "carrier"]
