"""The table of what people said of work items: dismissed, seen, or to be reminded of."""

from django.db import models
from django.db.models import Q


class WorkMark(models.Model):
    """What a person said of one item of the office's page Work. It ends when the item is brought
    back, and its row stays."""

    class Kind(models.TextChoices):
        DISMISSED = "dismissed", "dismissed"
        SEEN = "seen", "seen"
        REMINDER = "reminder", "reminder"

    kind = models.CharField(max_length=9, choices=Kind)
    key = models.CharField(max_length=200, db_index=True)  # of the item, as the office makes it
    text = models.CharField(max_length=300, blank=True, default="")  # what the item said then
    reason = models.CharField(max_length=200, blank=True, default="")
    until = models.DateField(null=True, blank=True)  # of a reminder: the day it comes again
    # Of refused messages: the newest that is meant. What came later is there again.
    through = models.BigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        db_table = "work_marks"
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["id"], name="work_marks_that_stand", condition=Q(ended_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text or self.key}"
