"""Who is at the office: checked with the Pi, kept in a session on this side."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache, partial
from math import ceil
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.sessions.backends import file
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, parse_cookie
from django.middleware.csrf import rotate_token
from django.utils.translation import gettext, gettext_noop

from remote.office.link.client import Person, PiClient
from remote.office.link.link_errors import PiError, PiRefused, PiUnreachable
from remote.office.mirror.mirror import Mirror
from remote.threads import run_aside
from remote.throttle import LoginThrottle

logger = logging.getLogger(__name__)

SESSION_ENTRY: Final = "person"
ORIGIN_ENTRY: Final = "origin"
PI_ENTRY: Final = "pi"  # the certificate of the Pi that knew this person
ASK_EVERY: Final = 300.0  # seconds
GONE: Final = "no_such_person"
CODE_ASKED: Final = frozenset({"code_needed", "bad_code"})  # of an account with a second factor
DATABASE_UNAVAILABLE: Final = gettext_noop(
    "The Pi cannot be asked just now, and it is the Pi that knows the passwords. Those who have"
    " signed in here since this office was started can sign in again: check name and password."
)


class SessionStore(file.SessionStore):
    """Sessions as files in the state directory.

    They expire by the office's clock and the Pi's together: where one of them is weeks ahead,
    nobody is signed out.
    """

    mirror: Mirror | None = None  # `SignIn.sessions` names it

    def get_expiry_age(self, **given: Any) -> int:
        given.setdefault("modification", self._surely_past())
        return super().get_expiry_age(**given)

    def _surely_past(self) -> datetime:
        # Before the Pi was heard nothing ends: one clock alone may have been set while we were off.
        if self.mirror is None or not self.mirror.time.is_known:
            return datetime.min.replace(tzinfo=UTC)
        return self.mirror.time.earlier()


@dataclass(slots=True)
class _Account:
    asked_at: float
    is_open: bool = True


class Accounts:
    """Whether people who are signed in still have an account, with the password and role of then.

    The Pi tells on the feed whom it knows; an older one is asked now and then. By name, so that
    all sessions of a person end. Used in the event loop's thread, but for `stamp_told`.
    """

    def __init__(
        self, mirror: Mirror, client: PiClient, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._mirror, self._client, self._clock = mirror, client, clock
        self._known: dict[str, _Account] = {}

    def has_signed_in(self, username: str) -> None:
        self._known[username] = _Account(self._clock())

    def take_stamp(self, person: Person, told_before: str | None) -> None:
        """Believe the Pi's answer to a sign-in; `told_before` had been told when it was asked."""
        people = self._mirror.people
        # It is newer than what was told, unless that has changed meanwhile: then the password was
        # changed while it was checked, and who gave the old one is out.
        if people is not None and people.get(person.username) == told_before:
            self._mirror.people = {**people, person.username: person.stamp}

    def stamp_told(self, username: str) -> str | None:
        """Return the stamp of the account as it is; None without one, or where none was told."""
        return (self._mirror.people or {}).get(username)

    def is_as_told(self, person: Person) -> bool:
        """Return whether password and role are those with which this person signed in."""
        return self._mirror.people is None or self.stamp_told(person.username) == person.stamp

    async def is_open(self, username: str) -> bool:
        """Return what the Pi said last: while it is away nobody loses the herd to a broken line."""
        known = self._known.setdefault(username, _Account(self._clock() - ASK_EVERY))
        if self._clock() - known.asked_at >= ASK_EVERY and self._mirror.link.state == "live":
            known.asked_at = self._clock()  # first: one request asks, the others go on
            known.is_open = await self._ask(username, known.is_open)
        return known.is_open

    async def _ask(self, username: str, otherwise: bool) -> bool:  # noqa: FBT001 - a fact about it, no switch
        try:
            await run_aside(partial(self._client.person, username))
        except PiRefused as error:
            if error.code != GONE:
                return otherwise
            logger.warning("The account %s is closed at the Pi; it is signed out here.", username)
            return False
        except PiError:
            return otherwise
        return True


@dataclass(frozen=True, slots=True)
class Remembered:
    """Somebody who has signed in since this office was started."""

    password_hash: str
    person: Person
    pi: str = ""


@cache
def _nobody() -> Remembered:
    return Remembered(make_password(secrets.token_hex()), Person("", "", "viewer"))


