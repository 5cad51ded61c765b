"""What the journal says of one row: an animal, a batch, a pen, a weight, a payload."""

from django.db.models import Model, Q

from herd.models import Animal, JournalEntry

MOST = 2_000
# The journal has an index by row of what people did alone: what the radio did is looked for among
# the newest entries, since a farm's millions take seconds.
NEWEST = 20_000


def journal_of(row: Model, word: str) -> list[JournalEntry]:
    """Return the row's entries, the newest first: all that people made, and of the radio's those
    among the journal's newest. `word` is the first of its kinds, `cattle` of an animal."""
    ids = [row.pk]
    about = Q(kind__startswith=f"{word}:", object_id=row.pk)
    if isinstance(row, Animal):
        weights = list(row.weights.values_list("pk", flat=True))
        about |= Q(kind__startswith="weight:", object_id__in=weights)
        given = list(row.treatments.values_list("pk", flat=True))
        about |= Q(kind__startswith="treatment:", object_id__in=given)
        pulls = list(row.pulls.values_list("pk", flat=True))
        about |= Q(kind__startswith="pull:", object_id__in=pulls)
        ids += weights + given + pulls
    newest = JournalEntry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    by_people = JournalEntry.objects.by_people().filter(object_id__in=ids)
    among_newest = JournalEntry.objects.filter(seq__gt=newest - NEWEST)
    entries = {
        entry.seq: entry
        for rows in (by_people, among_newest)
        for entry in rows.filter(about).order_by("-seq")[:MOST]
    }
    return sorted(entries.values(), key=lambda entry: -entry.seq)
