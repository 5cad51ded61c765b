"""What Redis does with as many durable appends: its AOF, synced before each answer."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.system.farm import free_port, wait_until

REDIS = "redis-server"


def is_installed() -> bool:
    return shutil.which(REDIS) is not None


def per_second(folder: Path, group: int, rows: int = 100_000) -> float:
    """`group` XADDs are sent at once, and answered after one sync."""
    texts = [f"hxb:LOT0001:840003{n:09d}:E28011{n:018X}" for n in range(rows)]
    with _redis(folder) as connection:
        start = time.perf_counter()
        for first in range(0, rows, group):
            connection.sendall(b"".join(map(_append, texts[first : first + group])))
            _wait_for_answers(connection, len(texts[first : first + group]))
        return rows / (time.perf_counter() - start)


def _append(text: str) -> bytes:
    return _command("XADD", "payloads", "*", "text", text, "source", "udp:127.0.0.1")


def _command(*words: str) -> bytes:
    parts = "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
    return f"*{len(words)}\r\n{parts}".encode()


def _wait_for_answers(connection: socket.socket, count: int) -> None:
    """Each is `$<length>` and the id of the row."""
    heard = b""
    while heard.count(b"\n") < 2 * count:
        heard += connection.recv(65536)
    assert not heard.startswith(b"-"), heard[:200]


@contextmanager
def _redis(folder: Path) -> Iterator[socket.socket]:
    folder.mkdir()
    port = free_port()
    given = f"--port {port} --bind 127.0.0.1 --appendonly yes --appendfsync always --dir {folder}"
    with subprocess.Popen(
        [REDIS, *given.split(), "--save", ""], stdout=subprocess.DEVNULL
    ) as server:
        try:
            connection = wait_until(lambda: _connected(port), "Redis listens")
            assert connection is not None
            with connection:
                yield connection
        finally:
            server.terminate()


def _connected(port: int) -> socket.socket | None:
    try:
        return socket.create_connection(("127.0.0.1", port), timeout=30)
    except ConnectionRefusedError:
        return None
