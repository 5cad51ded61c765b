"""The table of tags: which animal wore which, from when to when."""

from django.db import models
from django.db.models import Q

TAKEN_OFF = Q(to_at__isnull=False) & ~Q(recorded_by="radio")  # what people had put on


class TagPairing(models.Model):
    """A tag on an animal, from when to when: history, never edited."""

    class Kind(models.TextChoices):
        LF = "lf", "LF"
        UHF = "uhf", "UHF"

    animal = models.ForeignKey("herd.Animal", models.CASCADE, related_name="pairings")
    kind = models.CharField(max_length=3, choices=Kind)
    tag = models.CharField(max_length=64)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, default="")
    recorded_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        db_table = "tag_pairings"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "tag"], condition=Q(to_at=None), name="one_animal_per_active_tag"
            )
        ]
        indexes = [models.Index(fields=["to_at"], name="tags_of_people", condition=TAKEN_OFF)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.tag}"
