"""Finds the Pi where it answers now: at an address that is known, or one that mDNS tells.

Whoever answers has to show the Pi's own certificate before the office goes there; no key is sent
to find out.
"""

import asyncio
import contextlib
import json
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from django.conf import settings

from remote.office.link import pinning
from remote.office.link.client import PiClient
from remote.office.link.configuration import (
    Configuration,
    Endpoint,
    PiAddress,
    first_address,
    from_settings,
    is_name,
)
from remote.threads import run_aside
from remote.wire import MDNS_TYPE

log = logging.getLogger(__name__)

ANEW_EVERY: Final = 5.0  # seconds: asks again, on the interfaces that there are by then
ANSWER_MILLISECONDS: Final = 1_500
PROBE_SECONDS: Final = 2.0  # a dead address must not hold up the one that answers
MOST_ANNOUNCED: Final = 16  # anybody can announce anything

Found = Callable[[list[Endpoint]], None]


class Discovery:
    """Listens while the Pi is searched for, and costs nothing otherwise."""

    def __init__(self) -> None:
        self._reported = False

    async def run(self, found: Found) -> None:
        """Tell `found` of each Pi that is announced, until cancelled. Never fails."""
        while True:
            try:
                await self._listen(found)
            except Exception as error:  # noqa: BLE001 - whatever it is, the known addresses are left
                if not self._reported:
                    log.warning("No Pi can be found by mDNS here: %s", error)
                self._reported = True
                await asyncio.sleep(ANEW_EVERY)

    async def _listen(self, found: Found) -> None:
        from zeroconf import IPVersion  # noqa: PLC0415 - 4 MB
        from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf  # noqa: PLC0415 - as above

        # Of itself it speaks IPv4 alone.
        families = IPVersion.All if _has_ipv6() else IPVersion.V4Only
        mdns, questions = AsyncZeroconf(ip_version=families), set[asyncio.Task[None]]()

        def on_change(*, name: str, **_more: object) -> None:
            question = asyncio.ensure_future(_ask(mdns, name, found))
            questions.add(question)
            question.add_done_callback(questions.discard)

        browser = AsyncServiceBrowser(mdns.zeroconf, MDNS_TYPE, handlers=[on_change])
        try:
            await asyncio.sleep(ANEW_EVERY)
        finally:
            for question in questions:
                question.cancel()
            await browser.async_cancel()
            await mdns.async_close()


def _has_ipv6() -> bool:
    """Tell whether the kernel has it at all; with an address or without."""
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close()
    except OSError:
        return False
    return True


async def _ask(mdns: object, name: str, found: Found) -> None:
    from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415 - as above

    info = AsyncServiceInfo(MDNS_TYPE, name)
    with contextlib.suppress(OSError):
        await info.async_request(mdns.zeroconf, ANSWER_MILLISECONDS)  # type: ignore[attr-defined]  # imported late
    shown = (info.properties.get(b"fp") or b"").decode("ascii", "replace")
    if info.port and shown:
        found([Endpoint(host, info.port, shown) for host in info.parsed_scoped_addresses()])


class Announcements(Protocol):
    async def run(self, found: Found) -> None: ...


