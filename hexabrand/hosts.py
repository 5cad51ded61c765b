"""The names and addresses under which this machine may be asked."""

import contextlib
import ipaddress
import socket


def _addresses() -> set[str]:
    """The addresses of this machine; no packet is sent to find them."""
    found: set[str] = set()
    for family, probe in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as udp:
                udp.connect((probe, 9))
                found.add(str(udp.getsockname()[0]))
        except OSError:
            continue
    with contextlib.suppress(OSError):
        found.update(str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None))
    return {address for address in found if "%" not in address}


def own_addresses() -> list[str]:
    return sorted(_addresses() | {"127.0.0.1", "::1"})


def own_names() -> list[str]:
    """Host names and addresses, IPv6 in the brackets that a Host header puts around it."""
    host = socket.gethostname()
    names = {"localhost", host, f"{host}.local"}
    bracketed = {f"[{a}]" if ":" in a else a for a in own_addresses()}
    return sorted(names | bracketed)


def reachable_address(bind: str) -> str:
    """Where others reach a server that is bound so: its own address for "all of them"."""
    if bind not in {"0.0.0.0", "::", ""}:  # noqa: S104 - compared, not bound
        return bind
    outside = [a for a in own_addresses() if not ipaddress.ip_address(a).is_loopback]
    return outside[0] if outside else "127.0.0.1"
