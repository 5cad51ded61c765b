"""Head days of a batch, from the movements into it and out of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from django.db.models import Q

from herd.local_time import localdate
from herd.models import Animal, Batch, Movement
from herd.rules.growth import head_days

Passages = dict[int, list[tuple[date, bool]]]  # by animal: the day, and whether it came in


class Stay(NamedTuple):
    came: date
    out: date | None  # the first day at whose end it was not there; None: it is there still


class Ending(NamedTuple):
    """How an animal's record ends: the day it left the feedlot, and whether it counts here."""

    left_on: date | None
    here: bool


def head_days_of(batch: Batch, through: date) -> int:
    """Return the batch's head days: its head at the end of each day through this one, added up."""
    stays = list(_stays_in(batch))
    outs = ((max(one.came, one.out), 1) for one in stays if one.out is not None)
    return head_days(((one.came, 1) for one in stays), outs, through)


def _stays_in(batch: Batch) -> Iterator[Stay]:
    passages = _passages(batch)
    gone = Movement.objects.filter(from_batch=batch).values("animal_id")
    columns = ("pk", "batch_id", "induction_date", "first_seen_at", "left_on")
    rows = Animal.objects.filter(Q(batch=batch) | Q(pk__in=gone)).values_list(*columns)
    for pk, batch_id, inducted, first_seen_at, left_on in rows.order_by("pk"):
        ending = Ending(left_on, here=batch_id == batch.pk)
        yield from stays(inducted or localdate(first_seen_at), passages[pk], ending)


def _passages(batch: Batch) -> Passages:
    found: Passages = defaultdict(list)
    rows = Movement.objects.filter(Q(to_batch=batch) | Q(from_batch=batch))
    for pk, at, to_id in rows.order_by("moved_at", "pk").values_list(
        "animal_id", "moved_at", "to_batch_id"
    ):
        found[pk].append((localdate(at), to_id == batch.pk))
    return found


def stays(first: date, passages: Iterable[tuple[date, bool]], ending: Ending) -> Iterator[Stay]:
    """Yield an animal's stays in a batch; `first` is the day of its induction."""
    # One that did not come in from elsewhere was here from its induction on. Merged records may
    # come in twice, or go twice.
    in_order = list(passages)
    came = None if in_order and in_order[0][1] else first
    for day, inward in in_order:
        if inward:
            came = came or day
        elif came is not None:
            yield Stay(came, min(day, ending.left_on or day))
            came = None
    if came is not None and ending.here:
        yield Stay(came, ending.left_on)
