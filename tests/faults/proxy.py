"""The wire between office and Pi, which can be cut, swallowed, slowed or delayed."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Literal

from tests.system.farm import free_port

Mode = Literal["well", "refuse", "reset", "black hole", "500 ms", "100 B/s"]
PIECE = 65_536


class Wire:
    """A TCP proxy in a thread of its own. `mode` may be changed at any moment."""

    def __init__(self, target: int) -> None:
        self.port, self._target = free_port(), target
        self._mode: Mode = "well"
        self._changed = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._in_loop(self._open())

    @property
    def mode(self) -> Mode:
        return self._mode

    def set(self, mode: Mode) -> None:
        self._in_loop(self._set(mode))

    def close(self) -> None:
        self._in_loop(self._cut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _in_loop(self, what: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _set(self, mode: Mode) -> None:
        self._mode = mode
        self._changed.set()
        self._changed = asyncio.Event()
        if mode == "refuse":
            await self._cut()
        elif self._server is None:
            await self._open()
        if mode == "reset":
            self._drop_all()

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        self._drop_all()

    def _drop_all(self) -> None:
        for writer in list(self._writers):
            _drop(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mode == "reset":
            _drop(writer)
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, back}
        ways = (self._pass(reader, back), self._pass(there, writer))
        await asyncio.gather(*ways, return_exceptions=True)
        self._writers -= {writer, back}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(PIECE):
                await self._hold(data)
                writer.write(data)
                await writer.drain()
        finally:
            with contextlib.suppress(OSError):
                writer.close()

    async def _hold(self, data: bytes) -> None:
        """As long as the wire as it is now needs for these bytes."""
        while self._mode == "black hole":
            await self._changed.wait()
        seconds = {"500 ms": 0.5, "100 B/s": len(data) / 100}.get(self._mode)
        if seconds:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), seconds)


def _drop(writer: asyncio.StreamWriter) -> None:
    """With a reset, not a farewell."""
    link = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
