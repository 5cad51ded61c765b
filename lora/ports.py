"""How a serial port is written: `/dev/…@115200`, `socket://host:port`, `rfc2217://host:port`."""

from typing import Final, NamedTuple
from urllib.parse import urlsplit

USUAL_SPEED: Final = 115_200
NETWORK: Final = frozenset({"socket", "rfc2217"})
FOR_TESTS: Final = frozenset({"loop", "spy"})  # pyserial's own


class Port(NamedTuple):
    """Where it is, and its speed in baud."""

    url: str
    speed: int


def read_port(text: str) -> Port:
    """Read how a serial port is written; raise a ValueError that says what is wrong with it."""
    url, separator, speed = text.rpartition("@")
    if not separator:
        url, speed = text, str(USUAL_SPEED)
    if not (speed.isascii() and speed.isdigit() and 0 < int(speed) <= 4_000_000):
        raise ValueError(f"{text}: the speed after @ is a number such as 115200")
    scheme, is_url, _ = url.partition("://")
    if not is_url and not url.startswith("/"):
        raise ValueError(f"{text}: write a port as /dev/…@115200, socket://… or rfc2217://…")
    if is_url and scheme not in NETWORK | FOR_TESTS:
        raise ValueError(f"{text}: {scheme}:// is none of {', '.join(sorted(NETWORK))}")
    if scheme in NETWORK and not _has_host_and_port(url):
        raise ValueError(f"{text}: write {scheme}://host:port")
    return Port(url, int(speed))


def _has_host_and_port(url: str) -> bool:
    parts = urlsplit(url)  # its port is a ValueError outside 0 to 65535
    return bool(parts.hostname and parts.port)
