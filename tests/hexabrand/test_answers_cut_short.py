"""An answer that fails when it has begun is cut off, and holds neither client nor server."""

import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.system.farm import ROOT, free_port, wait_until

Message = dict[str, Any]


async def application(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Fail when the answer has begun, as a file does whose database goes away."""
    if scope["type"] != "http":
        return
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/whole":
        await send({"type": "http.response.body", "body": b"all"})
        return
    await send({"type": "http.response.body", "body": b"begun", "more_body": True})
    raise RuntimeError("The database went away.")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Start daphne as the product does, with an application that fails; return its address."""
    port = free_port()
    command = [sys.executable, "-m", "hexabrand.daphne", "-v", "0", "-e"]
    process = subprocess.Popen(
        [*command, f"tcp:{port}:interface=127.0.0.1", f"{__name__}:application"],
        cwd=ROOT,
        env=os.environ | {"HEXABRAND_STATE_DIR": str(tmp_path)},
    )
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with suppress(requests.ConnectionError):
            return requests.get(f"{address}/whole", timeout=5).text == "all"
        return False

    try:
        wait_until(answers, "daphne answers")
        yield address
    finally:
        process.terminate()
        process.wait(20)


def test_the_client_is_told_by_a_cut_each_time(server: str) -> None:
    # The second time too: what looks after connections must not end with the first failure.
    for _ in range(2):
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(f"{server}/begun", timeout=20)
    assert requests.get(f"{server}/whole", timeout=20).text == "all"
