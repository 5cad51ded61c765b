"""Django's own middleware, run where it is called: in the event loop's thread.

Django hands every step of a middleware over to a thread, in case it waits for something. One page
is handed over some fifteen times, which took longer than making it (decision 16). The steps named
here only look at headers and set them.
"""

import codecs
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

from asgiref.sync import sync_to_async
from csp.middleware import CSPMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.deprecation import MiddlewareMixin

from remote.problems import PROBLEM_JSON, problem

_TEXT: Final = ("utf-", "ascii", "iso8859-", "cp125")  # beginnings of Python's names for charsets


class InTheLoop(MiddlewareMixin):
    """Both steps of a middleware without a thread for each."""

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        refusal = self.process_request(request) if hasattr(self, "process_request") else None
        response: HttpResponseBase = refusal or await answered(self, request)
        leave = getattr(self, "process_response", None)
        return leave(request, response) if leave else response


class Security(InTheLoop, SecurityMiddleware): ...


class Locale(InTheLoop, LocaleMiddleware): ...


class Common(InTheLoop, CommonMiddleware): ...


class Messages(InTheLoop, MessageMiddleware): ...


class Frames(InTheLoop, XFrameOptionsMiddleware): ...


class NoStore(InTheLoop):
    """Let no browser and no proxy keep what shows the herd: whoever signs out leaves nothing."""

    def process_response(self, _request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class TextCharset(InTheLoop):
    """Refuse text in a charset that no program of the farm sends, before anything of it is read.

    Python knows some for names of hosts, and one of those takes minutes for a body of 1 MB.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        charset = request.encoding  # as Content-Type names it, where Python knows it
        if charset is None or codecs.lookup(charset).name.startswith(_TEXT):
            return None
        detail = f"Text is taken in UTF-8, not in {charset[:20]}: see Content-Type."
        body = problem(415, "unsupported_media_type", detail)
        return JsonResponse(body, status=415, content_type=PROBLEM_JSON)


class ContentPolicy(InTheLoop, CSPMiddleware): ...


class Csrf(InTheLoop, CsrfViewMiddleware):
    def _origin_verified(self, request: HttpRequest) -> bool:
        """Believe the browser that a form is from our own page: over https each of them says so in
        a header that no page can set, and a proxy may have replaced the host to compare with."""
        if request.headers.get("Sec-Fetch-Site") == "same-origin":
            return True
        is_ours: bool = super()._origin_verified(request)  # type: ignore[misc]  # not in the stubs
        return is_ours

    async def process_view(  # type: ignore[override]  # Django takes either kind
        self, *arguments: Any
    ) -> HttpResponseForbidden | None:
        return super().process_view(*arguments)


class Sessions(SessionMiddleware):
    """A session is saved in a thread: the disk may take its time."""

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        self.process_request(request)
        response = cast("HttpResponse", await answered(self, request))
        if request.session.modified:
            return await sync_to_async(self.process_response)(request, response)
        return self.process_response(request, response)


async def answered(middleware: MiddlewareMixin, request: HttpRequest) -> HttpResponseBase:
    inner = cast("Callable[[HttpRequest], Awaitable[HttpResponseBase]]", middleware.get_response)
    return await inner(request)