class SignIn:
    """The people of one office: who may sign in, and who is signed in."""

    def __init__(self, mirror: Mirror, client: PiClient) -> None:
        self._client = client
        self.accounts = Accounts(mirror, client)
        # A class of its own: Django makes the instances itself where it clears old sessions.
        self.sessions: type[SessionStore] = type(
            "SessionStore", (SessionStore,), {"mirror": mirror}
        )
        self._throttle = LoginThrottle()
        self._remembered: dict[str, Remembered] = {}
        # A guesser gets one hash's time each, not all our processors.
        self._one_at_a_time = asyncio.Lock()

    async def sign_in(
        self, request: HttpRequest, username: str, password: str, code: str = ""
    ) -> Person:
        """Sign a person in. The text of what it raises is for the person who tried.

        PiRefused: wrong name or password, or too many tries. PiUnreachable: the Pi is away, and
        this office cannot tell on its own. Other PiErrors: the office has lost the Pi's trust, or
        its own.
        """
        address = str(request.META.get("REMOTE_ADDR", ""))
        told = self.accounts.stamp_told(username)
        person = await self._checked(username, password, address, code)
        session = request.session
        await session.aflush()  # a session id from before signing in is worth nothing after
        await session.aset(SESSION_ENTRY, asdict(person))
        # Held against this person's form by now; the page's socket comes from there too.
        await session.aset(ORIGIN_ENTRY, request.headers.get("Origin", ""))
        await session.aset(PI_ENTRY, self._client.address.fingerprint)
        self.accounts.has_signed_in(person.username)
        self.accounts.take_stamp(person, told)
        # Nobody else removes what those leave who just go.
        await run_aside(self.sessions.clear_expired)
        rotate_token(request)
        return person

    async def person_still_in(self, session: SessionBase) -> Person | None:
        """Return the person of a session; end it where account, password or role are others now."""
        person = self._person_in(await session.aget(SESSION_ENTRY), await session.aget(PI_ENTRY))
        if person is None:
            return None
        if self.accounts.is_as_told(person):
            if await self.accounts.is_open(person.username):
                return person
            self._remembered.pop(person.username, None)
        await session.aflush()
        return None

    def person_of_scope(self, scope: Mapping[str, Any]) -> Person | None:
        """Return the person behind a WebSocket, by its session cookie; this reads a small file."""
        session = self._session_of(scope)
        if session is None:
            return None
        person = self._person_in(session.get(SESSION_ENTRY), session.get(PI_ENTRY))
        return person if person and self.accounts.is_as_told(person) else None

    def signed_in_from(self, scope: Mapping[str, Any]) -> str:
        """Return the origin of the page on which that person signed in; this reads a small file."""
        session = self._session_of(scope)
        return str(session.get(ORIGIN_ENTRY, "")) if session else ""

    def _session_of(self, scope: Mapping[str, Any]) -> SessionBase | None:
        headers = dict(scope["headers"])
        cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
        key = cookies.get(settings.SESSION_COOKIE_NAME)
        return self.sessions(key) if key else None

    def _person_in(self, entry: Any, pi: Any) -> Person | None:  # noqa: ANN401 - whatever the session file holds
        """Return nobody where another Pi vouched: its people have no account at this one."""
        return Person(**entry) if entry and self._is_our_pi(pi) else None

    def _is_our_pi(self, pi: str | None) -> bool:
        trusted = self._client.trusted
        return not pi or not trusted or pi in trusted

    # -- passwords --------------------------------------------------------------------------

    async def _checked(self, username: str, password: str, address: str, code: str) -> Person:
        login = partial(self._client.login, username, password, address, code)
        try:
            person = await run_aside(login)
        except PiUnreachable as error:
            if wait := self._throttle.enter(username, address):
                detail = f"Too many wrong passwords. Try again in {ceil(wait)} s."
                raise PiRefused(429, "throttled", detail, retry_after=wait) from error
            person = await self._recalled(username, password, error)
            self._throttle.succeeded(username, address)
            return person
        except PiRefused as error:
            if error.code in {"bad_credentials", *CODE_ASKED}:
                await self._forget(username, password)
            raise
        if code:
            return person  # the Pi alone can tell a good code, so while it is away nobody comes in
        hashed = await run_aside(partial(make_password, password))
        self._remembered[username] = Remembered(hashed, person, self._client.address.fingerprint)
        return person

    async def _recalled(self, username: str, password: str, away: PiUnreachable) -> Person:
        nobody = await run_aside(_nobody)
        remembered = self._remembered.get(username, nobody)  # a stranger's answer takes as long
        if not (self._is_our_pi(remembered.pi) and self.accounts.is_as_told(remembered.person)):
            remembered = nobody
        if not await self._matches(password, remembered) or remembered is nobody:
            raise PiUnreachable(gettext(DATABASE_UNAVAILABLE), connected=away.connected) from away
        return remembered.person

    async def _forget(self, username: str, password: str) -> None:
        """Forget a password that was good and is no more; a guess does not make it forgotten."""
        remembered = self._remembered.get(username)
        if remembered is not None and await self._matches(password, remembered):
            self._remembered.pop(username, None)

    async def _matches(self, password: str, remembered: Remembered) -> bool:
        async with self._one_at_a_time:
            return await run_aside(partial(check_password, password, remembered.password_hash))


async def sign_out(request: HttpRequest) -> None:
    """Sign a person out: a copy of the cookie is worth nothing from now on."""
    await request.session.aflush()
