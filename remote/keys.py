"""Who a key is. Verified keys are remembered for a few seconds, so that a request costs no hash."""

import hmac
import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from remote.models import SCOPES, ApiKey

REMEMBER_SECONDS = 3.0  # a revoked key is refused within 5
NOTE_USE_AFTER = timedelta(minutes=1)
MOST_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Caller:
    """A machine with a key. `office_user` is the person it says it acts for."""

    name: str
    scopes: frozenset[str]
    office_user: str = ""
    is_authenticated: bool = True
    is_active: bool = True

    def get_username(self) -> str:
        return self.name


_remembered: dict[str, tuple[float, Caller]] = {}


def caller_of(key: str) -> Caller | None:
    """The caller, or None for a key that is unknown, revoked or expired."""
    until, caller = _remembered.get(key, (0.0, None))
    if time.monotonic() < until:
        return caller
    caller = _shared(key) or _stored(key)
    if caller is None:
        _remembered.pop(key, None)
        return None
    if len(_remembered) >= MOST_REMEMBERED:
        _remembered.clear()
    _remembered[key] = (time.monotonic() + REMEMBER_SECONDS, caller)
    return caller


def _shared(key: str) -> Caller | None:
    """Keys from PI_API_KEY have every scope. All are compared: time tells nothing."""
    given = key.encode()
    matches = [hmac.compare_digest(given, own.encode()) for own in settings.PI_API_KEYS]
    return Caller("shared key", frozenset(SCOPES)) if any(matches) else None


def _stored(key: str) -> Caller | None:
    if not key.startswith("hxb_") or "\0" in key:
        return None
    try:
        found = ApiKey.objects.get_from_key(key)
    except ApiKey.DoesNotExist:
        return None
    if found.has_expired:
        return None
    now = timezone.now()
    ApiKey.objects.filter(
        Q(last_used_at=None) | Q(last_used_at__lt=now - NOTE_USE_AFTER), pk=found.pk
    ).update(last_used_at=now)
    return Caller(f"{found.name} ({found.prefix})", frozenset(found.scopes))
