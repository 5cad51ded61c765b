"""A Pi that only answers REST, from a thread, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from remote.office.mirror.tables import Row
from tests.office.certificates import Certificate

Answer = tuple[int, Row | bytes, dict[str, str]]


class HttpPi:
    """`answer` decides; `requests` holds (method, path, headers, body)."""

    def __init__(
        self, certificate: Certificate | None = None, port: int = 0, host: str = "127.0.0.1"
    ) -> None:
        self.answer: Callable[[str, Row | None], Answer] = lambda _path, _body: (200, {}, {})
        self.requests: list[tuple[str, str, dict[str, str], Row | None]] = []
        self._server = _Server((host, port), _handler_of(self))
        if certificate is not None:
            context = certificate.context()
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def start(self) -> None:
        self._thread.start()

    def go_away(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()


def _handler_of(pi: HttpPi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_PATCH(self) -> None:
            self._answer()

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            pi.requests.append((self.command, self.path, dict(self.headers), body))
            status, content, headers = pi.answer(self.path, body)
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(raw)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_args: Any) -> None:
            """Silence: the test looks at `requests`."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


@contextmanager
def serving(pi: HttpPi) -> Iterator[HttpPi]:
    pi.start()
    try:
        yield pi
    finally:
        pi.go_away()
