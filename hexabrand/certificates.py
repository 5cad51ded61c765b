"""A role's secret key and the Pi's self-signed certificate, made once, at the first start."""

import ipaddress
import secrets
import socket
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.conf import settings

from herd import durable
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
    durable.replace(key_file, pem.decode())
    durable.replace(certificate_file, certificate.public_bytes(Encoding.PEM).decode())


def _names(host: str) -> list[x509.GeneralName]:
    names = [x509.DNSName(name) for name in ("localhost", host, f"{host}.local")]
    addresses = [x509.IPAddress(ipaddress.ip_address(address)) for address in own_addresses()]
    return [*names, *addresses]


def fingerprint(certificate_file: Path) -> str:
    """Return the SHA-256 of the certificate's DER in lower-case hex."""
    return x509.load_pem_x509_certificate(certificate_file.read_bytes()).fingerprint(SHA256()).hex()


def ensure_secret_key(folder: Path, role: str) -> None:
    """Make the key that signs sessions and forms, where there is none."""
    # Never anew: that would sign everybody out.
    file = folder / f"{role}-secret.key"
    if not file.exists():
        durable.replace(file, secrets.token_urlsafe(50))


def keep_keys_private(folder: Path) -> None:
    """Close every key to other users, also one that came by a copy or from a careless release."""
    for file in folder.glob("*.key"):
        file.chmod(0o600)


def ensure_certificate() -> str:
    """Make the Pi's certificate where there is none; return its fingerprint."""
    key_file, certificate_file = settings.TLS_KEY_FILE, settings.TLS_CERTIFICATE_FILE
    if not (key_file.exists() and certificate_file.exists()):
        make(key_file, certificate_file)
    return fingerprint(certificate_file)
