"""The herd's tables: batches, pens, animals, their tags, moves and weights, and the journal."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from herd.causes import LONGEST as LONGEST_CAUSE
from herd.changes_table import OperationAnimal, ReversibleChange
from herd.journal_table import FORGOTTEN, JournalEntry, JournalQuerySet, new_mark
from herd.pulls_table import CHOICES as CAUSES
from herd.pulls_table import Pull
from herd.scales_table import ScaleFault, ScaleStep
from herd.sessions_table import Session
from herd.shipments_table import Shipment, ShipmentAnimal
from herd.tags_table import TagPairing
from herd.treatments_table import Product, Treatment
from herd.weights_table import WeightRecord
from herd.work_table import WorkMark

__all__ = [
    "FORGOTTEN",
    "ON_FEED",
    "Animal",
    "Batch",
    "BatchQuerySet",
    "JournalEntry",
    "JournalQuerySet",
    "Movement",
    "OperationAnimal",
    "Pen",
    "Product",
    "Pull",
    "ReversibleChange",
    "ScaleFault",
    "ScaleStep",
    "Session",
    "Shipment",
    "ShipmentAnimal",
    "TagPairing",
    "Treatment",
    "WeightRecord",
    "WorkMark",
    "new_mark",
]


class BatchQuerySet(models.QuerySet["Batch"]):
    def open(self) -> Self:
        return self.filter(status=Batch.Status.OPEN)


class Batch(models.Model):
    """Animals bought or shipped together: a lot."""

    class Source(models.TextChoices):
        BARN = "hxb", "barn"
        EXPORT = "hxe", "export"

    class Status(models.TextChoices):
        OPEN = "open", "open"
        CLOSED = "closed", "closed"

    batch_number = models.CharField(max_length=50, unique=True)
    source_type = models.CharField(max_length=3, choices=Source, default=Source.BARN)
    status = models.CharField(max_length=6, choices=Status, default=Status.OPEN)
    funder = models.CharField(max_length=50, blank=True, default="")
    lot_group = models.CharField(max_length=50, blank=True, default="")
    induction_date = models.DateField(null=True, blank=True)
    target_kg = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5000)],
        help_text="What it is to weigh; empty for the farm's own.",
    )
    target_on = models.DateField(null=True, blank=True, help_text="And by when.")
    notes = models.TextField(blank=True, default="")
    last_read_at = models.DateTimeField(null=True, blank=True)
    # By differences, in the unit of work (decision 6): a weight costs no more in a large batch.
    head_count = models.IntegerField(default=0, editable=False)
    on_feed_count = models.IntegerField(default=0, editable=False)
    weighed_count = models.IntegerField(default=0, editable=False)
    weight_sum_kg = models.FloatField(default=0, editable=False)
    gaining_count = models.IntegerField(default=0, editable=False)
    gain_sum_kg = models.FloatField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        db_table = "batches"
        verbose_name_plural = "batches"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.batch_number

    @property
    def mean_weight_kg(self) -> float | None:
        """Return the mean of the last good weights of those that were ever weighed."""
        return self.weight_sum_kg / self.weighed_count if self.weighed_count else None

    @property
    def adg_kg(self) -> float | None:
        """Return the mean gain of the `gaining_count` animals whose gain is known."""
        return self.gain_sum_kg / self.gaining_count if self.gaining_count else None


class Pen(models.Model):
    pen_number = models.CharField(max_length=50, unique=True)
    location = models.CharField(max_length=50, blank=True, default="")
    capacity = models.PositiveIntegerField(default=0, help_text="Head; 0 where it is not known.")
    description = models.TextField(blank=True, default="")
    head_count = models.IntegerField(default=0, editable=False)  # on feed here; by the unit of work
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "pens"
        ordering = ["pen_number"]

    def __str__(self) -> str:
        return self.pen_number


class Animal(models.Model):
    """One head. A new column goes into `herd/fields.py` too."""

    class Status(models.TextChoices):
        PENDING = "pending", "pending"  # heard of, not yet inducted or read
        ACTIVE = "active", "active"
        EXPORTED = "exported", "exported"
        DEAD = "dead", "dead"
        SOLD = "sold", "sold"

    # An absent tag or id is NULL and not "", so that the database can hold the others unique.
    livestock_id = models.CharField(max_length=50, unique=True, null=True, blank=True)
    lf_tag = models.CharField(max_length=64, unique=True, null=True, blank=True)
    uhf_tag = models.CharField(max_length=64, unique=True, null=True, blank=True)
    visual_id = models.CharField(max_length=50, blank=True, default="", db_index=True)
    tag_color = models.CharField(max_length=50, blank=True, default="")
    sex = models.CharField(max_length=10, blank=True, default="")
    breed = models.CharField(max_length=50, blank=True, default="")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, blank=True, related_name="animals")
    pen = models.ForeignKey(Pen, models.PROTECT, null=True, blank=True, related_name="animals")
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    health = models.CharField(max_length=200, blank=True, default="")
    induction_date = models.DateField(null=True, blank=True)
    last_weight_kg = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    last_weighed_at = models.DateTimeField(null=True, blank=True)
    adg_kg = models.FloatField(null=True, blank=True)
    adg_confidence = models.CharField(max_length=4, blank=True, default="")  # ok, low
    expected_kg = models.FloatField(null=True, blank=True)  # at its last weighing, by its gain
    forecast_kg = models.FloatField(null=True, blank=True)  # of then, that a forecast starts from
    adg_doubt_kg = models.FloatField(null=True, blank=True)  # how far the gain may be off
    left_on = models.DateField(null=True, blank=True)
    left_reason = models.CharField(max_length=200, blank=True, default="")
    left_cause = models.CharField(  # noqa: DJ001 - else the migration copies the table
        max_length=LONGEST_CAUSE, choices=CAUSES, null=True, blank=True
    )
    # The latest of its treatments that stand; by the operations, so that no list needs a join.
    clear_on = models.DateField(null=True, blank=True)
    not_clear_reason = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001 - else the migration copies the table
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    notes = models.TextField(blank=True, default="")

    class Meta:
        db_table = "cattle"
        verbose_name_plural = "cattle"
        ordering = ["-id"]
        indexes = [
            # Of those that were treated alone; what a read changes has no index.
            models.Index(
                fields=["clear_on"], name="treated_cattle", condition=Q(clear_on__isnull=False)
            ),
            models.Index(
                fields=["left_on"], name="cattle_that_left", condition=Q(left_on__isnull=False)
            ),
            # Looked for every few seconds, and nearly none of all that ever left.
            models.Index(
                fields=["left_on"],
                name="cattle_that_left_early",
                condition=Q(clear_on__gt=models.F("left_on")),
            ),
        ]

    def __str__(self) -> str:
        name = self.livestock_id or self.visual_id or self.lf_tag or self.uhf_tag
        return name or f"animal {self.pk}"


ON_FEED = (Animal.Status.ACTIVE, Animal.Status.PENDING)


class Movement(models.Model):
    """An animal that came into a batch or a pen: history, never edited."""

    animal = models.ForeignKey(Animal, models.CASCADE, related_name="movements")
    from_batch = models.ForeignKey(
        Batch, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    to_batch = models.ForeignKey(
        Batch, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    from_pen = models.ForeignKey(Pen, models.SET_NULL, null=True, related_name="+", db_index=False)
    to_pen = models.ForeignKey(Pen, models.SET_NULL, null=True, related_name="+", db_index=False)
    from_name = models.CharField(max_length=50, blank=True, default="")  # of what is gone since
    to_name = models.CharField(max_length=50, blank=True, default="")
    moved_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True, default="")
    recorded_by = models.CharField(max_length=150, blank=True, default="")
    session = models.ForeignKey(
        Session, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        db_table = "movements"
        ordering = ["-id"]
        indexes = [
            # Of few of a farm's millions: the others take no room in it.
            models.Index(
                fields=["session"],
                name="movements_of_a_session",
                condition=Q(session__isnull=False),
            ),
            models.Index(
                fields=["from_batch"],
                name="movements_out_of_a_batch",
                condition=Q(from_batch__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.came_from or '–'} → {self.went_to or '–'}"

    @property
    def came_from(self) -> str:
        return str(self.from_batch or self.from_pen or self.from_name)

    @property
    def went_to(self) -> str:
        return str(self.to_batch or self.to_pen or self.to_name)
