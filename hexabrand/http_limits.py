"""What a connection may take of a web process before anybody has asked whose it is: a body, time,
a descriptor. Daphne spools bodies of any length into /tmp and lets silent connections be.
"""

import json
import resource
from collections import Counter
from functools import partial
from typing import Any, Final

from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.web import http

from remote.problems import PROBLEM_JSON, problem

KIB: Final = 1024
BODY_LIMIT: Final = 64 * KIB
LARGER_BODIES: Final = {  # beginnings of paths; the views' own limits are the same or less
    "/api/remote/payloads": 1024 * KIB,
    "/api/remote/imports": 8 * 1024 * KIB,
    "/office/import": 8 * 1024 * KIB,
    "/office/": 1024 * KIB,  # forms over thousands of ticked animals
    "/admin/": 1024 * KIB,
}
MOST_SPOOLED: Final = 64 * 1024 * KIB  # of all larger bodies that are on their way in
SILENT_SECONDS: Final = 20.0  # daphne lets silent connections be
REQUEST_WITHIN: Final = 60.0  # from the connection, or the last answer, however it drips
LINGER_SECONDS: Final = 2.0  # so that the client reads why, before it is cut off

MOST_WAITING: Final = 512  # connections that ask nothing at the moment
MOST_OF_ONE_ADDRESS: Final = 128  # a proxy is one address: it waits for its browsers itself

_HTTPChannel: Any = http.HTTPChannel  # half of it has types

_REASONS = {413: "Request Entity Too Large", 503: "Service Unavailable"}


def body_limit(target: str) -> int:
    path = target.partition("?")[0]
    fitting = [limit for start, limit in LARGER_BODIES.items() if path.startswith(start)]
    return max(fitting, default=BODY_LIMIT)


class Request(WebRequest):  # type: ignore[misc]  # the package has no types
    """Counts a body whose length nobody has told, and ends an answer that cannot go on."""

    taken = 0

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        channel = self.channel
        self.taken += len(data)
        if channel.refused:
            return
        if self.taken > channel.limit:
            channel.refuse_body()
        else:
            super().handleContentChunk(data)

    def handle_exception(self, exception: BaseException) -> None:
        # Of an answer that has begun a client learns by a cut alone that it is not whole. Daphne
        # would begin another one, which fails where it looks after all connections: it would look
        # after none from then on.
        if not self._response_started:
            super().handle_exception(exception)
        elif self.channel is not None:
            self.channel.transport.abortConnection()


class Channel(_HTTPChannel):  # type: ignore[misc]  # see above
    """One connection. It waits until a request is whole, and again after the answer."""

    abortTimeout = 60  # noqa: N815 - seconds for the rest of an answer that was all made
    refused = False
    limit = BODY_LIMIT
    spooling = 0
    deadline: Any = None

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        super().connectionMade()
        self._wait()

    def _wait(self) -> None:
        self.deadline = self.callLater(REQUEST_WITHIN, self._too_late)
        self.factory.waiting.add(self)

    def _too_late(self) -> None:
        self.deadline = None
        self.timeoutConnection()

    def _wait_no_more(self) -> None:
        self.factory.waiting.remove(self)
        self.factory.spooled -= self.spooling
        self.spooling = 0
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def allHeadersReceived(self) -> None:  # noqa: N802 - Twisted's name
        self.limit = body_limit(self._path.decode("latin-1"))
        expected = self.limit if self.length is None else self.length
        if self.length is not None and self.length > self.limit:
            self.refuse_body()
        elif expected > BODY_LIMIT and self.factory.spooled + expected > MOST_SPOOLED:
            self._refuse(503, "busy", "Too much is being sent to this machine; try again soon.")
        else:
            self.spooling = expected if expected > BODY_LIMIT else 0
            self.factory.spooled += self.spooling
            super().allHeadersReceived()

    def refuse_body(self) -> None:
        self._refuse(413, "too_large", f"A body may have {self.limit // KIB} KiB here.")

    def _refuse(self, status: int, code: str, detail: str) -> None:
        self.refused = True
        body = json.dumps(problem(status, code, detail)).encode()
        self.transport.write(
            b"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n"
            b"Connection: close\r\n\r\n%s"
            % (status, _REASONS[status].encode(), PROBLEM_JSON.encode(), len(body), body)
        )
        self._abortingCall = self.callLater(LINGER_SECONDS, self.forceAbortClient)

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if not self.refused:
            super().rawDataReceived(data)

    def allContentReceived(self) -> None:  # noqa: N802 - Twisted's name
        if not self.refused:
            self._wait_no_more()
            super().allContentReceived()

    def requestDone(self, request: Any) -> None:  # noqa: N802, ANN401 - Twisted's name, and it has no types
        self._wait()  # first: what was sent ahead is the next request, and begins within
        super().requestDone(request)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802, ANN401 - Twisted's name, and it has no types
        self._wait_no_more()
        super().connectionLost(reason)


class Waiting:
    """The connections that ask nothing, the longest silent first; too many cost those."""

    def __init__(self) -> None:
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._most = min(MOST_WAITING, descriptors // 2)
        self._most_of_one = min(MOST_OF_ONE_ADDRESS, descriptors // 4)
        self._channels: dict[Any, str] = {}
        self._counts: Counter[str] = Counter()

    def add(self, channel: Any) -> None:  # noqa: ANN401 - Twisted has no types
        address = str(getattr(channel.transport.getPeer(), "host", ""))
        self._channels[channel] = address
        self._counts[address] += 1
        if self._counts[address] > self._most_of_one:
            self._drop_oldest_of(address)
        elif len(self._channels) > self._most:
            self._drop_oldest_of(self._counts.most_common(1)[0][0])

    def remove(self, channel: Any) -> None:  # noqa: ANN401 - Twisted has no types
        address = self._channels.pop(channel, None)
        if address is not None:
            self._counts -= Counter([address])

    def _drop_oldest_of(self, address: str) -> None:
        oldest = next(one for one, of in self._channels.items() if of == address)
        self.remove(oldest)
        oldest.transport.abortConnection()


class Factory(HTTPFactory):  # type: ignore[misc]  # the package has no types
    protocol = Channel

    def __init__(self, server: Any) -> None:  # noqa: ANN401 - Twisted has no types
        super().__init__(server)
        self.timeOut = SILENT_SECONDS
        self.waiting = Waiting()
        self.spooled = 0

    def buildProtocol(self, addr: Any) -> Any:  # noqa: ANN401, N802 - Twisted's name, and it has no types
        channel = super().buildProtocol(addr)
        # The views read their forms. Twisted would too, in the loop and before anybody has asked
        # whose they are: one header of a form's part held every other request up for minutes.
        channel.requestFactory = partial(Request, parsePOSTFormSubmission=False)
        return channel

    def acceptableProtocols(self) -> list[bytes]:  # noqa: N802 - Twisted's name
        return [b"http/1.1"]  # the bounds above are of this one
