"""Head days of a batch, from the movements into it and out of it."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date

from herd.local_time import localdate
from herd.models import Animal, Batch, Movement, ReversibleChange
from herd.rules.growth import head_days
from herd.stays import Merged, Passage, Record, Stay, Stays
from herd.storage.fast_rows import among, listed, select_values

GONE = "SELECT animal_id FROM movements WHERE from_batch_id = %s"  # out of a batch


def head_days_of(batch: Batch, through: date) -> int:
    """Return the batch's head days: its head at the end of each day through this one, added up."""
    stays = list(_stays_in(batch))
    outs = ((one.out, 1) for one in stays if one.out is not None)
    return head_days(((one.came, 1) for one in stays), outs, through)


def _stays_in(batch: Batch) -> Iterator[Stay]:
    merges = _merges()
    # What was merged into an animal elsewhere left no movement of its own.
    merged = {one.kept for one in merges if batch.pk in (one.before.batch_id, one.gone.batch_id)}
    where = f"batch_id = %s OR id IN ({GONE}) OR id {among()}"
    asked = [batch.pk, batch.pk, listed(_last(merged, merges))]
    rows = select_values(Animal, where, asked, ("id", *Record._fields))
    animals = {pk: Record(*columns) for pk, *columns in rows}
    stays = Stays(batch.pk, _passages(batch, animals), merges)
    for pk, record in animals.items():
        yield from stays.of(pk, record)


def _merges() -> list[Merged]:
    """Return the merges that were not taken back, the oldest first."""
    # In the words of the index `merges_that_stand`.
    where = "kind = 'merge' AND undone_at IS NULL ORDER BY id"
    rows = select_values(ReversibleChange, where, (), ("made_at", "steps"))
    return [Merged.of(made_at, steps) for made_at, steps in rows]


def _last(animals: set[int], merges: list[Merged]) -> set[int]:
    """Return the animals that these are by now, of which some were merged again."""
    into = {one.absorbed: one.kept for one in merges}
    found = set(animals)
    while absorbed := found & into.keys():
        found = (found - absorbed) | {into[one] for one in absorbed}
    return found


def _passages(batch: Batch, animals: Collection[int]) -> dict[int, list[Passage]]:
    found: dict[int, list[Passage]] = defaultdict(list)
    columns = ("id", "animal_id", "moved_at", "to_batch_id")
    # By the animals: an index of all that ever came into a batch would be written for each of them.
    where = f"animal_id {among()} AND (to_batch_id = %s OR from_batch_id = %s)"
    asked = [listed(animals), batch.pk, batch.pk]
    for pk, animal, at, to_id in select_values(
        Movement, f"{where} ORDER BY moved_at, id", asked, columns
    ):
        found[animal].append(Passage(pk, localdate(at), to_id == batch.pk))
    return found
