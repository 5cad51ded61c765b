"""When the link tries again, when it stops, and what it says meanwhile."""

import asyncio
import json
import logging
import random
from functools import partial

import pytest
from django.test import override_settings
from websockets.asyncio.server import ServerConnection

from remote.office.link.backoff import Pacer, backoff
from remote.office.link.finding import Finder
from remote.office.link.follower import Link, Pace
from remote.office.link.link_errors import KEY_REFUSED
from remote.office.link.session import Timing
from remote.office.mirror.mirror import Mirror
from remote.office.mirror.tables import Row
from remote.office.office import office_from_settings
from remote.wire import CLOSE_BAD_KEY, PROTOCOL
from tests.office.following import FastTime, drop_connection, following, is_live
from tests.office.rows import batch, cursor
from tests.office.scripted_pi import KEY, ScriptedPi, answer, running, send, until


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("code", [1000, 1001, 1011, 4408])
async def test_a_server_that_accepts_and_closes_sees_few_attempts(seed: int, code: int) -> None:
    mirror, time = Mirror(), FastTime()

    async def close(socket: ServerConnection, _subscription: Row) -> None:
        await socket.close(code)

    async with running(ScriptedPi()) as pi:
        pi.feed = close
        pacer = Pacer(delays=partial(backoff, random.Random(seed).uniform))
        loop = Link(mirror, Finder(pi.client()), Pace(Timing(), pacer, time.clock, time.sleep))
        task = asyncio.create_task(loop.run())
        attempts: list[float] = []
        while time.now < 120:
            await until(lambda: len(pi.subscriptions) > len(attempts))
            attempts.append(time.now)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert 3 < sum(moment < 60 for moment in attempts) < 10


@pytest.mark.parametrize("way", ["error message", "close code", "forbidden"])
async def test_a_refused_key_is_named_and_tried_slowly(way: str) -> None:
    mirror, pauses = Mirror(), []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(3600)

    async def refuse(socket: ServerConnection, _subscription: Row) -> None:
        if way == "error message":
            await send(socket, {"type": "error", "code": "bad_key"})
        await socket.close(CLOSE_BAD_KEY)

    async with running(ScriptedPi()) as pi:
        pi.feed = refuse
        if way == "forbidden":
            body = json.dumps({"detail": "The key is not valid.", "code": "bad_key"}).encode()
            pi.answers["snapshot"] = answer(401, body)
        async with following(mirror, pi.client(), Pace(sleep=pause)):
            await until(lambda: pauses)
            assert pauses == [60]
            assert mirror.link.reason == KEY_REFUSED
            assert mirror.link.state == ("no_copy" if way == "forbidden" else "away")


async def test_only_half_a_minute_of_health_starts_over_with_short_waits() -> None:
    mirror, time, waits = Mirror(), FastTime(), []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await time.sleep(seconds)

    async def live_for_a_while(socket: ServerConnection, _subscription: Row) -> None:
        await send(socket, {"type": "hello", "protocol": PROTOCOL, "cursor": cursor(10)})
        await send(socket, {"type": "caught_up", "cursor": cursor(10)})
        await until(is_live(mirror))
        time.now += 31 if len(pi.subscriptions) == 5 else 29
        await socket.close(1000)

    async with running(ScriptedPi()) as pi:
        pi.feed = live_for_a_while
        pacer = Pacer(delays=partial(backoff, lambda _low, high: high))
        async with following(mirror, pi.client(), Pace(Timing(), pacer, time.clock, sleep)):
            await until(lambda: len(waits) >= 6)
    assert waits[:6] == [0.5, 1, 2, 4, 0.5, 1]


async def test_a_restarted_pi_is_met_soon_after_a_long_absence() -> None:
    """However long the wait has grown: a knock at the port ends it."""
    mirror = Mirror()
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0.01)

    pacer = Pacer(delays=partial(backoff, lambda _low, _high: 600.0))
    pi = ScriptedPi()
    async with running(pi):
        pass
    async with following(mirror, pi.client(), Pace(pacer=pacer, sleep=sleep)):
        await until(lambda: len(waits) > 2)
        assert max(waits) <= 2
        await pi.start()
        await until(is_live(mirror))
    await pi.stop()


async def test_a_redirect_is_not_followed() -> None:
    mirror = Mirror()
    async with running(ScriptedPi()) as other, running(ScriptedPi()) as pi:
        target = f"ws://127.0.0.1:{other.port}/ws/remote/events"
        pi.answers["/ws/remote/events"] = answer(302, Location=target)
        async with following(mirror, pi.client()):
            await until(lambda: "status 302" in mirror.link.reason)
        pi.answers["snapshot"] = answer(307, Location=f"http://127.0.0.1:{other.port}/")
        second = Mirror()
        async with following(second, pi.client()):
            await until(lambda: "redirect" in second.link.reason)
    assert KEY in pi.keys_seen
    assert other.keys_seen == []


async def test_a_fault_of_our_own_loads_a_new_copy(caplog: pytest.LogCaptureFixture) -> None:
    mirror = Mirror()
    async with running(ScriptedPi({"batches": [batch(1)]})) as pi, following(mirror, pi.client()):
        await until(is_live(mirror))
        with caplog.at_level(logging.ERROR):
            await pi.record("batch:updated", {"no": "id"})
            await until(lambda: pi.asked.count("snapshot") == 2)
            await until(is_live(mirror))
    assert "fault of the office" in caplog.text


async def test_a_lost_link_is_logged_once_and_once_when_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mirror = Mirror()
    caplog.set_level(logging.INFO, "remote.office.link.follower")
    async with running(ScriptedPi()) as pi, following(mirror, pi.client()):
        await until(is_live(mirror))
        await drop_connection(pi)
        await until(lambda: "is back" in caplog.text)
        await until(lambda: len(pi.asked) > 10)
    own = [
        record.levelname
        for record in caplog.records
        if record.name == "remote.office.link.follower"
    ]
    assert own == ["WARNING", "INFO"]


async def test_a_process_follows_its_pi_once() -> None:
    with override_settings(REMOTE_PI_HOST="", PI_API_KEY=""):
        link = office_from_settings().link
        for _ in range(3):
            link.start()
        links = [task for task in asyncio.all_tasks() if task.get_name() == "link to the Pi"]
        assert len(links) == 1
        await link.stop()
        assert links[0].done()
