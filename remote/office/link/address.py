"""Where a Pi is asked, with which key, and what vouches for it."""

import ipaddress
from dataclasses import dataclass, replace

from remote.office.link.pinning import Pin
from remote.wire import API_ROOT, SOCKET_PATH


@dataclass(frozen=True, slots=True)
class PiAddress:
    """`pin` is None where the system's own authorities vouch for the Pi.

    `via` is the address to connect to where `host` is a name that was resolved before: while DNS is
    away a name is of no use.
    """

    host: str
    port: int
    key: str
    tls: bool = True
    pin: Pin | None = None
    via: str = ""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def reach(self) -> str:
        return self.via or self.host

    @property
    def bare(self) -> "PiAddress":
        """As it was configured."""
        return replace(self, via="")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the one certificate that is trusted; "" where none is pinned yet."""
        return "" if self.pin is None else self.pin.given or self.pin.known() or ""

    @property
    def api_url(self) -> str:
        return f"http{'s' * self.tls}://{_authority(self.reach, self.port)}{API_ROOT}"

    @property
    def socket_url(self) -> str:
        return f"ws{'s' * self.tls}://{self.host_header}{SOCKET_PATH}"

    @property
    def host_header(self) -> str:
        """Names the Pi as it knows itself. A zone is this machine's own word for an interface."""
        return _authority(self.host.partition("%")[0], self.port)


def is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


def _authority(host: str, port: int) -> str:
    return f"[{host.replace('%', '%25')}]:{port}" if ":" in host else f"{host}:{port}"
