"""Times that were written down while the clock was not to be believed, put right once it is.

Each arrival has a monotonic time within its boot; with a clock that is right, that says when it
was. What came in an earlier boot cannot be put right any more, and stays marked.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from django.utils import timezone

from herd import operations
from herd.commands import Induction, TagRead
from herd.concurrency import carry_out
from herd.storage.journal import is_of_database
from herd.unit_of_work import UnitOfWork
from lora.intake import moment, this_boot
from lora.models import LoRaPayload
from lora.payloads import parse
from lora.processes import clock
from lora.processes.watchdog import PATIENCE
from lora.signing import inner

logger = logging.getLogger(__name__)

STEP = 100  # payloads in one transaction
EVERY = 5.0  # seconds
NEAR = timedelta(seconds=1)


class Retimer:
    """`step` is one small transaction, taken when there is nothing better to do."""

    def __init__(
        self,
        is_right: Callable[[], bool | None] = clock.is_synchronised,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._is_right, self._monotonic = is_right, monotonic
        self._due = monotonic()
        self._given_up: set[int] = set()

    def step(self) -> int:
        """Return how many payloads have their true time now; 0 until it is time to look again."""
        if self._monotonic() < self._due:
            return 0
        done = retime_some(self._given_up) if self._is_right() else 0
        if not done:
            self._due = self._monotonic() + EVERY
        return done


def retime_some(given_up: set[int]) -> int:
    """Put the time right of some settled payloads of this boot, by a clock that is right.

    Return how many were dealt with: one that cannot be put right stays marked, joins those that are
    given up, and holds up no other. With many of them the fault is ours, and all of them wait for a
    better HexaBrand.
    """
    doubtful = LoRaPayload.objects.filter(approximate=True, boot=this_boot())
    settled = doubtful.exclude(status=LoRaPayload.Status.RECEIVED).exclude(pk__in=given_up)
    if len(given_up) >= STEP or not settled.exists():
        return 0
    pks = list(settled.order_by("id").values_list("pk", flat=True)[:STEP])
    if not _are_written(pks, given_up):
        for pk in pks:  # the one that cannot be written must not hold up the others
            if not _are_written([pk], given_up):
                given_up.add(pk)
    return len(pks)


def _are_written(pks: list[int], given_up: set[int]) -> bool:
    try:
        carry_out("radio", lambda unit: _retime_all(unit, pks, given_up), PATIENCE)
    except Exception as error:
        if is_of_database(error):
            raise
        logger.exception("The times of %d payloads cannot be written.", len(pks))
        return False
    return True


def _retime_all(unit: UnitOfWork, pks: list[int], given_up: set[int]) -> None:
    for payload in unit.by_number(LoRaPayload, pks).values():
        if not _is_retimed(unit, payload):
            given_up.add(payload.pk)


def _is_retimed(unit: UnitOfWork, payload: LoRaPayload) -> bool:
    try:
        with unit.savepoint():
            _retime(unit, payload)
    except Exception as error:
        if is_of_database(error):
            raise
        logger.exception("The time of payload %d cannot be put right.", payload.pk)
        return False
    return True


def _retime(unit: UnitOfWork, payload: LoRaPayload) -> None:
    before, after = payload.received_at, moment(payload.arrived_ms * 1_000_000)
    after += before - payload.read_at  # of a late one that is when its server had it
    unit.change(payload, approximate=False)
    if abs(after - before) > NEAR:
        unit.change(payload, received_at=after)
        if payload.animal_id is not None and not payload.late:
            dates = _dates_set_by(payload.raw_payload)
            change = operations.Retiming(payload.animal_id, before, after, dates)
            operations.retime(unit, change)
    unit.note(f"payload:{payload.status}", payload.pk, timezone.now(), "time put right")


def _dates_set_by(text: str) -> tuple[Literal["induction_date", "left_on"], ...]:
    match parse(inner(text)):
        case Induction():
            return ("induction_date",)
        case TagRead(source="hxe"):
            return ("left_on",)
        case _:
            return ()
