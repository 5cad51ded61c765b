"""Which Pis are announced by mDNS on this network. What is announced is a hint, never trusted."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Final

from remote.office.link.configuration import Endpoint
from remote.wire import MDNS_TYPE

log = logging.getLogger(__name__)

ANEW_EVERY: Final = 5.0  # seconds: asks again, on the interfaces that there are by then
ANSWER_MILLISECONDS: Final = 1_500

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
    """Whether the kernel has it at all; with an address or without."""
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
