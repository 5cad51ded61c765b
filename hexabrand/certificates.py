"""The Pi's key and self-signed certificate, made once at first start."""

import ipaddress
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from remote.interfaces import own_addresses

# A Pi has no clock of its own: a certificate that begins today would not be valid yet after a
# power cut. The office trusts this very certificate, not its dates.
VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
VALID_UNTIL = datetime(2049, 12, 31, tzinfo=UTC)


def make(key_file: Path, certificate_file: Path) -> None:
    """Write both files; the key is readable by its owner alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    host = socket.gethostname()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_UNTIL)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(key_file, pem)
    write_private(certificate_file, certificate.public_bytes(Encoding.PEM))


def _names(host: str) -> list[x509.GeneralName]:
    names = [x509.DNSName(name) for name in ("localhost", host, f"{host}.local")]
    addresses = [x509.IPAddress(ipaddress.ip_address(address)) for address in own_addresses()]
    return [*names, *addresses]


def fingerprint(certificate_file: Path) -> str:
    """SHA-256 of the certificate's DER, lower-case hex."""
    return x509.load_pem_x509_certificate(certificate_file.read_bytes()).fingerprint(SHA256()).hex()


def write_private(file: Path, content: bytes) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    beside = file.with_name(f"{file.name}.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)
