"""An application whose answer fails when it has begun, as a file does without its database."""

from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]


async def application(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    if scope["type"] != "http":
        return
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/whole":
        await send({"type": "http.response.body", "body": b"all"})
        return
    await send({"type": "http.response.body", "body": b"begun", "more_body": True})
    raise RuntimeError("The database went away.")
