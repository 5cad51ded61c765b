"""The Pi's record in mDNS: true, and never a danger to the web process."""

import asyncio
import logging
import time
from collections.abc import Callable

import pytest

from remote.api import mdns
from remote.api.mdns import Announcer

PRINT = "ab" * 32


async def while_announcing(announcer: Announcer, condition: Callable[[], object]) -> None:
    task = asyncio.create_task(announcer.run())
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_the_record_tells_no_more_than_where_and_which() -> None:
    record = Announcer("0.0.0.0", 5011, PRINT)._record(["10.0.0.5", "fd00::5"])
    assert (record.port, record.parsed_addresses()) == (5011, ["10.0.0.5", "fd00::5"])
    assert set(record.properties) == {b"fp", b"name", b"v"}
    assert record.properties[b"fp"] == PRINT.encode()


async def test_a_failure_is_told_once_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries = []

    def refuse(**_more: object) -> None:
        tries.append(1)
        raise OSError("port 5353 is taken")

    monkeypatch.setattr(mdns, "AsyncZeroconf", refuse)
    monkeypatch.setattr(mdns, "TRY_AGAIN_AFTER", 0.01)
    with caplog.at_level(logging.WARNING):
        await while_announcing(Announcer("0.0.0.0", 5011, PRINT), lambda: len(tries) > 3)
    assert caplog.text.count("port 5353 is taken") == 1


async def test_what_changes_is_shown_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    has, shown = [["127.0.0.1"]], list[list[str]]()

    async def show(_self: Announcer, _mdns: object, addresses: list[str], **_more: bool) -> None:
        shown.append(addresses)

    monkeypatch.setattr(mdns, "reachable_addresses", lambda _bind: has[-1])
    monkeypatch.setattr(mdns, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(Announcer, "_show", show)

    def all_shown() -> bool:
        if len(has) == len(shown) + 1 and len(has) < 3:
            has.append([f"10.0.0.{len(has)}"])
        return len(shown) == 2

    await while_announcing(Announcer("0.0.0.0", 5011, PRINT), all_shown)
    assert shown == [["10.0.0.1"], ["10.0.0.2"]]
