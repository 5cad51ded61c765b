"""The feed: one thread tails the journal for the whole process; a hub hands events to sockets."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence

from django.db import connections

from herd.storage import database_corruption
from herd.storage.commit_notifier import CommitNotifier, open_notifier
from remote.api.events import CHUNK_BYTES, Message, newest_cursor, read_messages
from remote.api.row_json import READER
from remote.wire import START, Cursor, Topic

logger = logging.getLogger(__name__)

CHUNK = 500  # journal entries read and serialised at once
LOOK_ANYWAY_AFTER = 1.0  # seconds: a commit's notification is a hint, and may be lost
RETRY_AFTER = (0.1, 1.0)  # seconds, when the journal cannot be read: first and longest
TICK = 1.0  # seconds
DOUBTFUL_AFTER = 3  # ticks without a reading of the journal: no heartbeat is sent
LOST_AFTER = 8  # ticks: sockets are closed
MOST_WAITING_EVENTS = 20_000
MOST_WAITING_BYTES = 8 * 1024 * 1024


class TooSlow(Exception):
    """What waits for this subscriber has reached its bound; it must start from a snapshot."""


class Subscriber:
    """What waits to be sent to one socket. Used in the event loop's thread alone."""

    def __init__(self, topics: set[Topic]) -> None:
        self.topics = topics
        self.overflowed = False
        self._waiting: list[Message] = []
        self._bytes = 0
        self._is_waiting = asyncio.Event()

    def put(self, messages: Sequence[Message]) -> None:
        wanted = [message for message in messages if message.topic in self.topics]
        if not wanted or self.overflowed:
            return
        self._waiting += wanted
        self._bytes += sum(len(message.text) for message in wanted)
        if len(self._waiting) > MOST_WAITING_EVENTS or self._bytes > MOST_WAITING_BYTES:
            self.overflowed = True
            self._waiting.clear()
        self._is_waiting.set()

    async def take(self, most: int) -> list[Message]:
        """Wait for events and return those that fit one frame, oldest first. Raise TooSlow."""
        await self._is_waiting.wait()
        if self.overflowed:
            raise TooSlow
        count, size = 0, 0
        while count < min(most, len(self._waiting)) and size < CHUNK_BYTES:
            size += len(self._waiting[count].text)
            count += 1
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        self._bytes -= size
        if not self._waiting:
            self._is_waiting.clear()
        return taken


class Hub:
    """All sockets of this process, and the place in the journal up to which they were sent."""

    def __init__(self) -> None:
        self.cursor: Cursor = START
        self.ready = asyncio.Event()
        self.lost = asyncio.Event()  # set while the journal cannot be read
        self.sockets = 0
        self._subscribers: set[Subscriber] = set()
        self._unread_ticks = 0

    @property
    def is_doubtful(self) -> bool:
        """Return whether the journal was not read for some seconds: no heartbeat is sent then."""
        return self._unread_ticks >= DOUBTFUL_AFTER

    def confirm(self) -> None:
        """Note that the journal has just been read, to its end or on the way there."""
        self._unread_ticks = 0
        self.lost.clear()

    def doubt(self) -> None:
        self._unread_ticks = max(self._unread_ticks, DOUBTFUL_AFTER)

    def tick(self) -> None:
        """Count a second in which the journal was not read."""
        # Ticks and not a clock: a process that was stopped and goes on has not lost its journal.
        self._unread_ticks += 1
        if self._unread_ticks >= LOST_AFTER:
            self.lost.set()

    def publish(self, messages: Sequence[Message]) -> None:
        self.confirm()
        self.cursor = messages[-1].cursor
        for subscriber in self._subscribers:
            subscriber.put(messages)

    def begin_at(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.ready.set()

    def attach(self, subscriber: Subscriber) -> None:
        self._subscribers.add(subscriber)

    def detach(self, subscriber: Subscriber) -> None:
        self._subscribers.discard(subscriber)


class Tailer:
    """The thread: waits for commits, reads what is new, hands it to the hub's loop."""

    def __init__(self, hub: Hub, loop: asyncio.AbstractEventLoop) -> None:
        self._hub = hub
        self._loop = loop
        self._stop = threading.Event()
        self._cursor: Cursor | None = None
        self._pause = 0.0  # above 0 while the journal cannot be read
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow(open_notifier(READER))
            except Exception as error:  # noqa: BLE001 - whatever it is, the feed has to go on
                self._wait_after(error)
        connections[READER].close()

    def _follow(self, notifier: CommitNotifier) -> None:
        if self._cursor is None:
            self._cursor = newest_cursor()
            self._tell(self._hub.begin_at, self._cursor)
        while not self._stop.is_set():
            self._tell_all_after(self._cursor)
            self._tell(self._hub.confirm)
            self._note_recovery()
            notifier.wait(self._stop, LOOK_ANYWAY_AFTER)

    def _tell_all_after(self, cursor: Cursor) -> None:
        while messages := read_messages(cursor, CHUNK):
            self._tell(self._hub.publish, messages)
            self._cursor = cursor = messages[-1].cursor

    def _wait_after(self, error: Exception) -> None:
        if database_corruption.note(error):
            pass  # one line for the whole process, from whoever ends it
        elif not self._pause:
            logger.error("The journal cannot be read; trying on.", exc_info=error)
        self._tell(self._hub.doubt)
        connections[READER].close()
        self._pause = min(max(self._pause * 2, RETRY_AFTER[0]), RETRY_AFTER[1])
        self._stop.wait(self._pause)

    def _note_recovery(self) -> None:
        if self._pause:
            logger.warning("The journal can be read again.")
            self._pause = 0.0

    def tick(self) -> None:
        """Count the seconds in the loop, once started."""
        # Not in the thread, which hangs in a read where a database server stands still.
        if not self._stop.is_set():
            self._hub.tick()
            self._loop.call_later(TICK, self.tick)

    def _tell(self, what: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(what, *arguments)
        except RuntimeError:  # the loop has closed: the process is ending
            self._stop.set()


_hub: Hub | None = None


def hub() -> Hub:
    """Return the hub of this process; `start` has made it."""
    if _hub is None:
        raise RuntimeError("The feed has not been started.")
    return _hub


def running() -> Hub | None:
    """Return the hub of a process that serves the feed; None in any other."""
    return _hub


def is_lost() -> bool:
    """Return whether this process's feed has found that the journal cannot be read."""
    return _hub is not None and _hub.lost.is_set()


def start() -> Tailer:
    global _hub  # noqa: PLW0603 - one feed a process, like one event loop
    _hub = Hub()
    tailer = Tailer(_hub, asyncio.get_running_loop())
    tailer.start()
    tailer.tick()
    return tailer
