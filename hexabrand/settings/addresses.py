"""Hosts, addresses and ports as the environment writes them; an error is a sentence."""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

_LABEL = "(?!-)[a-z0-9_-]{1,63}(?<!-)"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?", re.IGNORECASE | re.ASCII)
USUAL_BAUD: Final = 115_200
NETWORK_SERIAL: Final = frozenset({"socket", "rfc2217"})
FOR_TESTS: Final = frozenset({"loop", "spy"})  # pyserial's own
PRIVATE_NETWORKS = [
    "127.0.0.0/8",  # this machine itself
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
]


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise ValueError("a port is a number from 1 to 65535")
    return int(text)


def bind_address(text: str) -> str:
    """Return an address of this machine, IPv6 with or without brackets."""
    bare = text.removeprefix("[").removesuffix("]")
    if bare != "localhost" and not _is_address(bare):
        raise ValueError("write an address of this machine, 0.0.0.0 for all of them")
    return bare


def host(text: str) -> str:
    """Return the name or address of another machine, without scheme, port and path."""
    bare = text.removeprefix("[").removesuffix("]")
    if not (_is_address(bare) or _is_name(bare)):
        raise ValueError("write a name or an address alone, such as 192.168.1.20 or barn.local")
    return bare


def allowed_hosts(text: str) -> list[str]:
    """Return hosts as Django wants them: names, `.domain` for all in it, `*`, IPv6 in brackets."""
    found = words(text)
    for word in found:
        bare = word.removeprefix("[").removesuffix("]")
        is_v6 = ":" in bare and _is_address(bare) and bare != word
        if word != "*" and not is_v6 and (":" in word or not _is_name(word.removeprefix("."))):
            raise ValueError(f"{word} is no name or address; write them without http:// and port")
    return found


def socket_address(text: str) -> tuple[str, int]:
    """Read `0.0.0.0:1700` or `[::]:1700`: host and port."""
    where, separator, number = text.rpartition(":")
    if not separator or not where:
        raise ValueError("write host:port, for instance 0.0.0.0:1700")
    return bind_address(where), port(number)


def serial_ports(text: str) -> list[tuple[str, int]]:
    return list(map(_serial_port, words(text)))


def _serial_port(text: str) -> tuple[str, int]:
    """Read `/dev/…@115200`, `socket://host:port` or `rfc2217://host:port`: place and baud."""
    url, separator, speed = text.rpartition("@")
    if not separator:
        url, speed = text, str(USUAL_BAUD)
    if not (speed.isascii() and speed.isdigit() and 0 < int(speed) <= 4_000_000):
        raise ValueError(f"{text}: the speed after @ is a number such as 115200")
    scheme, is_url, _ = url.partition("://")
    if not is_url and not url.startswith("/"):
        raise ValueError(f"{text}: write a port as /dev/…@115200, socket://… or rfc2217://…")
    if is_url and scheme not in NETWORK_SERIAL | FOR_TESTS:
        raise ValueError(f"{text}: {scheme}:// is none of {', '.join(sorted(NETWORK_SERIAL))}")
    parts = urlsplit(url)
    # Its port is a ValueError outside 0 to 65535.
    if scheme in NETWORK_SERIAL and not (parts.hostname and parts.port):
        raise ValueError(f"{text}: write {scheme}://host:port")
    return url, int(speed)


def pi_addresses(text: str) -> list[tuple[str, int, str]]:
    """Read `192.168.1.20:5001, [fd00::9], barn.local=<fingerprint>`: each host, port (0: the usual
    one) and fingerprint ("": the usual one)."""
    return list(map(_pi_address, words(text)))


def _pi_address(word: str) -> tuple[str, int, str]:
    where, _, shown = word.partition("=")
    name, colon, number = where.rpartition(":")
    has_port = colon and number.isdigit() and (":" not in name or name.endswith("]"))
    place = (host(name), port(number)) if has_port else (host(where), 0)
    return *place, fingerprint(shown) if shown else ""


def fingerprint(text: str) -> str:
    """Return a SHA-256 in bare hex, given as it is or with colons between the bytes."""
    bare = "".join(text.split()).replace(":", "").lower()
    if not re.fullmatch("[0-9a-f]{64}", bare):
        raise ValueError("write the certificate's SHA-256: 64 hex digits, with or without colons")
    return bare


def networks(text: str) -> list[str]:
    return [str(ipaddress.ip_network(word, strict=False)) for word in words(text)]


def public_url(text: str) -> str:
    """Read `https://farm.example:8443/` as a browser writes an origin: no path, no usual port."""
    parts = urlsplit(text.lower())
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not (_is_address(host) or _is_name(host)):
        raise ValueError("write what a browser is given, such as https://farm.example:8443")
    if parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username:
        raise ValueError("the pages have a name of their own: write it without a path")
    usual = {"http": 80, "https": 443}[parts.scheme]
    bare = f"[{host}]" if ":" in host else host
    there = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.scheme}://{bare}{there}"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_name(text: str) -> bool:
    return len(text) <= 253 and _NAME.fullmatch(text) is not None
