"""The link against a server on a real port, which behaves as each test needs it to."""

import asyncio

import pytest
from websockets.asyncio.server import ServerConnection

from remote.office.link.client import PiClient
from remote.office.link.configuration import PiAddress
from remote.office.link.session import Timing
from remote.office.mirror.mirror import Mirror
from remote.office.mirror.name_search import BLOCK
from remote.office.mirror.tables import Row
from remote.wire import PROTOCOL
from tests.office.following import FastTime, drop_connection, following, is_live, quick_pace
from tests.office.rows import AT, animal, batch, cursor, event, payload
from tests.office.scripted_pi import ScriptedPi, answer, running, send, until

# -- the copy ---------------------------------------------------------------------------------


async def test_a_snapshot_and_the_tail_leave_no_gap() -> None:
    """What happens while the snapshot travels is in the tail, and nothing is there twice."""
    mirror = Mirror()
    async with running(ScriptedPi({"batches": [batch(1)]})) as pi:
        loop, tasks = asyncio.get_running_loop(), []
        pi.before_snapshot = lambda: tasks.append(
            loop.create_task(pi.record("batch:created", batch(2)))
        )
        seen: list[int] = []
        mirror.watch(lambda changes: seen.extend(c.id for c in changes if c.topic == "batches"))
        async with following(mirror, pi.client()):
            await until(is_live(mirror))
            await pi.record("batch:created", batch(3))
            await until(lambda: 3 in mirror.tables["batches"])
    assert list(mirror.tables["batches"]) == [1, 2, 3]
    assert [key for key in seen if key] == [2, 3]
    assert str(mirror.cursor) == cursor(pi.seq)


async def test_the_names_of_a_copy_and_of_animals_that_come_are_noted() -> None:
    mirror = Mirror()
    herd = [animal(key) for key in range(1, 20 * BLOCK)]
    async with (
        running(ScriptedPi({"cattle": herd})) as pi,
        following(mirror, pi.client(), quick_pace(Timing(quiet=0.2))),
    ):
        await until(is_live(mirror))
        await until(lambda: not mirror.held.index._names._waiting)
        await pi.record("cattle:created", animal(20 * BLOCK))
        await until(lambda: 19 in mirror.held.index._names._waiting)
        await until(lambda: not mirror.held.index._names._waiting)


async def test_a_broken_connection_goes_on_where_it_was() -> None:
    mirror = Mirror()
    async with running(ScriptedPi({"batches": [batch(1)]})) as pi:
        async with following(mirror, pi.client()):
            await until(is_live(mirror))
            await pi.stop()
            await until(lambda: mirror.link.state == "reconnecting")
            await pi.record("batch:created", batch(2))
            await pi.record("batch:updated", batch(1, "NEW"))
            await pi.start()
            await until(is_live(mirror))
        assert list(mirror.tables["batches"]) == [1, 2]
        assert mirror.tables["batches"][1]["batch_number"] == "NEW"
        assert pi.asked.count("snapshot") == 1
        assert pi.subscriptions[-1]["since"] == cursor(10)


async def test_a_resync_replaces_the_copy_and_shows_the_old_one_until_then() -> None:
    mirror = Mirror()
    async with (
        running(ScriptedPi({"batches": [batch(1), batch(2)]})) as pi,
        following(mirror, pi.client()),
    ):
        await until(is_live(mirror))
        pi.herd, pi.seq, pi.journal = {"batches": [batch(2)]}, 4, []
        pi.hold["snapshot"] = asyncio.Event()

        async def ask_for_resync(socket: ServerConnection, _subscription: Row) -> None:
            pi.feed = pi.faithful
            await send(socket, {"type": "resync", "reason": "unknown_cursor"})
            await socket.wait_closed()

        pi.feed = ask_for_resync
        await pi.stop()
        await pi.start()
        await until(lambda: pi.asked.count("snapshot") == 2)
        assert list(mirror.tables["batches"]) == [1, 2]
        pi.hold["snapshot"].set()
        await until(is_live(mirror))
    assert list(mirror.tables["batches"]) == [2]
    assert str(mirror.cursor) == cursor(4)


async def test_a_snapshot_that_breaks_off_is_asked_for_again() -> None:
    mirror = Mirror()
    async with running(ScriptedPi({"batches": [batch(1)]})) as pi:
        pi.answers["snapshot"] = answer(200, b'{"type":"end","rows":0}\n')
        async with following(mirror, pi.client()):
            await until(lambda: "broke off" in mirror.link.reason)
            assert mirror.link.state == "no_copy"
            assert mirror.cursor is None
            del pi.answers["snapshot"]
            await until(is_live(mirror))


async def test_a_late_snapshot_of_an_older_connection_is_dropped() -> None:
    mirror = Mirror()
    async with running(ScriptedPi({"batches": [batch(1)]}, seq=3)) as pi:
        pi.hold["snapshot"] = late = asyncio.Event()
        async with following(mirror, pi.client()):
            await until(lambda: "snapshot" in pi.asked)
        del pi.hold["snapshot"]
        pi.herd, pi.seq = {"batches": [batch(1, "NEWER")]}, 20
        async with following(mirror, pi.client()):
            await until(is_live(mirror))
            late.set()
            await pi.record("batch:created", batch(2))
            await until(lambda: 2 in mirror.tables["batches"])
    assert mirror.tables["batches"][1]["batch_number"] == "NEWER"
    assert mirror.loading is None


