"""A request at the office: which office it came to, who sent it, and what it asks for."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlencode

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from remote.office.link.client import Person
from remote.office.office import Office
from remote.office.pages import PageRequest
from remote.office.signin import SessionStore

OPEN_PATHS: Final = ("/login", "/health", "/metrics")


class OfficeRequest(HttpRequest):
    """A request that went through `SignInMiddleware`."""

    scope: dict[str, Any]
    office: Office
    person: Person | None  # None on OPEN_PATHS alone
    session: SessionStore


class SignInMiddleware:
    """Sets `request.office` and `request.person`; shows strangers the sign-in page."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self._get_response = get_response
        Path(settings.SESSION_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
        markcoroutinefunction(self)

    async def __call__(self, request: OfficeRequest) -> HttpResponseBase:
        request.office = request.scope["office"]
        signin = request.office.signin
        # Django's own store knows no office, and so not by whose clock a session ends.
        request.session = signin.sessions(request.session.session_key)
        request.person = await signin.person_still_in(request.session)
        if request.person is None and not _is_open(request.path_info):
            return _to_sign_in_page(request)
        return await self._get_response(request)


def asked_by(request: OfficeRequest) -> PageRequest:
    """Return what a signed-in person asks for."""
    person = cast("Person", request.person)
    return PageRequest(request.GET.dict(), person, request.office.units.of(person))


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(settings.STATIC_URL)


def _to_sign_in_page(request: HttpRequest) -> HttpResponseRedirect:
    wanted = request.get_full_path() if request.method == "GET" else "/"
    page = f"{settings.LOGIN_URL}?{urlencode({'next': wanted})}"
    return HttpResponseRedirect(page)
