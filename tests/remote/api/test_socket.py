"""The feed as a client has it: a real socket to a real web process."""

import asyncio
import contextlib
import fcntl
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from remote.api.feed import Subscriber, TooSlow
from remote.api.flow_control import MOST_UNSENT_BYTES, STALLED_AFTER, FlowControl
from remote.api.people import CHECK_SECONDS
from remote.wire import TOPICS, Cursor
from tests.remote.api.pi import Listener, WebPi, running, seqs

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def pi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPi]:
    with running(tmp_path_factory.mktemp("pi")) as web:
        yield web


@asynccontextmanager
async def listening(pi: WebPi, **options: Any) -> AsyncIterator[Listener]:
    async with asyncio.timeout(60), pi.socket(**options) as socket:
        yield Listener(socket)


LONG = "hxb:B1:LF1:" + "U" * 900  # what is no reading would be counted in one row


async def say(pi: WebPi, *texts: str) -> list[int]:
    return await asyncio.to_thread(pi.say, *texts)


async def close_code(listener: Listener) -> int | None:
    """What the server closes with, after whatever it still sends."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await listener.next()
    return listener.socket.close_code


async def test_a_subscriber_is_greeted_and_told_that_it_is_live(pi: WebPi) -> None:
    async with listening(pi) as client:
        hello = await client.subscribe()
        assert hello["protocol"] == 1
        assert (await client.next()) == {"type": "caught_up", "cursor": hello["cursor"]}


async def test_what_is_stored_is_told_within_a_second(pi: WebPi) -> None:
    async with listening(pi) as client:
        await client.subscribe()
        await client.until("caught_up")
        (pk,) = await say(pi, "hxb:BATCH001:LF123:UHF456")
        stored = time.monotonic()
        event = await client.next()
        assert time.monotonic() - stored < 1.0
    assert (event["event"], event["data"]["payload_id"]) == ("payload:received", pk)
    assert event["data"]["raw_payload"] == "hxb:BATCH001:LF123:UHF456"
    shown = pi.ask("GET", f"payloads/{pk}").json()
    assert event["data"] == shown | {"payload_id": pk, "timestamp": shown["received_at"]}


async def test_only_the_topics_asked_for_are_told(pi: WebPi) -> None:
    async with listening(pi) as client, listening(pi) as other:
        for listener, topic in ((client, "batches"), (other, "payloads")):
            await listener.subscribe(None, topic)
            await listener.until("caught_up")
        await say(pi, "not told")
        await other.events(1)
        await client.send({"type": "subscribe", "topics": ["payloads"], "since": None})
        await client.send({"type": "unsubscribe", "topics": ["batches"]})
        await (await client.socket.ping())
        (pk,) = await say(pi, "told")
        assert (await client.next())["data"]["id"] == pk


async def test_a_client_resumes_where_it_was(pi: WebPi) -> None:
    before = pi.cursor()
    missed = await say(pi, "missed 1", "missed 2")
    async with listening(pi) as client:
        await client.subscribe(before)
        events = await client.events(2)
        (live,) = await say(pi, "live")
        events += await client.events(1)
    assert [event["data"]["id"] for event in events] == [*missed, live]


async def test_the_cursor_before_everything_replays_the_whole_journal(pi: WebPi) -> None:
    await say(pi, "something")
    async with listening(pi) as client:
        await client.subscribe("0-00000000")
        newest = (await asyncio.to_thread(pi.cursor)).seq
        assert seqs(await client.events(newest)) == list(range(1, newest + 1))


async def test_resuming_under_writes_has_no_gap_and_no_overlap(pi: WebPi) -> None:
    stop = threading.Event()
    start = pi.cursor()

    def write() -> None:
        while not stop.is_set():
            pi.say(*("under load",) * 7)

    writers = [asyncio.create_task(asyncio.to_thread(write)) for _ in range(2)]
    at, told = start, list[int]()
    for _ in range(8):
        async with listening(pi) as client:
            await client.subscribe(at)
            events = await client.events(120)
        told += seqs(events)
        at = Cursor.parse(events[-1]["cursor"])
    stop.set()
    await asyncio.gather(*writers)
    assert told == list(range(start.seq + 1, start.seq + 1 + len(told)))
    assert len(told) == 8 * 120


async def test_snapshot_and_feed_make_the_whole(pi: WebPi) -> None:
    """Rows of a snapshot taken under writes, and the events after it: every payload, once."""
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            pi.say("more")

    pi.say("the first")
    writer = asyncio.create_task(asyncio.to_thread(write))
    answer = await asyncio.to_thread(pi.ask, "GET", "snapshot")
    hello, *rows, _end = [json.loads(line) for line in answer.iter_lines()]
    async with listening(pi) as client:
        await client.subscribe(hello["cursor"])
        events = await client.events(50)
    stop.set()
    await writer
    copied = [row["data"]["id"] for row in rows if row.get("topic") == "payloads"]
    told = [event["data"]["id"] for event in events]
    assert told == list(range(copied[-1] + 1, copied[-1] + 51))


@pytest.mark.parametrize("change", ["mark", "ahead"])
async def test_a_cursor_of_another_journal_has_to_start_over(pi: WebPi, change: str) -> None:
    await say(pi, "something")
    true = pi.cursor()
    false = Cursor(true.seq, true.mark ^ 1) if change == "mark" else Cursor(true.seq + 9, 5)
    async with listening(pi) as client:
        await client.subscribe(false)
        assert await client.next() == {"type": "resync", "reason": "unknown_cursor"}
        await client.until("caught_up")
        (pk,) = await say(pi, "after the resync")
        assert (await client.next())["data"]["id"] == pk


async def test_a_client_that_loaded_a_snapshot_goes_on_from_it_on_the_same_socket(
    pi: WebPi,
) -> None:
    before = pi.cursor()
    missed = await say(pi, "a", "b")
    async with listening(pi) as client:
        await client.subscribe(f"{before.seq}-{before.mark ^ 1:08x}")
        await client.until("caught_up")
        await client.send({"type": "subscribe", "topics": TOPICS, "since": str(before)})
        messages = await client.until("hello")
        (live,) = await say(pi, "c")
        told = await client.events(3)
    assert not [message for message in messages if message["type"] == "resync"]
    assert [event["data"]["id"] for event in told] == [*missed, live]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "5",
        "null",
        '{"type":"dance"}',
        '{"type":"subscribe"}',
        "[" * 100_000,
        '{"type":"subscribe","topics":["users"]}',
        '{"type":"subscribe","topics":[],"since":"1"}',
        '{"type":"subscribe","topics":[[]]}',
        '{"type":"ack"}',
        '{"type":"unsubscribe"}',
    ],
)
async def test_a_message_that_is_none_is_told_and_ends_the_socket(pi: WebPi, text: str) -> None:
    async with listening(pi) as client:
        await client.socket.send(text)
        told = await client.next()
        assert (told["type"], told["code"]) == ("error", "bad_message")
        assert await close_code(client) == 4400


async def test_binary_is_no_message_either(pi: WebPi) -> None:
    async with listening(pi) as client:
        await client.socket.send(b"\xff\x00")
        assert (await client.next())["code"] == "bad_message"


@pytest.mark.parametrize("key", [None, "", "wrong", "hxb_abcd.wrong"])
async def test_a_client_with_a_bad_key_is_told_why(pi: WebPi, key: str | None) -> None:
    async with listening(pi, key=key) as client:
        with contextlib.suppress(ConnectionClosed):
            await client.send({"type": "subscribe", "topics": ["payloads"], "since": None})
        assert await client.next() == {"type": "error", "code": "bad_key"}
        assert await close_code(client) == 4401


async def test_a_key_that_may_not_read_is_no_key_here(pi: WebPi) -> None:
    key = pi.manage("create_api_key", "--name", "radio", "--scope", "ingest")
    async with listening(pi, key=key) as client:
        assert (await client.next())["code"] == "missing_scope"
        assert await close_code(client) == 4401


async def test_a_revoked_keys_socket_is_closed_within_five_seconds(pi: WebPi) -> None:
    key = pi.new_key()
    async with listening(pi, key=key) as client:
        await client.subscribe()
        await client.until("caught_up")
        pi.sql("UPDATE api_keys SET revoked = 1 WHERE prefix = ?", key.partition(".")[0])
        revoked = time.monotonic()
        assert (await client.next())["code"] == "bad_key"
        assert time.monotonic() - revoked < 5
        assert await close_code(client) == 4401


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1:1"])
async def test_a_page_of_another_site_is_refused(pi: WebPi, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with pi.socket(headers={"Origin": origin}):
            pass
    assert refused.value.response.status_code == 403


async def test_the_pis_own_origin_is_no_stranger(pi: WebPi) -> None:
    async with listening(pi, headers={"Origin": f"http://127.0.0.1:{pi.port}"}) as client:
        await client.subscribe()


async def test_another_path_is_refused_without_a_noise(pi: WebPi) -> None:
    with pytest.raises(InvalidStatus):
        async with pi.socket(path="/ws/elsewhere"):
            pass
    assert "Traceback" not in pi.log.read_text()


async def test_silence_is_broken_by_a_heartbeat(pi: WebPi) -> None:
    async with listening(pi) as client:
        await client.subscribe()
        await client.until("caught_up")
        began = time.monotonic()
        beat = await client.next()
        assert (beat["type"], Cursor.parse(beat["cursor"])) == ("heartbeat", pi.cursor())
        assert 9 < time.monotonic() - began < 13


async def test_a_client_that_stops_acknowledging_is_not_sent_more(pi: WebPi) -> None:
    async with listening(pi) as client:
        hello = await client.subscribe()
        await client.until("caught_up")
        await client.send({"type": "ack", "cursor": hello["cursor"]})
        for _ in range(3):
            await say(pi, *["hxb:B1:LF1:U1"] * 1000)
        first = await client.events(2000)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await client.next()
        await client.send({"type": "ack", "cursor": first[-1]["cursor"]})
        assert len(await client.events(1000)) == 1000


async def test_a_client_that_falls_too_far_behind_has_to_start_over(pi: WebPi) -> None:
    async with listening(pi) as client:
        hello = await client.subscribe()
        await client.send({"type": "ack", "cursor": hello["cursor"]})
        for _ in range(10):
            await say(pi, *[LONG] * 1000)
        messages = await client.until("resync")
        assert messages[-1]["reason"] == "too_slow"
        assert len(seqs(messages)) == 2000
        assert await close_code(client) == 4408


async def test_clients_that_read_nothing_cost_no_memory_and_hinder_nobody(pi: WebPi) -> None:
    before = pi.cursor()
    for _ in range(5):
        await say(pi, *[LONG] * 1000)
    used = pi.resident_mb()
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(10):
            deaf = await stack.enter_async_context(listening(pi, max_queue=1, ping_interval=None))
            await deaf.subscribe(before)
            deaf.socket.transport.pause_reading()
            stack.callback(deaf.socket.transport.abort)
        for _ in range(3):
            async with listening(pi) as client:
                await client.subscribe(before)
                assert len(await client.events(5000)) == 5000
        assert pi.resident_mb() - used < 45  # the ten have 7 MB of events each before them


async def test_subscribing_over_and_over_is_no_message_of_the_protocol(pi: WebPi) -> None:
    async with listening(pi) as client:
        for _ in range(20):
            await client.subscribe("1-00000000")
            await client.until("caught_up")
        await client.send({"type": "subscribe", "topics": ["pens"], "since": None})
        assert "20 times a minute" in (await client.until("error"))[-1]["detail"]
        assert await close_code(client) == 4400


async def test_subscribing_again_gives_a_client_that_reads_nothing_no_more_time() -> None:
    flow_control = FlowControl(lambda _text: asyncio.sleep(0), lambda: MOST_UNSENT_BYTES + 1)
    flow_control._stuck_since = asyncio.get_running_loop().time() - STALLED_AFTER - 1
    for _ in range(2):
        flow_control.start_over()
        with pytest.raises(TooSlow):
            await flow_control.room(Subscriber({"pens"}))


@contextlib.contextmanager
def locked_against_readers(pi: WebPi) -> Iterator[None]:
    """All lock bytes of SQLite's shared memory: nobody can begin to read."""
    with (pi.state / "pi.sqlite3-shm").open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX, 8, 120)
        yield


