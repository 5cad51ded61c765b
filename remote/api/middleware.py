"""The cursor header of every answer under the API's root, and 503 while there is no journal."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from remote.api import feed
from remote.api.events import newest_cursor
from remote.problems import media_type, problem
from remote.wire import API_ROOT, CURSOR_HEADER, UNAVAILABLE

Handler = Callable[[HttpRequest], Any]
HEALTH = f"{API_ROOT}health"
METRICS = "/metrics"  # where Prometheus looks


@sync_and_async_middleware
def herd_cursor(get_response: Handler) -> Handler:
    """Put the journal's place on what no view has answered; a view notes it before it reads."""

    def add_cursor(request: HttpRequest) -> HttpResponseBase:
        if _is_unanswerable(request):
            return _unavailable(request)
        response: HttpResponseBase = get_response(request)
        if _lacks_cursor(request, response):
            _add_cursor(response)
        return response

    async def add_cursor_in_the_loop(request: HttpRequest) -> HttpResponseBase:
        if _is_unanswerable(request):
            return _unavailable(request)
        response: HttpResponseBase = await get_response(request)
        if _lacks_cursor(request, response):
            await sync_to_async(_add_cursor)(response)
        return response

    return add_cursor_in_the_loop if iscoroutinefunction(get_response) else add_cursor


def _is_unanswerable(request: HttpRequest) -> bool:
    # Where a database server stands still, each request would hold a thread for as long as it does.
    is_ours = request.path.startswith(API_ROOT) or request.path == METRICS
    return feed.is_lost() and is_ours and request.path != HEALTH


def _unavailable(request: HttpRequest) -> JsonResponse:
    kind = media_type(request.headers.get("Accept", ""))
    body = problem(503, "unavailable", UNAVAILABLE)
    answer = JsonResponse(body, status=503, headers={"Retry-After": "2"}, content_type=kind)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - the feed has told of it, once
    return answer


def _lacks_cursor(request: HttpRequest, response: HttpResponseBase) -> bool:
    return request.path.startswith(API_ROOT) and CURSOR_HEADER not in response


def _add_cursor(response: HttpResponseBase) -> None:
    try:
        response[CURSOR_HEADER] = str(newest_cursor())
    except DatabaseError:
        return  # an answer that says so comes through all the same
