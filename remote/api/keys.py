"""Who a key is. Verified keys are remembered for a few seconds, so that a request costs no hash."""

import hmac
import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from herd.storage import journal
from remote.api.models import SCOPES, ApiKey

logger = logging.getLogger(__name__)

REMEMBER_SECONDS = 2.0  # a revoked key is refused within 5, and its sockets look every 2
NOTE_USE_AFTER = timedelta(minutes=1)
NOTE_PATIENCE = 0.05  # seconds
MOST_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Caller:
    """A machine with a key. `prefix` tells the key in public; `office_user` is the person that
    the machine says it acts for."""

    name: str
    prefix: str
    scopes: frozenset[str]
    office_user: str = ""
    is_authenticated: bool = True
    is_active: bool = True

    def get_username(self) -> str:
        return self.name


_remembered: dict[str, tuple[float, Caller]] = {}


def caller_of(key: str) -> Caller | None:
    """Return the caller, or None for a key that is unknown, revoked or expired."""
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
    return Caller("shared key", "shared", frozenset(SCOPES)) if any(matches) else None


def _stored(key: str) -> Caller | None:
    if not key.startswith("hxb_"):
        return None
    try:
        found = cast("ApiKey", ApiKey.objects.get_from_key(key))
    except ApiKey.DoesNotExist:
        return None
    if found.has_expired:
        return None
    _note_use(found)
    return Caller(f"{found.name} ({found.prefix})", found.prefix, frozenset(found.scopes))


def _note_use(key: ApiKey) -> None:
    """At most once a minute, and only where the writers leave room: who reads does not wait, and
    a full disk does not stop the reading."""
    now = timezone.now()
    if key.last_used_at and key.last_used_at > now - NOTE_USE_AFTER:
        return
    try:
        with journal.writing(NOTE_PATIENCE):
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    except (journal.JournalBusy, DatabaseError) as error:
        logger.info("The use of key %s is noted later: %s", key.prefix, error)