async def test_no_heartbeat_comes_while_the_journal_cannot_be_read_and_the_socket_is_closed(
    pi: WebPi,
) -> None:
    async with listening(pi) as client:
        await client.subscribe()
        await client.until("caught_up")
        with locked_against_readers(pi):
            began = time.monotonic()
            told = await client.until("error")
            assert (len(told), told[-1]["code"]) == (1, "unavailable")
            assert await close_code(client) == 1001
            assert time.monotonic() - began < 20
            async with listening(pi) as late:
                assert (await late.next())["code"] == "unavailable"
                assert await close_code(late) == 1001
            refused = await asyncio.to_thread(pi.ask, "GET", "pens")
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    cured = time.monotonic()
    while (await asyncio.to_thread(pi.ask, "GET", "pens")).status_code == 503:
        assert time.monotonic() - cured < 5
    async with listening(pi) as client:
        await client.subscribe()
        await client.until("caught_up")


async def people_of(client: Listener) -> dict[str, str]:
    """The stamps that are told next."""
    stamps: dict[str, str] = (await client.until("people"))[-1]["stamps"]
    return stamps


async def test_an_office_is_told_when_somebodys_password_role_or_account_changes(
    pi: WebPi,
) -> None:
    pi.manage("setup")
    async with listening(pi) as client:
        await client.send({"type": "subscribe", "topics": [], "since": None, "people": True})
        assert (await client.next())["type"] == "hello"
        told = [await people_of(client)]
        for change in (
            "UPDATE auth_user SET password = 'another'",
            "UPDATE auth_user SET is_superuser = 0",
            "UPDATE auth_user SET is_active = 0",
        ):
            pi.sql(change)
            told.append(await people_of(client))
    (name,) = told[0]
    assert [set(one) for one in told] == [{name}, {name}, {name}, set()]
    assert len({one[name] for one in told[:3]}) == 3
    assert "another" not in str(told)


async def test_people_are_told_to_those_alone_who_ask_with_every_scope(pi: WebPi) -> None:
    reader = pi.manage("create_api_key", "--name", "reader", "--scope", "read")
    asked = {"type": "subscribe", "topics": ["payloads"], "since": None}
    async with listening(pi, key=reader) as one, listening(pi) as other:
        await one.send(asked | {"people": True})
        await other.send(asked)
        for client in (one, other):
            await client.until("caught_up")
            await asyncio.sleep(CHECK_SECONDS * 1.5)
            await say(pi, "something")
            assert {message["type"] for message in await client.until("event")} == {"event"}