async def test_a_late_status_of_an_older_connection_is_dropped() -> None:
    mirror, seen = Mirror(), []
    async with running(ScriptedPi()) as pi:
        pi.hold["status"] = late = asyncio.Event()
        async with following(mirror, pi.client()):
            await until(lambda: "status" in pi.asked)
            del pi.hold["status"]
            mirror.watch(lambda _changes: seen.append(mirror.status and mirror.status["seq"]))
            pi.seq = 11
            await drop_connection(pi)
            await until(lambda: mirror.status and mirror.status["seq"] == 11)
            late.set()
            asked = len(pi.asked)
            await until(lambda: len(pi.asked) >= asked + 3)
    assert 10 not in seen


async def test_many_events_in_one_frame_are_one_group() -> None:
    mirror = Mirror()
    async with running(ScriptedPi()) as pi, following(mirror, pi.client()):
        await until(is_live(mirror))
        groups: list[int] = []
        mirror.watch(lambda changes: groups.append(len(changes)))
        pi.journal += [event(seq, "payload:received", payload(seq)) for seq in range(11, 111)]
        pi.seq = 110
        await pi.record("batch:created", batch(1))
        await until(lambda: 1 in mirror.tables["batches"])
        assert 101 in groups


async def test_what_was_applied_is_acknowledged() -> None:
    mirror = Mirror()
    async with running(ScriptedPi()) as pi, following(mirror, pi.client()):
        await until(is_live(mirror))
        await pi.record("batch:created", batch(1))
        await until(lambda: {"type": "ack", "cursor": cursor(11)} in pi.received)


async def test_rows_are_counted_while_the_first_copy_loads() -> None:
    mirror, seen = Mirror(), []
    async with running(ScriptedPi({"cattle": [animal(key) for key in range(1, 1201)]})) as pi:
        mirror.watch(lambda _changes: seen.append(mirror.loading))
        async with following(mirror, pi.client()):
            await until(is_live(mirror))
    assert (500, 1200) in seen
    assert mirror.loading is None


# -- states -----------------------------------------------------------------------------------


async def test_a_cold_office_without_its_pi_says_so() -> None:
    pi = ScriptedPi()
    async with running(pi):
        pass
    mirror = Mirror()
    async with following(mirror, pi.client()):
        await until(lambda: mirror.link.reason == f"The Pi does not answer at {pi.address()}.")
        assert mirror.link.state == "no_copy"
        await pi.start()
        await until(is_live(mirror))
    await pi.stop()


async def test_an_office_without_its_pi_shows_its_copy_and_since_when() -> None:
    mirror, time = Mirror(), FastTime()
    pace = quick_pace()
    pace.clock = time.clock
    async with (
        running(ScriptedPi({"batches": [batch(1)]})) as pi,
        following(mirror, pi.client(), pace),
    ):
        await until(is_live(mirror))
        await pi.stop()
        await until(lambda: mirror.link.state == "reconnecting")
        time.now += 10
        await until(lambda: mirror.link.state == "away")
        assert str(pi.port) in mirror.link.reason
        assert list(mirror.tables["batches"]) == [1]
        age = mirror.age_seconds()
        assert age is not None
        await until(lambda: (mirror.age_seconds() or 0) > age)


async def test_an_office_that_knows_no_pi_says_what_to_do() -> None:
    mirror = Mirror()
    async with following(mirror, PiClient(PiAddress("", 5001, ""))):
        await until(lambda: "manage.py pair" in mirror.link.reason)
    assert mirror.link.state == "no_copy"


async def test_a_server_that_falls_silent_is_left() -> None:
    """Pongs do not count: a Pi whose feed hangs still answers pings."""
    mirror = Mirror()
    timing = Timing(stale=0.3, status=60)
    async with running(ScriptedPi()) as pi, following(mirror, pi.client(), quick_pace(timing)):
        await until(is_live(mirror))
        await until(lambda: mirror.link.reason.startswith("Nothing comes from the Pi"))
        await until(lambda: len(pi.subscriptions) >= 2)


async def test_heartbeats_keep_the_link_and_the_copy_young() -> None:
    mirror = Mirror()

    async def beat(socket: ServerConnection, _subscription: Row) -> None:
        await send(socket, {"type": "hello", "protocol": PROTOCOL, "cursor": cursor(10)})
        await send(socket, {"type": "caught_up", "cursor": cursor(10)})
        while True:
            await send(socket, {"type": "heartbeat", "cursor": cursor(10), "server_time": AT})
            await asyncio.sleep(0.05)

    async with running(ScriptedPi()) as pi:
        pi.feed = beat
        async with following(mirror, pi.client(), quick_pace(Timing(stale=2.0, status=0.05))):
            await until(is_live(mirror))
            await until(lambda: len(pi.asked) > 60)  # longer than `stale`
            assert mirror.link.state == "live"
            assert len(pi.subscriptions) == 1
            assert (mirror.age_seconds() or 0) < 2.0


async def test_the_environments_proxy_is_asked_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "WS_PROXY", "WSS_PROXY"):
        monkeypatch.setenv(name, address)
        monkeypatch.setenv(name.lower(), address)
    mirror = Mirror()
    async with (
        server,
        running(ScriptedPi({"batches": [batch(1)]})) as pi,
        following(mirror, pi.client()),
    ):
        await until(lambda: asked or mirror.link.state == "live")
    assert asked == []


async def test_the_pi_is_asked_of_its_people_and_what_it_tells_is_held() -> None:
    mirror = Mirror()
    async with running(ScriptedPi()) as pi, following(mirror, pi.client()):
        await until(is_live(mirror))
        assert pi.subscriptions[-1]["people"] is True
        assert mirror.people is None
        assert pi.socket is not None
        await send(pi.socket, {"type": "people", "stamps": {"ana": "1"}})
        await until(lambda: mirror.people == {"ana": "1"})
        await drop_connection(pi)
        await until(lambda: len(pi.subscriptions) == 2)
        assert mirror.people == {"ana": "1"}
