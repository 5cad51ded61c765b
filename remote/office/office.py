"""One office: the copy of a Pi's herd, the link that keeps it true, and the people who look at it.

The ASGI start makes it and puts it into the scope of each request and socket. Nothing of it is kept
in a module: one process can hold several offices, each following its own Pi.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from remote.office.link.client import PiClient
from remote.office.link.discovery import Discovery
from remote.office.link.finding import Finder, recalled_finder
from remote.office.link.follower import Link
from remote.office.link.pairing import PairingWatch
from remote.office.live.render_cache import RenderCache
from remote.office.mirror.mirror import Mirror
from remote.office.pi_queries import PiQueries
from remote.office.signin import SignIn
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
    # the request that knows to which one it came.
    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI names no types
        await application({**scope, "office": office}, receive, send)

    return serve
