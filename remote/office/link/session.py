"""One attempt to follow the Pi, from the first connection to the moment it breaks."""

import asyncio
import json
import logging
import ssl
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from remote import wire
from remote.office.link.finding import Finder
from remote.office.link.link_errors import (
    CopyTooOld,
    DatabaseAway,
    KeyRefused,
    PiError,
    PiRefused,
    Silent,
)
from remote.office.link.snapshot_loader import Loading, check_protocol
from remote.office.live.link_status import LinkStatus
from remote.office.mirror.mirror import Mirror, Snapshot
from remote.office.mirror.tables import Row
from remote.threads import run_aside

log = logging.getLogger(__name__)

GRACE_SECONDS: Final = 0.3  # for a pong that was only late
BETWEEN_NAMES: Final = 0.003  # seconds, for pages and events
UNKNOWN_HOST: Final = "bad_host"
LARGEST_FRAME: Final = 64 * 1024 * 1024  # over 1 MiB, the default, a client sees close code 1006


@dataclass(frozen=True, slots=True)
class Timing:
    """The link's times, in seconds; `ack_events` is a number of events."""

    stale: float = wire.STALE_AFTER_SECONDS
    opening: float = 5.0
    ping: float = 8.0  # the library's 20, 20 and 10 would notice a dead link after 50 s
    closing: float = 2.0
    status: float = 10.0
    ack: float = 0.2
    ack_events: int = 500
    quiet: float = 2.0  # without a word: is the path still there?
    pong: float = 2.0


