"""Payload → herd: the oldest first, many in one transaction, each with its own savepoint."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.db import connection
from django.utils import timezone

from herd.commands import Command
from herd.concurrency import SETTLED, carry_out
from herd.early_write import carry_out_early
from herd.errors import HerdError
from herd.storage import database_corruption
from herd.storage.commit_notifier import CommitNotifier, open_notifier
from herd.storage.journal import DATABASE_UNAVAILABLE, is_of_database
from herd.unit_of_work import UnitOfWork
from lora import lanes
from lora.apply_reading import apply, prefetch
from lora.clock_correction import Retimer
from lora.deduplication import Repeats
from lora.fair_order import next_payloads
from lora.late_readings import Past
from lora.listening_sessions import ListeningSessions
from lora.models import DeviceCounter, LoRaPayload
from lora.payloads import InvalidPayload, Parsed, event_id, parse
from lora.processes.disk_space import DiskFull, check_disk_space
from lora.processes.watchdog import PATIENCE, Watchdog
from lora.pruning import Pruner
from lora.refusal import refusal
from lora.remarks import remarks_on
from lora.scale_watch import ScaleWatch
from lora.settling import settled, waiting
from lora.signing import Guard, devices_in, inner

logger = logging.getLogger(__name__)
Status = LoRaPayload.Status

BATCH_SIZE = 500  # payloads in one step: its write holds the queue for some 20 ms
MOST_ATTEMPTS = 5
RETRY_AFTER = (1.0, 5.0, 30.0, 120.0)  # seconds, after our own failures
LOOK_ANYWAY_AFTER = 1.0

T = TypeVar("T")


class Known(NamedTuple):
    """What the payloads of one step are held against."""

    repeats: Repeats
    guard: Guard
    past: Past
    sessions: ListeningSessions


class Worker:
    """`step` applies what waits; `run` is steps until told to stop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._window_ms = int(settings.LORA_DEDUP_WINDOW * 1000)
        self._not_before: dict[int, float] = {}
        self._keys = settings.LORA_DEVICE_KEYS
        self._watchdog = Watchdog("worker")
        self._is_stuck = False
        self._failed: set[type[Exception]] = set()
        self._notifier: CommitNotifier | None = None

    def run(self, stop: threading.Event) -> None:
        idle = [Retimer().step, Pruner().step, ScaleWatch().step]
        while not stop.is_set():
            database_corruption.check()
            self._watchdog.alive()
            # The other writers get their turn while the next step thinks.
            if not any(self._try(step, stop) for step in (self._step_and_say, *idle)):
                self._try(lambda: self._wait_for_commit(stop), stop)

    def _wait_for_commit(self, stop: threading.Event) -> None:
        if self._notifier is None:
            # And look again: what came before it, it does not tell.
            self._notifier = open_notifier()
        else:
            self._notifier.wait(stop, LOOK_ANYWAY_AFTER)

    def _try(self, act: Callable[[], T], stop: threading.Event) -> T | None:
        """Return what `act` does; None, a second later, where it fails."""
        # A full disk and a database that is away come back; where we fail ourselves, the rest goes
        # on.
        try:
            return act()
        except (*DATABASE_UNAVAILABLE, DiskFull) as error:
            if database_corruption.is_damage(error):
                raise
            if not self._is_stuck:
                logger.warning("The herd cannot be written now; trying again: %s", error)
            self._is_stuck = True
            self._watchdog.fails()
        except Exception as error:
            if database_corruption.is_damage(error):
                raise
            if type(error) not in self._failed:
                logger.exception("A part of the work fails; the rest goes on.")
            self._failed.add(type(error))
        connection.close_if_unusable_or_obsolete()
        stop.wait(1.0)
        return None

    def _step_and_say(self) -> int:
        done = self.step()
        if self._is_stuck:
            logger.info("The herd can be written again.")
            self._is_stuck = False
            self._watchdog.works()
        return done

    def step(self) -> int:
        """Settle the oldest payloads; return how many it looked at."""
        with lanes.claimed(self._oldest, BATCH_SIZE) as find:
            try:
                return self._carry_out(find)
            except Exception as error:
                if isinstance(error, DiskFull) or is_of_database(error):
                    raise
                logger.exception("A step fails as a whole; its payloads are tried one by one.")
                return self._step_singly(find)

    def _carry_out(self, find: Callable[[], list[LoRaPayload]]) -> int:
        return carry_out_early("radio", partial(self._settle, find), PATIENCE)

    def _settle(self, find: Callable[[], list[LoRaPayload]], unit: UnitOfWork) -> int:
        unit.by_lookups = True
        payloads = find()
        if payloads:
            check_disk_space()
            ids = {payload.id for payload in payloads}
            # Of payloads a person's doing counts: what is handed in again may be first of these.
            told = {"payload", "session"}
            unit.conditions.append(lambda new: bool(told & new.keys() or ids & new[SETTLED]))
            self._settle_all(unit, payloads)
        return len(payloads)

    def _step_singly(self, find: Callable[[], list[LoRaPayload]]) -> int:
        """Apply the step's payloads one by one: what fails at the end of a step, where many are
        written at once, has no name there."""
        ids = [payload.id for payload in find()]
        for pk in ids:
            self._watchdog.alive()
            try:
                self._carry_out(partial(waiting, f"id = {pk}"))
            except Exception as error:
                if is_of_database(error):
                    raise
                logger.exception("Payload %d fails as it is written.", pk)
                self._count_failure(pk)
        return len(ids)

    def _count_failure(self, pk: int) -> None:
        """Count the try, though all else that it did was undone."""

        def count(unit: UnitOfWork) -> None:
            payloads = waiting(f"id = {pk}")
            with settled(unit, payloads) as note:
                for payload in payloads:
                    payload.attempts += 1
                    self._try_later(payload)
                    note(payload)

        carry_out("radio", count, PATIENCE)

    def _oldest(self, most: int) -> list[LoRaPayload]:
        """Return what is due by now, readings first, the oldest first."""
        now = self._clock()
        later = [str(pk) for pk, due in self._not_before.items() if due > now]
        due = f"id NOT IN ({', '.join(later) or 0})"
        return next_payloads(lambda which: waiting(f"{due} AND {which}"), most)

    def _settle_all(self, unit: UnitOfWork, payloads: list[LoRaPayload]) -> None:
        texts = [inner(payload.raw_payload) for payload in payloads]
        readings = [parse(text) for text in texts]
        ids = [event_id(text) for text in texts]
        unit.prepare(prefetch(readings))
        past = Past(unit, payloads, readings)
        known = self._known(payloads, {one for one in ids if one}, past)
        with settled(unit, payloads) as note:
            for payload, reading, event in zip(payloads, readings, ids, strict=True):
                payload.event_id = event
                self._settle_one(unit, payload, reading, known)
                note(payload)
        if known.guard.accepted:
            keep = DeviceCounter.objects.keep
            unit.at_write(partial(keep, known.guard.accepted, timezone.now()))

    def _known(self, payloads: list[LoRaPayload], event_ids: set[str], past: Past) -> Known:
        devices = devices_in(payload.raw_payload for payload in payloads)
        signed = devices & self._keys.by_device.keys()
        counters = DeviceCounter.objects.last_of(signed) if signed else {}
        guard, sessions = Guard(self._keys, counters), ListeningSessions(payloads)
        return Known(Repeats(payloads, event_ids, self._window_ms), guard, past, sessions)

    def _settle_one(
        self, unit: UnitOfWork, payload: LoRaPayload, reading: Parsed, known: Known
    ) -> None:
        if (first := known.repeats.first_of(payload)) is not None:
            payload.settle_as_repeat(first)
            return
        refused = refusal(payload, known.guard)
        event = known.repeats.event(payload.event_id) if payload.event_id else None
        if refused is not None:
            payload.settle_as_error(refused.code, refused.message)
        elif event and inner(payload.raw_payload).strip() in event[1]:
            payload.settle_as_repeat(event[0])
        elif event:
            payload.settle_as_error(
                "event_id_reused",
                f"Event {payload.event_id} was used before, in payload no. {event[0]}, with"
                " another text. Correct the id or the text.",
            )
        elif isinstance(reading, InvalidPayload):
            payload.settle_as_error(reading.code, reading.message)
        else:
            unit.session_id = known.sessions.of(payload)
            self._apply(unit, payload, reading, known.past)
        if payload.status != Status.DUPLICATE:
            known.repeats.add(payload)

    def _apply(self, unit: UnitOfWork, payload: LoRaPayload, reading: Command, past: Past) -> None:
        payload.attempts += 1
        unit.heard_by = payload.signed_by or payload.source
        try:
            with unit.savepoint():
                if payload.late:
                    animal, newer = past.apply(payload, reading)
                else:
                    animal, newer = apply(unit, reading, payload.received_at), ""
        except HerdError as error:
            payload.settle_as_error(error.code, str(error))
        except Exception as error:
            if is_of_database(error):
                raise
            logger.exception("Payload %d failed, try %d.", payload.id, payload.attempts)
            self._try_later(payload)
        else:
            payload.settle_as_processed(animal, remarks_on(unit, reading, animal), newer)
            self._not_before.pop(payload.id, None)

    def _try_later(self, payload: LoRaPayload) -> None:
        """Try the payload again later, or park it."""
        # Our own mistake must never block the rest.
        if payload.attempts < MOST_ATTEMPTS:
            self._not_before[payload.id] = self._clock() + RETRY_AFTER[payload.attempts - 1]
            return
        self._not_before.pop(payload.id, None)
        payload.settle_as_error(
            "internal", "HexaBrand itself failed on this payload; it is kept and can be retried."
        )
