"""The names and addresses under which this machine is asked, and where people open its pages."""

import socket
from collections.abc import Iterator
from typing import Any, SupportsIndex

from django.conf import settings

from hexabrand.listening import tcp_refusal
from remote.interfaces import local_name, own_addresses, reachable_addresses


def own_names() -> list[str]:
    """Return host names and addresses, IPv6 in the brackets that a Host header puts around it."""
    host = socket.gethostname()
    names = {"localhost", host, host.partition(".")[0], local_name()}
    return sorted(names | set(map(bracketed, own_addresses())))


def bracketed(address: str) -> str:
    """Return an address as a URL and a Host header have it."""
    return f"[{address}]" if ":" in address else address


def reached_here(bind: str) -> str:
    """Return the address at which a server that is bound so is reached on its own machine."""
    return bracketed({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind))  # noqa: S104 - compared, not bound


class OwnNames(list[str]):
    """What `ALLOWED_HOSTS` holds where none is given: a list whose content is looked up each time.

    Django wants a list and reads it at every request. An address that came after the start, or
    changed since, is one of this machine's own all the same. `more`: names that stand beside.
    """

    def __init__(self, *more: str) -> None:
        super().__init__()
        self._more = more

    def with_name(self, name: str) -> "OwnNames":
        return OwnNames(*self._more, name)

    def _now(self) -> list[str]:
        return [*own_names(), *self._more]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def __contains__(self, name: object) -> bool:
        return name in self._now()

    def __getitem__(self, index: SupportsIndex | slice) -> Any:  # noqa: ANN401 - str or list
        return self._now()[index]

    def __eq__(self, other: object) -> bool:
        return self._now() == other

    __hash__ = None

    def __repr__(self) -> str:
        return repr(self._now())


def with_name(hosts: list[str], name: str) -> list[str]:
    """Return these names and another one; own names are still looked up each time."""
    return hosts.with_name(name) if isinstance(hosts, OwnNames) else [*hosts, name]


def web_port_refusal() -> str:
    """Return why this role's web process cannot listen where the settings say; "" where it can."""
    if settings.IS_PI_BACKEND:
        return tcp_refusal("PI", settings.PI_BIND, settings.PI_PORT)
    return tcp_refusal("OFFICE", settings.OFFICE_BIND, settings.OFFICE_PORT)


def web_addresses() -> list[str]:
    """Return what to type into a browser, the likeliest first."""
    if settings.IS_PI_BACKEND:
        return _pages("https", settings.PI_BIND, settings.PI_PORT, "/admin/")
    if settings.OFFICE_URL:  # behind a proxy nothing else leads there
        return [f"{settings.OFFICE_URL}/office/"]
    return _pages("http", settings.OFFICE_BIND, settings.OFFICE_PORT, "/office/")


def _pages(scheme: str, bind: str, port: int, path: str) -> list[str]:
    hosts = map(bracketed, reachable_addresses(bind))
    return [f"{scheme}://{host}:{port}{path}" for host in hosts]
