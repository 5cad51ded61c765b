"""Where the receiver's groups go: into the herd's database, or into the spill file while that is
away, always in the order in which they were heard."""

import contextlib
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from typing import Protocol

from django.db import InterfaceError, OperationalError, ProgrammingError, connection

from herd.storage import database_corruption, journal
from herd.storage.journal import JournalBusy
from lora.framing.frames import Frame
from lora.intake import BootClock, Heard, NumberedGroup, SourceNote, store_frames, this_boot
from lora.listeners import growing_waits
from lora.models import SpillPosition
from lora.processes.disk_space import DiskFull
from lora.processes.watchdog import PATIENCE
from lora.spill import Spill

logger = logging.getLogger(__name__)

AT_ONCE = 2_000  # frames in one commit from the spill
# Seconds; then the group goes into the spill and is acknowledged: with that commit, and the wait
# for the one before it, within a quarter of a second.
GIVE_UP_AFTER = 0.2
REOPEN_EVERY = 60.0  # seconds, where the disk refused the spill file at the start
RETRY_AFTER = (0.05, 2.0)  # seconds: the first try and the longest, while the database is away
# The database is busy or away, the disk full, or the system out of something: all of them end.
# ProgrammingError: to PostgreSQL, tables that a restore or a migration has not made yet.
LATER = (
    OperationalError, InterfaceError, ProgrammingError, JournalBusy, DiskFull, OSError,
)  # fmt: skip


class Jobs(Protocol):
    """What runs the database's work: a `DatabaseThread`."""

    def submit(self, job: Callable[[], None]) -> "Future[None]": ...


class DatabaseThread:
    """Does the database's work apart from the receiver's loop.

    A server that hangs answers nothing and raises nothing for many seconds: only a thread of its
    own lets the loop go on hearing and spilling meanwhile.
    """

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[tuple[Callable[[], None], Future[None]]]
        self._jobs = queue.SimpleQueue()
        threading.Thread(target=self._run, daemon=True, name="database").start()

    def submit(self, job: Callable[[], None]) -> "Future[None]":
        future: Future[None] = Future()
        self._jobs.put((job, future))
        return future

    def _run(self) -> None:
        while True:
            job, future = self._jobs.get()
            try:
                job()
            except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for it
                future.set_exception(error)
                with contextlib.suppress(Exception):  # this thread must outlive every server
                    connection.close_if_unusable_or_obsolete()
            else:
                future.set_result(None)


@dataclass(slots=True)
class Attempt:
    """What the database was asked to store; it may be done, and nobody know it yet."""

    through: int
    give_up_at: float
    future: "Future[None]"


