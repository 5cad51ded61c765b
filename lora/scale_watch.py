"""Scales that were adjusted or are at fault, found across the herd once weights have changed, and
the animals judged anew that a step concerns: a day, or some animals, in one turn.
"""

import time
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial
from typing import Final

from django.utils import timezone

from herd import operations
from herd.concurrency import carry_out
from herd.local_time import localdate
from herd.models import JournalEntry, WeightRecord
from herd.rules.weight_outliers import FIRST_YEAR
from herd.scale_days import ScaleDay, look_at
from herd.scales_table import ScaleStep
from herd.storage import journal
from herd.unit_of_work import UnitOfWork
from lora.processes.watchdog import PATIENCE

EVERY: Final = 60.0  # seconds; the weights of a week are read for each look at a busy scale
ENTRIES: Final = 2000  # of the journal at once
LATEST: Final = 3000  # weights, that were perhaps not looked at before the start
OF_A_DAY: Final = ("scale", "source", "recorded_at")
ANIMALS: Final = 20  # judged in one turn: each with all of its weights


class ScaleWatch:
    """`step` is one small look or turn, taken when there is nothing better to do."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due = clock()
        self._seq: int | None = None  # of the journal, as far as it was read
        self._days: set[tuple[date, str]] = set()  # to be looked at

    def step(self) -> int:
        """Return how much was done; 0 until it is time to look again."""
        if self._clock() < self._due:
            return 0
        done = self._note_weighed() or self._look_at_a_day() or self._judge_some()
        if not done:
            self._due = self._clock() + EVERY
        return done

    def _note_weighed(self) -> int:
        """Note the days of weights that have changed; return how much of the journal was read."""
        weights = WeightRecord.objects.all()
        if self._seq is None:
            self._seq, _ = journal.newest()
            self._note(weights.order_by("-recorded_at", "-id")[:LATEST].values_list(*OF_A_DAY))
            return 1
        entries = JournalEntry.objects.after(self._seq).values_list("seq", "kind", "object_id")
        read = list(entries[:ENTRIES])
        ids = {pk for _, kind, pk in read if kind.startswith("weight:")}
        self._note(weights.filter(pk__in=ids).values_list(*OF_A_DAY))
        if read:
            self._seq = read[-1][0]
        return len(read) if len(read) == ENTRIES else 0

    def _note(self, weights: Iterable[tuple[str | None, str, datetime]]) -> None:
        for scale, source, at in weights:
            if at.year >= FIRST_YEAR:
                self._days.add((localdate(at), scale or source))

    def _look_at_a_day(self) -> int:
        """Look at the earliest day: a step is found before the days behind it are looked at."""
        if not self._days:
            return 0
        day, scale = min(self._days)
        found = look_at(scale, day)
        carry_out("radio", partial(_store, found), PATIENCE)
        self._days.discard((day, scale))
        return 1

    @staticmethod
    def _judge_some() -> int:
        step = ScaleStep.objects.filter(judged_to__isnull=False).order_by("id").first()
        if step is None:
            return 0
        carry_out("radio", partial(_judge, step.pk), PATIENCE)
        return 1


def _store(found: ScaleDay, unit: UnitOfWork) -> None:
    operations.note_scale_day(unit, found, timezone.now())


def _judge(step_id: int, unit: UnitOfWork) -> None:
    operations.judge_across(unit, step_id, ANIMALS, timezone.now())
