"""Which Pi this office follows and where that is asked, as `manage.py pair` or the settings say."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from django.conf import settings

from remote.office.link.pinning import Pin, normal_fingerprint
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
        """Return the address as it was configured."""
        return replace(self, via="")

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the one trusted certificate; "" where none is pinned yet."""
        return "" if self.pin is None else self.pin.given or self.pin.known() or ""

    @property
    def api_url(self) -> str:
        return f"http{'s' * self.tls}://{_authority(self.reach, self.port)}{API_ROOT}"

    @property
    def socket_url(self) -> str:
        return f"ws{'s' * self.tls}://{self.host_header}{SOCKET_PATH}"

    @property
    def host_header(self) -> str:
        """Return the Pi's name as it knows itself, with the port."""
        # A zone, as in fe80::1%eth0, is this machine's own word for an interface.
        return _authority(self.host.partition("%")[0], self.port)


def is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


def _authority(host: str, port: int) -> str:
    return f"[{host.replace('%', '%25')}]:{port}" if ":" in host else f"{host}:{port}"


NAMES: Final = (
    "REMOTE_PI_HOST REMOTE_PI_PORT PI_ADDRESSES PI_API_KEY PI_CERT_FINGERPRINT USE_SSL_FOR_PI"
    " USE_SELF_SIGNED_CERT"
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One place where the Pi may answer, and the certificate that it shows there."""

    host: str
    port: int
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """`endpoints`: the first one is REMOTE_PI_HOST, which was answered when the office was paired.

    Several web processes of one Pi may have a certificate each; the key is good at all of them.
    """

    endpoints: tuple[Endpoint, ...]
    key: str
    tls: bool
    is_pinned: bool
    certificate_file: Path

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        port, given = values["REMOTE_PI_PORT"], normal_fingerprint(values["PI_CERT_FINGERPRINT"])
        first = Endpoint(values["REMOTE_PI_HOST"], port, given)
        others = [
            Endpoint(host, at or port, print_ or given)
            for host, at, print_ in values["PI_ADDRESSES"]
        ]
        return cls(
            tuple(dict.fromkeys([first, *others])),
            key=values["PI_API_KEY"],
            tls=values["USE_SSL_FOR_PI"],
            is_pinned=values["USE_SELF_SIGNED_CERT"] or bool(given),
            certificate_file=settings.PI_CERTIFICATE_FILE,
        )

    @property
    def fingerprints(self) -> frozenset[str]:
        """Return the certificates that were named; none where the first one seen is trusted."""
        return frozenset(one.fingerprint for one in self.endpoints if one.fingerprint)

    def address_of(self, endpoint: Endpoint) -> PiAddress:
        pin = self._pin(endpoint.fingerprint) if self.is_pinned else None
        return PiAddress(endpoint.host, endpoint.port, self.key, tls=self.tls, pin=pin)

    def addresses(self) -> list[PiAddress]:
        return [self.address_of(endpoint) for endpoint in self.endpoints if endpoint.host]

    def _pin(self, fingerprint: str) -> Pin:
        """Return the pin of a certificate, with a file of its own."""
        # One file for all would change under a connection that is just being made.
        file = self.certificate_file
        if fingerprint != self.endpoints[0].fingerprint:
            file = file.with_stem(f"{file.stem}-{fingerprint[:16]}")
        return Pin(file, fingerprint)


def from_settings() -> Configuration:
    return Configuration.of({name: getattr(settings, name) for name in NAMES.split()})


def first_address(configuration: Configuration) -> PiAddress:
    return configuration.address_of(configuration.endpoints[0])