class Finder:
    """The one that knows at which address the Pi is asked. Used in the event loop alone."""

    def __init__(
        self,
        client: PiClient,
        configuration: Configuration | None = None,
        announcements: Announcements | None = None,
        remembered_in: Path | None = None,
    ) -> None:
        self.client = client
        self.configuration = configuration
        self._announcements = announcements
        self._file = remembered_in
        self._announced: dict[Endpoint, None] = {}
        self._asked: set[PiAddress] = set()  # in threads that a dead DNS may hold for long

    # -- which Pi ---------------------------------------------------------------------------

    def follow(self, configuration: Configuration) -> bool:
        """Turn to what a new pairing says; True where that is another Pi than before."""
        before = frozenset() if self.configuration is None else self.configuration.fingerprints
        self.configuration = configuration
        self._announced.clear()
        self.client.use(first_address(configuration), configuration.fingerprints)
        return before.isdisjoint(configuration.fingerprints)

    def recall(self) -> None:
        """Begin where the Pi answered last, if that is the Pi that this office is paired with."""
        if self._file is None or self.configuration is None:
            return
        with contextlib.suppress(OSError, ValueError, TypeError):
            known = Endpoint(**json.loads(self._file.read_text()))
            if known.fingerprint in self.configuration.fingerprints:
                self.client.use(self.configuration.address_of(known))

    def remember(self) -> None:
        """Keep the address, which has just proved good, for the next start."""
        address = self.client.address
        if self._file is None or not address.fingerprint:
            return
        known = Endpoint(address.host, address.port, address.fingerprint)
        text = json.dumps(asdict(known))
        with contextlib.suppress(OSError):
            if not self._file.exists() or self._file.read_text() != text:
                pinning.store(text, self._file)

    # -- where it is ------------------------------------------------------------------------

    @contextmanager
    def searching(self) -> Iterator[None]:
        """Listen for announcements meanwhile."""
        if self._announcements is None or not self._is_named:
            yield
            return
        listening = asyncio.ensure_future(self._announcements.run(self._hear))
        try:
            yield
        finally:
            listening.cancel()

    async def look(self, *, here_too: bool) -> bool:
        """Go to the first address at which the Pi shows itself; False where it does nowhere.

        `here_too`: it may well be where it was.
        """
        here = self.client.address.bare
        candidates = [one for one in self._candidates() if one != here]
        candidates = [here] * here_too + candidates
        looking = {asyncio.ensure_future(self._probe(one)) for one in candidates}
        try:
            for step in asyncio.as_completed(looking, timeout=PROBE_SECONDS):
                if (found := await step) is not None:
                    self._go(found)
                    return True
        except TimeoutError:
            pass
        finally:
            for task in looking:
                task.cancel()
        return False

    @property
    def _is_named(self) -> bool:
        return self.configuration is not None and bool(self.configuration.fingerprints)

    def _hear(self, endpoints: list[Endpoint]) -> None:
        trusted = self.configuration.fingerprints if self.configuration else frozenset()
        for endpoint in endpoints:
            # Anybody can announce anything; who shows this certificate is asked of them later.
            if endpoint.fingerprint in trusted:
                self._announced.pop(endpoint, None)
                self._announced[endpoint] = None  # the newest last
        while len(self._announced) > MOST_ANNOUNCED:
            del self._announced[next(iter(self._announced))]

    def _candidates(self) -> list[PiAddress]:
        if self.configuration is None:
            return []
        announced = [self.configuration.address_of(one) for one in self._announced]
        return list(dict.fromkeys([*announced, *self.configuration.addresses()]))

    def _go(self, found: PiAddress) -> None:
        if found != self.client.address:
            log.info("The Pi answers at %s.", found)
            self.client.use(found)

    async def _probe(self, address: PiAddress) -> PiAddress | None:
        if address in self._asked:
            return None
        self._asked.add(address)
        try:
            return await run_aside(partial(self._asked_in_thread, address))
        except OSError:
            return None

    def _asked_in_thread(self, address: PiAddress) -> PiAddress | None:
        try:
            return probed(address)
        finally:
            self._asked.discard(address)


def found_client() -> PiClient:
    """Return a client that asks where the Pi answers now, for a command: it has no link beside."""
    finder = recalled_finder()
    if finder.client.address.host:
        asyncio.run(finder.look(here_too=True))
    return finder.client


def recalled_finder(announcements: Announcements | None = None) -> Finder:
    """Return a finder of the Pi in the settings; its client asks where that answered last."""
    configuration = from_settings()
    client = PiClient(first_address(configuration), configuration.fingerprints)
    finder = Finder(client, configuration, announcements, settings.PI_FOUND_FILE)
    finder.recall()
    return finder


def probed(address: PiAddress) -> PiAddress | None:
    """Return the address if the Pi's own certificate is shown there. Blocking; raises OSError."""
    host, port = address.host, address.port
    if not address.tls or address.pin is None:
        with socket.create_connection((host, port), PROBE_SECONDS) as plain:
            if address.tls:
                context = ssl.create_default_context()
                context.wrap_socket(plain, server_hostname=host).close()
        return address
    shown, reached = pinning.shown_at(host, port, PROBE_SECONDS)
    if address.fingerprint not in {"", shown}:
        return None
    needs_looking_up = is_name(host) or "%" in host
    return replace(address, via=reached if needs_looking_up else "")
