"""The offices that follow this Pi, by their keys; one that never came is not missed."""

import socket
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from remote.api.authentication import Caller, caller_of
from remote.api.models import SCOPES, ApiKey
from remote.attention import AttentionItem, moment
from remote.interfaces import ALL_ADDRESSES, local_name, reachable_addresses
from remote.wire import PairingString

KEY_FILE: Final = "pi-office.key"
PLAIN_NAMES: Final = ("office", "shared key")  # what nobody chose says nothing


def office_key(folder: Path) -> str:
    """Return the key that offices are paired with: the shared secret, else one made here."""
    if settings.PI_API_KEYS:
        return str(settings.PI_API_KEYS[0])
    file = folder / KEY_FILE
    if file.exists():
        kept = file.read_text().strip()
        if caller_of(kept) is not None:  # one that was revoked is replaced
            return kept
    _, plain = ApiKey.objects.create_key(name="office", scopes=list(SCOPES))
    # Kept as text, beside the database that has its hash alone: pairing can be printed again.
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(plain)
    return str(plain)


def pairing_string(fingerprint: str, key: str, host: str = "") -> str:
    """Return the string for `manage.py pair`, with every address that this Pi has now."""
    addresses = reachable_addresses(settings.PI_BIND)
    if settings.PI_BIND in ALL_ADDRESSES:
        addresses.append(local_name())
    if host:  # a name that the Pi cannot know of, at which the office reaches it
        addresses = [host, *(other for other in addresses if other != host)]
    at = addresses[0], settings.PI_PORT
    return str(PairingString(*at, fingerprint, key, tuple(addresses), socket.gethostname()))


@dataclass(slots=True)
class Office:
    name: str
    heard_at: str
    # Seconds in which this process was there and the office was not: a Pi's wall clock cannot say
    # how long that is, and the time that the Pi is off is not the office's fault.
    away: float = 0.0


@dataclass(slots=True)
class Offices:
    """The offices that this process knows; used in the event loop's thread alone."""

    known: dict[str, Office] = field(default_factory=dict)
    _sockets: Counter[str] = field(default_factory=Counter)

    def joined(self, caller: Caller) -> None:
        name = caller.name.removesuffix(f" ({caller.prefix})")
        self._sockets[caller.prefix] += 1
        self.known[caller.prefix] = Office(name, _now())

    def left(self, caller: Caller) -> None:
        self._sockets[caller.prefix] -= 1
        if caller.prefix in self.known:
            self.known[caller.prefix].heard_at = _now()

    def are_here(self) -> bool:
        return any(count > 0 for count in self._sockets.values())

    def count(self, elapsed: float) -> None:
        """Let so many seconds pass, for the offices that are away."""
        for prefix, office in self.known.items():
            if self._sockets[prefix] > 0:
                office.away, office.heard_at = 0.0, _now()
            else:
                office.away += elapsed

    def keep(self, prefixes: Collection[str]) -> None:
        """Forget the offices whose key was revoked or deleted."""
        for prefix in self.known.keys() - set(prefixes):
            del self.known[prefix]

    def are_gone_for(self, seconds: float) -> bool:
        """Return whether no office is here, nor was in the last `seconds`."""
        return not self.are_here() and all(office.away >= seconds for office in self.known.values())

    def items(self, seconds: float) -> list[AttentionItem]:
        """Return an item for each office that has been away for so many seconds."""
        found = []
        for prefix, office in self.known.items():
            if self._sockets[prefix] <= 0 and office.away >= seconds:
                key, since = f"office-away:{prefix}", datetime.fromisoformat(office.heard_at)
                item = AttentionItem(key, _text(office), severity="grave", since=since, after=0.0)
                found.append(item)
        return found

    def as_rows(self) -> dict[str, Any]:
        return {prefix: asdict(office) for prefix, office in self.known.items()}

    def restore(self, rows: Mapping[str, Any]) -> None:
        """Take up what an earlier process knew."""
        for prefix, row in rows.items():  # not over one that has connected since the start
            self.known.setdefault(prefix, Office(**row))


def _text(office: Office) -> str:
    since = moment(datetime.fromisoformat(office.heard_at))
    if office.name in PLAIN_NAMES:
        return _("The office has not been heard since %(since)s") % {"since": since}
    values = {"name": office.name, "since": since}
    return _("The office “%(name)s” has not been heard since %(since)s") % values


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


offices = Offices()
