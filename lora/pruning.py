"""Keeping the Pi's disk from filling: what is settled and old goes, a little at a time.

Payloads that wait or are in error stay, and those with an event id, which names one event for ever.
Of an uplink its identity stays: eight bytes, where the row has some five hundred.
By a clock that is wrong everything would be old, so nothing goes by one that may be.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from herd.models import JournalEntry
from herd.storage.journal import JournalBusy, prune_journal, writing
from lora.models import LoRaPayload, PrunedDelivery, digest_of
from lora.processes import clock
from lora.processes.disk_space import room
from lora.processes.watchdog import PATIENCE

logger = logging.getLogger(__name__)
Status = LoRaPayload.Status

STEP = 500  # rows in one transaction: the receiver waits behind it
EVERY = 3600.0  # seconds
SHORT_EVERY = 10.0  # while the disk is short
FAR_AHEAD = timedelta(days=45)  # of all that was ever stored: the clock is wrong, whoever set it
SHORT_KEEPS = timedelta(days=1)  # of what is told elsewhere too, while the disk is short


def prune_payloads(before: datetime, most: int, *, only_repeats: bool = False) -> int:
    """Delete the oldest settled payloads, `most` in one transaction; return how many went.

    One whose time was never put right may be younger than it says, and stays.
    """
    # By time, which has an index. Nothing else is asked for, only left out: half of all rows have
    # the same status and none an event id, and SQLite would go through those. Repeats are few.
    settled = LoRaPayload.objects.exclude(status__in=(Status.RECEIVED, Status.ERROR))
    if only_repeats:
        settled = LoRaPayload.objects.filter(status=Status.DUPLICATE)
    settled = settled.exclude(event_id__isnull=False)
    old = settled.filter(received_at__lt=before, approximate=False).order_by("received_at", "id")
    # Before the line: nobody waits for it.
    rows = dict(old.values_list("id", "delivery_id")[:most])
    if rows:
        known = [PrunedDelivery(digest=digest_of(one)) for one in rows.values() if one]
        with writing(PATIENCE):
            PrunedDelivery.objects.bulk_create(known, ignore_conflicts=True)
            settled.filter(id__in=rows).delete()
    return len(rows)


class Pruner:
    """`step` is one small transaction, taken when there is nothing better to do."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due = clock()

    def step(self) -> int:
        """Return how many rows went; 0 until it is time again."""
        if self._clock() < self._due:
            return 0
        try:
            is_short = room().is_short
            gone = _prune(timezone.now(), is_short=is_short) if is_time_right() else 0
        except (OperationalError, JournalBusy) as error:
            logger.warning("Old rows cannot be taken out now: %s", error)
            gone, is_short = 0, True
        if not gone:
            self._due = self._clock() + (SHORT_EVERY if is_short else EVERY)
        return gone


def is_time_right() -> bool:
    """Return True for a clock that is synchronised, and near what was stored last."""
    # A farm that is at rest deletes nothing.
    if clock.is_synchronised() is not True:
        return False
    payload = LoRaPayload.objects.order_by("-id").values_list("received_at", flat=True).first()
    entry = JournalEntry.objects.order_by("-seq").values_list("at", flat=True).first()
    stored = [at for at in (payload, entry) if at is not None]
    return bool(stored) and timezone.now() - max(stored) < FAR_AHEAD


def _prune(now: datetime, *, is_short: bool) -> int:
    journal_days = timedelta(days=settings.JOURNAL_KEPT_DAYS)
    gone = prune_journal(now - journal_days, STEP, PATIENCE) or prune_payloads(
        now - timedelta(days=settings.PAYLOADS_KEPT_DAYS), STEP
    )
    if gone or not is_short:
        return gone
    return prune_journal(now - SHORT_KEEPS, STEP, PATIENCE) or prune_payloads(
        now - SHORT_KEEPS, STEP, only_repeats=True
    )
