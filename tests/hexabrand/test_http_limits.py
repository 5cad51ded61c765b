"""What strangers may take of a web process: real daphne, real sockets, no key."""

import base64
import contextlib
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import requests

from hexabrand import http_limits
from tests.remote.api.pi import KEY, WebPi, running

GIGABYTES = 100_000_000_000


@pytest.fixture(scope="module")
def pi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPi]:
    with running(tmp_path_factory.mktemp("pi")) as web:
        yield web


def dial(pi: WebPi) -> socket.socket:
    return socket.create_connection(("127.0.0.1", pi.port), timeout=10)


def answer_to(pi: WebPi, head: str, body: bytes = b"") -> str:
    with closing(dial(pi)) as line:
        line.sendall(f"{head}\r\nHost: 127.0.0.1\r\n\r\n".encode() + body)
        return line.recv(4096).decode()


def spooled_mb(pi: WebPi) -> float:
    """In files without a name, which is what Twisted keeps a body in."""
    held = 0
    for file in Path(f"/proc/{pi.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since
            held += file.stat().st_size if "deleted" in str(file.readlink()) else 0
    return held / 1e6


@contextlib.contextmanager
def few_descriptors(count: int) -> Iterator[None]:
    """For the processes that are started meanwhile."""
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)


@pytest.mark.parametrize("path", ["/nowhere", "/api/remote/payloads", "/api/remote/imports?x=1"])
def test_a_body_too_long_is_refused_before_it_is_sent(pi: WebPi, path: str) -> None:
    told = answer_to(pi, f"POST {path} HTTP/1.1\r\nContent-Length: {GIGABYTES}")
    assert told.startswith("HTTP/1.1 413 ")
    assert '"code": "too_large"' in told


def test_what_is_sent_all_the_same_goes_nowhere_and_is_cut_off(pi: WebPi) -> None:
    began = time.monotonic()
    with closing(dial(pi)) as line, contextlib.suppress(ConnectionError):
        line.sendall(f"POST / HTTP/1.1\r\nContent-Length: {GIGABYTES}\r\n\r\n".encode())
        while time.monotonic() - began < 20:
            line.sendall(b"x" * 65536)
            assert spooled_mb(pi) < 1
    assert time.monotonic() - began < 10


def test_a_body_of_untold_length_is_counted_as_it_comes(pi: WebPi) -> None:
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    told = answer_to(pi, "POST /nowhere HTTP/1.1\r\nTransfer-Encoding: chunked", chunk * 3)
    assert told.startswith("HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("target", "kib"),
    [
        ("/", 64),
        ("/api/remote/pens", 64),
        ("/api/remote/payloads", 1024),
        ("/office/cattle/move", 1024),
        ("/office/import", 8192),
    ],
)
def test_each_path_takes_what_it_needs(target: str, kib: int) -> None:
    assert http_limits.body_limit(target) == kib * 1024


def test_bodies_up_to_the_limit_arrive(pi: WebPi) -> None:
    answer = pi.ask("POST", "payloads", json={"payloads": ["x" * 900] * 1000})
    assert answer.status_code == 201
    assert spooled_mb(pi) == 0


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize("sent_as", ["json", "data", "files"])  # JSON, a form, a form of parts
def test_a_sheet_up_to_its_limit_arrives(pi: WebPi, sent_as: str, accept: str) -> None:
    sheet = b"LID,Weight,Note\n" + (b"L1,350," + b"x" * 5_900 + b"\n") * 1_000
    body: dict[str, Any] = {"kind": "weights", "data": base64.b64encode(sheet).decode()}
    assert 0.9 < len(body["data"]) / http_limits.body_limit("/api/remote/imports") < 1
    if sent_as == "files":
        body = {name: (None, value) for name, value in body.items()}
    headers = {"X-API-Key": KEY, "Accept": accept}
    options: dict[str, Any] = {sent_as: body}
    answer = requests.post(f"{pi.base}imports?preview=1", headers=headers, timeout=60, **options)
    assert answer.status_code == 422
    assert "rows_refused" in answer.text


def test_a_strangers_form_holds_nobody_up(pi: WebPi) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="a"' + b";a=b" * 1_500_000
    body = head + b"\r\n\r\n1\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = requests.post(f"{pi.base}imports", body, headers=headers, timeout=20)
    assert answer.status_code == 401
    assert pi.ask("GET", "pens").status_code == 200


def test_a_form_that_no_one_can_read_is_told_why(pi: WebPi) -> None:
    headers = {"X-API-Key": KEY, "Content-Type": "multipart/form-data"}  # and no boundary
    answer = requests.post(f"{pi.base}pens", b"--x--", headers=headers, timeout=20)
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_silent_connections_keep_nobody_out(tmp_path: Path) -> None:
    with ExitStack() as stack:
        with few_descriptors(256):
            pi = stack.enter_context(running(tmp_path))
        for _ in range(300):
            stack.enter_context(closing(dial(pi)))
        assert pi.ask("GET", "pens").status_code == 200
        assert len(list(Path(f"/proc/{pi.pid}/fd").iterdir())) < 200


def test_a_connection_that_asks_nothing_is_closed_in_time(pi: WebPi) -> None:
    with closing(dial(pi)) as line:
        line.settimeout(http_limits.SILENT_SECONDS + 5)
        assert line.recv(1) == b""
