"""Trust in exactly one certificate: the Pi's own, known by the SHA-256 of its DER form."""

import hashlib
import logging
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from herd import durable
from remote.office.link.link_errors import CertificateChanged, PiUnreachable

log = logging.getLogger(__name__)

FETCH_SECONDS: Final = 5.0
# A barn's clock is wrong after a power cut, and a pinned certificate is trusted for what it is,
# not for its dates. OpenSSL's X509_V_FLAG_NO_CHECK_TIME has no name in Python.
NO_CHECK_TIME: Final = 0x200000


def fingerprint_of(pem: str) -> str:
    """Return the SHA-256 of the certificate's DER form, as lower-case hex."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def normal_fingerprint(text: str) -> str:
    """Return `AB:CD:…`, as other tools print it, as lower-case hex without colons."""
    return "".join(text.split()).replace(":", "").lower()


def fetch(host: str, port: int) -> str:
    """Fetch the certificate that a server shows, as PEM. Nothing of ours is sent."""
    try:
        return ssl.get_server_certificate((host, port), timeout=FETCH_SECONDS)
    except ssl.SSLError as error:
        raise PiUnreachable(f"No TLS answers at {host}:{port}.", connected=True) from error
    except OSError as error:
        mute = isinstance(error, TimeoutError | ConnectionResetError)
        raise PiUnreachable(f"The Pi does not answer at {host}:{port}.", connected=mute) from error


def shown_at(host: str, port: int, timeout: float) -> tuple[str, str]:
    """Return the fingerprint that a server shows, and the address at which `host` was reached.

    Nothing of ours is sent. Raises OSError, which TLS errors are too.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # looked at, not trusted
    with socket.create_connection((host, port), timeout) as plain:
        reached = str(plain.getpeername()[0])
        with context.wrap_socket(plain) as secured:
            der = secured.getpeercert(binary_form=True) or b""
    return hashlib.sha256(der).hexdigest(), reached


def context_for(pem_file: Path) -> ssl.SSLContext:
    """Return a context that trusts this certificate alone, by whatever name it is reached."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # a DHCP address is in no certificate
    # PARTIAL_CHAIN: the Pi's certificate is its own root, and vouches for itself alone.
    context.verify_flags |= ssl.VerifyFlags(ssl.VERIFY_X509_PARTIAL_CHAIN | NO_CHECK_TIME)
    context.load_verify_locations(str(pem_file))
    return context


@dataclass(frozen=True, slots=True)
class Pin:
    """Where the trusted certificate is kept, and the fingerprint it must have ("": none given)."""

    file: Path
    given: str = ""

    def known(self) -> str | None:
        """Return the fingerprint on file, None where there is no usable certificate."""
        try:
            return fingerprint_of(self.file.read_text())
        except (OSError, ValueError):
            return None

    def ensure(self, host: str, port: int) -> None:
        """Fetch and keep the certificate unless the right one is on file.

        Without a given fingerprint the first certificate seen is trusted, as ssh does.
        Raises CertificateChanged where the server's is not the given one.
        """
        known = self.known()
        if known is not None and self.given in {"", known}:
            return
        pem = fetch(host, port)
        seen = fingerprint_of(pem)
        if self.given and seen != self.given:
            raise CertificateChanged(self.given, seen)
        store(pem, self.file)
        if not self.given:
            log.warning("Trusting the first certificate seen at %s:%s: %s", host, port, seen)

    def compare(self, host: str, port: int) -> None:
        """Raise CertificateChanged where the server shows another certificate than the pinned."""
        expected, seen = self.given or self.known() or "none", fingerprint_of(fetch(host, port))
        if seen != expected:
            raise CertificateChanged(expected, seen)


def store(pem: str, file: Path) -> None:
    """Write a file in one step, readable for this user alone."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    durable.replace(file, pem)
