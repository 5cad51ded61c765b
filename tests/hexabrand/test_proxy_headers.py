"""What a proxy says of the browser, header by header."""

from typing import Any

import pytest

from hexabrand.asgi.proxy_headers import ProxyHeaders

PROXY, STRANGER = "10.0.0.1", "192.0.2.99"


def seen(
    *headers: tuple[str, str], peer: str = PROXY, tls: bool = True, kind: str = "http"
) -> tuple[str, str, str]:
    """Scheme, Host and address as the application is given them."""
    edge = ProxyHeaders(
        None,
        ["10.0.0.0/24", "127.0.0.0/8"],
        lambda host: host.startswith("farm."),
        tls=tls,
        public_url="https://farm.public:8443",
    )
    scope: dict[str, Any] = {
        "type": kind,
        "scheme": {"http": "http", "websocket": "ws"}[kind],
        "client": [peer, 4711],
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    told = edge.as_the_browser_sees_it(scope)
    hosts = [value.decode() for name, value in told["headers"] if name == b"host"]
    assert len(hosts) == 1
    return told["scheme"], hosts[0], told["client"][0]


HOST = ("host", "farm.example")


@pytest.mark.parametrize(
    ("chain", "found"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("203.0.113.1, 192.0.2.7, 10.0.0.2", "192.0.2.7"),  # the first one is made up
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("unknown, 10.0.0.2", "10.0.0.2"),
        ("<script>", PROXY),
        ("", PROXY),
    ],
)
def test_the_browser_is_the_last_that_is_no_proxy(chain: str, found: str) -> None:
    assert seen(HOST, ("x-forwarded-for", chain))[2] == found


def test_several_headers_are_one_list() -> None:
    told = (("x-forwarded-for", "203.0.113.1"), ("x-forwarded-for", "192.0.2.7"))
    assert seen(HOST, *told)[2] == "192.0.2.7"


def test_a_stranger_is_not_believed() -> None:
    told = seen(
        HOST,
        ("x-forwarded-for", "10.0.0.5"),
        ("x-forwarded-host", "farm.evil"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=192.0.2.7;host=farm.evil;proto=https"),
        peer=STRANGER,
        tls=False,
    )
    assert told == ("http", "farm.example", STRANGER)


def test_an_ipv4_proxy_is_known_on_an_ipv6_socket() -> None:
    assert seen(HOST, ("x-forwarded-for", "192.0.2.7"), peer="::ffff:127.0.0.1")[2] == "192.0.2.7"


def test_rfc_7239_is_read_quotes_and_all() -> None:
    text = 'By="x;host=farm.evil"; For="[2001:db8::7]:4711"; Host="farm.other:8443"; Proto=HTTPS'
    told = seen(("host", "127.0.0.1:5000"), ("forwarded", text + ", for=10.0.0.2"), tls=False)
    assert told == ("https", "farm.other:8443", "2001:db8::7")


def test_two_kinds_that_disagree_are_both_not_believed() -> None:
    """A proxy sends one kind; the other one came from the browser, and which is which?"""
    told = ("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=203.0.113.1")
    assert seen(HOST, *told)[2] == PROXY
    agreed = ("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=192.0.2.7")
    assert seen(HOST, *agreed)[2] == "192.0.2.7"


@pytest.mark.parametrize(
    ("tls", "said", "scheme"),
    [
        (True, "", "https"),
        (True, "http", "https"),
        (False, "https", "https"),
        (False, "http", "http"),
        (False, "", "http"),
    ],
)
def test_with_tls_the_browsers_side_is_https_whatever_is_said(
    *, tls: bool, said: str, scheme: str
) -> None:
    told = [("x-forwarded-proto", said)] if said else []
    assert seen(HOST, *told, tls=tls)[0] == scheme
    assert seen(HOST, *told, tls=tls, kind="websocket")[0] == scheme.replace("http", "ws")


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ([("host", "farm.example:443")], "farm.example"),  # as an Origin is written
        ([("host", "farm.example:8443")], "farm.example:8443"),
        ([("host", "farm.example"), ("x-forwarded-port", "8443")], "farm.example:8443"),
        ([("host", "farm.example"), ("x-forwarded-port", "443")], "farm.example"),
        ([("host", "farm.a:8443"), ("x-forwarded-port", "443")], "farm.a:8443"),
        ([("host", "127.0.0.1:5000"), ("x-forwarded-host", "farm.a, b")], "farm.a"),
        ([("host", "office_upstream")], "farm.public:8443"),  # the name of nginx's own block
        ([], "farm.public:8443"),
    ],
)
def test_the_host_is_the_browsers(headers: list[tuple[str, str]], host: str) -> None:
    assert seen(*headers)[1] == host
