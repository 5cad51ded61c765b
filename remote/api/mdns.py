"""Announcement of the Pi over mDNS, so that an office finds it again after its address has changed.

It tells address, port, name and the certificate's fingerprint to everybody in the network, and
nothing that is secret: the office trusts the certificate that it is then shown, not this.
"""

import asyncio
import logging
import socket
from typing import Final

from zeroconf import IPVersion, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from remote.interfaces import reachable_addresses
from remote.wire import MDNS_TYPE, PROTOCOL

logger = logging.getLogger(__name__)

LOOK_EVERY: Final = 2.0  # seconds: an address that comes late is announced within ten
TRY_AGAIN_AFTER: Final = 10.0


class Announcer:
    """Keeps one mDNS record as the machine's addresses are; runs in the event loop."""

    def __init__(self, bind: str, port: int, fingerprint: str) -> None:
        self._bind, self._port, self._fingerprint = bind, port, fingerprint
        self._task: asyncio.Task[None] | None = None
        self._reported = ""

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self.run(), name="announcing by mDNS")

    async def run(self) -> None:
        """Announce for ever. A failure is logged once: REST and feed go on without this."""
        while True:
            try:
                await self._keep_true()
            except Exception as error:  # noqa: BLE001 - whatever it is, the web process is worth more
                self._report(f"{error.__class__.__name__}: {error}")
            await asyncio.sleep(TRY_AGAIN_AFTER)

    async def _keep_true(self) -> None:
        # Of itself it speaks IPv4 alone. Who can bind to an IPv6 address has IPv6.
        is_6 = ":" in self._bind
        zeroconf = AsyncZeroconf(ip_version=IPVersion.All if is_6 else IPVersion.V4Only)
        shown: list[str] = []
        try:
            while True:
                addresses = reachable_addresses(self._bind)
                if addresses not in (shown, ["127.0.0.1"]):
                    await self._show(zeroconf, addresses, is_first=not shown)
                    shown = addresses
                    self._reported = ""
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await zeroconf.async_close()

    async def _show(self, zeroconf: AsyncZeroconf, addresses: list[str], *, is_first: bool) -> None:
        await zeroconf.async_update_interfaces()  # one that is new hears nothing of us otherwise
        info = self._record(addresses)
        if is_first:
            # Two web processes with one certificate say the same of it: no conflict.
            await zeroconf.async_register_service(info, cooperating_responders=True)
        else:
            await zeroconf.async_update_service(info)

    def _record(self, addresses: list[str]) -> ServiceInfo:
        """Return the record, under a host name of our own: `<host>.local` is the system's."""
        short = f"hexabrand-{self._fingerprint[:12]}"
        shown = {"fp": self._fingerprint, "name": socket.gethostname(), "v": str(PROTOCOL)}
        return ServiceInfo(
            MDNS_TYPE,
            f"{short}-{self._port}.{MDNS_TYPE}",
            port=self._port,
            parsed_addresses=addresses,
            server=f"{short}.local.",
            properties=shown,
        )

    def _report(self, reason: str) -> None:
        if reason != self._reported:
            logger.warning("This Pi cannot be announced by mDNS (%s); tried again.", reason)
            self._reported = reason
