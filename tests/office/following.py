"""Following a scripted Pi, without the waits of real life."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from remote.office.link.backoff import Pacer, Patience, backoff
from remote.office.link.client import PiClient
from remote.office.link.finding import Finder
from remote.office.link.follower import Link, Pace
from remote.office.link.pairing import PairingWatch
from remote.office.link.session import Timing
from remote.office.mirror.mirror import Mirror
from tests.office.scripted_pi import ScriptedPi


def quick_pace(timing: Timing | None = None) -> Pace:
    """Real time, without its waits."""
    delays = partial(backoff, lambda _low, _high: 0.01)
    patience = Patience(mute=0.05, most_in_window=10_000)
    return Pace(timing or Timing(status=0.05, ack=0.01), Pacer(patience, delays))


@asynccontextmanager
async def following(
    mirror: Mirror, client: PiClient, pace: Pace | None = None
) -> AsyncIterator[None]:
    async with following_by(mirror, Finder(client), pace):
        yield


@asynccontextmanager
async def following_by(
    mirror: Mirror, finder: Finder, pace: Pace | None = None, pairings: PairingWatch | None = None
) -> AsyncIterator[None]:
    link = Link(mirror, finder, pace or quick_pace(), pairings)
    link.start()
    try:
        yield
    finally:
        await asyncio.wait_for(link.stop(), 5)


def is_live(mirror: Mirror) -> Callable[[], bool]:
    return lambda: mirror.link.state == "live"


class FastTime:
    """A clock that only the waits move on."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


async def drop_connection(pi: ScriptedPi) -> None:
    """Leaves the answers that are on their way alone, unlike stopping the server."""
    assert pi.socket is not None
    await pi.socket.close(1001)
