"""The herd's counts and sums, worked out anew from the animals."""

from herd.counters import COLUMNS
from herd.models import ON_FEED, Animal, Batch, Pen


def counted(batch: Batch) -> dict[str, float]:
    animals = list(Animal.objects.filter(batch=batch))
    weights = [float(a.last_weight_kg) for a in animals if a.last_weight_kg is not None]
    gains = [a.adg_kg for a in animals if a.adg_kg is not None]
    on_feed = sum(a.status in ON_FEED for a in animals)
    values = (len(animals), on_feed, len(weights), sum(weights), len(gains), sum(gains))
    return dict(zip(COLUMNS, values, strict=True))


def head(pen: Pen) -> int:
    return Animal.objects.filter(pen=pen, status__in=ON_FEED).count()


def recount() -> None:
    """For rows that a test has written without the operations."""
    for batch in Batch.objects.all():
        Batch.objects.filter(pk=batch.pk).update(**counted(batch))
    for pen in Pen.objects.all():
        Pen.objects.filter(pk=pen.pk).update(head_count=head(pen))
