"""The table of sessions."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class Session(models.Model):
    """A pass of animals through the chute, or of days at a scale: what was done in it names it."""

    name = models.CharField(max_length=100)
    batch = models.ForeignKey(
        "herd.Batch", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    pen = models.ForeignKey("herd.Pen", models.SET_NULL, null=True, blank=True, related_name="+")
    tasks = models.JSONField(encoder=DjangoJSONEncoder, default=dict, blank=True)
    source = models.CharField(max_length=120, blank=True, default="")  # it listens to; "": to none
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=150, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True, default="")
    notes = models.TextField(blank=True, default="")

    class Meta:
        db_table = "sessions"
        ordering = ["-id"]
        indexes = [
            # The worker asks by it at every step.
            models.Index(fields=["source", "started_at"], name="session_of_a_source")
        ]

    def __str__(self) -> str:
        return self.name
