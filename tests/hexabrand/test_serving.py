"""Clients that leave while they are being written to. (A HEAD's answer: `tests/system`.)"""

import asyncio
from typing import Any

import pytest
from autobahn.exception import Disconnected

from hexabrand.asgi.serving import until_gone


async def _talks(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "websocket.send", "text": "news"})
    scope["went on"] = True


def run(error: Exception) -> dict[str, Any]:
    async def gone(message: dict[str, Any]) -> None:
        raise error

    scope: dict[str, Any] = {}
    asyncio.run(until_gone(_talks)(scope, None, gone))
    return scope


def test_a_client_that_left_is_no_failure() -> None:
    assert run(Disconnected("Attempt to send on a closed protocol")) == {"went on": True}


def test_any_other_failure_is_told() -> None:
    with pytest.raises(RuntimeError, match="reactor"):
        run(RuntimeError("the reactor is broken"))
