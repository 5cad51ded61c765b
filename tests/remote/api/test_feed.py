"""The hub, its buffers and its thread, where no real client can be made to misbehave so."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from pytest_django import Settings

from remote.api import feed, flow_control
from remote.api.consumers import EventsConsumer
from remote.api.events import Message, newest_cursor, read_messages
from remote.api.flow_control import FlowControl
from remote.wire import START, Cursor
from tests.remote.api.rows import happened

pytestmark = pytest.mark.django_db(
    transaction=True, databases=["default", "reader"], reset_sequences=True
)


def message(seq: int, size: int = 10) -> Message:
    return Message("cattle", Cursor(seq, 1), "x" * size)


def waiting_for(*messages: Message) -> feed.Subscriber:
    subscriber = feed.Subscriber({"cattle"})
    subscriber.put(messages)
    return subscriber


async def test_a_subscriber_gets_what_fits_one_frame() -> None:
    subscriber = waiting_for(*(message(n, 100_000) for n in range(1, 6)))
    assert [m.cursor.seq for m in await subscriber.take(99)] == [1, 2, 3]
    assert [m.cursor.seq for m in await subscriber.take(1)] == [4]


@pytest.mark.parametrize(
    ("count", "size"), [(feed.MOST_WAITING_EVENTS + 1, 1), (2, feed.MOST_WAITING_BYTES)]
)
async def test_a_buffer_has_a_bound_in_events_and_in_bytes(count: int, size: int) -> None:
    text = "x" * size
    subscriber = waiting_for(*(Message("cattle", Cursor(n, 1), text) for n in range(count)))
    with pytest.raises(feed.TooSlow):
        await subscriber.take(1)


class Client:
    """The far end of an outlet."""

    def __init__(self) -> None:
        self.frames: list[str] = []
        self.unsent = 0
        self.flow_control = FlowControl(self.send, lambda: self.unsent)

    async def send(self, text: str) -> None:
        self.frames.append(text)


async def test_several_events_go_in_one_frame_of_a_bounded_size() -> None:
    client = Client()
    await client.flow_control.send([message(n, 100_000) for n in range(5)])
    assert [frame.count(",") + 1 for frame in client.frames] == [2, 2, 1]
    assert max(map(len, client.frames)) <= 256 * 1024


async def test_a_full_write_buffer_stops_the_sending_until_it_drains() -> None:
    client = Client()
    client.unsent = flow_control.MOST_UNSENT_BYTES + 1
    asyncio.get_running_loop().call_later(0.1, setattr, client, "unsent", 0)
    assert await client.flow_control.room(waiting_for()) == flow_control.MOST_UNACKNOWLEDGED


async def test_a_client_that_takes_nothing_for_long_is_too_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(flow_control, "STALLED_AFTER", 0.1)
    client = Client()
    client.unsent = flow_control.MOST_UNSENT_BYTES + 1
    with pytest.raises(feed.TooSlow):
        await client.flow_control.room(waiting_for())


async def test_credit_counts_only_for_clients_that_acknowledge() -> None:
    client = Client()
    await client.flow_control.send([message(n) for n in range(flow_control.MOST_UNACKNOWLEDGED)])
    assert await client.flow_control.room(waiting_for()) == flow_control.MOST_UNACKNOWLEDGED
    client.flow_control.acknowledge(9)
    assert await client.flow_control.room(waiting_for()) == 10


@pytest.fixture
async def tailer() -> AsyncIterator[feed.Tailer]:
    running = feed.start()
    await feed.hub().ready.wait()
    yield running
    await asyncio.to_thread(running.stop)


async def test_what_is_journalled_reaches_a_subscriber(tailer: feed.Tailer) -> None:
    subscriber = feed.Subscriber({"pens"})
    feed.hub().attach(subscriber)
    await asyncio.to_thread(happened, "pen:deleted", 7)
    async with asyncio.timeout(10):
        (told,) = await subscriber.take(10)
    assert '"pen:deleted"' in told.text
    assert feed.hub().cursor == told.cursor


async def test_a_journal_that_cannot_be_read_is_told_once_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([OSError("no disk"), ValueError("no sense"), OSError("no disk")])

    def read(after: Cursor, most: int) -> list[Message]:
        for failure in failures:
            raise failure
        return read_messages(after, most)

    monkeypatch.setattr(feed, "read_messages", read)
    tailer = feed.start()
    subscriber = feed.Subscriber({"pens"})
    feed.hub().attach(subscriber)
    await feed.hub().ready.wait()
    with caplog.at_level(logging.WARNING):
        await asyncio.to_thread(happened, "pen:deleted", 7)
        async with asyncio.timeout(10):
            assert len(await subscriber.take(10)) == 1
    await asyncio.to_thread(tailer.stop)
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


class Socket(WebsocketCommunicator):  # type: ignore[misc]  # the package has no types
    """A client of a hub that the test itself drives."""

    def __init__(self, key: str) -> None:
        headers = [(b"x-api-key", key.encode())]
        super().__init__(EventsConsumer.as_asgi(), "/ws/remote/events", headers)

    async def messages(self, count: int) -> list[Any]:
        return [json.loads(await self.receive_from(5)) for _ in range(count)]


async def test_what_a_replay_read_past_the_hub_is_not_told_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PI_API_KEYS = ["shared-secret-of-the-tests"]
    for number in range(4):
        await asyncio.to_thread(happened, "pen:deleted", number)
    entries = await asyncio.to_thread(read_messages, START, 10)
    hub = feed.Hub()
    hub.begin_at(entries[1].cursor)
    monkeypatch.setattr(feed, "_hub", hub)
    socket = Socket("shared-secret-of-the-tests")
    await socket.connect()
    await socket.send_json_to(
        {"type": "subscribe", "topics": ["pens"], "since": str(entries[0].cursor)}
    )
    hello, replayed, caught_up = await socket.messages(3)
    hub.publish([*entries[2:], Message("pens", Cursor(99_999, 1), '{"new":1}')])
    assert [event["data"]["id"] for event in replayed] == [1, 2, 3]
    assert (hello["cursor"], caught_up["cursor"]) == (
        str(entries[1].cursor),
        str(entries[3].cursor),
    )
    assert await socket.messages(1) == [{"new": 1}]
    await socket.disconnect()


async def test_a_refused_client_is_not_listened_to_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed, "_hub", feed.Hub())
    socket = Socket("wrong")
    await socket.connect()
    await socket.send_json_to({"type": "subscribe", "topics": ["pens"], "since": None})
    assert await socket.messages(1) == [{"type": "error", "code": "bad_key"}]
    assert (await socket.receive_output(5))["code"] == 4401
    assert await socket.receive_nothing()
    await socket.disconnect()


async def test_the_journal_is_lost_after_seconds_without_a_reading() -> None:
    """A process that was stopped for long counts one second of it."""
    hub = feed.Hub()
    hub.tick()
    assert (hub.is_doubtful, hub.lost.is_set()) == (False, False)
    for _ in range(feed.LOST_AFTER):
        hub.tick()
    assert (hub.is_doubtful, hub.lost.is_set()) == (True, True)
    hub.publish([message(1)])
    assert (hub.is_doubtful, hub.lost.is_set()) == (False, False)


async def test_a_reading_that_failed_is_doubted_at_once() -> None:
    hub = feed.Hub()
    hub.doubt()
    assert hub.is_doubtful
    assert not hub.lost.is_set()


def test_the_cursor_is_the_newest_entrys() -> None:
    happened("pen:deleted", 7)
    assert read_messages(START, 10)[-1].cursor == newest_cursor()
