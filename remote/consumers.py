"""The Pi's machine socket: key, subscription, replay, then live; see docs/protocol.md."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from channels.db import database_sync_to_async
from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import timezone

from remote import events, feed, wire
from remote.events import CHUNK_BYTES, Message, dumps
from remote.keys import caller_of
from remote.shapes import time_of

KEY_CHECK_SECONDS = 2.0
MOST_UNACKNOWLEDGED = 5_000  # events a client that acknowledges is sent ahead of its word


class BadMessage(Exception):
    """Not a message of the protocol; the sentence goes to the client."""


class EventsConsumer(AsyncWebsocketConsumer):
    """One integrator or office. Everything is sent from one task, so nothing overtakes."""

    async def connect(self) -> None:
        headers = dict(self.scope["headers"])
        if b"origin" in headers:
            raise DenyConnection  # a browser page: machines send none
        self.key = headers.get(wire.KEY_HEADER.lower().encode(), b"").decode("latin-1")
        self.subscriber: feed.Subscriber | None = None
        self.tasks: list[asyncio.Task[None]] = []
        self.credit = Credit()
        await self.accept()
        if not await self._key_is_good():
            await self._refuse_key()
            return
        self._spawn(self._watch_key())

    async def disconnect(self, code: int) -> None:
        if self.subscriber is not None:
            feed.hub().detach(self.subscriber)
        for task in self.tasks:
            task.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            await self._obey(_read(text_data))
        except BadMessage as error:
            await self._send({"type": "error", "code": "bad_message", "detail": str(error)})
            await self.close(wire.CLOSE_BAD_MESSAGE)

    async def _obey(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "subscribe":
                await self._subscribe(_topics(message), _since(message))
            case "unsubscribe" if self.subscriber:
                self.subscriber.topics -= _topics(message)
            case "ack":
                self.credit.acknowledged(_cursor(message.get("cursor")).seq)
            case other:
                raise BadMessage(f"{str(other)[:40]!r} is no message of this protocol.")

    async def _subscribe(self, topics: set[wire.Topic], since: wire.Cursor | None) -> None:
        if self.subscriber is not None:
            self.subscriber.topics |= topics
            return
        self.subscriber = feed.Subscriber(topics)
        self._spawn(self._serve(self.subscriber, since))

    def _spawn(self, work: Any) -> None:  # noqa: ANN401 - any coroutine
        self.tasks.append(asyncio.get_running_loop().create_task(work))

    # -- sending ------------------------------------------------------------------------------

    async def _serve(self, subscriber: feed.Subscriber, since: wire.Cursor | None) -> None:
        """Hello, what was missed, then what happens, heartbeats in between."""
        hub = feed.hub()
        await hub.ready.wait()
        await self._send(
            {
                "type": "hello",
                "protocol": wire.PROTOCOL,
                "cursor": str(hub.cursor),
                "server_time": time_of(timezone.now()),
            }
        )
        if since is not None:
            reason = await database_sync_to_async(events.why_not)(since)
            if reason is not None:
                await self._send({"type": "resync", "reason": reason})
                since = None
        await self._replay(hub, subscriber, since)
        await self._live(hub, subscriber)

    async def _replay(
        self, hub: feed.Hub, subscriber: feed.Subscriber, since: wire.Cursor | None
    ) -> None:
        """Up to where the hub is; then joins it, with no await in which an event could pass."""
        at = since or hub.cursor
        while at.seq < hub.cursor.seq:
            messages = await database_sync_to_async(events.read_messages)(at, feed.CHUNK)
            at = messages[-1].cursor
            await self._send_events([m for m in messages if m.topic in subscriber.topics])
        self.replayed = at.seq
        hub.attach(subscriber)
        await self._send({"type": "caught_up", "cursor": str(at)})

    async def _live(self, hub: feed.Hub, subscriber: feed.Subscriber) -> None:
        while True:
            try:
                async with asyncio.timeout(wire.HEARTBEAT_SECONDS):
                    messages = await subscriber.take()
            except TimeoutError:
                await self._heartbeat(hub)
            except feed.TooSlow:
                await self._send({"type": "resync", "reason": "too_slow"})
                await self.close(wire.CLOSE_TOO_SLOW)
                return
            else:
                # A replay reads past the hub at times; what it sent is not sent again.
                await self._send_events([m for m in messages if m.cursor.seq > self.replayed])

    async def _send_events(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        for group in _frames(messages):
            await self.credit.spend(group)
            texts = [message.text for message in group]
            await self.send(texts[0] if len(texts) == 1 else f"[{','.join(texts)}]")

    async def _heartbeat(self, hub: feed.Hub) -> None:
        await self._send(
            {
                "type": "heartbeat",
                "cursor": str(hub.cursor),
                "server_time": time_of(timezone.now()),
            }
        )

    async def _send(self, message: dict[str, Any]) -> None:
        await self.send(dumps(message))

    # -- the key ------------------------------------------------------------------------------

    async def _key_is_good(self) -> bool:
        caller = await database_sync_to_async(caller_of)(self.key) if self.key else None
        return caller is not None and "read" in caller.scopes

    async def _watch_key(self) -> None:
        """A key that is revoked closes the socket that it opened."""
        while await self._key_is_good():  # noqa: ASYNC110 - a table tells nobody when it changes
            await asyncio.sleep(KEY_CHECK_SECONDS)
        await self._refuse_key()

    async def _refuse_key(self) -> None:
        await self._send({"type": "error", "code": "bad_key"})
        await self.close(wire.CLOSE_BAD_KEY)


class Credit:
    """How far a client may be behind. One that never acknowledges is bounded by its buffer only."""

    def __init__(self) -> None:
        self._sent: list[int] = []
        self._in_use = False
        self._room = asyncio.Event()
        self._room.set()

    def acknowledged(self, seq: int) -> None:
        self._in_use = True
        self._sent = [sent for sent in self._sent if sent > seq]
        self._settle()

    async def spend(self, messages: Sequence[Message]) -> None:
        """Waits until the client has room for more, then notes these as on their way."""
        await self._room.wait()
        self._sent += [message.cursor.seq for message in messages]
        if not self._in_use:
            del self._sent[:-MOST_UNACKNOWLEDGED]
        self._settle()

    def _settle(self) -> None:
        if self._in_use and len(self._sent) >= MOST_UNACKNOWLEDGED:
            self._room.clear()
        else:
            self._room.set()


def _frames(messages: Sequence[Message]) -> list[list[Message]]:
    """Groups that fit one WebSocket frame each."""
    groups: list[list[Message]] = [[]]
    size = 0
    for message in messages:
        if groups[-1] and size + len(message.text) > CHUNK_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(message)
        size += len(message.text)
    return groups


def _read(text: str | None) -> dict[str, Any]:
    try:
        message = json.loads(text or "")
    except (ValueError, RecursionError):
        raise BadMessage("That is not JSON.") from None
    if not isinstance(message, dict):
        raise BadMessage("A message is a JSON object.")
    return message


def _topics(message: dict[str, Any]) -> set[wire.Topic]:
    named = message.get("topics")
    if not isinstance(named, list) or not all(topic in wire.TOPICS for topic in named):
        raise BadMessage(f"topics is a list of {', '.join(wire.TOPICS)}.")
    return set(named)


def _since(message: dict[str, Any]) -> wire.Cursor | None:
    since = message.get("since")
    return None if since is None else _cursor(since)


def _cursor(text: object) -> wire.Cursor:
    try:
        return wire.Cursor.parse(str(text))
    except wire.BadCursor as error:
        raise BadMessage(str(error)) from None
