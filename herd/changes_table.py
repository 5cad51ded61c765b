"""The table of changes that can be taken back."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class ReversibleChange(models.Model):
    """A change that touches much at once, with all that is needed to take it back."""

    class Kind(models.TextChoices):
        MERGE = "merge", "animals merged"
        RETAG = "retag", "tag given to another animal"
        IMPORT = "import", "import"
        SCALE = "scale", "weights of a scale corrected"
        SHIPMENT = "shipment", "animals shipped"

    kind = models.CharField(max_length=20, choices=Kind)
    summary = models.CharField(max_length=300)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True, default="")
    steps = models.JSONField(encoder=DjangoJSONEncoder)  # as the operation that made it needs them
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        db_table = "reversible_changes"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.summary
