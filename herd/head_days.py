"""Head days of a batch, from the movements into it and out of it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django.db.models import Q

from herd.local_time import localdate
from herd.models import Animal, Batch, Movement, ReversibleChange
from herd.rules.growth import head_days
from herd.stays import Merged, Passage, Record, Stay, Stays


def head_days_of(batch: Batch, through: date) -> int:
    """Return the batch's head days: its head at the end of each day through this one, added up."""
    stays = list(_stays_in(batch))
    outs = ((one.out, 1) for one in stays if one.out is not None)
    return head_days(((one.came, 1) for one in stays), outs, through)


def _stays_in(batch: Batch) -> Iterator[Stay]:
    merges = _merges()
    stays = Stays(batch.pk, _passages(batch), merges)
    gone = Movement.objects.filter(from_batch=batch).values("animal_id")
    # What was merged into an animal elsewhere left no movement of its own.
    merged = {one.kept for one in merges if batch.pk in (one.before.batch_id, one.gone.batch_id)}
    rows = Animal.objects.filter(Q(batch=batch) | Q(pk__in=gone) | Q(pk__in=_last(merged, merges)))
    columns = ("pk", "batch_id", "induction_date", "first_seen_at", "left_on")
    for pk, *columns_of_one in rows.order_by("pk").values_list(*columns):
        yield from stays.of(pk, Record(*columns_of_one))


def _merges() -> list[Merged]:
    """Return the merges that were not taken back, the oldest first."""
    made = ReversibleChange.objects.filter(kind=ReversibleChange.Kind.MERGE, undone_at=None)
    rows = made.order_by("pk").values_list("made_at", "steps")
    return [Merged.of(made_at, steps) for made_at, steps in rows]


def _last(animals: set[int], merges: list[Merged]) -> set[int]:
    """Return the animals that these are by now, of which some were merged again."""
    into = {one.absorbed: one.kept for one in merges}
    found = set(animals)
    while absorbed := found & into.keys():
        found = (found - absorbed) | {into[one] for one in absorbed}
    return found


def _passages(batch: Batch) -> dict[int, list[Passage]]:
    found: dict[int, list[Passage]] = defaultdict(list)
    rows = Movement.objects.filter(Q(to_batch=batch) | Q(from_batch=batch))
    for pk, animal, at, to_id in rows.order_by("moved_at", "pk").values_list(
        "pk", "animal_id", "moved_at", "to_batch_id"
    ):
        found[animal].append(Passage(pk, localdate(at), to_id == batch.pk))
    return found
