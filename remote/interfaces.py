"""This machine's own addresses, as the kernel has them now. No name is looked up for them."""

import contextlib
import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

KEPT_SECONDS: Final = 1.0  # every request asks, and the kernel takes a quarter of a millisecond
ALL_ADDRESSES: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared, not bound
MOST_NAMED: Final = 8  # a pairing string is copied by hand
# Interfaces that lead to containers and virtual machines of this machine alone.
VIRTUAL: Final = ("docker", "br-", "veth", "virbr", "cni", "podman", "lxcbr", "lxdbr", "cali")
ROUTES: Final = Path("/proc/net/route")
ROUTES_6: Final = Path("/proc/net/ipv6_route")


@dataclass(frozen=True, slots=True)
class Address:
    interface: str
    ip: IpAddress


class OwnAddresses:
    """The addresses that the kernel told last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: tuple[float, tuple[Address, ...]] | None = None

    def now(self) -> tuple[Address, ...]:
        kept = self._kept  # read once: threads ask too
        if kept is None or self._clock() - kept[0] >= KEPT_SECONDS:
            kept = self._kept = (self._clock(), _ask_kernel())
        return kept[1]


own = OwnAddresses()


def own_addresses() -> list[str]:
    """Return every address of this machine, loopback too, sorted, without IPv6 zones."""
    return sorted({str(address.ip) for address in own.now()} | {"127.0.0.1", "::1"})


def local_name() -> str:
    """Return this machine's mDNS name: of `barn.farm.example` the first part alone."""
    return f"{socket.gethostname().partition('.')[0]}.local"


def reachable_addresses(bind: str) -> list[str]:
    """Return where others reach a server that is bound so, the likeliest first, else loopback."""
    if bind not in ALL_ADDRESSES:
        return ["127.0.0.1" if bind == "localhost" else bind]
    lead_out = interfaces_with_default_route()
    found = [
        address
        for address in own.now()
        # A server on 0.0.0.0 is reached by IPv4 alone.
        if _is_for_others(address.ip) and (address.ip.version == 4 or bind == "::")
    ]
    found.sort(key=lambda address: _rank(address, lead_out))
    return [str(address.ip) for address in found][:MOST_NAMED] or ["127.0.0.1"]


def interfaces_with_default_route() -> frozenset[str]:
    """Return the names of the interfaces by which packets leave for anywhere else."""
    found: set[str] = set()
    with contextlib.suppress(OSError):
        rows = [line.split() for line in ROUTES.read_text().splitlines()[1:]]
        found.update(row[0] for row in rows if row[1] == row[7] == "00000000")
    with contextlib.suppress(OSError):
        rows = [line.split() for line in ROUTES_6.read_text().splitlines()]
        found.update(row[-1] for row in rows if row[0] == "0" * 32 and row[1] == "00")
    return frozenset(found - {"lo"})


def _is_for_others(ip: IpAddress) -> bool:
    # An IPv6 link-local address means nothing without the other machine's own interface.
    return not (ip.is_loopback or ip.is_unspecified or (ip.version == 6 and ip.is_link_local))


def _rank(address: Address, lead_out: frozenset[str]) -> tuple[bool, bool, bool, int]:
    return (
        address.interface.startswith(VIRTUAL),
        address.ip.is_link_local,
        address.interface not in lead_out,
        address.ip.version,
    )


def _ask_kernel() -> tuple[Address, ...]:
    import ifaddr  # noqa: PLC0415 - its import runs ldconfig: not in every command

    try:
        adapters = list(ifaddr.get_adapters())
    except OSError:  # a service that may open no netlink socket
        return _by_route()
    return tuple(
        Address(adapter.name, ipaddress.ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0]))
        for adapter in adapters
        for ip in adapter.ips
    )


def _by_route() -> tuple[Address, ...]:
    """Return the addresses from which packets would leave; none is sent."""
    found = []
    for family, outside in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as udp:
            udp.connect((outside, 9))
            found.append(Address("", ipaddress.ip_address(udp.getsockname()[0].partition("%")[0])))
    return tuple(found)