class OneServer(connect):
    """A connection that is not led elsewhere: a redirect would carry the key away."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


class Superseded(Exception):
    """Ends the reading of an answer that nobody waits for any more."""


class LinkSession:
    """Use once. Whatever comes for it after its end is dropped: a newer one may be at work."""

    def __init__(
        self, mirror: Mirror, finder: Finder, link_status: LinkStatus, timing: Timing
    ) -> None:
        self._mirror, self._finder, self._client = mirror, finder, finder.client
        self._link_status, self._timing = link_status, timing
        self._heard = 0.0
        self._refused: PiRefused | None = None
        self._is_over = False
        self.has_loaded = False
        self._unacknowledged = 0
        self._something_to_acknowledge = asyncio.Event()

    async def run(self, *, reload: bool) -> None:
        """Follow the Pi; end only by raising."""
        try:
            if reload or self._mirror.cursor is None:
                await self._load()
            await self._follow()
        except ConnectionClosed as closed:
            if self._refused is None:
                raise
            raise self._refused from closed
        finally:
            self._is_over = True
            if self._mirror.loading is not None:
                self._mirror.set_loading(None)

    # -- the whole copy ---------------------------------------------------------------------

    async def _load(self) -> None:
        snapshot = await run_aside(partial(self._fetch, asyncio.get_running_loop()))
        if snapshot.pi_time is not None:
            said, heard_at = snapshot.pi_time
            self._mirror.time.hear(said, heard_at=heard_at)
        self._mirror.replace(snapshot)
        self.has_loaded = True

    def _fetch(self, loop: asyncio.AbstractEventLoop) -> Snapshot:
        """Load the snapshot, in a thread of its own: it blocks for as long as the Pi takes."""

        def progress(rows: int, announced: int) -> None:
            if self._is_over:
                raise Superseded
            loop.call_soon_threadsafe(self._show_progress, rows, announced)

        loading = Loading(progress)
        self._client.snapshot(loading.take)
        return loading.snapshot()

    def _show_progress(self, rows: int, announced: int) -> None:
        if not self._is_over:
            self._link_status.heard()
            self._mirror.set_loading((rows, announced))

    # -- the feed ---------------------------------------------------------------------------

    async def _follow(self) -> None:
        async with await self._connection() as socket:
            since = str(self._mirror.cursor)
            asked = wire.Subscribe(
                type="subscribe", topics=list(wire.TOPICS), since=since, people=True
            )
            await _send(socket, asked)
            async with _beside(
                self._acknowledge(socket),
                self._ask_status(socket),
                self._watch_path(socket),
                self._note_names(),
            ):
                await self._listen(socket)

    async def _connection(self) -> ClientConnection:
        address = self._client.address
        context = await run_aside(self._client.socket_context)
        try:
            return await OneServer(
                address.socket_url,
                ssl=context,
                proxy=None,  # of the environment: the key is for the Pi alone
                additional_headers={wire.KEY_HEADER: address.key},
                user_agent_header=wire.OFFICE_AGENT + wire.RELEASE,
                open_timeout=self._timing.opening,
                ping_interval=self._timing.ping,
                ping_timeout=self._timing.ping,
                close_timeout=self._timing.closing,
                max_size=LARGEST_FRAME,
                host=address.reach,
                port=address.port,
            )
        except ssl.SSLCertVerificationError as error:
            raise await run_aside(partial(self._client.blame_certificate, address)) from error

    async def _listen(self, socket: ClientConnection) -> None:
        while True:
            try:
                async with asyncio.timeout(self._timing.stale):
                    frame = json.loads(await socket.recv())
            except TimeoutError:
                raise Silent(f"Nothing comes from the Pi at {self._client.address}.") from None
            self._take(frame if isinstance(frame, list) else [frame])
            if self._unacknowledged >= self._timing.ack_events:
                await self._send_acknowledgement(socket)

    def _take(self, messages: Sequence[Row]) -> None:
        for message in messages:
            _raise_what_ends_it(message)  # before it counts as having been heard from
        self._link_status.heard()
        self._heard = asyncio.get_running_loop().time()
        events = [message for message in messages if message["type"] == "event"]
        if events:
            self._mirror.apply(cast("list[wire.Event]", events))
            self._unacknowledged += len(events)
            self._something_to_acknowledge.set()
        for message in messages:
            self._obey(message)
        if self._link_status.is_live:
            self._mirror.confirm()

    def _obey(self, message: Row) -> None:
        if said := message.get("server_time"):
            self._mirror.time.hear(said)
        match message:
            case {"type": "hello"}:
                check_protocol(message)
            case {"type": "caught_up"}:
                self._link_status.caught_up()
                self._mirror.set_link(self._link_status.state(has_copy=True))
            case {"type": "resync", "reason": reason}:
                raise CopyTooOld(f"The Pi asks for a whole new copy to be loaded ({reason}).")
            case {"type": "people", "stamps": dict() as stamps}:
                self._mirror.set_people(stamps)
            case {"type": "error"}:
                log.warning("The Pi complains: %s", message)

    # -- beside it --------------------------------------------------------------------------

    async def _acknowledge(self, socket: ClientConnection) -> None:
        """Tell the Pi what was taken: it sends on only to an office that keeps up."""
        while True:
            await self._something_to_acknowledge.wait()
            await asyncio.sleep(self._timing.ack)
            await self._send_acknowledgement(socket)

    async def _send_acknowledgement(self, socket: ClientConnection) -> None:
        self._something_to_acknowledge.clear()
        self._unacknowledged = 0
        await _send(socket, {"type": "ack", "cursor": str(self._mirror.cursor)})

    async def _note_names(self) -> None:
        """Note the names of a new copy, and of animals that come, in between all else."""
        while True:
            more = self._mirror.held.index.note_names()
            await asyncio.sleep(BETWEEN_NAMES if more else self._timing.quiet)

    async def _watch_path(self, socket: ClientConnection) -> None:
        """End a connection that has become deaf as soon as the Pi answers on a new one.

        After one of both machines has got another address, nothing tells TCP so for minutes.
        """
        while True:
            await asyncio.sleep(self._timing.quiet)
            if asyncio.get_running_loop().time() - self._heard < self._timing.quiet:
                continue
            pong = asyncio.ensure_future(await socket.ping())
            await asyncio.wait({pong}, timeout=self._timing.pong)
            if not pong.done() and await self._is_deaf(pong):
                socket.transport.abort()
                return

    async def _is_deaf(self, pong: "asyncio.Future[float]") -> bool:
        here, now = self._client.address, asyncio.get_running_loop().time
        timeout = now() + self._timing.ping
        with self._finder.searching():
            while not pong.done():
                if now() > timeout:
                    return True
                if await self._finder.look(here_too=True):
                    await asyncio.wait({pong}, timeout=GRACE_SECONDS)  # it was only busy
                    return not pong.done() or self._client.address.bare != here.bare
                await asyncio.sleep(GRACE_SECONDS)
        return False

    async def _ask_status(self, socket: ClientConnection) -> None:
        """Ask for the status now and then: what people ask goes by REST, not by the socket."""
        while True:
            try:
                asked_at = time.monotonic()
                status = await run_aside(self._client.status)
                if said := status.get("server_time"):
                    self._mirror.time.hear(said, asked_at=asked_at)
                self._mirror.set_status(status)
            except PiRefused as error:
                if error.code == UNKNOWN_HOST:
                    # The Pi does not know the name it is asked by: forms would fail, so the link
                    # is no link, however well the socket works.
                    self._refused = error
                    socket.transport.abort()
                log.debug("No status from the Pi: %s", error)
            except (PiError, LookupError, ValueError, TypeError) as error:
                log.debug("No status from the Pi: %s", error)
            await asyncio.sleep(self._timing.status)


def _raise_what_ends_it(message: Row) -> None:
    match message:
        case {"type": "error", "code": "bad_key"}:
            raise KeyRefused
        case {"type": "error", "code": "unavailable"}:
            raise DatabaseAway


async def _send(socket: ClientConnection, message: wire.ClientMessage) -> None:
    await socket.send(json.dumps(message))


@asynccontextmanager
async def _beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these while the body runs; it is the body that finds out that the link broke."""
    tasks = [asyncio.ensure_future(step) for step in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
