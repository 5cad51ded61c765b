"""The Pi's half of pairing: the office's key and the string that carries it over."""

import socket
from pathlib import Path

from django.conf import settings

from remote.api.keys import caller_of
from remote.api.models import SCOPES, ApiKey
from remote.interfaces import ALL_ADDRESSES, local_name, reachable_addresses
from remote.wire import Pairing

KEY_FILE = "pi-office.key"


def office_key(folder: Path) -> str:
    """Return the key that offices are paired with: the shared secret if there is one, else our own.

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
    """Return the string for `manage.py pair`, with every address that this Pi has now.

    `host` is where the office reaches this Pi by another name than the Pi can know.
    """
    addresses = reachable_addresses(settings.PI_BIND)
    if settings.PI_BIND in ALL_ADDRESSES:
        addresses.append(local_name())
    if host:
        addresses = [host, *(other for other in addresses if other != host)]
    at = addresses[0], settings.PI_PORT
    return str(Pairing(*at, fingerprint, key, tuple(addresses), socket.gethostname()))
