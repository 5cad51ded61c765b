"""The tables of shipments, and of the animals that are planned for each or were loaded."""

from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Count, F, Q


class ShipmentQuerySet(models.QuerySet["Shipment"]):
    def counted(self) -> Self:
        """Add what `count` would set."""

        # Each animal once: after a merge two rows can name it. One that was never planned is there
        # only because it was loaded.
        def animals(**which: Any) -> Count:
            return Count("animals__animal", filter=Q(**which), distinct=True)

        counts = {
            "planned_count": animals(animals__planned=True),
            "loaded_count": animals(animals__loaded_at__isnull=False),
            "shipped_count": animals(animals__shipped=True),
            "extra_count": animals() - F("planned_count"),
            "missing_count": animals() - F("loaded_count"),
        }
        return self.defer("manifest").annotate(**counts)


class Shipment(models.Model):
    """A truck: the animals that are to go, those that were loaded, and where they went."""

    class State(models.TextChoices):
        PLANNED = "planned", "planned"
        LOADING = "loading", "loading"
        SHIPPED = "shipped", "shipped"
        CANCELLED = "cancelled", "cancelled"

    shipment_number = models.CharField(max_length=50, unique=True)
    day = models.DateField()
    destination = models.CharField(max_length=100, blank=True, default="")
    carrier = models.CharField(max_length=100, blank=True, default="")
    premises_from = models.CharField(max_length=50, blank=True, default="")
    premises_to = models.CharField(max_length=50, blank=True, default="")
    planned_head = models.PositiveIntegerField(default=0)  # as agreed; 0 where nothing was said
    state = models.CharField(max_length=9, choices=State, default=State.PLANNED)
    notes = models.TextField(blank=True, default="")
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=150, blank=True, default="")
    loading_at = models.DateTimeField(null=True, blank=True)
    loading_by = models.CharField(max_length=150, blank=True, default="")
    shipped_at = models.DateTimeField(null=True, blank=True)
    shipped_by = models.CharField(max_length=150, blank=True, default="")
    shipped_on = models.DateField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=150, blank=True, default="")
    reported_on = models.DateField(null=True, blank=True)  # to the national database
    reported_by = models.CharField(max_length=150, blank=True, default="")
    manifest = models.JSONField(encoder=DjangoJSONEncoder, null=True, blank=True)  # as it left
    change = models.ForeignKey(  # takes the shipping back
        "herd.ReversibleChange", models.SET_NULL, null=True, blank=True, related_name="+"
    )

    # Head, as `counted` or `count` found them.
    planned_count: int
    loaded_count: int
    extra_count: int
    missing_count: int
    shipped_count: int

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        db_table = "shipments"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.shipment_number

    @property
    def report_by(self) -> date | None:
        """Return the last day on which it may be reported; None until it has left."""
        days = timedelta(days=settings.SHIPMENT_REPORT_DAYS)
        return self.shipped_on + days if self.shipped_on else None

    def clear_by(self, today: date) -> date:
        """Return the day on which its animals have to be clear of their treatments."""
        if self.shipped_on or self.state == self.State.LOADING:
            return self.shipped_on or today
        return max(today, self.day)

    def count(self, rows: "list[ShipmentAnimal]") -> None:
        """Set the counts by its animals."""
        every, planned, loaded, shipped = (
            {row.animal_id for row in some}
            for some in (
                rows,
                [row for row in rows if row.planned],
                [row for row in rows if row.loaded_at],
                [row for row in rows if row.shipped],
            )
        )
        self.planned_count, self.loaded_count = len(planned), len(loaded)
        self.extra_count, self.missing_count = len(every - planned), len(every - loaded)
        self.shipped_count = len(shipped)


class ShipmentAnimal(models.Model):
    """An animal that is planned for a shipment, was loaded, or both; one that is neither has no
    row."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="animals")
    animal = models.ForeignKey("herd.Animal", models.CASCADE, related_name="+")
    planned = models.BooleanField(default=True)
    loaded_at = models.DateTimeField(null=True, blank=True)
    loaded_by = models.CharField(max_length=150, blank=True, default="")
    shipped = models.BooleanField(default=False)

    class Meta:
        db_table = "shipment_animals"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"animal {self.animal_id} of shipment {self.shipment_id}"


OPEN_STATES = (Shipment.State.PLANNED, Shipment.State.LOADING)
