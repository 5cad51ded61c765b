"""The browser's socket: one open page, kept true.

Server: `{"id", "now", "age", "state", "banner"?, "lists"?, "regions"?, "past"?}`.
Browser: `{"ack": id}`. One that is slow to acknowledge gets the latest state next, never a queue.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import QueryDict
from django.http.request import split_domain_port, validate_host
from django.template.loader import get_template
from django.urls import Resolver404, resolve
from django.utils.translation import activate

from remote.office.live.render_cache import Address, ClientState
from remote.office.mirror.mirror import MirrorChange
from remote.office.office import Office
from remote.office.pages import PAGES, PageRequest
from remote.office.pages.page import NoSuchPage, banner
from remote.threads import run_aside

CLOSE_SIGN_IN = 4401
CLOSE_NO_PAGE = 4404
CLOSE_STALLED = 4408
BEAT_SECONDS = 5.0  # a browser that hears nothing for longer says so itself
STALLED_SECONDS = 30.0  # daphne has no back-pressure: a dead reader took 400 MB in a second
PAUSE_SECONDS = 0.02  # between two messages at least
SHARE = 4  # and so many times what the message took to make: one page never fills the loop
CHECK_PERSON_EVERY = 30.0

WHOLE = frozenset({"link", "status", "snapshot"})  # events that concern every page


class PageConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # the package has no types
    office: Office
    # Here and not in `connect`: one that is refused there is disconnected all the same.
    unwatch: Callable[[], None] | None = None
    topics: frozenset[str] = frozenset()
    sent = 0
    was_empty = False

    async def connect(self) -> None:
        self.work: list[asyncio.Task[None]] = []
        self.office = self.scope["office"]
        if not await _origin_is_ours(self.scope):
            raise DenyConnection
        self.news, self.acked, self.people = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.unwatch = self.office.mirror.watch(self._on_changes)
        await self.accept()
        self.office.open_pages.add(self)
        person = await run_aside(lambda: self.office.signin.person_of_scope(self.scope))
        if person is None:
            await self.close(CLOSE_SIGN_IN)
            return
        try:
            self.address = _address(self.scope, person)
            activate(self.address.language)  # the tasks spawned below go on with it
            if self.office.mirror.cursor is not None:
                self.topics = self.address.build(self.office.mirror).topics
        except (Resolver404, KeyError, NoSuchPage):
            await self.close(CLOSE_NO_PAGE)
            return
        self.news.set()
        self._spawn(self._keep_true())
        self._spawn(self._watch_person())

    async def disconnect(self, code: int) -> None:
        self.office.open_pages.discard(self)
        if self.unwatch is not None:
            self.unwatch()
        for task in self.work:
            task.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        with contextlib.suppress(ValueError, TypeError, AttributeError, RecursionError):
            if json.loads(text_data or "").get("ack") == self.sent:
                self.acked.set()

    def _on_changes(self, changes: Sequence[MirrorChange]) -> None:
        if any(change.topic in self.topics or change.event in WHOLE for change in changes):
            self.news.set()
        if any(change.event == "people" for change in changes):
            self.people.set()

    def _spawn(self, work: Any) -> None:  # noqa: ANN401 - any coroutine
        self.work.append(asyncio.get_running_loop().create_task(work))

    async def _keep_true(self) -> None:
        """Send the first change at once, the next ones after a pause, one after the other."""
        shown, last_state = ClientState(), ""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await self.news.wait()
            self.news.clear()
            started = time.perf_counter()
            state = banner(self.office.mirror)
            message: dict[str, Any] = {"now": state["now"], "age": state["age"]}
            message["state"] = state["link"].state
            if _without_age(state) != last_state:
                last_state = _without_age(state)
                message["banner"] = get_template("office/_banner.html").render(state)
            try:
                message |= self._difference(shown)
            except NoSuchPage:
                await self.close(CLOSE_NO_PAGE)
                return
            cost = time.perf_counter() - started
            if not await self._tell(message):
                return
            await asyncio.sleep(max(PAUSE_SECONDS, SHARE * cost))

    def _difference(self, shown: ClientState) -> dict[str, Any]:
        """Return what to change in the page, or that it loads itself where a first copy came."""
        if self.office.mirror.cursor is None:
            self.was_empty = True
            return {}
        if self.was_empty:
            return {"reload": True}
        return shown.difference(self.office.render_cache.rendered(self.address))

    async def _tell(self, message: dict[str, Any]) -> bool:
        """Send a message; return False when the browser has stalled and was cut off."""
        self.sent += 1
        self.acked.clear()
        await self.send(json.dumps({"id": self.sent, **message}, separators=(",", ":")))
        try:
            async with asyncio.timeout(STALLED_SECONDS):
                await self.acked.wait()
        except TimeoutError:
            await self.close(CLOSE_STALLED)
            return False
        return True

    async def _watch_person(self) -> None:
        """Close the page of a person who has signed out, or whose account is another by now."""
        while person := await run_aside(lambda: self.office.signin.person_of_scope(self.scope)):
            if not await self.office.signin.accounts.is_open(person.username):
                break
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECK_PERSON_EVERY):
                    await self.people.wait()
            self.people.clear()
        await self.close(CLOSE_SIGN_IN)


def _without_age(state: dict[str, Any]) -> str:
    """Return the state without its age, which ticks in the browser by itself."""
    return f"{state['link']}{state['loading']}{state['age'] is None}{state['troubles']}"


async def _origin_is_ours(scope: Mapping[str, Any]) -> bool:
    """Return whether the page that opens the socket is ours: another site's page must not read the
    herd. Behind a proxy that replaces the host it is the origin from which the person signed in."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    named = headers.get(b"origin", b"").decode("latin-1")
    origin, host = _split(named), headers.get(b"host", b"").decode("latin-1")
    if not origin.netloc:
        return False
    name, _ = split_domain_port(origin.netloc)  # with the brackets of an IPv6 address
    allowed = validate_host(name, settings.ALLOWED_HOSTS)
    if (origin.netloc == host and allowed) or named == settings.OFFICE_URL:
        return True
    return bool(await run_aside(lambda: scope["office"].signin.signed_in_from(scope)) == named)


def _split(address: str) -> SplitResult:
    """Return the parts of an address; none of one that is none, such as `http://[`."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _address(scope: Any, person: Any) -> Address:  # noqa: ANN401 - an ASGI scope, a Person
    query = parse_qs(scope["query_string"].decode("latin-1"))
    page = _split(query.get("page", [""])[0])
    match = resolve(page.path)
    if match.url_name not in PAGES:
        raise Resolver404
    try:
        params = tuple(sorted(QueryDict(page.query).dict().items()))
    except SuspiciousOperation as error:  # a thousand filters
        raise Resolver404 from error
    unit = query.get("unit", [settings.WEIGHT_UNIT])[0]
    unit = unit if unit in {"kg", "lb"} else "kg"
    asked = PageRequest(dict(params), person, unit)
    language = query.get("language", [""])[0]
    language = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    name, arguments = str(match.url_name), tuple(match.kwargs.items())
    return Address(name, arguments, params, asked, asked.may_write, unit, language)
