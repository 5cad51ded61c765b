"""A Pi for the office's tests: a real server on a real port, whose answers the test decides.

It serves the feed and those readings that the link asks for, over TLS where given a certificate.
"""

import asyncio
import contextlib
import http
import json
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from remote.office.link.client import PiClient
from remote.office.link.configuration import PiAddress
from remote.office.link.pinning import Pin
from remote.office.mirror.tables import Row
from remote.wire import API_ROOT, KEY_HEADER, PROTOCOL, Event
from tests.office.rows import AT, Herd, cursor, event, snapshot_lines

KEY = "hxb_the-key-of-this-test"
PATIENCE = 20.0

Feed = Callable[[ServerConnection, Row], Awaitable[None]]


async def until(condition: Callable[[], object], what: str = "") -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} s: {what}"
        await asyncio.sleep(0.005)


class ScriptedPi:
    """`record` makes something happen; set `feed`, `answers` or `hold` to misbehave."""

    def __init__(self, herd: Herd | None = None, seq: int = 10) -> None:
        self.herd: Herd = herd or {}
        self.seq = seq
        self.journal: list[Event] = []
        self.feed: Feed = self.faithful
        self.answers: dict[str, Response] = {}
        self.hold: dict[str, asyncio.Event] = {}
        self.before_snapshot: Callable[[], None] = lambda: None
        self.port = 0
        self.tls: ssl.SSLContext | None = None
        self.keys_seen: list[str | None] = []
        self.asked: list[str] = []
        self.subscriptions: list[Row] = []
        self.received: list[Row] = []
        self.socket: ServerConnection | None = None
        self._server: Server | None = None
        self._news = asyncio.Condition()

    # -- running ----------------------------------------------------------------------------

    async def start(self) -> None:
        self._server = await serve(
            self._serve, "127.0.0.1", self.port, ssl=self.tls, process_request=self._process
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def address(self, pin: Pin | None = None) -> PiAddress:
        return PiAddress("127.0.0.1", self.port, KEY, tls=self.tls is not None, pin=pin)

    def client(self, pin: Pin | None = None) -> PiClient:
        return PiClient(self.address(pin))

    # -- happening --------------------------------------------------------------------------

    async def record(self, kind: str, row: Row) -> None:
        self.seq += 1
        self.journal.append(event(self.seq, kind, row))
        async with self._news:
            self._news.notify_all()

    # -- REST -------------------------------------------------------------------------------

    async def _process(self, _socket: ServerConnection, request: Request) -> Response | None:
        self.keys_seen.append(request.headers.get(KEY_HEADER))
        path = request.path.removeprefix(API_ROOT)
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        if "Upgrade" in request.headers:
            return None
        body = self._body(path)
        if path in self.hold:
            await self.hold[path].wait()
        return answer(200, body)

    def _body(self, path: str) -> bytes:
        if path == "snapshot":
            lines = snapshot_lines(self.herd, self.seq)
            self.before_snapshot()
            return b"\n".join(lines) + b"\n"
        status = {"cursor": cursor(self.seq), "payloads_today": {"received": 1}, "seq": self.seq}
        return json.dumps(status).encode()

    # -- the feed ---------------------------------------------------------------------------

    async def _serve(self, socket: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            subscription = json.loads(await socket.recv())
            self.subscriptions.append(subscription)
            self.socket = socket
            feed = asyncio.ensure_future(self.feed(socket, subscription))
            gone = asyncio.ensure_future(socket.wait_closed())
            await asyncio.wait({feed, gone}, return_when=asyncio.FIRST_COMPLETED)
            feed.cancel()
            gone.cancel()
            await asyncio.gather(feed, gone, return_exceptions=True)

    async def faithful(self, socket: ServerConnection, subscription: Row) -> None:
        """As docs/protocol.md has it: hello, replay, caught_up, then live."""
        hello = {"type": "hello", "protocol": PROTOCOL, "cursor": cursor(self.seq)}
        await send(socket, hello | {"server_time": AT})
        listening = asyncio.ensure_future(self._listen(socket))
        try:
            sent = int(subscription["since"].partition("-")[0])
            sent = await self._send_after(socket, sent)
            await send(socket, {"type": "caught_up", "cursor": cursor(sent)})
            while True:
                async with self._news:
                    await self._news.wait_for(lambda: self.seq > sent)  # noqa: B023 - now
                sent = await self._send_after(socket, sent)
        finally:
            listening.cancel()

    async def _send_after(self, socket: ServerConnection, seq: int) -> int:
        late = [e for e in self.journal if int(e["cursor"].partition("-")[0]) > seq]
        if len(late) == 1:
            await send(socket, late[0])
        elif late:
            await send(socket, late)
        return self.seq

    async def _listen(self, socket: ServerConnection) -> None:
        async for text in socket:
            self.received.append(json.loads(text))


async def send(socket: ServerConnection, message: Any) -> None:
    await socket.send(json.dumps(message))


def answer(status: int, body: bytes = b"", **headers: str) -> Response:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    fields |= {"Content-Length": str(len(body)), "Connection": "close"}
    return Response(status, http.HTTPStatus(status).phrase, Headers(fields), body)


@asynccontextmanager
async def running(pi: ScriptedPi) -> AsyncIterator[ScriptedPi]:
    await pi.start()
    try:
        yield pi
    finally:
        await pi.stop()
