"""What the journal may forget. Who followed it from before that loads a new copy."""

from datetime import datetime
from typing import Final

from herd.models import FORGOTTEN, JournalEntry
from herd.storage.journal import writing

MACHINES: Final = ("", "radio")  # actors whose doings are told by other tables too


def prune_journal(before: datetime, most: int, timeout: float | None = None) -> int:
    """Delete the oldest entries, `most` in one transaction; return how many it dealt with.

    What people did stays, as an animal's history shows it, but can no longer be followed from.
    An entry later in the order than one that is younger than `before` stays: clocks jump.
    """
    with writing(timeout):
        newest = JournalEntry.objects.first()
        young = JournalEntry.objects.filter(at__gte=before).order_by("seq").first() or newest
        if young is None:
            return 0
        old = JournalEntry.objects.filter(seq__lt=young.seq).exclude(mark=FORGOTTEN)
        rows = list(old.order_by("seq").values_list("seq", "actor")[:most])
        gone = [seq for seq, actor in rows if actor in MACHINES]
        kept = [seq for seq, actor in rows if actor not in MACHINES]
        JournalEntry.objects.filter(seq__in=gone).delete()
        JournalEntry.objects.filter(seq__in=kept).update(mark=FORGOTTEN)
    return len(rows)
