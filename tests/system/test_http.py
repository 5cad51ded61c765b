"""What HTTP itself promises, on the real sockets of both roles."""

import ssl
from contextlib import closing
from http.client import HTTPConnection, HTTPSConnection

import pytest

from benchmarks.backlog import fill, waiting
from benchmarks.pages import sign_in
from tests.system.farm import Farm, wait_until

pytestmark = pytest.mark.system

HISTORY = 600  # payloads: a snapshot of more than one piece


def ask(kept: HTTPConnection, method: str, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    """On the one connection, which is never made anew behind our back."""
    kept.request(method, path, headers=headers)
    answer = kept.getresponse()
    return answer.status, answer.read()


def test_a_head_of_a_stream_leaves_nothing_on_the_connection(farm: Farm) -> None:
    fill(farm, HISTORY)
    wait_until(lambda: waiting(farm) == 0, "there is a herd")
    trust = ssl.create_default_context(cafile=farm.certificate)
    trust.check_hostname = False
    key = {"X-API-Key": farm.account["api_key"]}
    with closing(HTTPSConnection("127.0.0.1", farm.pi_port, context=trust)) as kept:
        assert ask(kept, "HEAD", "/api/remote/snapshot", key) == (200, b"")
        status, told = ask(kept, "GET", "/api/remote/status", key)
    assert (status, told[:1]) == (200, b"{")


def test_a_head_of_an_export_leaves_nothing_on_the_connection(farm: Farm) -> None:
    cookies = "; ".join(f"{one.name}={one.value}" for one in sign_in(farm).cookies)
    with closing(HTTPConnection("127.0.0.1", farm.office_port)) as kept:
        assert ask(kept, "HEAD", "/office/cattle?format=csv", {"Cookie": cookies}) == (200, b"")
        assert ask(kept, "GET", "/health", {})[0] == 200
