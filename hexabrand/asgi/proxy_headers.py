"""What a reverse proxy says of the browser behind it, put in place of what the connection shows.

Only a proxy whose address stands in TRUSTED_PROXIES is believed; what anybody else sends of this
kind stays a header like any other, which nothing reads.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

Scope = dict[str, Any]
Address = IPv4Address | IPv6Address

_PAIR: Final = re.compile(r'([\w-]+)\s*=\s*(?:"([^"]*)"|([^;,"\s]*))')
_DEFAULT_PORT: Final = {"http": ":80", "ws": ":80", "https": ":443", "wss": ":443"}
_SCHEMES: Final = {"http": ("http", "https"), "websocket": ("ws", "wss")}


@dataclass(frozen=True, slots=True)
class Forwarding:
    """What the headers of one kind say; empty where they say nothing. `chain`: the browser's
    address and those of the proxies it came through, each as the next one saw it."""

    chain: tuple[str, ...] = ()
    host: str = ""
    scheme: str = ""


class ProxyHeaders:
    """An ASGI application that gives another one the scheme, host and address of the browser.

    `tls`: the browser's side is https, whatever a header says. `public_url` stands in where the
    proxy passes a host on that is not allowed, such as the name of an nginx upstream.
    """

    def __init__(
        self,
        application: Any,  # noqa: ANN401 - ASGI has no types of its own
        proxies: Iterable[str],
        is_allowed: Callable[[str], bool],
        *,
        tls: bool,
        public_url: str,
    ) -> None:
        self._application = application
        self._proxies = [ip_network(proxy) for proxy in proxies]
        self._is_allowed = is_allowed
        self._tls, self._public_host = tls, urlsplit(public_url).netloc

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI names no types
        await self._application(self.as_the_browser_sees_it(scope), receive, send)

    def as_the_browser_sees_it(self, scope: Scope) -> Scope:
        """Return the scope with the browser's scheme, Host and address."""
        headers = _texts(scope["headers"])
        host, client = headers.get("host", ""), scope.get("client") or ["", 0]
        is_proxied = self._is_proxy(_address(client[0]))
        forwardings = [_x_forwarded(headers), _forwarded(headers)] if is_proxied else []
        scheme = self._scheme(scope, forwardings)
        if is_proxied:
            host = self._host(host, forwardings, headers.get("x-forwarded-port", ""))
            client = self._client(client, forwardings)
        host = host.removesuffix(_DEFAULT_PORT[scheme])  # as a browser writes its Origin
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        own = [(b"host", host.encode("latin-1"))] if host else []
        return scope | {"scheme": scheme, "client": client, "headers": own + others}

    def _scheme(self, scope: Scope, forwardings: list[Forwarding]) -> str:
        plain, secure = _SCHEMES[scope["type"]]
        said = next((one.scheme for one in forwardings if one.scheme), scope.get("scheme", plain))
        return secure if self._tls or said in {"https", "wss"} else plain

    def _host(self, host: str, forwardings: list[Forwarding], port: str) -> str:
        host = next((one.host for one in forwardings if one.host), host)
        if self._public_host and not self._is_allowed(host):
            return self._public_host
        has_port = ":" in host.rpartition("]")[2]
        return f"{host}:{port}" if port.isdecimal() and not has_port else host

    def _client(self, peer: list[Any], forwardings: list[Forwarding]) -> list[Any]:
        """Return the browser's address. A proxy sends one kind of header and hands on what a
        browser made up of the other: where they do not agree, neither is believed."""
        found = {self._beyond_proxies(one.chain) for one in forwardings if one.chain} - {None}
        return [str(found.pop()), 0] if len(found) == 1 else peer

    def _beyond_proxies(self, chain: tuple[str, ...]) -> Address | None:
        """Return the last address that is no proxy of ours."""
        # Whatever stands before it, the browser may have made up.
        found = None
        for text in reversed(chain):
            address = _address(text)
            if address is None:
                break
            found = address
            if not self._is_proxy(address):
                break
        return found

    def _is_proxy(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._proxies)


def _texts(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers by name; what came several times is one list, in its order."""
    found: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("latin-1"), value.decode("latin-1")
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def _x_forwarded(headers: dict[str, str]) -> Forwarding:
    return Forwarding(
        tuple(_words(headers.get("x-forwarded-for", ""))),
        next(_words(headers.get("x-forwarded-host", "")), ""),
        next(_words(headers.get("x-forwarded-proto", "")), "").lower(),
    )


def _forwarded(headers: dict[str, str]) -> Forwarding:
    """Read `Forwarded: for=192.0.2.7;host="farm.example:8443";proto=https` (RFC 7239)."""
    said = headers.get("forwarded", "")
    pairs = [(m[1].lower(), m[2] or m[3] or "") for m in _PAIR.finditer(said)]
    return Forwarding(
        tuple(value for name, value in pairs if name == "for"),
        next((value for name, value in pairs if name == "host"), ""),
        next((value.lower() for name, value in pairs if name == "proto"), ""),
    )


def _words(text: str) -> Iterator[str]:
    return (word.strip() for word in text.split(",") if word.strip())


def _address(text: str) -> Address | None:
    """Return the address in `192.0.2.7`, `192.0.2.7:4711` or `[2001:db8::7]:4711`, or None."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    # A socket that is bound to `::` shows an IPv4 peer so.
    return getattr(address, "ipv4_mapped", None) or address
