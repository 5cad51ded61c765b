"""The table of weights: what a scale said of an animal, and whether it can be right."""

from django.db import models
from django.db.models import Q

from herd.sessions_table import Session


class WeightRecord(models.Model):
    """One weighing. A wrong one is voided with a reason; the figure itself is never edited."""

    class Source(models.TextChoices):
        RADIO = "radio", "radio"
        OFFICE = "office", "office"
        ADMIN = "admin", "admin"
        IMPORT = "import", "import"

    class Quality(models.TextChoices):
        OK = "ok", "ok"
        SUSPECT = "suspect", "suspect"
        VOID = "void", "void"

    animal = models.ForeignKey(
        "herd.Animal", models.CASCADE, related_name="weights", db_index=False
    )
    weight_kg = models.DecimalField(max_digits=7, decimal_places=2)
    recorded_at = models.DateTimeField(db_index=True)
    source = models.CharField(max_length=6, choices=Source)
    # Nullable, so that a column is added without writing a farm's years of weights anew.
    scale = models.CharField(  # noqa: DJ001 - see above
        max_length=120, null=True, blank=True, help_text="What weighed, or heard the weight."
    )
    recorded_by = models.CharField(max_length=150, blank=True, default="")
    quality = models.CharField(max_length=7, choices=Quality, default=Quality.OK)
    reason = models.CharField(max_length=200, blank=True, default="")
    expected_kg = models.FloatField(null=True, blank=True)  # by the animal's gain until then
    session = models.ForeignKey(
        Session, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    accepted_by = models.CharField(  # noqa: DJ001 - NULL is for what never was
        max_length=150, null=True, blank=True, help_text="Who said that it is right."
    )
    read_kg = models.DecimalField(
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="What the scale read, of a weight that was corrected since.",
    )

    class Meta:
        db_table = "cattle_weight_history"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["animal", "recorded_at"], name="weights_of_an_animal"),
            models.Index(
                fields=["session"], name="weights_of_a_session", condition=Q(session__isnull=False)
            ),
            # Of a farm's years those few that wait for a person.
            models.Index(fields=["id"], name="weights_to_decide", condition=Q(quality="suspect")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(weight_kg__gt=0), name="weight_is_positive")
        ]

    def __str__(self) -> str:
        return f"{self.weight_kg} kg"

    @property
    def weighed_by(self) -> str:
        """Return its scale, or the source of one that names none."""
        return self.scale or self.source
