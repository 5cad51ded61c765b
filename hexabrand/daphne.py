"""Daphne as this project runs it: with bounds for strangers, and status 0 when asked to end."""

import signal
import sys
from typing import Any

from hexabrand import logs, shutdown

# What daphne loads for WebSockets and none of ours uses, 2 MB: another protocol's serialisation,
# and colours for a terminal.
for unused in ("cbor2", "click"):
    sys.modules.setdefault(unused, None)  # type: ignore[arg-type]  # None: "not installed"


def close_with(socket: Any, code: int | None = None) -> None:  # noqa: ANN401 - autobahn's, without types
    """Close a WebSocket with whatever code: the library's own way refuses 1001 with an exception
    that nobody sees, and the socket stays open."""
    socket.sendCloseFrame(code=code or 1000, isReply=False)


def main() -> None:
    shutdown.at_once()
    logs.mark_standard_error()
    shutdown.heard_again()  # `serve` held them until somebody would hear
    from daphne import server, ws_protocol  # noqa: PLC0415 - signals come first, and it chooses the reactor
    from daphne.cli import CommandLineInterface  # noqa: PLC0415 - only when the handlers stand

    from hexabrand import http_limits  # noqa: PLC0415 - after the reactor

    server.HTTPFactory = http_limits.Factory  # it has no setting for the one to use
    ws_protocol.WebSocketProtocol.serverClose = close_with
    # Twisted takes SIGTERM over, but SIGINT from Python's own handler alone.
    server.reactor.callWhenRunning(signal.signal, signal.SIGINT, server.reactor.sigInt)
    CommandLineInterface().run(sys.argv[1:])
    shutdown.is_here()


if __name__ == "__main__":
    main()
