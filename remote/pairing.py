"""The Pi's half of pairing: the office's key and the string that carries it over."""

from pathlib import Path

from django.conf import settings

from remote.keys import caller_of
from remote.models import SCOPES, ApiKey
from remote.wire import Pairing

KEY_FILE = "pi-office.key"


def office_key(folder: Path) -> str:
    """The key that offices are paired with: the shared secret if there is one, else our own.

    Its text is kept beside the database, so that pairing can be printed again. One that was
    revoked is replaced.
    """
    if settings.PI_API_KEYS:
        return str(settings.PI_API_KEYS[0])
    file = folder / KEY_FILE
    if file.exists():
        kept = file.read_text().strip()
        if caller_of(kept) is not None:
            return kept
    _, plain = ApiKey.objects.create_key(name="office", scopes=list(SCOPES))
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(plain)
    return str(plain)


def pairing_string(fingerprint: str, key: str, host: str = "") -> str:
    """`host` where the office reaches this Pi by another name than the Pi can know."""
    return str(Pairing(host or settings.PI_REACHED_AT, settings.PI_PORT, fingerprint, key))
