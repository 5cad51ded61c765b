"""What daphne leaves to its application at the edges of a connection."""

import contextlib
from typing import Any

from autobahn.exception import Disconnected

Message = dict[str, Any]


def without_body(application: Any) -> Any:  # noqa: ANN401 - ASGI has no types of its own
    """Answer a HEAD without a body. Daphne leaves out the first part of its body alone: the rest of
    a streamed one would stand on the connection where the next answer is expected, and be read as
    that."""

    async def answer(scope: Message, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI names no types
        ended = False

        async def headers_alone(message: Message) -> None:
            nonlocal ended
            if message["type"] != "http.response.body":
                await send(message)
            elif not ended:
                ended = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await application(scope, receive, headers_alone if scope["method"] == "HEAD" else send)

    return answer


def until_gone(application: Any) -> Any:  # noqa: ANN401 - ASGI names no types
    """Ignore writes to a socket whose client left meanwhile: no failure of ours. The application
    hears of it a moment later, as a disconnect."""

    async def serve(scope: Message, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI names no types
        async def tell(message: Message) -> None:
            with contextlib.suppress(Disconnected):
                await send(message)

        await application(scope, receive, tell)

    return serve
