"""Who is at the office: checked with the Pi, kept in a session on this side."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache, partial
from math import ceil
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.sessions.backends.base import SessionBase
from django.http import (
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    parse_cookie,
)
from django.middleware.csrf import rotate_token
from django.utils.translation import gettext, gettext_noop

from remote.office.accounts import accounts
from remote.office.link.client import Person, client_from_settings
from remote.office.link.errors import PiRefused, PiUnreachable
from remote.office.sessions import SessionStore
from remote.threads import run_aside
from remote.throttle import login_throttle

SESSION_ENTRY: Final = "person"
OPEN_PATHS: Final = ("/login", "/health", "/metrics")
ORIGIN_ENTRY: Final = "origin"
PI_ENTRY: Final = "pi"  # the certificate of the Pi that knew this person
DATABASE_UNAVAILABLE: Final = gettext_noop(
    "The Pi cannot be asked just now, and it is the Pi that knows the passwords. Those who have"
    " signed in here since this office was started can sign in again: check name and password."
)


class OfficeRequest(HttpRequest):
    """A request that went through `SignInMiddleware`."""

    person: Person | None
    session: SessionBase


@dataclass(frozen=True, slots=True)
class Remembered:
    """Somebody who has signed in since this office was started."""

    password_hash: str
    person: Person
    pi: str = ""


_remembered: dict[str, Remembered] = {}
_one_at_a_time = asyncio.Lock()  # a guesser gets one hash's time each, not all our processors


@cache
def _nobody() -> Remembered:
    return Remembered(make_password(secrets.token_hex()), Person("", "", "viewer"))


class SignInMiddleware:
    """Sets `request.person`, and shows the sign-in page to those who have not signed in."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self._get_response = get_response
        Path(settings.SESSION_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
        markcoroutinefunction(self)

    async def __call__(self, request: OfficeRequest) -> HttpResponseBase:
        request.person = await _person_still_in(request.session)
        if request.person is None and not _is_open(request.path_info):
            return _to_sign_in_page(request)
        return await self._get_response(request)


async def _person_still_in(session: SessionBase) -> Person | None:
    person = _person_in(await session.aget(SESSION_ENTRY), await session.aget(PI_ENTRY))
    if person is None or await accounts.is_open(person.username):
        return person
    _remembered.pop(person.username, None)
    await session.aflush()
    return None


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(settings.STATIC_URL)


def _to_sign_in_page(request: HttpRequest) -> HttpResponseRedirect:
    wanted = request.get_full_path() if request.method == "GET" else "/"
    page = f"{settings.LOGIN_URL}?{urlencode({'next': wanted})}"
    return HttpResponseRedirect(page)


async def sign_in(request: HttpRequest, username: str, password: str) -> Person:
    """Sign a person in. The text of what it raises is for the person who tried.

    PiRefused: wrong name or password, or too many tries. PiUnreachable: the Pi is away, and this
    office cannot tell on its own. Other PiErrors: the office has lost the Pi's trust, or its own.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    person = await _checked(username, password, address)
    await request.session.aflush()  # a session id from before signing in is worth nothing after
    await request.session.aset(SESSION_ENTRY, asdict(person))
    # Held against this person's form by now; the page's socket comes from there too.
    await request.session.aset(ORIGIN_ENTRY, request.headers.get("Origin", ""))
    await request.session.aset(PI_ENTRY, client_from_settings().address.fingerprint)
    accounts.has_signed_in(person.username)
    await run_aside(SessionStore.clear_expired)  # nobody else removes what those leave who just go
    rotate_token(request)
    return person


async def sign_out(request: HttpRequest) -> None:
    """Sign a person out: a copy of the cookie is worth nothing from now on."""
    await request.session.aflush()


def person_of_scope(scope: Mapping[str, Any]) -> Person | None:
    """Return the person behind a browser's WebSocket, by its session cookie; it reads one small
    file."""
    session = _session_of(scope)
    return _person_in(session.get(SESSION_ENTRY), session.get(PI_ENTRY)) if session else None


def signed_in_from(scope: Mapping[str, Any]) -> str:
    """Return the origin of the page on which the person behind a WebSocket signed in; reads one
    small file."""
    session = _session_of(scope)
    return str(session.get(ORIGIN_ENTRY, "")) if session else ""


def _session_of(scope: Mapping[str, Any]) -> SessionBase | None:
    headers = dict(scope["headers"])
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    return SessionStore(key) if key else None


def _person_in(entry: Any, pi: Any) -> Person | None:  # noqa: ANN401 - whatever the session file holds
    """Return nobody where another Pi vouched: its people have no account at this one."""
    return Person(**entry) if entry and _is_our_pi(pi) else None


def _is_our_pi(pi: str | None) -> bool:
    trusted = client_from_settings().trusted
    return not pi or not trusted or pi in trusted


async def _checked(username: str, password: str, address: str) -> Person:
    login = partial(client_from_settings().login, username, password, address)
    try:
        person = await run_aside(login)
    except PiUnreachable as error:
        if wait := login_throttle.enter(username, address):
            told = f"Too many wrong passwords. Try again in {ceil(wait)} s."
            raise PiRefused(429, "throttled", told, retry_after=wait) from error
        person = await _recalled(username, password, error)
        login_throttle.succeeded(username, address)
        return person
    except PiRefused as error:
        if error.code == "bad_credentials":
            await _forget(username, password)
        raise
    hashed = await run_aside(partial(make_password, password))
    _remembered[username] = Remembered(hashed, person, client_from_settings().address.fingerprint)
    return person


async def _recalled(username: str, password: str, away: PiUnreachable) -> Person:
    nobody = await run_aside(_nobody)
    remembered = _remembered.get(username, nobody)  # a stranger's answer takes as long
    if not _is_our_pi(remembered.pi):
        remembered = nobody
    if not await _matches(password, remembered) or remembered is nobody:
        raise PiUnreachable(gettext(DATABASE_UNAVAILABLE), connected=away.connected) from away
    return remembered.person


async def _forget(username: str, password: str) -> None:
    """Forget a password that was good and is no more; a guess must not make the office forget."""
    remembered = _remembered.get(username)
    if remembered is not None and await _matches(password, remembered):
        _remembered.pop(username, None)


async def _matches(password: str, remembered: Remembered) -> bool:
    async with _one_at_a_time:
        return await run_aside(partial(check_password, password, remembered.password_hash))
