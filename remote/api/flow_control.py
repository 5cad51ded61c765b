"""The way out to one socket: events in frames, and never more under way than its client takes."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from remote.api.events import CHUNK_BYTES, Message
from remote.api.feed import Subscriber, TooSlow

MOST_UNACKNOWLEDGED = 2_000  # events, for a client that acknowledges
MOST_UNSENT_BYTES = 1024 * 1024  # in the server's buffer, for every client
LOOK_EVERY = 0.05  # seconds, at that buffer
STALLED_AFTER = 30.0  # seconds in which a client took nothing


class FlowControl:
    """`send` sends one text frame; `unsent` tells the bytes that wait in the server's buffer."""

    def __init__(self, send: Callable[[str], Awaitable[None]], unsent: Callable[[], int]) -> None:
        self._send, self._unsent = send, unsent
        self._under_way: list[int] = []
        self._client_acknowledges = False
        self._stuck_since: float | None = None  # outlives a subscription: a new one is no progress
        self._acknowledged = asyncio.Event()

    def acknowledge(self, seq: int) -> None:
        """From the first time on, the client is sent only so much ahead of its word."""
        self._client_acknowledges = True
        self._under_way = [sent for sent in self._under_way if sent > seq]
        self._acknowledged.set()

    def start_over(self) -> None:
        """Forget what is on its way: the client asks for all from a place of its own choice."""
        self._under_way.clear()

    async def room(self, subscriber: Subscriber) -> int:
        """Wait until the client takes more; return how many events. Raise TooSlow."""
        now = asyncio.get_running_loop().time
        while (left := self._left()) <= 0:
            if self._stuck_since is None:
                self._stuck_since = now()
            if subscriber.overflowed or now() > self._stuck_since + STALLED_AFTER:
                raise TooSlow
            self._acknowledged.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._acknowledged.wait()
        self._stuck_since = None
        return left

    def _left(self) -> int:
        if self._unsent() > MOST_UNSENT_BYTES:
            return 0
        used = len(self._under_way) if self._client_acknowledges else 0
        return MOST_UNACKNOWLEDGED - used

    async def send(self, messages: Sequence[Message]) -> None:
        """At most what `room` said."""
        self._under_way += [message.cursor.seq for message in messages]
        del self._under_way[:-MOST_UNACKNOWLEDGED]
        for texts in _frames(messages):
            await self._send(texts[0] if len(texts) == 1 else f"[{','.join(texts)}]")


def _frames(messages: Sequence[Message]) -> list[list[str]]:
    """Group messages so that each group fits one WebSocket frame."""
    groups: list[list[str]] = []
    size = CHUNK_BYTES
    for message in messages:
        if size + len(message.text) > CHUNK_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(message.text)
        size += len(message.text)
    return groups
