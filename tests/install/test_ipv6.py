"""A network that has IPv6 alone: the Pi is announced and found there too."""

import asyncio
import subprocess
import sys

from remote.api.mdns import Announcer
from remote.office.link.configuration import Endpoint
from remote.office.link.finding import Discovery
from tests.install import computer
from tests.system.farm import ROOT

FINGERPRINT = "ab" * 32
ADDRESS = "fd00:77::2"
# Loopback stays down: it would bring IPv4.
CABLE = f"""
ip link add cable type veth peer name far
ip link set cable up && ip link set far up
ip address add {ADDRESS}/64 dev cable nodad && ip -6 route add default dev cable
exec "$@"
"""


async def found() -> list[Endpoint]:
    """What an office is told of the Pi in the same network."""
    heard = asyncio.Queue[list[Endpoint]]()
    announcing = asyncio.ensure_future(Announcer("::", 5001, FINGERPRINT).run())
    searching = asyncio.ensure_future(Discovery().run(heard.put_nowait))
    try:
        return await asyncio.wait_for(heard.get(), 30)
    finally:
        announcing.cancel()
        searching.cancel()
        await asyncio.gather(announcing, searching, return_exceptions=True)


def test_the_pi_is_found_by_mdns() -> None:
    computer.require()
    done = subprocess.run(
        ["unshare", "--net", "sh", "-ec", CABLE, "sh", sys.executable, "-m", __name__],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert ADDRESS in done.stdout, done.stderr


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(found())}\n")
