"""The table of pulls: animals taken out of their pens to be treated in the hospital pen."""

from django.db import models

from herd.causes import CAUSES, LONGEST

CHOICES = tuple((code, code) for code in CAUSES)


class Pull(models.Model):
    """One animal pulled, why and when. A wrong one is voided with a reason, never edited."""

    class Source(models.TextChoices):
        OFFICE = "office", "office"
        ADMIN = "admin", "admin"

    animal = models.ForeignKey("herd.Animal", models.CASCADE, related_name="pulls")
    cause = models.CharField(max_length=LONGEST, choices=CHOICES)
    note = models.CharField(max_length=200, blank=True, default="")
    pulled_at = models.DateTimeField(db_index=True)
    from_pen = models.ForeignKey(
        "herd.Pen", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    to_pen = models.ForeignKey(
        "herd.Pen", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    source = models.CharField(max_length=6, choices=Source)
    recorded_by = models.CharField(max_length=150, blank=True, default="")
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.CharField(max_length=150, blank=True, default="")
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.CharField(max_length=150, blank=True, default="")
    void_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "pulls"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{CAUSES[self.cause]} on {self.pulled_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        """Return whether the animal was not sent back yet."""
        return self.returned_at is None and self.voided_at is None
