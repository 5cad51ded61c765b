"""How fast one client is sent to: events and long answers, never faster than it takes them.

Daphne takes whatever it is given: 400 MB in a second for a client that does not read. ASGI has no
word for it, so the transport is found by its peer among those of the reactor.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from remote.api.events import CHUNK_BYTES, Message
from remote.api.feed import Subscriber, TooSlow

MOST_UNACKNOWLEDGED = 2_000  # events, for a client that acknowledges
MOST_UNSENT_BYTES = 1024 * 1024  # in the server's buffer, for every client
LOOK_EVERY = 0.05  # seconds, at that buffer
STALLED_AFTER = 30.0  # seconds in which a client took nothing

Client: TypeAlias = tuple[str, int] | None  # address and port, as ASGI names the peer


class FlowControl:
    """`send` sends one text frame; `unsent` tells the bytes that wait in the server's buffer."""

    def __init__(self, send: Callable[[str], Awaitable[None]], unsent: Callable[[], int]) -> None:
        self._send, self._unsent = send, unsent
        self._under_way: list[int] = []
        self._client_acknowledges = False
        self._stuck_since: float | None = None  # outlives a subscription: a new one is no progress
        self._acknowledged = asyncio.Event()

    def acknowledge(self, seq: int) -> None:
        """Note what the client has taken; from the first time on, it is sent only so much ahead."""
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
            # Looked at now and then: of the server's buffer nobody says when it has drained.
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
        """Send events, at most as many as `room` said."""
        self._under_way += [message.cursor.seq for message in messages]
        # A client that never acknowledges would let this grow for as long as it is connected.
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


class PacedStream:
    """A long answer to one client, made no faster than the client takes it."""

    def __init__(self, chunks: AsyncGenerator[bytes, None], client: Client) -> None:
        self._chunks, self._client = chunks, client

    def close(self) -> None:
        """Free what the answer holds. Django calls it also where nothing was read of it."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        unsent = unsent_bytes_of(self._client)
        try:
            async with contextlib.aclosing(self._chunks) as chunks:
                async for chunk in chunks:
                    if not await is_being_read(unsent):
                        _cut_off(self._client)
                        return
                    yield chunk
        finally:
            self.close()


async def is_being_read(unsent: Callable[[], int]) -> bool:
    """Wait until the client has taken most of what was sent; return False if it takes nothing."""
    loop = asyncio.get_running_loop()
    least, since = unsent(), loop.time()
    while (waiting := unsent()) > MOST_UNSENT_BYTES:
        if waiting < least:
            least, since = waiting, loop.time()
        elif loop.time() - since > STALLED_AFTER:
            return False
        await asyncio.sleep(LOOK_EVERY)
    return True


def unsent_bytes_of(client: Client) -> Callable[[], int]:
    """Return a function that tells the bytes not yet taken by the kernel; 0 if unknown."""
    transport = _transport_of(client)
    if transport is None:
        return lambda: 0
    # `_tempDataLen` holds what Twisted has not joined to its buffer yet, and has no public name.
    return lambda: (
        len(transport.dataBuffer) - transport.offset + getattr(transport, "_tempDataLen", 0)
    )


def _cut_off(client: Client) -> None:
    """Close a connection at once, with all that waits in its buffer."""
    transport = _transport_of(client)
    if transport is not None:
        transport.abortConnection()


def _transport_of(client: Client) -> Any:  # noqa: ANN401 - Twisted has no types
    reactor: Any = sys.modules.get("twisted.internet.reactor")
    wanted = tuple(client) if client else None
    for transport in reactor.getReaders() if reactor else ():
        try:
            peer = transport.getPeer()
        except (AttributeError, NotImplementedError):
            continue  # a listening port or a pipe
        if wanted == (getattr(peer, "host", None), getattr(peer, "port", None)):
            return transport
    return None
