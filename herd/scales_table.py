"""The tables of what is wrong with scales: steps and faults, by scale and day."""

from django.db import models


class ScaleStep(models.Model):
    """A day on which a scale was adjusted: the herd's weights say so, or a person."""

    scale = models.CharField(max_length=120, help_text="Or the source of weights without one.")
    day = models.DateField()
    factor = models.FloatField(
        null=True, blank=True, help_text="How much it reads since then of what it read before."
    )
    animals = models.PositiveIntegerField(default=0, help_text="That were compared.")
    found_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=150, blank=True, default="")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True, default="")
    judged_to = models.BigIntegerField(
        null=True, default=0, help_text="The last animal that was judged by it; null: all were."
    )

    class Meta:
        db_table = "scale_steps"
        ordering = ["-day", "-id"]
        constraints = [models.UniqueConstraint(fields=["scale", "day"], name="one_step_a_day")]

    def __str__(self) -> str:
        return f"{self.scale} {self.day}"


class ScaleFault(models.Model):
    """A day on which more than half of a scale's weights are suspect."""

    scale = models.CharField(max_length=120, help_text="Or the source of weights without one.")
    day = models.DateField()
    animals = models.PositiveIntegerField()
    weights = models.PositiveIntegerField()
    suspect = models.PositiveIntegerField()

    class Meta:
        db_table = "scale_faults"
        ordering = ["-day", "-id"]
        constraints = [models.UniqueConstraint(fields=["scale", "day"], name="one_fault_a_day")]

    def __str__(self) -> str:
        return f"{self.scale} {self.day}"
