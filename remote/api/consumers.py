"""The Pi's machine socket: key, subscription, replay, then live; see docs/protocol.md."""

import asyncio
import json
import logging
from collections import deque
from typing import Any

from channels.db import database_sync_to_async
from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from django.utils import timezone

from herd.storage import database_corruption
from remote import wire
from remote.api import events, feed
from remote.api.authentication import Caller, caller_of, has_every_scope
from remote.api.events import dumps
from remote.api.flow_control import FlowControl, unsent_bytes_of
from remote.api.offices import offices
from remote.api.people import tell_people
from remote.api.serializers import time_of

logger = logging.getLogger(__name__)

KEY_CHECK_SECONDS = 2.0
MOST_SUBSCRIBES = 20  # in a minute; each may cost a replay


class BadMessage(Exception):
    """A message that is none of the protocol's; the sentence goes to the client."""


class UnknownPath(AsyncWebsocketConsumer):  # type: ignore[misc]  # the package has no types
    async def connect(self) -> None:
        raise DenyConnection


class EventsConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # the package has no types
    # Here and not in `connect`: one that is refused there is disconnected all the same.
    subscriber: feed.Subscriber | None = None
    serving: asyncio.Task[None] | None = None  # all events from this one: none overtakes another
    watching: tuple[asyncio.Task[None], ...] = ()
    is_counted = False
    is_over = False
    wants_people = tells_people = False
    caller: Caller | None = None
    office: Caller | None = None  # the same, of a client that says that it is an office

    async def connect(self) -> None:
        headers = dict(self.scope["headers"])
        if _is_foreign(headers):
            raise DenyConnection
        self.key = headers.get(wire.KEY_HEADER.lower().encode(), b"").decode("latin-1")
        is_office = headers.get(b"user-agent", b"").startswith(wire.OFFICE_AGENT.encode())
        self.subscribed = deque[float](maxlen=MOST_SUBSCRIBES)
        self.flow_control = FlowControl(self.send, unsent_bytes_of(self.scope.get("client")))
        await self.accept()
        self._count(1)
        # Before the key is looked up, for which a database that stands still lets it wait.
        self.watching = (asyncio.create_task(self._watch_journal()),)
        try:
            wrong = await self._wrong_with_key()
        except DatabaseError as error:
            database_corruption.note(error)
            await self._end("unavailable", wire.CLOSE_GOING_AWAY)
            return
        if wrong is None:
            if is_office and self.caller is not None:
                self.office = self.caller
                offices.joined(self.caller)
            self.watching += (asyncio.create_task(self._watch_key()),)
        else:
            await self._end(wrong, wire.CLOSE_BAD_KEY)

    async def disconnect(self, code: int) -> None:
        self.is_over = True
        self._count(-1)
        self._stop_serving()
        for watching in self.watching:
            watching.cancel()
        if self.office is not None:
            offices.left(self.office)

    def _count(self, change: int) -> None:
        if change > 0 or self.is_counted:  # one refused at the handshake was never counted
            self.is_counted = change > 0
            feed.hub().sockets += change

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.is_over:
            return  # sent before the client learnt that it was refused
        try:
            self._handle(_read(text_data))
        except BadMessage as error:
            await self._end("bad_message", wire.CLOSE_BAD_MESSAGE, str(error))

    def _handle(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "subscribe":
                since = message.get("since")
                self.wants_people = message.get("people") is True
                self._subscribe(_topics(message), None if since is None else _cursor(since))
            case "unsubscribe":
                gone = _topics(message)
                if self.subscriber is not None:
                    self.subscriber.topics -= gone
            case "ack":
                self.flow_control.acknowledge(_cursor(message.get("cursor")).seq)
            case other:
                raise BadMessage(f"{str(other)[:40]!r} is not a message of this protocol.")

    def _subscribe(self, topics: set[wire.Topic], since: wire.Cursor | None) -> None:
        """Add topics; with a cursor, start all over from there."""
        self._count_subscribe()
        if self.subscriber is not None:
            topics |= self.subscriber.topics
            self.subscriber.topics = topics
            if since is None:
                return
            self._stop_serving()
            self.flow_control.start_over()
        self.subscriber = feed.Subscriber(topics)
        self.serving = asyncio.create_task(self._serve(self.subscriber, since))

    def _count_subscribe(self) -> None:
        now = asyncio.get_running_loop().time()
        if len(self.subscribed) == MOST_SUBSCRIBES and now - self.subscribed[0] < 60:
            raise BadMessage(f"At most {MOST_SUBSCRIBES} times a minute may be subscribed.")
        self.subscribed.append(now)

    def _stop_serving(self) -> None:
        if self.serving is not None and self.subscriber is not None:
            self.serving.cancel()
            feed.hub().detach(self.subscriber)

    # -- sending ------------------------------------------------------------------------------

    async def _serve(self, subscriber: feed.Subscriber, since: wire.Cursor | None) -> None:
        """Send hello, what was missed, then what happens, heartbeats in between."""
        hub = feed.hub()
        try:
            await hub.ready.wait()
            await self.flow_control.room(subscriber)
            await self._send(_hello(hub))
            if self.wants_people and not self.tells_people and has_every_scope(self.caller):
                self.tells_people = True
                self.watching += (asyncio.create_task(tell_people(self._send)),)
            if since is not None:
                reason = await database_sync_to_async(events.resync_reason)(since)
                if reason is not None:
                    await self._send({"type": "resync", "reason": reason})
                    since = None
            at = await self._replay(hub, subscriber, since or hub.cursor)
            await self._live(hub, subscriber, at)
        except feed.TooSlow:
            await self._send({"type": "resync", "reason": "too_slow"})
            await self._end(None, wire.CLOSE_TOO_SLOW)
        except DatabaseError as error:
            database_corruption.note(error)
            logger.warning("A client's replay was broken off: %s", error)
            await self._end("unavailable", wire.CLOSE_GOING_AWAY)

    async def _replay(
        self, hub: feed.Hub, subscriber: feed.Subscriber, at: wire.Cursor
    ) -> wire.Cursor:
        """Send what was missed, up to where the hub is, and join the hub."""
        while at.seq < hub.cursor.seq:
            most = min(feed.CHUNK, await self.flow_control.room(subscriber))
            messages = await database_sync_to_async(events.read_messages)(at, most)
            if not messages:
                break
            at = messages[-1].cursor
            await self.flow_control.send([m for m in messages if m.topic in subscriber.topics])
        hub.attach(subscriber)  # no await since the hub's cursor was read: no event passes between
        await self._send({"type": "caught_up", "cursor": str(at)})
        return at

    async def _live(self, hub: feed.Hub, subscriber: feed.Subscriber, at: wire.Cursor) -> None:
        """Send live events, and heartbeats where there is none."""
        while True:
            most = await self.flow_control.room(subscriber)
            try:
                async with asyncio.timeout(wire.HEARTBEAT_SECONDS):
                    messages = await subscriber.take(most)
            except TimeoutError:
                if hub.is_doubtful:
                    continue  # a heartbeat says that there is nothing newer
                await self._send(
                    {"type": "heartbeat", "cursor": str(hub.cursor), "server_time": _now()}
                )
            else:
                # A replay reads past the hub at times: what it has sent is not sent again.
                await self.flow_control.send([m for m in messages if m.cursor.seq > at.seq])

    async def _send(self, message: wire.ServerMessage) -> None:
        await self.send(dumps(message))

    async def _end(self, error: str | None, code: int, detail: str = "") -> None:
        if self.is_over:
            return
        self.is_over = True
        if error is not None:
            message: wire.ErrorMessage = {"type": "error", "code": error}
            if detail:
                message["detail"] = detail
            await self._send(message)
        await self.close(code)

    async def _watch_journal(self) -> None:
        """Close the socket while the journal cannot be read: there is nothing to send."""
        await feed.hub().lost.wait()
        self._stop_serving()
        await self._end("unavailable", wire.CLOSE_GOING_AWAY)

    # -- the key ------------------------------------------------------------------------------

    async def _wrong_with_key(self) -> str | None:
        """Return what is wrong with the key, as the error's code; None of a good one."""
        self.caller = await database_sync_to_async(caller_of)(self.key) if self.key else None
        if self.caller is None:
            return "bad_key"
        return None if "read" in self.caller.scopes else "missing_scope"

    async def _watch_key(self) -> None:
        """Close the sockets that a key opened once it is revoked."""
        while True:
            await asyncio.sleep(KEY_CHECK_SECONDS)
            try:
                wrong = await self._wrong_with_key()
            except DatabaseError as error:
                database_corruption.note(error)
                continue  # nobody can say; the tailer tells of it
            if wrong is not None:
                self._stop_serving()
                await self._end(wrong, wire.CLOSE_BAD_KEY)
                return


def _hello(hub: feed.Hub) -> wire.Hello:
    return {
        "type": "hello",
        "protocol": wire.PROTOCOL,
        "release": wire.RELEASE,
        "cursor": str(hub.cursor),
        "server_time": _now(),
    }


def _now() -> str:
    return time_of(timezone.now()) or ""


def _is_foreign(headers: dict[bytes, bytes]) -> bool:
    """Return True for a page of another site."""
    # Machines send no origin, some libraries the Pi's own. A browser's names the page it shows.
    origin = headers.get(b"origin")
    return origin is not None and origin.partition(b"://")[2] != headers.get(b"host")


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


def _cursor(text: object) -> wire.Cursor:
    try:
        return wire.Cursor.parse(str(text))
    except wire.BadCursor as error:
        raise BadMessage(str(error)) from None
