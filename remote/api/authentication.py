"""Who may ask: machines by key and scope, people by session and role."""

import hmac
import logging
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import DatabaseError
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from herd.storage import journal
from remote.api.models import SCOPES, ApiKey
from remote.wire import KEY_HEADER, USER_HEADER

if TYPE_CHECKING:
    from rest_framework.views import APIView  # at run time it imports this module

logger = logging.getLogger(__name__)

ROLES = ("administrator", "manager", "viewer")  # the strongest first
LONGEST_NAME = 100
_BEARER = "bearer "
REMEMBER_SECONDS = 2.0  # a revoked key is refused within 5, and its sockets look every 2
NOTE_USE_AFTER = timedelta(minutes=1)
NOTE_PATIENCE = 0.05  # seconds
MOST_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Caller:
    """A machine with a key; to REST framework it is a user."""

    name: str
    prefix: str  # tells the key in public
    scopes: frozenset[str]
    office_user: str = ""  # the person that the machine says it acts for
    is_authenticated: bool = True
    is_active: bool = True

    def get_username(self) -> str:
        return self.name


_remembered: dict[str, tuple[float, Caller]] = {}  # so that most requests cost no hash


def caller_of(key: str) -> Caller | None:
    """Return the caller; None of a key that is unknown, revoked or expired."""
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
    """Return the caller of a key from PI_API_KEY; these have every scope."""
    # All are compared, in constant time: how long it takes tells nothing of a key.
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
    # At most once a minute, and only where the writers leave room: who reads does not wait for it,
    # and a full disk does not stop the reading.
    now = timezone.now()
    if key.last_used_at and key.last_used_at > now - NOTE_USE_AFTER:
        return
    try:
        with journal.writing(NOTE_PATIENCE):
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    except (journal.JournalBusy, DatabaseError) as error:
        logger.info("The use of key %s is noted later: %s", key.prefix, error)


class ApiKeyAuthentication(BaseAuthentication):
    # In a header only: a key in a URL would end up in logs.
    def authenticate(self, request: Request) -> tuple[Caller, str] | None:
        key = self.key_of(request)
        if key is None:
            return None
        caller = caller_of(key)
        if caller is None:
            raise AuthenticationFailed("This API key is unknown, revoked or expired.", "bad_key")
        return replace(caller, office_user=_person(request)), "key"

    def key_of(self, request: Request) -> str | None:
        return request.headers.get(KEY_HEADER)

    def authenticate_header(self, request: Request) -> str:
        return KEY_HEADER


class BearerKeyAuthentication(ApiKeyAuthentication):
    """Takes a key from `Authorization: Bearer`, as Prometheus sends it."""

    def key_of(self, request: Request) -> str | None:
        given = request.headers.get("Authorization", "")
        return given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else None


def _person(request: Request) -> str:
    sent = request.headers.get(USER_HEADER, "")
    name = unquote(sent)  # a header cannot hold other than ASCII
    if len(name) > LONGEST_NAME or not (sent.isascii() and name.isprintable()):
        # Cut or cleaned it could be another person's name, whose doing it would be then.
        sentence = f"At most {LONGEST_NAME} printable characters."
        raise exceptions.ValidationError({USER_HEADER: [sentence]})
    return name


class HasScope(BasePermission):
    """Lets keys with the view's scope in, and people by role: viewers read, managers also write.

    A key that acts for a person may do what both may: an office hides what its people may not do,
    and the Pi refuses it. `view.needs` names a method's role where that is not manager.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        caller = request.user
        if not caller.is_authenticated or not caller.is_active:
            return False
        self.message = self.refusal(request, view)
        return not self.message

    def refusal(self, request: Request, view: "APIView") -> str:
        """Return why the caller may not, "" where they may."""
        scope = _scope(request, view)
        if scope is None:
            return ""
        if isinstance(request.user, Caller) and scope not in request.user.scopes:
            return f"This API key has no scope {scope}."
        if scope == "read" or _acts_for_nobody(request.user):
            return ""
        role, needed = _role_behind(request.user), getattr(view, "needs", {}).get(request.method)
        return _refusal_of(role, needed or "manager")


class HasEveryRight(HasScope):
    """Lets only keys with every scope and administrators in, to what holds the whole farm."""

    def refusal(self, request: Request, view: "APIView") -> str:
        caller = request.user
        if isinstance(caller, Caller) and not has_every_scope(caller):
            return "This needs a key with every scope."
        if _acts_for_nobody(caller) or _role_behind(caller) == "administrator":
            return ""
        return "This needs the role administrator."


class IsOffice(HasScope):
    """Lets only keys with every scope in, as offices have them, whomever they act for."""

    def refusal(self, request: Request, view: "APIView") -> str:
        if has_every_scope(request.user) or not hasattr(view, (request.method or "").lower()):
            return ""
        return "This is for offices: it needs a key with every scope."


def _scope(request: Request, view: "APIView") -> str | None:
    """Return the scope that is needed; None for a method that the view has not."""
    method = request.method or ""
    if method in SAFE_METHODS:
        return "read"
    if not hasattr(view, method.lower()):
        return None  # 405 comes next, whatever the scope: it says more than a missing right
    return str(getattr(view, "scope", "write"))


def _acts_for_nobody(caller: object) -> bool:
    return isinstance(caller, Caller) and not caller.office_user


def _role_behind(caller: object) -> str | None:
    """Return the role of the person who asks; None for one the Pi does not know."""
    person = person_named(caller.office_user) if isinstance(caller, Caller) else caller
    return role_of(person) if isinstance(person, AbstractUser) else None


def may_override(caller: object) -> bool:
    """Return whether this is a person who may let an animal leave before it is clear."""
    return _role_behind(caller) in {"administrator", "manager"}  # a key alone is nobody's name


def _refusal_of(role: str | None, needed: str) -> str:
    if role is None:
        return "The Pi knows nobody of this name, or the account is closed."
    if ROLES.index(role) <= ROLES.index(needed):
        return ""
    if role == "viewer":
        return "Your role may look, but not change anything."
    return f"This needs the role {needed}; yours is {role}."


def person_named(username: str) -> AbstractUser | None:
    """Return the person; None for somebody the Pi does not know, or whose account is closed."""
    user = get_user_model().objects.filter(username=username, is_active=True).first()
    return user if isinstance(user, AbstractUser) else None


def role_of(user: AbstractUser) -> str:
    """Return `administrator`, `manager` or `viewer`: the strongest of the user's groups."""
    if user.is_superuser:
        return "administrator"
    groups = {group.name for group in user.groups.all()}
    return next((role for role in ROLES if role in groups), "viewer")


def has_every_scope(caller: object) -> bool:
    """Return whether this is a key as an office has it."""
    return isinstance(caller, Caller) and caller.scopes >= frozenset(SCOPES)


def actor_of(request: Request) -> str:
    """Return whom the journal names: the person where there is one, else the key."""
    caller = request.user
    if isinstance(caller, Caller):
        return f"office:{caller.office_user}" if caller.office_user else f"key:{caller.name}"
    return f"api:{caller.get_username()}"
