"""The table of the journal: one row for each thing that happened."""

import secrets
from typing import Final, Self

from django.db import models
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from herd.changes_table import ReversibleChange

FORGOTTEN = 0  # the mark of an old entry that is kept, while others around it are not


def new_mark() -> int:
    """Return a random number of 32 bits, not 0."""
    # A restored or replaced journal counts the same numbers again; the mark tells them apart.
    return secrets.randbits(32) or 1


# In the very words of the index `journal_of_people`: with a bound value in their place SQLite does
# not know that the index serves.
BY_PEOPLE: Final = """NOT ("journal"."actor" = 'radio') AND NOT ("journal"."detail" = '')"""


class JournalQuerySet(models.QuerySet["JournalEntry"]):
    def after(self, seq: int) -> Self:
        return self.filter(seq__gt=seq).order_by("seq")

    def by_people(self) -> Self:
        """Select what somebody did and there is something to say of."""
        return self.filter(RawSQL(BY_PEOPLE, (), BooleanField()))  # noqa: S611 - no word is anybody's


class JournalEntry(models.Model):
    """One thing that happened."""

    seq = models.BigAutoField(primary_key=True)  # the order: a Pi's wall clock may be set back
    mark = models.BigIntegerField(default=new_mark)
    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=150, blank=True, default="")
    detail = models.CharField(max_length=500, blank=True, default="")
    # None of what the radio did, and of what was done before operations were kept.
    operation = models.ForeignKey(
        ReversibleChange, models.DO_NOTHING, null=True, related_name="entries", db_index=False
    )

    objects = JournalQuerySet.as_manager()

    class Meta:
        db_table = "journal"
        verbose_name_plural = "journal"
        ordering = ["-seq"]
        indexes = [
            # A few thousand of a farm's millions: the past of an animal is asked for by it.
            models.Index(
                fields=["object_id"],
                name="journal_of_people",
                condition=~Q(actor="radio") & ~Q(detail=""),
            ),
            models.Index(
                fields=["operation"],
                name="journal_of_operation",
                condition=Q(operation__isnull=False),
            ),
            models.Index(
                fields=["object_id", "operation"],
                name="journal_operations_of_row",
                condition=Q(operation__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.object_id}"
