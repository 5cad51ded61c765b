"""The certificate of a Pi without a clock."""

import hashlib
import socket
import ssl
import stat
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hexabrand import certificates


def made(folder: Path) -> x509.Certificate:
    certificates.make(folder / "key", folder / "pem")
    return x509.load_pem_x509_certificate((folder / "pem").read_bytes())


def test_it_is_valid_on_the_day_a_clock_without_battery_says(tmp_path: Path) -> None:
    certificate = made(tmp_path)
    assert certificate.not_valid_before_utc <= datetime(2020, 1, 1, tzinfo=UTC)
    assert certificate.not_valid_after_utc > datetime(2040, 1, 1, tzinfo=UTC)


def test_it_names_the_host_and_its_addresses(tmp_path: Path) -> None:
    names = made(tmp_path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    hosts = names.get_values_for_type(x509.DNSName)
    assert {"localhost", socket.gethostname(), f"{socket.gethostname()}.local"} <= set(hosts)
    assert "127.0.0.1" in {str(ip) for ip in names.get_values_for_type(x509.IPAddress)}


def test_the_key_is_private_and_fits_the_certificate(tmp_path: Path) -> None:
    made(tmp_path)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / "pem", tmp_path / "key")


def test_the_fingerprint_is_that_of_the_der_form(tmp_path: Path) -> None:
    der = made(tmp_path).public_bytes(Encoding.DER)
    assert certificates.fingerprint(tmp_path / "pem") == hashlib.sha256(der).hexdigest()
