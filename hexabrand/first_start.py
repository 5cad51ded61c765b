"""First start of a role: everything it needs in its state directory, made once."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from hexabrand import certificates


@dataclass(frozen=True, slots=True)
class PiAccount:
    """What the first start made; `password` is None where the administrator was there before."""

    username: str
    password: str | None
    api_key: str
    fingerprint: str
    pairing: str


@contextmanager
def one_at_a_time() -> Iterator[Path]:
    """Lock the state directory for this process: two first starts at once make one Pi."""
    folder: Path = settings.HEXABRAND_STATE_DIR
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with (folder / "setup.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def ensure_secret_key(folder: Path, role: str) -> None:
    """Signs sessions and forms; a new one would sign everybody out."""
    file = folder / f"{role}-secret.key"
    if not file.exists():
        certificates.write_private(file, secrets.token_urlsafe(50).encode())


def keep_keys_private(folder: Path) -> None:
    """Also those that came by a copy, or from a release that was careless."""
    for file in folder.glob("*.key"):
        file.chmod(0o600)


def ensure_certificate() -> str:
    """Make the Pi's certificate where there is none; return its fingerprint."""
    key_file, certificate_file = settings.TLS_KEY_FILE, settings.TLS_CERTIFICATE_FILE
    if not (key_file.exists() and certificate_file.exists()):
        certificates.make(key_file, certificate_file)
    return certificates.fingerprint(certificate_file)
