"""One office: the copy of a Pi's herd, the link that keeps it true, and the people who look at it.

The ASGI start makes it and puts it into the scope of each request and socket. Nothing of it is kept
in a module: one process can hold several offices, each following its own Pi.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlencode, urlsplit

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from remote.office.choices import Choices
from remote.office.link.client import Person, PiClient
from remote.office.link.finding import Discovery, Finder, recalled_finder
from remote.office.link.follower import Link
from remote.office.link.pairing import PairingWatch
from remote.office.live.render_cache import RenderCache
from remote.office.mirror.mirror import Mirror
from remote.office.pages import PageRequest
from remote.office.pi_queries import PiQueries
from remote.office.signin import SessionStore, SignIn
from remote.office.units import ChosenUnits

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]  # ASGI


@dataclass(frozen=True, slots=True)
class Office:
    mirror: Mirror
    client: PiClient
    link: Link
    pi_queries: PiQueries
    signin: SignIn
    units: ChosenUnits
    languages: Choices
    render_cache: RenderCache
    open_pages: set[object] = field(default_factory=set)  # sockets of browsers
    is_sample: bool = False  # made-up rows, and no Pi


def office_with(
    finder: Finder, pairings: PairingWatch | None = None, *, is_sample: bool = False
) -> Office:
    """Return an office whose link goes where this finder finds the Pi; nothing runs yet."""
    mirror, client = Mirror(), finder.client
    return Office(
        mirror,
        client,
        Link(mirror, finder, None, pairings),
        PiQueries(mirror, client),
        SignIn(mirror, client),
        ChosenUnits(settings.HEXABRAND_STATE_DIR / "office-units.json"),
        Choices(
            settings.HEXABRAND_STATE_DIR / "office-languages.json",
            dict(settings.LANGUAGES),
            "languages",
        ),
        RenderCache(mirror),
        is_sample=is_sample,
    )


def office_from_settings() -> Office:
    """Return the office that the settings describe, and which another pairing turns elsewhere."""
    finder = recalled_finder(Discovery() if settings.MDNS else None)
    return office_with(finder, PairingWatch(settings.PAIRING_FILE.values_if_changed))


def in_office(office: Office, application: Application) -> Application:
    """Wrap an ASGI application so that `scope["office"]` is this office."""

    # Django resolves URLs for the whole process, so a view cannot be made for one office: it is
    # the request that knows to which one it came (decision 27).
    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI names no types
        await application({**scope, "office": office}, receive, send)

    return serve


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
    person = cast("Person", request.person)
    return PageRequest(request.GET.dict(), person, request.office.units.of(person))


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(settings.STATIC_URL)


def _to_sign_in_page(request: HttpRequest) -> HttpResponseRedirect:
    asked = {"next": _page_asked(request)}
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        asked["expired"] = "1"  # who was never here needs no word of it
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode(asked)}")


def _page_asked(request: HttpRequest) -> str:
    """Return the page to come back to: of what was sent, the one that it was typed on."""
    if request.method == "GET":
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host():
        return "/"
    return f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path or "/"
