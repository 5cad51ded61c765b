"""Every answer under the API's root says which place in the journal it reflects; where the journal
cannot be read, that is the answer."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from remote.api import feed
from remote.api.events import head
from remote.wire import API_ROOT, CURSOR_HEADER, UNAVAILABLE

Handler = Callable[[HttpRequest], Any]
HEALTH = f"{API_ROOT}health"
METRICS = "/metrics"  # where Prometheus looks


@sync_and_async_middleware
def herd_cursor(get_response: Handler) -> Handler:
    """Put the journal's place on every answer. Views tell the place before which they read; here is
    what no view has answered."""

    def tell(request: HttpRequest) -> HttpResponseBase:
        if _is_in_vain(request):
            return _unavailable()
        response: HttpResponseBase = get_response(request)
        if _is_untold(request, response):
            _tell(response)
        return response

    async def tell_in_the_loop(request: HttpRequest) -> HttpResponseBase:
        if _is_in_vain(request):
            return _unavailable()
        response: HttpResponseBase = await get_response(request)
        if _is_untold(request, response):
            await sync_to_async(_tell)(response)
        return response

    return tell_in_the_loop if iscoroutinefunction(get_response) else tell


def _is_in_vain(request: HttpRequest) -> bool:
    """Where a database server stands still, each request would wait for it in a thread of its own
    for as long as it does."""
    is_ours = request.path.startswith(API_ROOT) or request.path == METRICS
    return feed.is_lost() and is_ours and request.path != HEALTH


def _unavailable() -> JsonResponse:
    told = {"detail": UNAVAILABLE, "code": "unavailable"}
    answer = JsonResponse(told, status=503, headers={"Retry-After": "2"})
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - the feed has told of it, once
    return answer


def _is_untold(request: HttpRequest, response: HttpResponseBase) -> bool:
    return request.path.startswith(API_ROOT) and CURSOR_HEADER not in response


def _tell(response: HttpResponseBase) -> None:
    try:
        response[CURSOR_HEADER] = str(head())
    except DatabaseError:
        return  # an answer that says so comes through all the same