class GroupStore:
    """`store` returns once a group is safe. `error` is why the database is away, None while it is
    not."""

    def __init__(
        self,
        spill: Spill | None,
        jobs: Jobs,
        clock: Callable[[], float] = time.monotonic,
        reopen: Callable[[], Spill | None] = lambda: None,
    ) -> None:
        self.error: BaseException | None = None
        self._reopen, self._reopen_at = reopen, clock() + REOPEN_EVERY
        self._spill, self._jobs, self._clock = spill, jobs, clock
        self._attempt: Attempt | None = None
        self._waits, self._not_before = growing_waits(*RETRY_AFTER), 0.0
        self._numbers = itertools.count(1)

    @property
    def spilled(self) -> int:
        """Return how many frames wait in the spill file."""
        return self._spill.frames if self._spill else 0

    @property
    def _has_spilled(self) -> bool:
        return self._spill is not None and self._spill.groups > 0

    def submit(self, job: Callable[[], None]) -> "Future[None]":
        """Run something else on the database's thread."""
        return self._jobs.submit(job)

    def number(self, heard: list[Heard], notes: list[SourceNote]) -> NumberedGroup:
        # Between two groups: none may be numbered without the file and stored with it.
        if self._spill is None and self._clock() >= self._reopen_at:
            self._spill, self._reopen_at = self._reopen(), self._clock() + REOPEN_EVERY
        number = self._spill.next_number() if self._spill else next(self._numbers)
        return NumberedGroup(number, BootClock.now(), heard, notes)

    def store(self, group: NumberedGroup) -> None:
        """Store a group; when it returns, it may be acknowledged. Storing it again is no change.

        Raise one of `LATER` where neither the database nor the spill takes it now.
        """
        if self._spill is None:
            self._store_without_spill(group)
            return
        try:
            is_stored = self._stored_at_once(group)
        except Exception:
            self._spill.add(group)  # a damaged database ends this process; the next start has it
            raise
        if not is_stored:
            self._spill.add(group)

    def _store_without_spill(self, group: NumberedGroup) -> None:
        error = self._jobs.submit(lambda: store_groups([group])).exception()
        if error is not None:
            raise error

    def _stored_at_once(self, group: NumberedGroup) -> bool:
        if self._attempt is None and not self._has_spilled and self._clock() >= self._not_before:
            self._begin([group])
        if self._attempt is None:
            return False
        through = self._attempt.through
        return self._is_settled() and through >= group.number

    def drain(self) -> bool:
        """Bring the oldest of the spill into the database, if it is time; return whether more can
        be done at once."""
        if self._attempt is not None and not self._is_settled():
            return False
        if self._spill is None or not self._has_spilled or self._clock() < self._not_before:
            return False
        try:
            groups = self._spill.oldest(AT_ONCE)
        except LATER as error:
            self._put_off(error)
            return False
        if not groups:
            return False
        self._begin(groups)
        return self._is_settled() and self._has_spilled

    def _begin(self, groups: Sequence[NumberedGroup]) -> None:
        generation = self._spill.generation if self._spill else ""
        future = self._jobs.submit(lambda: store_groups(groups, generation))
        self._attempt = Attempt(groups[-1].number, self._clock() + GIVE_UP_AFTER, future)

    def _is_settled(self) -> bool:
        """Return whether the attempt has succeeded, after a moment for it. One that lasts longer
        goes on, and one that failed is over: what it was to store is in the spill, or comes there.
        """
        assert self._attempt is not None  # noqa: S101 - for mypy
        attempt = self._attempt
        wait([attempt.future], timeout=max(0.0, attempt.give_up_at - self._clock()))
        if not attempt.future.done():
            self._is_away(JournalBusy(journal.BUSY))
            return False
        self._attempt = None
        error = attempt.future.exception()
        if error is None:
            self._is_there(attempt.through)
        elif isinstance(error, LATER) and not database_corruption.is_damage(error):
            self._put_off(error)
        else:
            raise error
        return error is None

    def _put_off(self, error: BaseException) -> None:
        self._is_away(error)
        self._not_before = self._clock() + next(self._waits)

    def _is_away(self, error: BaseException) -> None:
        if self.error is None:
            logger.warning("The herd's database takes nothing now; frames are spilled: %s", error)
        self.error = error

    def _is_there(self, through: int) -> None:
        """Forget what is stored; what cannot be forgotten now comes again and is passed over."""
        if self._spill is not None and self._has_spilled:
            try:
                self._spill.remove(through)
            except LATER as error:
                self._put_off(error)
                return
        self._waits = growing_waits(*RETRY_AFTER)
        if self.error is not None and not self._has_spilled:
            logger.info("The herd's database has all frames again.")
            self.error = None


def store_groups(groups: Sequence[NumberedGroup], generation: str = "") -> None:
    """Store groups, in one commit with the number of the last. Those up to the number that is kept
    for this spill file are stored already, and passed over: nobody may have learnt of it."""
    with journal.writing(PATIENCE):
        done = SpillPosition.objects.number_of(generation) if generation else 0
        fresh = [group for group in groups if group.number > done]
        clocks = _clocks(fresh)
        for boot, joined in itertools.groupby(fresh, key=lambda group: group.clock.boot):
            some = list(joined)
            heard = [one for group in some for one in group.heard]
            _store(heard, [note for group in some for note in group.notes], clocks[boot])
        if generation and fresh:
            SpillPosition.objects.keep(generation, fresh[-1].number)


def _clocks(groups: Sequence[NumberedGroup]) -> dict[int, BootClock]:
    """Return each boot's clock as it was last, of this boot as it is now: it has been set since."""
    last = {group.clock.boot: group.clock for group in groups}
    return last | {this_boot(): BootClock.now()}


def _store(heard: list[Heard], notes: list[SourceNote], clock: BootClock) -> None:
    """Store frames together; where one is refused, each alone, so that the others are kept."""
    try:
        store_frames(heard, notes, timeout=PATIENCE, clock=clock)
    except LATER:
        raise
    except Exception as error:
        if database_corruption.is_damage(error):
            raise
        logger.exception("A group of %d frames is refused; trying each alone.", len(heard))
        for one in heard:
            _store_alone(one, clock)


def _store_alone(heard: Heard, clock: BootClock) -> None:
    try:
        store_frames([heard], timeout=PATIENCE, clock=clock)
    except LATER:
        raise
    except Exception as error:
        if database_corruption.is_damage(error):
            raise
        logger.exception("A frame is refused as it is; its text is kept in ASCII.")
        plain = Frame(ascii(heard.frame.text)[:1000], "raw", error="malformed_frame")
        store_frames([replace(heard, frame=plain)], timeout=PATIENCE, clock=clock)
