"""The table of what people said of work items: dismissed, seen, or to be reminded of."""

from typing import Final

from django.db import models
from django.db.models import Q

# Keys (`remote.work_keys`) that begin so go on with the number of an animal, or of a weight.
OF_AN_ANIMAL: Final = {"off", "losing", "unseen", "stray", "left-early", "turned-back"}
OF_A_WEIGHT: Final = "suspect"


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

    def animal_or_weight(self) -> tuple[int, int]:
        """Return the number of the animal, or of the weight, that the item is about, else 0."""
        kind, _, rest = self.key.partition(":")
        number = rest.partition(":")[0]
        pk = int(number) if number.isascii() and number.isdecimal() else 0
        return pk * (kind in OF_AN_ANIMAL), pk * (kind == OF_A_WEIGHT)
