"""How much of what was sent to a socket still waits in the server's own buffer.

Daphne takes whatever it is given: 400 MB in a second for a client that does not read. ASGI has no
word for it, so the transport is found by its peer among those of the reactor.
"""

import sys
from collections.abc import Callable
from typing import Any


def meter_of(client: tuple[str, int] | None) -> Callable[[], int]:
    """Return a function that tells the bytes not yet taken by the kernel; 0 where that is
    unknown."""
    transport = _transport_of(tuple(client)) if client else None
    if transport is None:
        return lambda: 0
    return lambda: (
        len(transport.dataBuffer) - transport.offset + getattr(transport, "_tempDataLen", 0)
    )


def cut_off(client: tuple[str, int] | None) -> None:
    """Close a connection at once, with all that waits in its buffer."""
    transport = _transport_of(tuple(client)) if client else None
    if transport is not None:
        transport.abortConnection()


def _transport_of(client: tuple[Any, ...]) -> Any:  # noqa: ANN401 - Twisted has no types
    reactor: Any = sys.modules.get("twisted.internet.reactor")
    for transport in reactor.getReaders() if reactor else ():
        try:
            peer = transport.getPeer()
        except (AttributeError, NotImplementedError):
            continue  # a listening port or a pipe
        if client == (getattr(peer, "host", None), getattr(peer, "port", None)):
            return transport
    return None
